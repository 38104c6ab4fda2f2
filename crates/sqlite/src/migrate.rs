//! Bringing the schema up to date.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::backfill;
use crate::open_error::OpenError;

/// The bytes `rstr`: they mark a file as roster's.
const APPLICATION_ID: i64 = 0x7273_7472;

/// The steps from an empty file to the present schema. The schema's version, kept in the file's
/// `user_version`, is how many of them it has seen. A step that was released never changes.
const MIGRATIONS: &[&[Part]] = &[
    &[Part::Sql(include_str!("../migrations/0001_directory.sql"))],
    &[
        Part::Sql(include_str!("../migrations/0002_a_tables.sql")),
        Part::Fill(backfill::names_and_identities),
        Part::Sql(include_str!("../migrations/0002_b_indexes.sql")),
    ],
    &[Part::Sql(include_str!("../migrations/0003_webhooks.sql"))],
    &[Part::Sql(include_str!("../migrations/0004_webhooks.sql"))],
    &[Part::Sql(include_str!("../migrations/0005_change_buffer.sql"))],
];

/// A part of a step.
enum Part {
    /// Statements.
    Sql(&'static str),
    /// What is computed from the rows that are there.
    Fill(fn(&Connection) -> rusqlite::Result<()>),
}

impl Part {
    fn run(&self, connection: &Connection) -> rusqlite::Result<()> {
        match self {
            Self::Sql(statements) => connection.execute_batch(statements),
            Self::Fill(fill) => fill(connection),
        }
    }
}

/// Brings the schema up to date. Two processes may try at once: the second one waits for the
/// first, and then finds nothing to do.
pub(crate) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let failed = |error| OpenError::from_sqlite(path, &error);
    let snapshot = connection.transaction().map_err(failed)?;
    let found = current(&snapshot, path)?;
    snapshot.finish().map_err(failed)?;
    use_log(connection, path)?;
    if found == known() {
        return Ok(());
    }
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let found = current(&transaction, path)?;
    for (step, version) in MIGRATIONS.iter().zip(1..) {
        if version > found {
            step.iter().try_for_each(|part| part.run(&transaction)).map_err(failed)?;
        }
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
    transaction.pragma_update(None, "user_version", known()).map_err(failed)?;
    transaction.commit().map_err(failed)?;
    // A large step leaves a log as large as the database. What cannot be moved now, because
    // somebody reads, is moved later.
    connection
        .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
        .map_err(|error| OpenError::from_sqlite(path, &error))
}

/// The version of the file's schema, once it is sure that the file is roster's and not too new.
pub(crate) fn current(snapshot: &Connection, path: &Path) -> Result<i64, OpenError> {
    let number = |sql| snapshot.query_row(sql, [], |row| row.get::<_, i64>(0));
    let read = || {
        let tables = number("SELECT count(*) FROM sqlite_schema")?;
        Ok((number("PRAGMA application_id")?, number("PRAGMA user_version")?, tables))
    };
    let (owner, found, tables) = read().map_err(|error| OpenError::from_sqlite(path, &error))?;
    let fresh = (owner, found, tables) == (0, 0, 0);
    if owner != APPLICATION_ID && !fresh {
        return Err(OpenError::Foreign { path: path.to_owned() });
    }
    if found > known() {
        return Err(OpenError::Newer { path: path.to_owned(), found, known: known() });
    }
    Ok(found)
}

/// Makes SQLite write ahead to a log, so that readers and the writer do not block each other.
/// The file remembers it.
fn use_log(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
        .map_err(|error| OpenError::from_sqlite(path, &error))?;
    if mode != "wal" {
        let detail = "its file system does not allow a write-ahead log".to_owned();
        return Err(OpenError::Other { path: path.to_owned(), detail });
    }
    Ok(())
}

fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}
