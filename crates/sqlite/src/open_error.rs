//! Why a store does not open, in words for the operator.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why a store could not be opened. Each text is one line that names the file and says what to
/// do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file is no database, or a damaged one.
    #[error(
        "{path} is not a sound SQLite database ({detail}); restore it from a backup, or choose \
         another data folder",
        path = path.display()
    )]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// What SQLite says.
        detail: String,
    },
    /// A later version of roster has changed the schema.
    #[error(
        "{path} was written by a newer roster (its schema has version {found}, this roster knows \
         {known}); use that roster or a later one",
        path = path.display()
    )]
    Newer {
        /// The database file.
        path: PathBuf,
        /// The version of its schema.
        found: i64,
        /// The last version that this program knows.
        known: i64,
    },
    /// The file is a database of something else.
    #[error(
        "{path} is a database of another program; choose another data folder",
        path = path.display()
    )]
    Foreign {
        /// The database file.
        path: PathBuf,
    },
    /// It is still being copied, or that was interrupted.
    #[error(
        "the copy that is to become {path} is not finished; run the same `roster copy` again, or \
         remove {unfinished} to give it up",
        path = path.display(),
        unfinished = unfinished.display()
    )]
    Unfinished {
        /// The database file.
        path: PathBuf,
        /// Where the copy is until it is finished.
        unfinished: PathBuf,
    },
    /// Nothing may be copied there.
    #[error(
        "{path} has accounts already; copy into another folder (nothing was changed in this one)",
        path = path.display()
    )]
    NotEmpty {
        /// The database file.
        path: PathBuf,
    },
    /// The folder or a file in it cannot be read or written.
    #[error(
        "{path} cannot be opened for reading and writing ({detail}); check that its folder \
         exists, and that both belong to the user that runs roster",
        path = path.display()
    )]
    Denied {
        /// The file in question.
        path: PathBuf,
        /// What the operating system says.
        detail: String,
    },
    /// Another process keeps the database locked.
    #[error(
        "{path} stays locked by another process; try again when that process is done",
        path = path.display()
    )]
    Locked {
        /// The database file.
        path: PathBuf,
    },
    /// There is no space left.
    #[error("there is no space left for {path}; make room and try again", path = path.display())]
    Full {
        /// The database file.
        path: PathBuf,
    },
    /// Anything else.
    #[error("{path} could not be opened: {detail}", path = path.display())]
    Other {
        /// The database file.
        path: PathBuf,
        /// What went wrong.
        detail: String,
    },
}

impl OpenError {
    /// What SQLite's error means to an operator.
    pub(crate) fn from_sqlite(path: &Path, error: &rusqlite::Error) -> Self {
        let (path, detail) = (path.to_owned(), error.to_string());
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                Self::Damaged { path, detail }
            }
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                Self::Denied { path, detail }
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked { path },
            Some(ErrorCode::DiskFull) => Self::Full { path },
            _ => Self::Other { path, detail },
        }
    }

    /// What the operating system's error means to an operator.
    pub(crate) fn from_io(path: &Path, error: &io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::StorageFull => Self::Full { path },
            _ => Self::Denied { path, detail: error.to_string() },
        }
    }
}
