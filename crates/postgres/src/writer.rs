//! The threads that write.
//!
//! Each has a connection of its own, and works on one account at a time: it takes the units that
//! wait for it and commits them in one transaction. Two threads never work on the same account, so
//! what comes while a group is committed waits for the next one and shares its commit.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use parking_lot::Mutex;
use roster_directory::{AccountId, StoreError};
use roster_relational::transaction::Transaction;
use roster_relational::unit::{Undo, UnitError, unit};
use tokio::sync::watch;

use crate::foretold::Foretold;
use crate::group::Committer;
use crate::unit_queue::{Queued, Scope, UnitQueue};

/// The most units that one commit carries.
const GROUP_LIMIT: usize = 256;

/// The face of the threads that write.
pub(crate) struct Writer {
    queue: Arc<UnitQueue>,
    /// Closed when all threads have ended.
    ended: watch::Receiver<()>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Writer {
    /// Starts so many threads, each with a committer that it makes.
    pub(crate) fn start(
        committer: impl Fn() -> Committer + Clone + Send + 'static,
        count: usize,
        queue_limit: usize,
    ) -> io::Result<Self> {
        let queue = Arc::new(UnitQueue::new(queue_limit));
        let (end, ended) = watch::channel(());
        let end = Arc::new(end);
        let mut threads = Vec::new();
        for _ in 0..count {
            let (queue, end) = (Arc::clone(&queue), Arc::clone(&end));
            let committer = committer.clone();
            let thread =
                thread::Builder::new().name("roster-writer".to_owned()).spawn(move || {
                    // Dropped at the end, in whatever way the thread gets there.
                    let _end = End { queue: Arc::clone(&queue), _signal: end };
                    write_all(committer(), &queue);
                })?;
            threads.push(thread);
        }
        Ok(Self { queue, ended, threads: Mutex::new(threads) })
    }

    /// Hands over a unit of work and waits until it is committed or undone.
    pub(crate) async fn write<F, T, E>(&self, scope: Scope, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: UnitError,
    {
        self.hand_over(scope, Undo::Alone, Foretold::default(), work).await
    }

    /// Like [`Self::write`], for work that tells more of itself beforehand.
    pub(crate) async fn write_foreseen<F, T, E>(
        &self,
        account: AccountId,
        foretold: Foretold,
        work: F,
    ) -> Result<T, E>
    where
        F: FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: UnitError,
    {
        self.hand_over(Scope::Account(account), Undo::Alone, foretold, work).await
    }

    /// Like [`Self::write_foreseen`], for work that writes nothing before all of its checks have
    /// passed.
    pub(crate) async fn write_once_checked<F, T, E>(
        &self,
        account: AccountId,
        foretold: Foretold,
        work: F,
    ) -> Result<T, E>
    where
        F: FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: UnitError,
    {
        self.hand_over(Scope::Account(account), Undo::WithGroup, foretold, work).await
    }

    async fn hand_over<F, T, E>(
        &self,
        scope: Scope,
        undo: Undo,
        foretold: Foretold,
        work: F,
    ) -> Result<T, E>
    where
        F: FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: UnitError,
    {
        let (unit, answer) = unit(undo, work);
        self.queue.push(scope, Queued { unit, foretold })?;
        match answer.await {
            Ok(answer) => answer,
            Err(_) => Err(StoreError::Unavailable("the writer has stopped".to_owned()).into()),
        }
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
        // An error means that the threads have ended, and nothing else ever comes.
        while ended.changed().await.is_ok() {}
    }
}

impl Drop for Writer {
    /// Waits for the threads. Units that nobody waits for are not run, so this takes one commit.
    fn drop(&mut self) {
        self.queue.close();
        for thread in self.threads.lock().drain(..) {
            // A panic of a thread was reported when it happened.
            let _ = thread.join();
        }
    }
}

fn write_all(mut committer: Committer, queue: &UnitQueue) {
    while let Some((scope, group)) = queue.take(GROUP_LIMIT) {
        let outcome = committer.commit(scope, group);
        if let Err(away @ StoreError::Away(_)) = outcome {
            // Nobody shall wait for one time-out after the other. Where the database still
            // answers, others than those of this scope need not.
            let waiting =
                if committer.is_connected() { queue.clear_scope(scope) } else { queue.clear() };
            fail(waiting, &away);
        }
        queue.done(scope);
    }
}

fn fail(units: Vec<Queued>, error: &StoreError) {
    for queued in units {
        queued.unit.fail(error.clone());
    }
}

/// What is left to do when a thread ends: after a panic nobody shall wait for it in vain.
struct End {
    queue: Arc<UnitQueue>,
    _signal: Arc<watch::Sender<()>>,
}

impl Drop for End {
    fn drop(&mut self) {
        if thread::panicking() {
            self.queue.close();
            drop(self.queue.clear());
        }
    }
}
