//! Who had an external id when it was last looked up.
//!
//! This is a guess and nothing more: whoever uses it asks the [cache](crate::cache) for the user,
//! which has no older state than the last commit, and believes the guess if that user has the
//! external id. An external id has one holder at most, so that is the answer. A guess is therefore
//! never withdrawn.

use std::hash::BuildHasher;

use quick_cache::DefaultHashBuilder;
use roster_directory::{AccountId, EndUserId, ExternalId};

/// An account and the hash of an external id.
type Key = (AccountId, u64);

/// The guesses, bounded in number.
pub(crate) struct Holders {
    guesses: quick_cache::sync::Cache<Key, EndUserId>,
    hasher: DefaultHashBuilder,
}

/// What one guess takes, in bytes, by estimate.
const GUESS: usize = 64;

impl Holders {
    /// They take so small a part of the memory that is given to the cache of users.
    pub(crate) const SHARE: usize = 16;

    /// Guesses that take about `bytes` bytes.
    pub(crate) fn new(bytes: usize) -> Self {
        Self {
            guesses: quick_cache::sync::Cache::new(bytes / GUESS),
            hasher: DefaultHashBuilder::default(),
        }
    }

    /// Who had it last.
    pub(crate) fn get(&self, account: AccountId, id: &ExternalId) -> Option<EndUserId> {
        self.guesses.get(&self.key(account, id))
    }

    /// Notes who has it.
    pub(crate) fn remember(&self, account: AccountId, id: &ExternalId, holder: EndUserId) {
        self.guesses.insert(self.key(account, id), holder);
    }

    fn key(&self, account: AccountId, id: &ExternalId) -> Key {
        (account, self.hasher.hash_one(id.folded()))
    }
}
