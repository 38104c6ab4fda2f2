//! The data folder: what is where in it, and who may serve it.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use roster_sqlite::{OpenMode, SqliteOptions, SqliteStore};

use crate::args::DataArgs;

/// How many writes may wait for the writer.
pub(crate) const QUEUE_LIMIT: usize = 8192;

/// How much memory a command caches, in bytes. It reads next to nothing.
const COMMAND_CACHE: usize = 1 << 20;

/// A data folder.
pub(crate) struct DataFolder(PathBuf);

impl DataFolder {
    /// The folder, made if it is not there, for its owner alone.
    pub(crate) fn create(args: &DataArgs) -> anyhow::Result<Self> {
        Self::make(&args.data)
    }

    /// The folder at a path, made if it is not there, for its owner alone.
    pub(crate) fn make(path: &Path) -> anyhow::Result<Self> {
        if path.is_file() {
            bail!("{} is a file; name a folder with --data", path.display());
        }
        make_private(path)
            .with_context(|| format!("cannot use the data folder {}", path.display()))?;
        Ok(Self(path.to_owned()))
    }

    /// The folder at a path, whether there is one or not.
    pub(crate) fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The folder of a server that was started before.
    pub(crate) fn existing(args: &DataArgs) -> anyhow::Result<Self> {
        let folder = Self(args.data.clone());
        if !folder.is_there() {
            bail!(
                "there are no roster data in {}; start `roster serve` first, or name the folder with --data",
                args.data.display()
            );
        }
        Ok(folder)
    }

    /// Whether there are data in it, or a copy that is not finished.
    pub(crate) fn is_there(&self) -> bool {
        let database = self.database();
        database.exists() || roster_sqlite::is_unfinished(&database)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// What it is called.
    pub(crate) fn name(&self) -> String {
        self.0.display().to_string()
    }

    /// Where the key is when no other file is named.
    pub(crate) fn key_file(&self) -> PathBuf {
        self.0.join("sealing.key")
    }

    /// Keeps every other server off this folder for as long as the answer lives.
    pub(crate) fn lock(&self) -> anyhow::Result<File> {
        self.try_lock()?.with_context(|| {
            format!(
                "another roster serves the data folder {}; stop it, or name another folder with --data",
                self.0.display()
            )
        })
    }

    /// The same; `None` if there is another server, or a copy.
    pub(crate) fn try_lock(&self) -> anyhow::Result<Option<File>> {
        let path = self.0.join("serve.lock");
        let mut options = File::options();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file =
            options.open(&path).with_context(|| format!("cannot write {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", path.display()))
            }
        }
    }

    /// Opens the store for the server.
    pub(crate) fn open_to_serve(&self, cache_bytes: usize) -> anyhow::Result<SqliteStore> {
        self.open(cache_bytes, OpenMode::Serve)
    }

    /// Opens the store for a command, beside a server that may be running.
    pub(crate) fn open_for_command(&self) -> anyhow::Result<SqliteStore> {
        self.open(COMMAND_CACHE, OpenMode::Command)
    }

    fn open(&self, cache_bytes: usize, mode: OpenMode) -> anyhow::Result<SqliteStore> {
        let path = self.database();
        Ok(SqliteStore::open(SqliteOptions {
            path,
            cache_bytes,
            queue_limit: QUEUE_LIMIT,
            held_back: SqliteOptions::HELD_BACK,
            mode,
        })?)
    }

    /// The database in it.
    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("roster.db")
    }
}

fn make_private(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
