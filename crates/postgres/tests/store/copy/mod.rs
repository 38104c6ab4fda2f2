//! Copying a store from a folder into a database, and back.

mod catalogue;
mod comparison;
mod fidelity;
mod interruption;
mod names;
mod room;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use roster_directory::Store;
use roster_postgres::{CopySource, CopyTarget, OpenError, PostgresStore};
use roster_relational::copy::{Copied, CopyError, Side, Step, Target, Watch, copy};
use roster_sqlite::{OpenMode, SqliteOptions, SqliteStore};
use roster_testkit::belongings;
use roster_testkit::postgres::Database;
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use crate::common::options;

/// Looks on, and does something at a step, after which the copy may be stopped.
struct Looking<F>(F);

impl<F: FnMut(Option<Step>) -> bool> Watch for Looking<F> {
    fn begin(&mut self, _: u64, _: u64) {}

    fn enter(&mut self, step: Step) {
        (self.0)(Some(step));
    }

    fn advance(&mut self, _: u64) -> bool {
        (self.0)(None)
    }
}

/// Where a store is.
#[derive(Clone)]
enum Place {
    Folder(PathBuf),
    Database(String),
}

impl Place {
    fn folder(folder: &Path) -> Self {
        Self::Folder(folder.join("roster.db"))
    }

    fn database(database: &Database) -> Self {
        Self::Database(database.url().to_owned())
    }

    fn source(&self) -> Box<dyn Side> {
        match self {
            Self::Folder(path) => Box::new(roster_sqlite::CopySource::open(path).unwrap()),
            Self::Database(url) => Box::new(CopySource::open(url, false).unwrap()),
        }
    }

    fn target(&self) -> Box<dyn Target> {
        match self {
            Self::Folder(path) => Box::new(roster_sqlite::CopyTarget::open(path).unwrap()),
            Self::Database(url) => Box::new(CopyTarget::open(url, false).unwrap()),
        }
    }

    fn open(&self) -> Arc<dyn Store> {
        match self {
            Self::Folder(path) => Arc::new(SqliteStore::open(folder_options(path)).unwrap()),
            Self::Database(url) => Arc::new(PostgresStore::open(&options(url)).unwrap()),
        }
    }

    /// Whether a store refuses to open there because a copy is not finished.
    fn is_unfinished(&self) -> bool {
        match self {
            Self::Folder(path) => {
                let opened = SqliteStore::open(folder_options(path));
                matches!(opened, Err(roster_sqlite::OpenError::Unfinished { .. }))
            }
            Self::Database(url) => {
                let opened = PostgresStore::open(&options(url));
                matches!(opened, Err(OpenError::Unfinished { .. }))
            }
        }
    }
}

fn folder_options(path: &Path) -> SqliteOptions {
    let mode = OpenMode::Serve;
    SqliteOptions {
        path: path.to_owned(),
        cache_bytes: 1 << 20,
        queue_limit: 4096,
        held_back: SqliteOptions::HELD_BACK,
        mode,
    }
}

/// Copies on a thread that may wait.
async fn copied(
    from: &Place,
    to: &Place,
    look: impl FnMut(Option<Step>) -> bool + Send + 'static,
) -> Result<Vec<Copied>, CopyError> {
    let (from, to) = (from.clone(), to.clone());
    let work = move || copy(&*from.source(), &*to.target(), &mut Looking(look));
    spawn_blocking(work).await.unwrap()
}

async fn copy_all(from: &Place, to: &Place) -> Vec<Copied> {
    copied(from, to, |_| true).await.unwrap()
}

/// A folder with a store that has something of everything.
async fn filled() -> (TempDir, Place) {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::folder(folder.path());
    let store = place.open();
    belongings::fill(&*store).await;
    store.close().await;
    (folder, place)
}

/// The number that a query of a database comes to.
async fn scalar(database: &Database, sql: &str) -> i64 {
    database.connect().await.query_one(sql, &[]).await.unwrap().get(0)
}
