//! The connections that read.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::available_parallelism;
use std::time::Instant;

use parking_lot::Mutex;
use roster_directory::StoreError;
use roster_relational::sql::Connection as _;
use tokio::sync::Semaphore;

use crate::cache::Ticket;
use crate::connection;
use crate::sql::{SqliteConnection, store_error};

/// A pool of read-only connections.
///
/// Nobody waits for a connection: when none is idle, one is opened. There are never many, for a
/// read of one row keeps its thread, and lists are bounded.
///
/// A connection that has read a user keeps the snapshot that it was read in: to begin one takes
/// locks, and takes as long as to read a row. As long as this process commits nothing, the next
/// user can be read in it. While a commit is under way it must not be used: somebody may have seen
/// what comes after it already.
pub(crate) struct Readers {
    path: PathBuf,
    idle: Mutex<Idle>,
    lists: Arc<Semaphore>,
    /// How many threads of the runtime may read lists now that the disk makes them wait: at most half
    /// of them.
    short_lists: Semaphore,
    /// What moments are counted from.
    start: Instant,
    /// When a list was last read without waiting for the disk, and when one last had to wait, in
    /// milliseconds; 0 if that never happened.
    quick: AtomicU64,
    waited: AtomicU64,
}

/// A connection, and the time of the cache before its snapshot began, if it keeps one.
struct Reader {
    connection: SqliteConnection,
    snapshot: Option<Ticket>,
}

impl Reader {
    fn end_snapshot(&mut self) {
        if self.snapshot.take().is_some() {
            self.connection.end_snapshot();
        }
    }
}

struct Idle {
    readers: Vec<Reader>,
    /// How many are kept.
    limit: usize,
}

impl Readers {
    /// However large the machine is, no more than so many lists are read at once, and twice as
    /// many connections are kept with their caches.
    const MOST_LISTS: usize = 16;

    /// A list that takes longer, in milliseconds, had to wait for the disk.
    const SHORT: u64 = 20;

    /// For how long that says something of the next lists, in milliseconds.
    const LATELY: u64 = 1000;

    pub(crate) fn new(path: PathBuf) -> Self {
        let lists = available_parallelism().map_or(2, usize::from).clamp(2, Self::MOST_LISTS);
        Self {
            path,
            idle: Mutex::new(Idle { readers: Vec::new(), limit: 2 * lists }),
            lists: Arc::new(Semaphore::new(lists)),
            short_lists: Semaphore::new(lists / 2),
            start: Instant::now(),
            quick: AtomicU64::new(0),
            waited: AtomicU64::new(0),
        }
    }

    /// Reads on this thread. For a row or a few.
    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&SqliteConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut reader = self.take()?;
        reader.end_snapshot();
        let answer = read(&reader.connection);
        self.put_back(reader);
        answer
    }

    /// Reads a user on this thread, as they were when this process last committed something, or
    /// later; `now` is the present time of the cache. No other process changes users who are there,
    /// but who is not there may have been made by one.
    pub(crate) fn read_known<T>(
        &self,
        now: Ticket,
        read: impl FnOnce(&SqliteConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if !now.is_settled() {
            return self.read(read);
        }
        let mut reader = self.take()?;
        if reader.snapshot != Some(now) {
            reader.end_snapshot();
            reader.connection.begin_snapshot()?;
            reader.snapshot = Some(now);
        }
        let answer = read(&reader.connection);
        self.put_back(reader);
        answer
    }

    /// Ends the snapshots that idle connections keep, so that the log can begin anew.
    pub(crate) fn release(&self) {
        self.idle.lock().readers.iter_mut().for_each(Reader::end_snapshot);
    }

    fn take(&self) -> Result<Reader, StoreError> {
        let idle = self.idle.lock().readers.pop();
        let open = || {
            let connection = connection::open_reader(&self.path).map_err(store_error)?;
            Ok(Reader { connection, snapshot: None })
        };
        idle.map_or_else(open, Ok)
    }

    fn put_back(&self, reader: Reader) {
        let mut idle = self.idle.lock();
        if idle.readers.len() < idle.limit {
            idle.readers.push(reader);
        }
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
    /// this thread, which takes less time than waking another. But unless lists have been quick
    /// lately, that happens on a few threads at a time only, lest all that else goes on stands still
    /// while the disk is waited for.
    pub(crate) async fn short_list<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&SqliteConnection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let before = self.now();
        let turn = self.short_lists.try_acquire();
        if turn.is_err() && !self.are_quick(before) {
            return self.list(read).await;
        }
        let answer = self.read(read);
        let after = self.now();
        let kind = if after - before > Self::SHORT { &self.waited } else { &self.quick };
        kind.store(after, Ordering::Relaxed);
        answer
    }

    /// Whether a list was quick lately, and none was not.
    fn are_quick(&self, now: u64) -> bool {
        let lately = |moment: &AtomicU64| {
            let moment = moment.load(Ordering::Relaxed);
            moment > 0 && now < moment + Self::LATELY
        };
        lately(&self.quick) && !lately(&self.waited)
    }

    /// Milliseconds since this was made.
    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Closes the idle connections and keeps none from now on.
    pub(crate) fn close(&self) {
        let mut idle = self.idle.lock();
        idle.limit = 0;
        idle.readers.clear();
    }
}
