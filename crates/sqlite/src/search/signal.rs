//! How the writer and those who search wake the thread that keeps the index, and how it tells
//! them that it has come further.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::unsearched::Unsearched;

/// How long the thread rests between two runs while users are written: the fewer runs, the less
/// work each user is.
const REST: Duration = Duration::from_millis(250);

/// How long it rests while somebody waits for it. So however many search, writing goes on.
const SHORT_REST: Duration = Duration::from_millis(10);

/// What the thread is woken by. None of it ever waits for anybody.
pub(super) struct Signal {
    /// Something was committed.
    changed: AtomicBool,
    /// Somebody waits.
    wanted: AtomicBool,
    /// The index was found to be damaged.
    damaged: AtomicBool,
    closing: AtomicBool,
    thread: OnceLock<Thread>,
    progress: watch::Sender<()>,
    /// What the thread may pass over.
    pub(super) unsearched: Unsearched,
}

impl Signal {
    pub(super) fn new() -> Self {
        let flag = || AtomicBool::new(false);
        Self {
            changed: flag(),
            wanted: flag(),
            damaged: flag(),
            closing: flag(),
            thread: OnceLock::new(),
            progress: watch::Sender::new(()),
            unsearched: Unsearched::default(),
        }
    }

    /// Says that something was committed.
    pub(super) fn changed(&self) {
        if !self.changed.swap(true, Ordering::Release) {
            self.unpark();
        }
    }

    /// Says that somebody waits.
    pub(super) fn wanted(&self) {
        self.wanted.store(true, Ordering::Release);
        self.unpark();
    }

    /// Says that the index is damaged.
    pub(super) fn damaged(&self) {
        self.damaged.store(true, Ordering::Release);
        self.wanted();
    }

    /// Whether the index was found to be damaged since this was last asked.
    pub(super) fn take_damaged(&self) -> bool {
        self.damaged.swap(false, Ordering::Acquire)
    }

    /// Tells the thread to end.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Release);
        self.unpark();
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    fn unpark(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }

    /// Makes the calling thread the one that is woken.
    pub(super) fn attach(&self) {
        // It is attached once. What was signalled before is seen before the thread parks.
        let _ = self.thread.set(thread::current());
    }

    /// Whether there is something to do.
    pub(super) fn is_due(&self) -> bool {
        [&self.changed, &self.wanted, &self.closing].iter().any(|flag| flag.load(Ordering::Acquire))
    }

    /// Waits until there is something to do, and the thread has rested since `last`.
    pub(super) fn wait(&self, last: Instant) {
        while !self.is_closing() {
            let rest = if self.wanted.load(Ordering::Acquire) {
                SHORT_REST
            } else if self.changed.load(Ordering::Acquire) {
                REST
            } else {
                thread::park();
                continue;
            };
            let left = (last + rest).saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            thread::park_timeout(left);
        }
        // From here on the thread reads what there is; what is committed later is signalled anew.
        self.changed.swap(false, Ordering::AcqRel);
        self.wanted.swap(false, Ordering::AcqRel);
    }

    /// Tells those who wait that the index has come further.
    pub(super) fn progressed(&self) {
        self.progress.send_replace(());
    }

    /// Hears of what [`Self::progressed`] tells from now on.
    pub(super) fn listen(&self) -> watch::Receiver<()> {
        self.progress.subscribe()
    }
}
