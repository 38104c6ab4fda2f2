//! The callers that tokens stand for, in memory.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::RwLock;
use roster_directory::{Caller, StoreError, TokenHash};

use crate::token_signal::{Stamp, TokenSignal};

/// For how long after a look at the signal its state is taken to stand.
///
/// To look at it takes more than a microsecond, which under load is a tenth of a request. So a
/// look counts for a while, and whoever revokes a token waits this while out before success is
/// reported (see [`revocation_settled`]): then every look that counts is younger than the signal.
const LEASE: Duration = Duration::from_millis(2);

/// Waits until no process of this machine takes an earlier state of the signal to stand.
pub(crate) async fn revocation_settled() {
    // Twice the lease, so that the clocks of two processors need not agree to the last bit.
    tokio::time::sleep(LEASE * 2).await;
}

/// Remembers valid tokens for as long as no process has made or revoked one.
///
/// A look-up believes only what was read from the database under the state that the signal has
/// now, or had within the [`LEASE`]. A process that revokes a token changes the state, and waits
/// the lease out before it reports success, so from then on nothing that was remembered before
/// counts.
///
/// Only tokens that exist are remembered: a new token works at once, and a flood of wrong ones
/// takes no memory.
pub(crate) struct TokenCache {
    known: RwLock<Known>,
    /// What moments are counted from.
    start: Instant,
}

struct Known {
    /// The state of the signal before these were read.
    stamp: Option<Stamp>,
    /// When a look last found the signal in that state; the moment is from before the look.
    seen: AtomicU64,
    callers: HashMap<TokenHash, Caller>,
}

impl TokenCache {
    /// More tokens than a store is likely to have in use. Beyond it, all are read anew.
    const LIMIT: usize = 16 * 1024;

    pub(crate) fn new() -> Self {
        let known = Known { stamp: None, seen: AtomicU64::new(0), callers: HashMap::new() };
        Self { known: RwLock::new(known), start: Instant::now() }
    }

    /// The caller that a token stands for, as `read` finds it in the database unless it is known.
    pub(crate) fn caller(
        &self,
        signal: &TokenSignal,
        hash: &TokenHash,
        read: impl FnOnce() -> Result<Option<Caller>, StoreError>,
    ) -> Result<Option<Caller>, StoreError> {
        let now = self.now();
        if let Some(caller) = self.known.read().get_within_lease(now, hash) {
            return Ok(Some(caller));
        }
        // Without a signal there is no telling what is still true.
        let Some(stamp) = signal.stamp() else { return read() };
        if let Some(caller) = self.known.read().get(stamp, now, hash) {
            return Ok(Some(caller));
        }
        let caller = read()?;
        if let Some(caller) = caller {
            self.known.write().insert(stamp, now, *hash, caller);
        }
        Ok(caller)
    }

    /// Nanoseconds since this cache was made.
    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

impl Known {
    fn get_within_lease(&self, now: u64, hash: &TokenHash) -> Option<Caller> {
        let age = now.saturating_sub(self.seen.load(Ordering::Relaxed));
        if u128::from(age) < LEASE.as_nanos() { self.callers.get(hash).copied() } else { None }
    }

    fn get(&self, stamp: Stamp, now: u64, hash: &TokenHash) -> Option<Caller> {
        if self.stamp != Some(stamp) {
            return None;
        }
        // The lock keeps the state that this moment belongs to.
        self.seen.fetch_max(now, Ordering::Relaxed);
        self.callers.get(hash).copied()
    }

    /// Keeps a caller that was read after the signal had this state at this moment. A slow thread
    /// may bring an old state back with it, together with the old moment: then what it brings is
    /// believed no longer than the look that it was read under counts.
    fn insert(&mut self, stamp: Stamp, now: u64, hash: TokenHash, caller: Caller) {
        if self.stamp != Some(stamp) || self.callers.len() >= TokenCache::LIMIT {
            self.callers.clear();
            self.stamp = Some(stamp);
            self.seen = AtomicU64::new(now);
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

    /// Lets the look that the cache took last count no longer.
    fn wait_out_the_lease(cache: &TokenCache) {
        let end = cache.now() + u64::try_from(LEASE.as_nanos()).unwrap();
        while cache.now() <= end {}
    }

    #[test]
    fn a_known_token_is_not_read_again() {
        let (signal, _folder) = signal();
        let cache = TokenCache::new();
        assert_eq!(cache.caller(&signal, &HASH, || Ok(Some(caller()))), Ok(Some(caller())));
        assert_eq!(cache.caller(&signal, &HASH, || panic!("read again")), Ok(Some(caller())));
    }

    #[test]
    fn an_unknown_token_is_read_each_time() {
        let (signal, _folder) = signal();
        let cache = TokenCache::new();
        assert_eq!(cache.caller(&signal, &HASH, || Ok(None)), Ok(None));
        assert_eq!(cache.caller(&signal, &HASH, || Ok(Some(caller()))), Ok(Some(caller())));
    }

    #[test]
    fn what_was_read_before_the_signal_is_not_believed_after_it() {
        let (signal, _folder) = signal();
        let cache = TokenCache::new();
        let slow = cache.caller(&signal, &HASH, || {
            // Revoked by another process, just after it was read.
            signal.raise().map(|()| Some(caller()))
        });
        assert_eq!(slow, Ok(Some(caller())));
        wait_out_the_lease(&cache);
        assert_eq!(cache.caller(&signal, &HASH, || Ok(None)), Ok(None));
    }

    #[test]
    fn a_look_counts_for_the_lease_and_no_longer() {
        let (signal, _folder) = signal();
        let cache = TokenCache::new();
        let read = || Ok(Some(caller()));
        cache.caller(&signal, &HASH, read).unwrap();
        let seen = cache.known.read().seen.load(Ordering::Relaxed);
        let lease = u64::try_from(LEASE.as_nanos()).unwrap();
        let known = cache.known.read();
        assert_eq!(known.get_within_lease(seen + lease - 1, &HASH), Some(caller()));
        assert_eq!(known.get_within_lease(seen + lease, &HASH), None);
    }

    #[test]
    fn a_slow_thread_brings_its_old_moment_with_it() {
        let (signal, _folder) = signal();
        let cache = TokenCache::new();
        let old = signal.stamp().unwrap();
        signal.raise().unwrap();
        let new = signal.stamp().unwrap();
        let lease = u64::try_from(LEASE.as_nanos()).unwrap();
        cache.known.write().insert(new, 10 * lease, TokenHash([2; 32]), caller());
        cache.known.write().insert(old, lease, HASH, caller());
        assert_eq!(cache.known.read().get_within_lease(10 * lease, &HASH), None);
    }

    #[test]
    fn many_tokens_take_bounded_memory() {
        let (signal, _folder) = signal();
        let cache = TokenCache::new();
        for number in 0..=TokenCache::LIMIT {
            let mut hash = HASH;
            hash.0[..8].copy_from_slice(&number.to_le_bytes());
            cache.caller(&signal, &hash, || Ok(Some(caller()))).unwrap();
        }
        assert!(cache.known.read().callers.len() <= TokenCache::LIMIT);
    }
}
