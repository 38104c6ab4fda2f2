//! Copying an embedded store, and making one by copying.
//!
//! Nobody may serve either of them meanwhile; whoever asks for a copy sees to that.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use roster_directory::StoreError;
use roster_relational::copy::{Data, Side, Table, Target, Writer, missing};
use roster_relational::sql::{Connection, ToValue};
use rusqlite::TransactionBehavior;

use crate::change_buffer::merge;
use crate::connection;
use crate::migrate;
use crate::open_error::OpenError;
use crate::options::OpenMode;
use crate::prepare;
use crate::sql::{SqliteConnection, store_error};
use crate::token_signal::TokenSignal;

/// How much memory the connection that writes a copy takes for pages: the indexes are written all
/// over.
const CACHE_KIB: i64 = 128 * 1024;

/// How many pages of the log are moved at once.
const CHECKPOINT_PAGES: i64 = 8192;

/// Where the copy is that is to become the database at `path`, until it is finished.
pub(crate) fn unfinished(path: &Path) -> PathBuf {
    with_suffix(path, "-copy")
}

/// Whether a copy that is to become the database at `path` was begun and is not finished.
#[must_use]
pub fn is_unfinished(path: &Path) -> bool {
    unfinished(path).exists()
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// A store that is copied.
pub struct CopySource {
    path: PathBuf,
    /// The last connection that is closed takes the log's files with it, which those that only
    /// read cannot.
    _open: Mutex<SqliteConnection>,
}

impl CopySource {
    /// Opens a store that is there, and brings its schema up to date.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let (path, signal) = beside(path)?;
        let connection = prepare::prepare(&path, OpenMode::Command, &signal)?;
        Ok(Self { path, _open: Mutex::new(connection) })
    }
}

impl Side for CopySource {
    fn connect(&self) -> Result<Box<dyn Connection + '_>, StoreError> {
        Ok(Box::new(connection::open_reader(&self.path).map_err(store_error)?))
    }
}

/// A store that is made by copying. Until it is finished it lies in another file, and the store
/// does not open.
pub struct CopyTarget {
    path: PathBuf,
    signal: TokenSignal,
}

impl CopyTarget {
    /// Makes room for a store where there is none yet, or goes on with one that is not finished.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let (path, signal) = beside(path)?;
        let turn = prepare::turn(&path, &signal)?;
        make_room(&path)?;
        let unfinished = unfinished(&path);
        let denied = |error| OpenError::from_io(&unfinished, &error);
        prepare::make_file(&unfinished).map_err(denied)?;
        let mut connection = connection::open_writer(&unfinished, OpenMode::Command)
            .map_err(|error| OpenError::from_sqlite(&unfinished, &error))?;
        migrate::migrate(&mut connection, &unfinished)?;
        drop(turn);
        Ok(Self { path, signal })
    }
}

impl Side for CopyTarget {
    fn connect(&self) -> Result<Box<dyn Connection + '_>, StoreError> {
        Ok(Box::new(connection::open_reader(&unfinished(&self.path)).map_err(store_error)?))
    }
}

impl Target for CopyTarget {
    fn begin(&self) -> Result<Box<dyn Writer + '_>, StoreError> {
        let open = || {
            let connection = connection::open_writer(&unfinished(&self.path), OpenMode::Serve)?;
            // A loss of power may take away the last batches, but no order: they are copied again.
            connection.pragma_update(None, "synchronous", "NORMAL")?;
            connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
            // What is sorted at the end may be larger than the memory.
            connection.pragma_update(None, "temp_store", "FILE")?;
            connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
            Ok(connection)
        };
        let connection = open().map_err(store_error)?;
        Ok(Box::new(CopyWriter { target: self, connection }))
    }
}

struct CopyWriter<'a> {
    target: &'a CopyTarget,
    connection: SqliteConnection,
}

impl Writer for CopyWriter<'_> {
    fn connection(&self) -> &dyn Connection {
        &self.connection
    }

    fn write(&mut self, table: &Table, rows: Vec<Data>) -> Result<(), StoreError> {
        let connection = &self.connection;
        let begin = rusqlite::Transaction::new_unchecked;
        let transaction =
            begin(&connection.0, TransactionBehavior::Immediate).map_err(store_error)?;
        let places: Vec<_> = (1..=table.columns.len()).map(|place| format!("?{place}")).collect();
        let (columns, places) = (table.column_list(), places.join(", "));
        let sql = format!("INSERT INTO {} ({columns}) VALUES ({places})", table.name);
        for row in missing(connection, table, rows)? {
            let params: Vec<_> = row.iter().map(|datum| datum as &dyn ToValue).collect();
            connection.execute(&sql, &params)?;
        }
        transaction.commit().map_err(store_error)
    }

    /// A server makes the search index in a file of its own. But rows that are copied have no
    /// entries yet in the indexes that are tables.
    fn index(&mut self, _: &mut dyn FnMut(u64) -> bool) -> Result<(), StoreError> {
        merge::from_user(&self.connection, i64::MIN).map_err(store_error)
    }

    fn finish(self: Box<Self>) -> Result<(), StoreError> {
        let Self { target, connection } = *self;
        let (path, unfinished) = (&target.path, unfinished(&target.path));
        // This waits until all of it is on the disk, and leaves a log of no length.
        let left: i64 = connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
            .map_err(store_error)?;
        if left != 0 {
            return Err(StoreError::Busy);
        }
        connection.0.close().map_err(|(_, error)| store_error(error))?;
        let failed = |error: &dyn std::fmt::Display| StoreError::Unavailable(error.to_string());
        let _turn = prepare::turn(path, &target.signal).map_err(|error| failed(&error))?;
        // Nobody opens the store while there is a copy, so it is as it was at the beginning.
        make_room(path).map_err(|error| failed(&error))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::rename(&unfinished, path)
            .and_then(|()| File::open(folder)?.sync_all())
            .map_err(|error| failed(&error))
    }
}

/// The path as it is named from anywhere, and how processes take turns at it.
fn beside(path: &Path) -> Result<(PathBuf, TokenSignal), OpenError> {
    let path = std::path::absolute(path).map_err(|error| OpenError::from_io(path, &error))?;
    let signal = TokenSignal::beside(&path);
    let signal = signal.map_err(|(path, error)| OpenError::from_io(&path, &error))?;
    Ok((path, signal))
}

/// Removes a database in which nobody has an account, and what is left beside one. One that has an
/// account stays as it is.
fn make_room(path: &Path) -> Result<(), OpenError> {
    if path.exists() && has_accounts(path)? {
        return Err(OpenError::NotEmpty { path: path.to_owned() });
    }
    for suffix in ["-wal", "-shm", "-search", "-search-wal", "-search-shm", ""] {
        let path = with_suffix(path, suffix);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(OpenError::from_io(&path, &error));
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

fn has_accounts(path: &Path) -> Result<bool, OpenError> {
    let failed = |error| OpenError::from_sqlite(path, &error);
    let connection = connection::open_writer(path, OpenMode::Command).map_err(failed)?;
    if migrate::current(&connection, path)? == 0 {
        return Ok(false);
    }
    let sql = "SELECT EXISTS (SELECT 1 FROM account)";
    connection.query_row(sql, [], |row| row.get(0)).map_err(failed)
}
