//! Opening connections to the file.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::options::OpenMode;
use crate::sql::SqliteConnection;

/// How long a connection waits for a lock that another process holds.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long it waits before it tries again. Short, because the server's writer lets go of its
/// lock for a moment only, between two groups.
const PAUSE: Duration = Duration::from_millis(1);

/// More than the number of different statements that this crate has, lists in all their orders and
/// directions among them.
const STATEMENTS: usize = 256;

/// The page cache of a reading connection, in KiB: enough for most of what lies above the leaves of
/// ten million users.
const READER_CACHE_KIB: u32 = 8 * 1024;

/// After a checkpoint, the log's file keeps at most so many bytes.
const LOG_SIZE_LIMIT: i64 = 64 * 1024 * 1024;

/// Opens the connection that writes. The file exists, though it may be empty.
pub(crate) fn open_writer(path: &Path, mode: OpenMode) -> rusqlite::Result<SqliteConnection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags, mode.writer_cache_kib())?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", "FAST")?;
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.pragma_update(None, "journal_size_limit", LOG_SIZE_LIMIT)?;
    // The writer checkpoints by itself, once it has answered those who wait.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    Ok(connection)
}

/// Opens a connection that reads.
pub(crate) fn open_reader(path: &Path) -> rusqlite::Result<SqliteConnection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags, READER_CACHE_KIB)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn open(path: &Path, flags: OpenFlags, cache_kib: u32) -> rusqlite::Result<SqliteConnection> {
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_handler(Some(wait_for_lock))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Otherwise SQLite looks at the arguments of LIMIT when it plans a query, and so plans it anew
    // whenever one is given.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "cache_size", -i64::from(cache_kib))?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "mmap_size", 0)?;
    Ok(SqliteConnection(connection))
}

/// Waits a moment for another process's lock, and says whether to try again.
#[expect(clippy::disallowed_methods, reason = "SQLite has no signal for a lock that is free again")]
pub(crate) fn wait_for_lock(attempts: i32) -> bool {
    let waited = PAUSE.saturating_mul(u32::try_from(attempts).unwrap_or(0));
    if waited >= PATIENCE {
        return false;
    }
    std::thread::sleep(PAUSE);
    true
}
