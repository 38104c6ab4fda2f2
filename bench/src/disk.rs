//! What a user takes on the disk, and how much of it each index does.

use std::path::Path;

use anyhow::Context;
use rusqlite::{Connection, OpenFlags};

use crate::figures::Check;
use crate::http;
use crate::rows::Directory;

/// The files of the store, and what they are for.
const FILES: [(&str, &str); 2] =
    [("roster.db", "the database"), ("roster.db-search", "the search index")];
/// What takes less than this of a user is not told, in bytes.
const LEAST: f64 = 1.0;

/// What a user takes of each file of the large store, and of each table and index of the small one,
/// which is the same, and is read in no time.
pub(crate) async fn measure(large: &Directory, small: &Directory) -> anyhow::Result<Vec<Check>> {
    let (large_count, small_count) = (count(large).await?, count(small).await?);
    let (large, small) = (&large.users.store, &small.users.store);
    let mut checks = Vec::new();
    let mut whole = 0.0;
    for (name, what) in FILES {
        let size = per_user(std::fs::metadata(large.join(name))?.len(), large_count);
        whole += size;
        checks.push(Check::told(format!("disk for a user: {what}"), bytes(size)));
    }
    checks.insert(0, Check::told("disk for a user", bytes(whole)));
    for (name, size) in parts(&small.join(FILES[0].0))? {
        let size = per_user(size, small_count);
        if size >= LEAST {
            checks.push(Check::told(format!("  {name}"), bytes(size)));
        }
    }
    Ok(checks)
}

/// How many users there are: more than were made first, if the directory was kept.
async fn count(directory: &Directory) -> anyhow::Result<u64> {
    let mut connection = http::Connection::open(directory.server.address).await?;
    let answer = connection.get("/api/v2/users/count", &directory.token).await?;
    let (_, rest) = answer.body.split_once("\"value\":").context("there is no count")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Ok(digits.parse()?)
}

/// The tables and indexes of a database with their sizes, the largest first.
fn parts(database: &Path) -> anyhow::Result<Vec<(String, u64)>> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let sql = "SELECT coalesce(type, 'table') || ' ' || dbstat.name, sum(pgsize) AS size \
               FROM dbstat LEFT JOIN sqlite_schema ON sqlite_schema.name = dbstat.name \
               GROUP BY dbstat.name ORDER BY size DESC";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| {
        Ok((row.get(0)?, u64::try_from(row.get::<_, i64>(1)?).unwrap_or_default()))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[expect(clippy::cast_precision_loss, reason = "no disk has 2^52 bytes")]
fn per_user(size: u64, users: u64) -> f64 {
    size as f64 / users as f64
}

fn bytes(size: f64) -> String {
    format!("{size:.0} bytes")
}
