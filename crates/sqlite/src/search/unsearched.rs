//! Changes that the index may pass over.

use std::collections::BTreeSet;

use parking_lot::Mutex;
use roster_directory::{AccountId, EventSequence};

/// The events of changes in nothing that is searched, as far as the thread that keeps the index has
/// not come to them. To bring such a user in anew is as much work as for any other change, and
/// changes nothing.
///
/// It is only ever lost work to have too few here: what another process wrote is not, nor what was
/// written before the process began, nor what is too much to be remembered.
#[derive(Default)]
pub(super) struct Unsearched(Mutex<BTreeSet<(AccountId, EventSequence)>>);

impl Unsearched {
    /// The most events that are remembered.
    const LIMIT: usize = 64 * 1024;

    /// Notes events. They must have been committed: what is undone leaves its places in the log to
    /// other events.
    pub(super) fn add(&self, events: Vec<(AccountId, EventSequence)>) {
        let mut all = self.0.lock();
        let room = Self::LIMIT.saturating_sub(all.len());
        all.extend(events.into_iter().take(room));
    }

    /// Takes out an account's events up to one.
    pub(super) fn take(&self, account: AccountId, last: EventSequence) -> BTreeSet<EventSequence> {
        let mut all = self.0.lock();
        let mut taken = all.split_off(&(account, EventSequence(i64::MIN)));
        let mut after = taken.split_off(&(account, EventSequence(last.0.saturating_add(1))));
        all.append(&mut after);
        taken.into_iter().map(|(_, sequence)| sequence).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_passed_over_once_and_only_in_its_own_account() {
        let [first, second] = [1, 2].map(AccountId::from_stored);
        let unsearched = Unsearched::default();
        let events = |account, all: &[i64]| {
            all.iter().map(|number| (account, EventSequence(*number))).collect::<Vec<_>>()
        };
        unsearched.add(events(first, &[2, 5, 9]));
        unsearched.add(events(second, &[5]));
        let take = |account, last| {
            let taken = unsearched.take(account, EventSequence(last));
            taken.into_iter().map(|sequence| sequence.0).collect::<Vec<_>>()
        };
        assert_eq!(take(first, 5), [2, 5]);
        assert_eq!(take(first, 5), [0; 0]);
        assert_eq!(take(second, 9), [5]);
        assert_eq!(take(first, 9), [9]);
    }

    #[test]
    fn it_takes_no_more_memory_than_it_may() {
        let unsearched = Unsearched::default();
        let account = AccountId::from_stored(1);
        unsearched.add((0..100_000).map(|number| (account, EventSequence(number))).collect());
        assert_eq!(unsearched.take(account, EventSequence(i64::MAX)).len(), Unsearched::LIMIT);
    }
}
