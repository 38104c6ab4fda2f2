//! The writes that wait for the writer.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use roster_directory::StoreError;
use roster_relational::unit::Unit;

/// A bounded queue of units. It never makes a caller wait: a unit that does not fit is refused.
pub(crate) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    limit: usize,
}

/// What came of waiting for units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// There were some.
    Units,
    /// There were none for as long as there was patience.
    Nothing,
    /// There will be none any more.
    Closed,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Box<dyn Unit>>,
    /// Whether nothing is accepted any more.
    refusing: bool,
    /// Whether nothing comes any more.
    closed: bool,
}

impl Queue {
    pub(crate) fn new(limit: usize) -> Self {
        Self { state: Mutex::default(), changed: Condvar::new(), limit }
    }

    /// Accepts a unit, unless the queue is full or closed.
    pub(crate) fn push(&self, unit: Box<dyn Unit>) -> Result<(), StoreError> {
        self.push_within(self.limit, unit)
    }

    /// Accepts a unit that writes nothing, even if the queue is full.
    pub(crate) fn push_always(&self, unit: Box<dyn Unit>) -> Result<(), StoreError> {
        self.push_within(usize::MAX, unit)
    }

    fn push_within(&self, limit: usize, unit: Box<dyn Unit>) -> Result<(), StoreError> {
        let mut state = self.state.lock();
        if state.refusing || state.waiting.len() >= limit {
            return Err(StoreError::Busy);
        }
        state.waiting.push_back(unit);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Moves what waits into `group`, at most `most` units. Waits until there is one, but no longer
    /// than `patience`, if there is other work.
    pub(crate) fn take(
        &self,
        most: usize,
        patience: Option<Duration>,
        group: &mut Vec<Box<dyn Unit>>,
    ) -> Taken {
        let end = patience.map(|patience| Instant::now() + patience);
        let mut state = self.state.lock();
        while state.waiting.is_empty() {
            if state.closed {
                return Taken::Closed;
            }
            match end {
                Some(end) if self.changed.wait_until(&mut state, end).timed_out() => {
                    return Taken::Nothing;
                }
                Some(_) => {}
                None => self.changed.wait(&mut state),
            }
        }
        let count = state.waiting.len().min(most);
        group.extend(state.waiting.drain(..count));
        Taken::Units
    }

    /// Accepts nothing any more, but lets the writer wait on.
    pub(crate) fn refuse(&self) {
        self.state.lock().refusing = true;
    }

    /// Accepts nothing any more. What was accepted can still be taken.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        state.refusing = true;
        state.closed = true;
        drop(state);
        self.changed.notify_one();
    }

    /// Drops what waits; whoever waits for an answer learns that there will be none.
    pub(crate) fn clear(&self) {
        let dropped = std::mem::take(&mut self.state.lock().waiting);
        drop(dropped);
    }

    /// How many units wait.
    pub(crate) fn depth(&self) -> usize {
        self.state.lock().waiting.len()
    }
}
