//! The file of the index: making it, opening it, throwing it away.

use std::io;
use std::path::{Path, PathBuf};

use roster_directory::StoreError;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::connection::wait_for_lock;
use crate::prepare;
use crate::sql::{SqliteConnection, store_error};

/// The bytes `rsix`: they mark a file as an index of roster's.
const APPLICATION_ID: i64 = 0x7273_6978;

/// The form of the file. A file of another form is made anew, so there are no migrations: when
/// the tables, the terms or what is searched change, this number does.
const VERSION: i64 = 2;

/// The tables. What is searched is not kept, only where it is found.
const SCHEMA: &str = "
    CREATE TABLE account (
        account_id INTEGER PRIMARY KEY,
        created_at INTEGER NOT NULL,
        -- The first event that is not in the index, and when the one before it happened.
        next_event INTEGER NOT NULL,
        last_event_at INTEGER NOT NULL,
        -- The highest number of a user that was ever seen.
        last_user_id INTEGER NOT NULL,
        -- How many users the last block has.
        filled INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE block (
        account_id INTEGER NOT NULL,
        first_user_id INTEGER NOT NULL,
        PRIMARY KEY (account_id, first_user_id)
    ) STRICT, WITHOUT ROWID;
    -- While the index is being made: the number of the user it has come to.
    CREATE TABLE walk (
        walk_id INTEGER PRIMARY KEY CHECK (walk_id = 1),
        last_user_id INTEGER NOT NULL
    ) STRICT;
    INSERT INTO walk VALUES (1, 0);
    -- The columns are those of `SearchField`, in its order, and what is not written in words.
    CREATE VIRTUAL TABLE term USING fts5(
        name, email, phone, external_id, notes, details, tags, traits,
        content = '', contentless_delete = 1, detail = full,
        tokenize = \"ascii tokenchars '-./|'\"
    );
    -- Every commit makes a run of terms. They are merged when there are so many of a size: while
    -- users are written, and when there is nothing else to do.
    INSERT INTO term (term, rank) VALUES ('automerge', 8);
    INSERT INTO term (term, rank) VALUES ('usermerge', 4);
";

/// Where the index of the database at `database` is.
pub(super) fn path_beside(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push("-search");
    path.into()
}

/// Opens the connection that writes, over a file that has the present form from then on. A file
/// that cannot be used is [`Corrupt`](StoreError::Corrupt).
pub(super) fn open(path: &Path) -> Result<SqliteConnection, StoreError> {
    prepare::make_file(path).map_err(|error| unavailable(path, &error))?;
    open_file(path)
        .map_err(store_error)?
        .map(SqliteConnection)
        .ok_or_else(|| StoreError::Corrupt(format!("{} has another form", path.display())))
}

fn open_file(path: &Path) -> rusqlite::Result<Option<Connection>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_handler(Some(wait_for_lock))?;
    for (pragma, value) in [
        // What a loss of power takes away is indexed again; the order is kept, so that the file
        // stays sound.
        ("synchronous", "NORMAL"),
        ("secure_delete", "FAST"),
        ("temp_store", "MEMORY"),
        ("cache_size", "-8192"),
        ("wal_autocheckpoint", "2048"),
        ("journal_size_limit", "16777216"),
    ] {
        connection.pragma_update(None, pragma, value)?;
    }
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let number = |sql| transaction.query_row(sql, [], |row| row.get::<_, i64>(0));
    let form = (number("PRAGMA application_id")?, number("PRAGMA user_version")?);
    if form == (0, 0) && number("SELECT count(*) FROM sqlite_schema")? == 0 {
        transaction.execute_batch(SCHEMA)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    } else if form != (APPLICATION_ID, VERSION) {
        return Ok(None);
    }
    transaction.commit()?;
    Ok(Some(connection))
}

/// Removes the file, and what SQLite keeps beside it.
pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    for suffix in ["", "-wal", "-shm"] {
        let mut path = path.as_os_str().to_owned();
        path.push(suffix);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(unavailable(path.as_ref(), &error));
            }
            _ => {}
        }
    }
    Ok(())
}

fn unavailable(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Unavailable(format!("{}: {error}", path.display()))
}
