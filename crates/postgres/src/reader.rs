//! The threads that read.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use roster_directory::StoreError;
use tokio::sync::oneshot;

use crate::link::{Link, Route};
use crate::session::Session;

/// Some reading, and whom it is told.
type Job = Box<dyn FnOnce(&mut Link, Instant) + Send>;

/// A pool of threads, each with a connection of its own.
pub(crate) struct Readers {
    queue: Arc<Queue>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// How long a reading waits for its turn at most.
    patience: Duration,
}

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<(Job, Instant)>,
    closed: bool,
}

impl Readers {
    /// Starts so many threads.
    pub(crate) fn start(route: &Route, count: usize) -> io::Result<Self> {
        let queue = Arc::new(Queue::default());
        let mut threads = Vec::new();
        for _ in 0..count {
            let (queue, route) = (Arc::clone(&queue), route.clone());
            let thread =
                thread::Builder::new().name("roster-reader".to_owned()).spawn(move || {
                    let mut link = Link::new(route.clone());
                    while let Some((job, since)) = queue.take() {
                        let done = catch_unwind(AssertUnwindSafe(|| job(&mut link, since)));
                        if done.is_err() {
                            tracing::error!("a read panicked");
                            link = Link::new(route.clone());
                        }
                    }
                })?;
            threads.push(thread);
        }
        Ok(Self { queue, threads: Mutex::new(threads), patience: route.manner.statement_timeout })
    }

    /// Reads on one of the threads. What is read may be read twice, if the connection was lost.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl Fn(&Session) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, waiter) = oneshot::channel();
        let patience = self.patience;
        let job: Job = Box::new(move |link, since| {
            // Whoever went away has dropped the other end.
            let answered = answer_in_time(link, since, patience, read);
            let _ = answer.send(answered);
        });
        self.queue.push(job)?;
        waiter.await.unwrap_or(Err(StoreError::Busy))
    }

    /// Has one of the threads do something next, without waiting for it. After the end nothing is done.
    pub(crate) fn hand_over(
        &self,
        work: impl FnOnce(&mut Link) + Send + 'static,
    ) -> Result<(), StoreError> {
        self.queue.push_first(Box::new(move |link, _| work(link)))
    }

    /// Ends the threads once they have done what waits.
    pub(crate) fn close(&self) {
        self.queue.state.lock().closed = true;
        self.queue.changed.notify_all();
    }
}

fn answer_in_time<T>(
    link: &mut Link,
    since: Instant,
    patience: Duration,
    read: impl Fn(&Session) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    if since.elapsed() > patience {
        return Err(StoreError::Busy);
    }
    link.attempt(read)
}

impl Queue {
    fn push(&self, job: Job) -> Result<(), StoreError> {
        self.add(|jobs| jobs.push_back((job, Instant::now())))
    }

    /// Before all that waits: single reads are short, and everybody needs them.
    fn push_first(&self, job: Job) -> Result<(), StoreError> {
        self.add(|jobs| jobs.push_front((job, Instant::now())))
    }

    fn add(&self, add: impl FnOnce(&mut VecDeque<(Job, Instant)>)) -> Result<(), StoreError> {
        let mut state = self.state.lock();
        if state.closed {
            return Err(StoreError::Busy);
        }
        add(&mut state.jobs);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    fn take(&self) -> Option<(Job, Instant)> {
        let mut state = self.state.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            if state.closed {
                return None;
            }
            self.changed.wait(&mut state);
        }
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.close();
        for thread in self.threads.lock().drain(..) {
            // A panic of a thread was reported when it happened.
            let _ = thread.join();
        }
    }
}
