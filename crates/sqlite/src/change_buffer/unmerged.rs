//! What readers know of the entries that are held back.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use parking_lot::Mutex;
use roster_directory::StoreError;

use super::batch::Entry;

/// Who holds a value, and by which identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Holder {
    pub(crate) user: i64,
    pub(crate) identity: i64,
}

/// The holders of an account's values of one kind.
type Holders = HashMap<Arc<str>, Holder>;

/// Who holds the values whose entries are held back, and whether somebody waits for everything to be
/// merged, and what came of that.
///
/// An entry is here before its row is committed, and goes after it was merged. So whoever looks
/// here first, and into the file after that, misses nobody.
#[derive(Default)]
pub(crate) struct Unmerged {
    values: Mutex<HashMap<(i64, i64), Holders>>,
    count: AtomicUsize,
    wanted: AtomicBool,
    /// Why not everything could be merged when somebody last waited for it.
    failure: Mutex<Option<StoreError>>,
}

impl Unmerged {
    /// Who may hold a value. It is so if the row of the identity says so.
    pub(crate) fn holder(&self, account: i64, kind: i64, value: &str) -> Option<Holder> {
        self.values.lock().get(&(account, kind))?.get(value).copied()
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.count.load(Ordering::Acquire) == 0
    }

    /// Has everything merged before the next group runs.
    pub(crate) fn want(&self) {
        self.wanted.store(true, Ordering::Release);
    }

    /// Whether somebody wants everything merged. Who wants it from now on is served another time.
    pub(super) fn take_wish(&self) -> bool {
        self.wanted.swap(false, Ordering::AcqRel)
    }

    /// Tells those who waited what came of it.
    pub(super) fn serve(&self, outcome: Result<(), StoreError>) {
        *self.failure.lock() = outcome.err();
    }

    /// What came of it.
    pub(crate) fn outcome(&self) -> Result<(), StoreError> {
        self.failure.lock().clone().map_or(Ok(()), Err)
    }

    /// Adds an entry, unless its value is another holder's here.
    pub(super) fn add(&self, entry: &Entry) -> bool {
        if let Entry::Value { account, kind, value, holder } = entry {
            let mut values = self.values.lock();
            let holders = values.entry((*account, *kind)).or_default();
            if holders.get(value).is_some_and(|other| other != holder) {
                return false;
            }
            holders.insert(Arc::clone(value), *holder);
        }
        self.count.fetch_add(1, Ordering::Release);
        true
    }

    /// Removes entries that were merged.
    pub(super) fn remove(&self, entries: &[Entry]) {
        let mut values = self.values.lock();
        for entry in entries {
            let Entry::Value { account, kind, value, holder } = entry else { continue };
            if let Some(holders) = values.get_mut(&(*account, *kind))
                && holders.get(value) == Some(holder)
            {
                holders.remove(value);
                if holders.is_empty() {
                    values.remove(&(*account, *kind));
                }
            }
        }
        drop(values);
        self.count.fetch_sub(entries.len(), Ordering::Release);
    }
}
