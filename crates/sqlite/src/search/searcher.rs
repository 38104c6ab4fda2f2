//! Asking the index.

use std::ops::Range;
use std::time::{Duration, Instant};

use roster_directory::{AccountId, SEARCH_LIMIT, StoreError, UserId};
use roster_relational::sql::snapshot;
use rusqlite::params;

use super::expression::Expression;
use super::place;
use super::words::prefix_of;
use crate::sql::{SqliteConnection, store_error};

/// How long one query may take. Only one that is made to take long does.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whom a query has found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Those of the part that was asked for.
    pub(super) users: Vec<UserId>,
    /// How many there are in all, up to [`SEARCH_LIMIT`].
    pub(super) count: u64,
}

/// The users that an expression finds, ascending by number: those after the first `offset`, at
/// most `limit`.
///
/// The blocks of an account are asked one after the other until there are enough, since SQLite
/// gathers all places of the words that begin in a certain way before it gives the first.
pub(super) fn search(
    connection: &SqliteConnection,
    account: AccountId,
    expression: &Expression,
    offset: u64,
    limit: u64,
) -> Result<Found, StoreError> {
    let begin = Instant::now();
    let wanted = offset..offset.saturating_add(limit);
    let mut found = Found::default();
    snapshot(connection, || {
        for block in 0..place::count_blocks(connection, account)? {
            if found.count >= SEARCH_LIMIT {
                break;
            }
            if begin.elapsed() > PATIENCE {
                return Err(StoreError::Busy);
            }
            let expression = expression.within(&prefix_of(account, block));
            search_block(connection, &expression, &wanted, &mut found).map_err(store_error)?;
        }
        Ok(())
    })?;
    Ok(found)
}

fn search_block(
    connection: &SqliteConnection,
    expression: &str,
    wanted: &Range<u64>,
    found: &mut Found,
) -> rusqlite::Result<()> {
    let sql = "SELECT rowid FROM term WHERE term MATCH ?1 ORDER BY rowid LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let most = i64::try_from(SEARCH_LIMIT - found.count).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![expression, most])?;
    while let Some(row) = rows.next()? {
        if wanted.contains(&found.count) {
            found.users.push(UserId::from_stored(row.get(0)?));
        }
        found.count += 1;
    }
    Ok(())
}
