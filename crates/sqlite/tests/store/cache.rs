//! Readers beside a writer never see the past, whether the cache or the file answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::common::{account_of, open, options};
use roster_directory::{
    AccountId, Change, EndUserPatch, MetadataPatch, MetadataValue, Store, User,
};
use roster_sqlite::{SqliteOptions, SqliteStore};
use roster_testkit::sample;

const KEY: &str = "version";

fn set_version(version: i64) -> EndUserPatch {
    let metadata = MetadataPatch::from([(KEY.into(), Some(MetadataValue::Integer(version)))]);
    EndUserPatch { metadata, first_name: Change::Keep, ..EndUserPatch::default() }
}

fn version(user: &User) -> i64 {
    let found = user.profile.metadata.iter().find(|(key, _)| &***key == KEY);
    match found {
        Some((_, MetadataValue::Integer(version))) => *version,
        Some(_) | None => 0,
    }
}

/// Reads until the last version was seen, and checks each time that nothing older is seen than
/// what was answered before the read began, nor than what was seen before.
async fn watch(store: &SqliteStore, account: AccountId, answered: &AtomicI64, last: i64) {
    let mut seen = 0;
    while seen < last {
        let least = answered.load(Ordering::SeqCst).max(seen);
        let user = store.end_user(account, sample::end_user_id(1)).await.unwrap().unwrap();
        seen = version(&user);
        assert!(seen >= least, "saw version {seen} after version {least}");
        tokio::task::yield_now().await;
    }
}

async fn race(store: Arc<SqliteStore>, last: i64) {
    let account = account_of(&store).await;
    store.create_end_user(account, sample::new_end_user(1)).await.unwrap();
    let answered = Arc::new(AtomicI64::new(0));
    let watchers: Vec<_> = (0..6)
        .map(|_| {
            let (store, answered) = (Arc::clone(&store), Arc::clone(&answered));
            tokio::spawn(async move { watch(&store, account, &answered, last).await })
        })
        .collect();
    for version in 1..=last {
        let id = sample::end_user_id(1);
        store.patch_end_user(account, id, set_version(version), sample::at(0)).await.unwrap();
        answered.store(version, Ordering::SeqCst);
    }
    for watcher in watchers {
        watcher.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_see_no_past_with_a_cache() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open(folder.path()));
    race(Arc::clone(&store), 1000).await;
    let stats = store.stats();
    assert!(stats.cache_hits > 0 && stats.cache_misses > 0, "{stats:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_see_no_past_without_a_cache() {
    let folder = tempfile::tempdir().unwrap();
    let given = options(&folder.path().join("roster.db"));
    let store = SqliteStore::open(SqliteOptions { cache_bytes: 0, ..given }).unwrap();
    race(Arc::new(store), 200).await;
}

#[tokio::test]
async fn who_has_read_lets_go_of_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let given = options(&folder.path().join("roster.db"));
    let store = SqliteStore::open(SqliteOptions { cache_bytes: 0, ..given }).unwrap();
    let account = account_of(&store).await;
    let id = sample::end_user_id(1);
    store.create_end_user(account, sample::new_end_user(1)).await.unwrap();
    let log = folder.path().join("roster.db-wal");
    for number in 1..=40 {
        // Whoever reads here keeps the state of this moment for the next read.
        assert!(store.end_user(account, id).await.unwrap().is_some());
        store.add_sealing_key(sample::sealed(number, &vec![0; 2 * 1024 * 1024])).await.unwrap();
        assert!(log.metadata().unwrap().len() < 64 * 1024 * 1024, "after {number}");
    }
}
