//! The thread that writes.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::Mutex;
use roster_directory::StoreError;
use roster_relational::transaction::Transaction;
use roster_relational::unit::{Undo, UnitError, unit};
use tokio::sync::{oneshot, watch};

use crate::group::Committer;
use crate::queue::{Queue, Taken};

/// The most units that one commit carries.
const GROUP_LIMIT: usize = 512;

/// How long nothing is written before what was held back is merged, lest somebody has to wait for it
/// later. In between it would not pay.
const QUIET: Duration = Duration::from_secs(2);

/// The face of the thread that writes.
pub(crate) struct Writer {
    queue: Arc<Queue>,
    /// Closed when the thread has ended.
    ended: watch::Receiver<()>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(
        committer: Committer,
        queue_limit: usize,
        empty_log: bool,
    ) -> io::Result<Self> {
        let queue = Arc::new(Queue::new(queue_limit));
        let (end, ended) = watch::channel(());
        let source = Arc::clone(&queue);
        let thread = thread::Builder::new().name("roster-writer".to_owned()).spawn(move || {
            // Dropped at the end, in whatever way the thread gets there.
            let _end = End { queue: Arc::clone(&source), _signal: end };
            write_all(committer, &source, empty_log);
        })?;
        Ok(Self { queue, ended, thread: Mutex::new(Some(thread)) })
    }

    /// Hands a unit of work to the thread and waits until it is committed or undone.
    pub(crate) async fn write<F, T, E>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: UnitError,
    {
        self.hand_over(Undo::Alone, work).await
    }

    /// Like [`Self::write`], for work that writes nothing before all of its checks have passed.
    /// It takes less time.
    pub(crate) async fn write_once_checked<F, T, E>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: UnitError,
    {
        self.hand_over(Undo::WithGroup, work).await
    }

    async fn hand_over<F, T, E>(&self, undo: Undo, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: UnitError,
    {
        let (unit, answer) = unit(undo, work);
        self.queue.push(unit)?;
        answered(answer).await
    }

    /// Waits until a group that begins after this call is committed.
    pub(crate) async fn next_group(&self) -> Result<(), StoreError> {
        let (unit, answer) = unit(Undo::WithGroup, |_| Ok::<_, StoreError>(()));
        self.queue.push_always(unit)?;
        answered(answer).await
    }

    /// How many units wait.
    pub(crate) fn queue_depth(&self) -> usize {
        self.queue.depth()
    }

    /// Accepts no more.
    pub(crate) fn refuse(&self) {
        self.queue.refuse();
    }

    /// Accepts no more, and waits until all that was accepted is answered.
    pub(crate) async fn close(&self) {
        self.queue.close();
        let mut ended = self.ended.clone();
        // An error means that the thread has ended, and nothing else ever comes.
        while ended.changed().await.is_ok() {}
    }
}

impl Drop for Writer {
    /// Waits for the thread, so that the file is closed afterwards. Nobody can wait for an answer
    /// any more, and units that nobody waits for are not run, so this takes one commit at most.
    fn drop(&mut self) {
        self.queue.close();
        if let Some(thread) = self.thread.lock().take() {
            // A panic of the thread was reported when it happened.
            let _ = thread.join();
        }
    }
}

async fn answered<T, E: UnitError>(answer: oneshot::Receiver<Result<T, E>>) -> Result<T, E> {
    match answer.await {
        Ok(answer) => answer,
        Err(_) => Err(StoreError::Unavailable("the writer has stopped".to_owned()).into()),
    }
}

fn write_all(mut committer: Committer, queue: &Queue, empty_log: bool) {
    let mut group = Vec::with_capacity(GROUP_LIMIT);
    let mut patience = None;
    loop {
        patience = match queue.take(GROUP_LIMIT, patience, &mut group) {
            Taken::Units => {
                committer.commit(&mut group);
                committer.holds_back().then_some(QUIET)
            }
            // In small parts, so that no write waits for long.
            Taken::Nothing => committer.tidy().then_some(Duration::ZERO),
            Taken::Closed => break,
        }
    }
    committer.close(empty_log);
}

/// What is left to do when the thread ends: nobody shall wait for it in vain.
struct End {
    queue: Arc<Queue>,
    _signal: watch::Sender<()>,
}

impl Drop for End {
    fn drop(&mut self) {
        self.queue.close();
        self.queue.clear();
    }
}
