//! Decoded users in memory, which never lag behind the file.
//!
//! The writer and the readers agree on each user like this:
//!
//! 1. Before it commits, the writer takes the users that the group changes out of the cache and
//!    announces them. From here on a read of them goes to the file. The cache's time becomes odd:
//!    what the file says may be of before the commit or of after it.
//! 2. After the commit the time moves on to the next even one. The writer puts the new values in and
//!    withdraws the announcement. Only then are the callers answered.
//! 3. A reader notes the time before it begins to read the file. It may put in what it has read
//!    only if nothing was announced and no commit since that time has touched the user; otherwise
//!    what it has read may be older than what was committed in the meantime.
//!
//! Announcements and the times of commits are kept per stripe, a fixed share of all keys, so that
//! they take no memory per user. Two users that share a stripe cost each other a missed chance to
//! be cached, nothing else.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use quick_cache::{DefaultHashBuilder, Weighter};
use roster_directory::{
    AccountId, EndUserId, Metadata, MetadataValue, StoreStats, Support, SupportProfile, User,
    UserId,
};

use crate::doorkeeper::Doorkeeper;

/// What a user is looked up by. The same user may be cached under each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum CacheKey {
    /// The identifier of an end user; users of other roles are not found by it.
    EndUser(AccountId, EndUserId),
    /// The number of a user of any role.
    User(AccountId, UserId),
}

/// What a group changes: what each key leads to from now on; `None` if that is for the file to say.
pub(crate) type Changes = HashMap<CacheKey, Option<Arc<User>>, DefaultHashBuilder>;

/// A cache of users, bounded in bytes.
pub(crate) struct Cache {
    users: quick_cache::sync::Cache<CacheKey, Arc<User>, Weight>,
    stripes: Box<[Mutex<Stripe>]>,
    hasher: DefaultHashBuilder,
    doorkeeper: Doorkeeper,
    /// Twice how many groups of changes were committed, or failed to be; one more while one is.
    time: AtomicU64,
    hits: AtomicU64,
    misses: AtomicU64,
}

#[derive(Default)]
struct Stripe {
    /// When one of its users last changed.
    changed: u64,
    /// How many announcements stand.
    announced: u32,
}

/// A time of the cache, before the file was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket(u64);

impl Ticket {
    /// Whether nothing was being committed then. Whatever was read of the file at such a time, others
    /// read the same as long as the time stays what it is.
    pub(crate) const fn is_settled(self) -> bool {
        self.0.is_multiple_of(2)
    }
}

impl Cache {
    const STRIPES: usize = 1024;

    /// A cache that takes about `bytes` bytes.
    pub(crate) fn new(bytes: usize) -> Self {
        let capacity = u64::try_from(bytes).unwrap_or(u64::MAX);
        Self {
            users: quick_cache::sync::Cache::with_weighter(bytes / 1024, capacity, Weight),
            stripes: (0..Self::STRIPES).map(|_| Mutex::default()).collect(),
            hasher: DefaultHashBuilder::default(),
            doorkeeper: Doorkeeper::new(bytes),
            time: AtomicU64::new(0),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    /// The ticket with which may be put in what the file has from now on.
    pub(crate) fn ticket(&self) -> Ticket {
        Ticket(self.time.load(Ordering::SeqCst))
    }

    /// Looks a user up.
    pub(crate) fn get(&self, key: &CacheKey) -> Option<Arc<User>> {
        let found = self.find(key);
        let hits = u64::from(found.is_some());
        self.count(hits, 1 - hits);
        found
    }

    /// Like [`Self::get`], for one of many look-ups that are [counted](Self::count) together: the
    /// processors would hand the counters to and fro.
    pub(crate) fn find(&self, key: &CacheKey) -> Option<Arc<User>> {
        self.users.get(key)
    }

    /// Counts look-ups.
    pub(crate) fn count(&self, hits: u64, misses: u64) {
        for (counter, count) in [(&self.hits, hits), (&self.misses, misses)] {
            if count > 0 {
                counter.fetch_add(count, Ordering::Relaxed);
            }
        }
    }

    /// Puts in what the file had, unless it may be out of date by now. The ticket is older than
    /// the state of the file that was read.
    pub(crate) fn fill(&self, key: CacheKey, user: &Arc<User>, ticket: Ticket) {
        let hash = self.hasher.hash_one(key);
        if !self.doorkeeper.admits(hash, || self.users.weight()) {
            return;
        }
        let stripe = self.stripes[self.stripe_at(hash)].lock();
        if stripe.announced == 0 && stripe.changed <= ticket.0 {
            self.users.insert(key, Arc::clone(user));
        }
    }

    /// Step 1: the writer is about to commit these changes.
    pub(crate) fn announce(&self, changes: &Changes) {
        self.time.fetch_add(1, Ordering::SeqCst);
        for key in changes.keys() {
            let mut stripe = self.stripes[self.stripe_of(key)].lock();
            stripe.announced += 1;
            self.users.remove(key);
        }
    }

    /// Step 2: the commit is over. If it failed, the cache is left without these users, and the
    /// file says what they are.
    pub(crate) fn settle(&self, changes: Changes, committed: bool) {
        let now = self.time.fetch_add(1, Ordering::SeqCst) + 1;
        for (key, user) in changes {
            let mut stripe = self.stripes[self.stripe_of(&key)].lock();
            stripe.announced -= 1;
            stripe.changed = now;
            if let Some(user) = user
                && committed
            {
                self.users.insert(key, user);
            }
        }
    }

    /// Adds the figures of the cache.
    pub(crate) fn report(&self, stats: &mut StoreStats) {
        stats.cache_hits = self.hits.load(Ordering::Relaxed);
        stats.cache_misses = self.misses.load(Ordering::Relaxed);
        stats.cache_bytes = self.users.weight();
    }

    fn stripe_of(&self, key: &CacheKey) -> usize {
        self.stripe_at(self.hasher.hash_one(key))
    }

    fn stripe_at(&self, hash: u64) -> usize {
        let stripes = u64::try_from(self.stripes.len()).unwrap_or(u64::MAX);
        usize::try_from(hash % stripes).unwrap_or(0)
    }
}

/// Estimates how much memory a cached user takes.
#[derive(Clone)]
struct Weight;

/// What the cache itself keeps for each user, and the counters of its `Arc`.
const ENTRY: usize = 128;
/// What the allocator adds to a block of memory.
const BLOCK: usize = 16;
/// A node of a `BTreeMap` with room for eleven entries, which are half used on average.
const NODE: usize = 640;
const ENTRIES_PER_NODE: usize = 6;

impl Weighter<CacheKey, Arc<User>> for Weight {
    fn weight(&self, _: &CacheKey, user: &Arc<User>) -> u64 {
        let profile = &user.profile;
        let texts = [
            &profile.first_name,
            &profile.last_name,
            &profile.display_name,
            &profile.avatar,
            &profile.email,
        ];
        let texts: usize = texts.into_iter().flatten().map(|text| text.len() + BLOCK).sum();
        let language = profile.language.as_ref().map_or(0, |tag| tag.len() + BLOCK);
        let external = user
            .external_id
            .as_ref()
            .map_or(0, |id| id.written().len() + id.folded().len() + 2 * BLOCK);
        let heap = texts
            + language
            + external
            + metadata_weight(&profile.metadata)
            + support_weight(&user.support);
        u64::try_from(ENTRY + size_of::<User>() + heap).unwrap_or(u64::MAX)
    }
}

fn support_weight(support: &Support) -> usize {
    if support.is_empty() {
        return 0;
    }
    let texts = [
        &support.phone,
        &support.alias,
        &support.details,
        &support.notes,
        &support.signature,
        &support.time_zone,
    ];
    let texts: usize = texts.into_iter().flatten().map(|text| text.len() + BLOCK).sum();
    let tags: usize =
        support.tags.iter().map(|tag| size_of::<Box<str>>() + tag.len() + BLOCK).sum();
    size_of::<SupportProfile>() + BLOCK + texts + tags
}

fn metadata_weight(metadata: &Metadata) -> usize {
    let text = |value: &MetadataValue| match value {
        MetadataValue::Text(text) => text.len() + BLOCK,
        MetadataValue::Bool(_) | MetadataValue::Integer(_) | MetadataValue::Decimal(_) => 0,
    };
    let entries: usize = metadata.iter().map(|(key, value)| key.len() + BLOCK + text(value)).sum();
    metadata.len().div_ceil(ENTRIES_PER_NODE) * NODE + entries
}

#[cfg(test)]
mod tests {
    use roster_testkit::sample;

    use super::*;

    const ROOM: usize = 1024 * 1024;

    fn user(name: &str) -> (CacheKey, Arc<User>) {
        let mut new = sample::new_end_user(1);
        new.profile.first_name = Some(sample::text(name));
        let user = new.into_user(roster_directory::UserId::FIRST);
        (CacheKey::EndUser(AccountId::from_stored(1), user.end_user_id), Arc::new(user))
    }

    fn commit(cache: &Cache, key: CacheKey, user: Option<Arc<User>>) {
        let changes = Changes::from_iter([(key, user)]);
        cache.announce(&changes);
        cache.settle(changes, true);
    }

    fn miss(cache: &Cache, key: &CacheKey) -> Ticket {
        let ticket = cache.ticket();
        assert_eq!(cache.get(key), None);
        ticket
    }

    fn hit(cache: &Cache, key: &CacheKey) -> Arc<User> {
        cache.get(key).unwrap()
    }

    #[test]
    fn what_a_reader_found_is_cached() {
        let cache = Cache::new(ROOM);
        let (key, user) = user("Ada");
        let ticket = miss(&cache, &key);
        cache.fill(key, &user, ticket);
        assert!(Arc::ptr_eq(&hit(&cache, &key), &user));
    }

    #[test]
    fn a_slow_reader_does_not_bring_the_past_back() {
        let cache = Cache::new(ROOM);
        let (key, old) = user("old");
        let (_, new) = user("new");
        let ticket = miss(&cache, &key);
        commit(&cache, key, Some(Arc::clone(&new)));
        cache.fill(key, &old, ticket);
        assert!(Arc::ptr_eq(&hit(&cache, &key), &new));
    }

    #[test]
    fn a_slow_reader_does_not_bring_the_removed_back() {
        let cache = Cache::new(ROOM);
        let (key, old) = user("old");
        let ticket = miss(&cache, &key);
        commit(&cache, key, None);
        cache.fill(key, &old, ticket);
        miss(&cache, &key);
    }

    #[test]
    fn while_a_commit_is_under_way_nothing_is_cached() {
        let cache = Cache::new(ROOM);
        let (key, old) = user("old");
        commit(&cache, key, Some(Arc::clone(&old)));
        let changes = Changes::from_iter([(key, Some(user("new").1))]);
        cache.announce(&changes);
        let ticket = miss(&cache, &key);
        cache.fill(key, &old, ticket);
        miss(&cache, &key);
        cache.settle(changes, false);
        cache.fill(key, &old, ticket);
        miss(&cache, &key);
    }

    #[test]
    fn a_ticket_outlives_the_changes_of_others() {
        let cache = Cache::new(ROOM);
        let (key, user) = user("Ada");
        let ticket = miss(&cache, &key);
        // A commit that changes no user moves the time on all the same.
        cache.settle(Changes::default(), true);
        cache.fill(key, &user, ticket);
        assert!(Arc::ptr_eq(&hit(&cache, &key), &user));
    }

    #[test]
    fn it_takes_no_more_memory_than_it_may() {
        let cache = Cache::new(64 * 1024);
        for number in 0..1000 {
            let user = sample::new_end_user(number).into_user(roster_directory::UserId::FIRST);
            let key = CacheKey::EndUser(AccountId::from_stored(1), user.end_user_id);
            commit(&cache, key, Some(Arc::new(user)));
        }
        let mut stats = StoreStats::default();
        cache.report(&mut stats);
        assert!((32 * 1024..=64 * 1024).contains(&stats.cache_bytes), "{stats:?}");
    }

    #[test]
    fn what_a_support_desk_knows_takes_room() {
        let bytes = |user: &User| {
            let cache = Cache::new(ROOM);
            let key = CacheKey::EndUser(AccountId::from_stored(1), user.end_user_id);
            commit(&cache, key, Some(Arc::new(user.clone())));
            let mut stats = StoreStats::default();
            cache.report(&mut stats);
            stats.cache_bytes
        };
        let (_, user) = user("Ada");
        let mut user = User::clone(&user);
        let little = bytes(&user);
        user.support.update(|support| {
            support.notes = Some(sample::text(&"n".repeat(1000)));
            support.tags = roster_directory::Tags::new([&*"t".repeat(200)]).unwrap();
        });
        assert!(bytes(&user) >= little + 1200, "{little} becomes {}", bytes(&user));
    }

    #[test]
    fn a_cache_of_no_size_has_nothing() {
        let cache = Cache::new(0);
        let (key, user) = user("Ada");
        commit(&cache, key, Some(user));
        miss(&cache, &key);
    }
}
