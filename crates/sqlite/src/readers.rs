//! The connections that read.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::available_parallelism;

use parking_lot::Mutex;
use roster_directory::StoreError;
use tokio::sync::Semaphore;

use crate::connection;
use crate::sql::{SqliteConnection, store_error};

/// A pool of read-only connections.
///
/// Nobody waits for a connection: when none is idle, one is opened. There are never many, for a
/// read of one row keeps its thread, and lists are bounded.
pub(crate) struct Readers {
    path: PathBuf,
    idle: Mutex<Idle>,
    lists: Arc<Semaphore>,
    /// How many threads of the runtime may read lists now: at most half of them.
    short_lists: Semaphore,
}

struct Idle {
    connections: Vec<SqliteConnection>,
    /// How many are kept.
    limit: usize,
}

impl Readers {
    /// However large the machine is, no more than so many lists are read at once, and twice as
    /// many connections are kept with their caches.
    const MOST_LISTS: usize = 16;

    pub(crate) fn new(path: PathBuf) -> Self {
        let lists = available_parallelism().map_or(2, usize::from).clamp(2, Self::MOST_LISTS);
        Self {
            path,
            idle: Mutex::new(Idle { connections: Vec::new(), limit: 2 * lists }),
            lists: Arc::new(Semaphore::new(lists)),
            short_lists: Semaphore::new(lists / 2),
        }
    }

    /// Reads on this thread. For a row or a few.
    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&SqliteConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self.idle.lock().connections.pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connection::open_reader(&self.path).map_err(store_error)?,
        };
        let answer = read(&connection);
        let mut idle = self.idle.lock();
        if idle.connections.len() < idle.limit {
            idle.connections.push(connection);
        }
        answer
    }

    /// Reads on a thread where it may take its time.
    pub(crate) async fn list<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&SqliteConnection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let failed = |reason: &str| StoreError::Unavailable(format!("a list failed: {reason}"));
        let turn = Arc::clone(&self.lists).acquire_owned().await;
        let turn = turn.map_err(|error| failed(&error.to_string()))?;
        let readers = Arc::clone(self);
        let list = tokio::task::spawn_blocking(move || {
            let answer = readers.read(read);
            drop(turn);
            answer
        });
        list.await.map_err(|error| failed(&error.to_string()))?
    }

    /// Reads a part of a list, which is over in a moment when the file is in memory. So it is read on
    /// this thread, which takes less time than waking another; but since the disk may have to be
    /// waited for, only on one of a few threads at a time, lest all that else goes on stands still.
    pub(crate) async fn short_list<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&SqliteConnection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        if let Ok(_turn) = self.short_lists.try_acquire() {
            return self.read(read);
        }
        self.list(read).await
    }

    /// Closes the idle connections and keeps none from now on.
    pub(crate) fn close(&self) {
        let mut idle = self.idle.lock();
        idle.limit = 0;
        idle.connections.clear();
    }
}
