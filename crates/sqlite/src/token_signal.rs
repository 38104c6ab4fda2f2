//! How processes that share a store tell each other that a token was made or revoked.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use roster_directory::StoreError;

/// A file beside the database that grows by a byte after each commit that makes or revokes a
/// token, and before that commit is reported to whoever asked for it.
pub(crate) struct TokenSignal {
    path: PathBuf,
}

/// The state of the file. It never takes the same value twice, because the file only grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    length: u64,
    modified: SystemTime,
}

impl TokenSignal {
    const FILE_NAME: &'static str = "tokens.changed";

    /// The signal beside the database at `database`, whose file is made if there is none.
    pub(crate) fn beside(database: &Path) -> Result<Self, (PathBuf, io::Error)> {
        let path = database.with_file_name(Self::FILE_NAME);
        match open_to_append(&path) {
            Ok(_) => Ok(Self { path }),
            Err(error) => Err((path, error)),
        }
    }

    /// Where the file is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The state now; `None` when somebody removed the file, and nothing is known.
    pub(crate) fn stamp(&self) -> Option<Stamp> {
        let metadata = self.path.metadata().ok()?;
        Some(Stamp { length: metadata.len(), modified: metadata.modified().ok()? })
    }

    /// Tells every process.
    pub(crate) fn raise(&self) -> Result<(), StoreError> {
        let written = open_to_append(&self.path).and_then(|mut file| file.write_all(b"."));
        written.map_err(|error| {
            StoreError::Unavailable(format!(
                "the tokens have changed, but {} could not be written: {error}",
                self.path.display()
            ))
        })
    }
}

fn open_to_append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    private(&mut options);
    options.open(path)
}

/// Lets nobody but the owner read or write a file that is made.
#[cfg(unix)]
pub(crate) fn private(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;

    options.mode(0o600);
}

/// Other systems derive the rights of a file from its folder.
#[cfg(not(unix))]
pub(crate) fn private(_: &mut OpenOptions) {}
