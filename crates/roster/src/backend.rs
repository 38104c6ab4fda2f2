//! Where the data are: in a folder, or in a database.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use roster_directory::Store;
use roster_postgres::{PostgresOptions, PostgresStore};

use crate::args::{DataArgs, DatabaseArgs};
use crate::data_folder::{DataFolder, QUEUE_LIMIT};

/// Where the data are.
pub(crate) enum Backend {
    /// In a folder, of which one server at a time makes use.
    Folder(DataFolder),
    /// In a PostgreSQL database, which any number of servers share.
    Database(Database),
}

/// A database, and the folder that a server keeps its key in.
pub(crate) struct Database {
    options: PostgresOptions,
    folder: DataArgs,
}

impl Backend {
    /// What a server starts over; a folder is made if it is not there.
    pub(crate) fn create(args: &DataArgs) -> anyhow::Result<Self> {
        match Database::named(args) {
            Some(database) => Ok(Self::Database(database)),
            None => DataFolder::create(args).map(Self::Folder),
        }
    }

    /// What a server was started over before.
    pub(crate) fn existing(args: &DataArgs) -> anyhow::Result<Self> {
        match Database::named(args) {
            Some(database) => Ok(Self::Database(database)),
            None => DataFolder::existing(args).map(Self::Folder),
        }
    }

    /// Where the key is when no other file is named. With a database the folder is made for it.
    pub(crate) fn key_file(&self) -> anyhow::Result<PathBuf> {
        match self {
            Self::Folder(folder) => Ok(folder.key_file()),
            Self::Database(database) => Ok(DataFolder::create(&database.folder)?.key_file()),
        }
    }

    /// Keeps every other server off a folder for as long as the answer lives.
    pub(crate) fn lock(&self) -> anyhow::Result<Option<File>> {
        match self {
            Self::Folder(folder) => folder.lock().map(Some),
            Self::Database(_) => Ok(None),
        }
    }

    /// Opens the store for the server.
    pub(crate) fn open_to_serve(&self, cache_bytes: usize) -> anyhow::Result<Arc<dyn Store>> {
        match self {
            Self::Folder(folder) => Ok(Arc::new(folder.open_to_serve(cache_bytes)?)),
            Self::Database(database) => database.open(),
        }
    }

    /// Opens the store for a command, beside servers that may be running.
    pub(crate) fn open_for_command(&self) -> anyhow::Result<Arc<dyn Store>> {
        match self {
            Self::Folder(folder) => Ok(Arc::new(folder.open_for_command()?)),
            Self::Database(database) => database.open(),
        }
    }

    /// What it is, without secrets.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Folder(folder) => folder.name(),
            Self::Database(database) => {
                roster_postgres::database_name(&database.options.url).unwrap_or_default()
            }
        }
    }
}

impl Database {
    fn named(args: &DataArgs) -> Option<Self> {
        let DatabaseArgs { database_url, connections, timeout, pooler } = &args.database;
        let options = PostgresOptions {
            url: database_url.clone()?,
            connections: *connections,
            statement_timeout: *timeout,
            pooler: *pooler,
            queue_limit: QUEUE_LIMIT,
        };
        Some(Self { options, folder: args.clone() })
    }

    fn open(&self) -> anyhow::Result<Arc<dyn Store>> {
        Ok(Arc::new(PostgresStore::open(&self.options)?))
    }
}
