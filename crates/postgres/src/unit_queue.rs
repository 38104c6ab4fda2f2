//! The writes that wait, by what they lock.

use std::collections::{HashMap, HashSet, VecDeque};

use parking_lot::{Condvar, Mutex};
use roster_directory::{AccountId, StoreError};
use roster_relational::unit::Unit;

use crate::foretold::Foretold;

/// What a unit of work locks before it looks at anything: nobody else works on that, on whatever
/// node, until it is committed or undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    /// An account, with all that belongs to it.
    Account(AccountId),
    /// What belongs to no account: which accounts and tokens there are.
    Store,
}

/// A unit that waits, and what it tells beforehand.
pub(crate) struct Queued {
    pub(crate) unit: Box<dyn Unit>,
    pub(crate) foretold: Foretold,
}

/// A bounded queue of units. It never makes a caller wait: a unit that does not fit is refused.
pub(crate) struct UnitQueue {
    state: Mutex<State>,
    changed: Condvar,
    limit: usize,
}

#[derive(Default)]
struct State {
    waiting: HashMap<Scope, VecDeque<Queued>>,
    /// Those with units that wait, and on which no thread of this process works.
    ready: VecDeque<Scope>,
    worked_on: HashSet<Scope>,
    depth: usize,
    /// Whether nothing is accepted any more.
    refusing: bool,
    /// Whether nothing comes any more.
    closed: bool,
}

impl UnitQueue {
    pub(crate) fn new(limit: usize) -> Self {
        Self { state: Mutex::default(), changed: Condvar::new(), limit }
    }

    /// Accepts a unit, unless the queue is full or closed.
    pub(crate) fn push(&self, scope: Scope, unit: Queued) -> Result<(), StoreError> {
        let mut state = self.state.lock();
        if state.refusing || state.depth >= self.limit {
            return Err(StoreError::Busy);
        }
        state.depth += 1;
        let units = state.waiting.entry(scope).or_default();
        units.push_back(unit);
        let first = units.len() == 1;
        if first && !state.worked_on.contains(&scope) {
            state.ready.push_back(scope);
            drop(state);
            self.changed.notify_one();
        }
        Ok(())
    }

    /// Waits for units, and takes those of one scope, at most `most`. `None` when there will be
    /// none any more.
    pub(crate) fn take(&self, most: usize) -> Option<(Scope, Vec<Queued>)> {
        let mut state = self.state.lock();
        loop {
            if let Some(scope) = state.ready.pop_front() {
                let units = state.waiting.get_mut(&scope)?;
                let count = units.len().min(most);
                let group: Vec<_> = units.drain(..count).collect();
                if units.is_empty() {
                    state.waiting.remove(&scope);
                }
                state.depth -= group.len();
                state.worked_on.insert(scope);
                return Some((scope, group));
            }
            if state.closed && state.waiting.is_empty() {
                return None;
            }
            self.changed.wait(&mut state);
        }
    }

    /// Notes that the work on what was taken has ended.
    pub(crate) fn done(&self, scope: Scope) {
        let mut state = self.state.lock();
        state.worked_on.remove(&scope);
        if state.waiting.contains_key(&scope) {
            state.ready.push_back(scope);
        }
        let closed = state.closed;
        drop(state);
        if closed {
            self.changed.notify_all();
        } else {
            self.changed.notify_one();
        }
    }

    /// Takes out all that waits.
    pub(crate) fn clear(&self) -> Vec<Queued> {
        let mut state = self.state.lock();
        state.depth = 0;
        state.ready.clear();
        std::mem::take(&mut state.waiting).into_values().flatten().collect()
    }

    /// Takes out all that waits in one scope.
    pub(crate) fn clear_scope(&self, scope: Scope) -> Vec<Queued> {
        let mut state = self.state.lock();
        let units = state.waiting.remove(&scope).unwrap_or_default();
        state.depth -= units.len();
        state.ready.retain(|ready| *ready != scope);
        units.into()
    }

    /// Accepts nothing any more.
    pub(crate) fn refuse(&self) {
        self.state.lock().refusing = true;
    }

    /// Accepts nothing any more. What was accepted can still be taken.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        state.refusing = true;
        state.closed = true;
        drop(state);
        self.changed.notify_all();
    }

    /// How many units wait.
    pub(crate) fn depth(&self) -> usize {
        self.state.lock().depth
    }
}
