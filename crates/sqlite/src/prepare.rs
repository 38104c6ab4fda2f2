//! From a path to a connection that can write: the file, its rights, its schema.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

use roster_relational::tables::endpoint;

use crate::connection::{self, wait_for_lock};
use crate::copy;
use crate::migrate;
use crate::open_error::OpenError;
use crate::options::OpenMode;
use crate::sql::SqliteConnection;
use crate::token_signal::{TokenSignal, private};

/// Opens the connection that writes, over a file that has the present schema from then on.
///
/// Processes take turns: SQLite does not wait for another process where it first makes a file
/// write ahead to a log, but fails.
pub(crate) fn prepare(
    path: &Path,
    mode: OpenMode,
    signal: &TokenSignal,
) -> Result<SqliteConnection, OpenError> {
    let turn = turn(path, signal)?;
    let unfinished = copy::unfinished(path);
    if unfinished.exists() {
        return Err(OpenError::Unfinished { path: path.to_owned(), unfinished });
    }
    make_file(path).map_err(|error| OpenError::from_io(path, &error))?;
    let mut connection = connection::open_writer(path, mode)
        .map_err(|error| OpenError::from_sqlite(path, &error))?;
    migrate::migrate(&mut connection, path)?;
    if mode == OpenMode::Serve {
        release_endpoints(&connection);
    }
    drop(turn);
    Ok(connection)
}

/// Frees the endpoints that a server held which has ended: there is one server at a time.
fn release_endpoints(connection: &SqliteConnection) {
    if let Err(error) = endpoint::release_all(connection) {
        // What it held becomes free all the same when its time is over.
        tracing::warn!(%error, "endpoints are still held by a server that has ended");
    }
}

/// Keeps other processes from opening the database for as long as the answer lives.
pub(crate) fn turn(path: &Path, signal: &TokenSignal) -> Result<File, OpenError> {
    let turn = File::open(signal.path()).map_err(|error| OpenError::from_io(path, &error))?;
    let mut attempts = 0;
    loop {
        match turn.try_lock() {
            Ok(()) => return Ok(turn),
            Err(TryLockError::WouldBlock) if wait_for_lock(attempts) => attempts += 1,
            Err(TryLockError::WouldBlock) => {
                return Err(OpenError::Locked { path: path.to_owned() });
            }
            Err(TryLockError::Error(error)) => return Err(OpenError::from_io(path, &error)),
        }
    }
}

/// Makes an empty file if there is none, which nobody else may read. SQLite gives the files that
/// it makes beside it the same rights.
///
/// A file that exists is not even opened: to close it again would take away the locks that
/// SQLite may have on it in this process.
pub(crate) fn make_file(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    private(&mut options);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}
