//! The callers that tokens stand for, in memory.

use std::collections::HashMap;

use parking_lot::RwLock;
use roster_directory::{Caller, StoreError, TokenHash};

use crate::token_signal::{Stamp, TokenSignal};

/// Remembers valid tokens for as long as no process has made or revoked one.
///
/// Each look-up asks the file system for the state of the signal, which takes less than a
/// microsecond, and believes only what was read from the database under that same state. A
/// process that revokes a token changes the state before it reports success, so from then on
/// nothing that was remembered before counts.
///
/// Only tokens that exist are remembered: a new token works at once, and a flood of wrong ones
/// takes no memory.
#[derive(Default)]
pub(crate) struct TokenCache {
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    /// The state of the signal before these were read.
    stamp: Option<Stamp>,
    callers: HashMap<TokenHash, Caller>,
}

impl TokenCache {
    /// More tokens than a store is likely to have in use. Beyond it, all are read anew.
    const LIMIT: usize = 16 * 1024;

    /// The caller that a token stands for, as `read` finds it in the database unless it is known.
    pub(crate) fn caller(
        &self,
        signal: &TokenSignal,
        hash: &TokenHash,
        read: impl FnOnce() -> Result<Option<Caller>, StoreError>,
    ) -> Result<Option<Caller>, StoreError> {
        // Without a signal there is no telling what is still true.
        let Some(stamp) = signal.stamp() else { return read() };
        if let Some(caller) = self.known.read().get(stamp, hash) {
            return Ok(Some(caller));
        }
        let caller = read()?;
        if let Some(caller) = caller {
            self.known.write().insert(stamp, *hash, caller);
        }
        Ok(caller)
    }
}

impl Known {
    fn get(&self, stamp: Stamp, hash: &TokenHash) -> Option<Caller> {
        if self.stamp == Some(stamp) { self.callers.get(hash).copied() } else { None }
    }

    /// Keeps a caller that was read after the signal had this state. A slow thread may bring an
    /// old state back with it: then what it brings is never believed, and soon replaced.
    fn insert(&mut self, stamp: Stamp, hash: TokenHash, caller: Caller) {
        if self.stamp != Some(stamp) || self.callers.len() >= TokenCache::LIMIT {
            self.callers.clear();
            self.stamp = Some(stamp);
        }
        self.callers.insert(hash, caller);
    }
}

#[cfg(test)]
mod tests {
    use roster_directory::{AccountId, Scopes, UserId};
    use roster_testkit::sample;

    use super::*;

    const HASH: TokenHash = TokenHash([1; 32]);

    fn caller() -> Caller {
        let (account, user) = (AccountId::from_stored(1), UserId::FIRST);
        Caller { token: sample::token_id(1), account, user, scopes: Scopes::ALL }
    }

    fn signal() -> (TokenSignal, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let signal = TokenSignal::beside(&folder.path().join("roster.db"));
        (signal.unwrap_or_else(|(_, error)| panic!("{error}")), folder)
    }

    #[test]
    fn a_known_token_is_not_read_again() {
        let (signal, _folder) = signal();
        let cache = TokenCache::default();
        assert_eq!(cache.caller(&signal, &HASH, || Ok(Some(caller()))), Ok(Some(caller())));
        assert_eq!(cache.caller(&signal, &HASH, || panic!("read again")), Ok(Some(caller())));
    }

    #[test]
    fn an_unknown_token_is_read_each_time() {
        let (signal, _folder) = signal();
        let cache = TokenCache::default();
        assert_eq!(cache.caller(&signal, &HASH, || Ok(None)), Ok(None));
        assert_eq!(cache.caller(&signal, &HASH, || Ok(Some(caller()))), Ok(Some(caller())));
    }

    #[test]
    fn what_was_read_before_the_signal_is_not_believed_after_it() {
        let (signal, _folder) = signal();
        let cache = TokenCache::default();
        let slow = cache.caller(&signal, &HASH, || {
            // Revoked by another process, just after it was read.
            signal.raise().map(|()| Some(caller()))
        });
        assert_eq!(slow, Ok(Some(caller())));
        assert_eq!(cache.caller(&signal, &HASH, || Ok(None)), Ok(None));
    }

    #[test]
    fn many_tokens_take_bounded_memory() {
        let (signal, _folder) = signal();
        let cache = TokenCache::default();
        for number in 0..=TokenCache::LIMIT {
            let mut hash = HASH;
            hash.0[..8].copy_from_slice(&number.to_le_bytes());
            cache.caller(&signal, &hash, || Ok(Some(caller()))).unwrap();
        }
        assert!(cache.known.read().callers.len() <= TokenCache::LIMIT);
    }
}
