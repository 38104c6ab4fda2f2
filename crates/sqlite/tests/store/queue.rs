//! The queue of writes: its bound, and what becomes of what it accepted.

use std::sync::Arc;

use crate::common::{account_of, open, options};
use roster_directory::{CreateEndUserError, Store, StoreError};
use roster_sqlite::{SqliteOptions, SqliteStore};
use roster_testkit::sample;
use rusqlite::Connection;
use tokio::task::JoinSet;

const BUSY: CreateEndUserError = CreateEndUserError::Store(StoreError::Busy);

/// Holds the lock that the writer needs, as another process might.
fn lock(folder: &std::path::Path) -> Connection {
    let connection = Connection::open(folder.join("roster.db")).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.db");
    let store = SqliteStore::open(SqliteOptions { queue_limit: 4, ..options(&path) }).unwrap();
    let store = Arc::new(store);
    let account = account_of(&store).await;
    let lock = lock(folder.path());

    let mut writes = JoinSet::new();
    for number in 0..20 {
        let store = Arc::clone(&store);
        writes.spawn(
            async move { store.create_end_user(account, sample::new_end_user(number)).await },
        );
    }
    // This thread runs all tasks, so afterwards every write was tried.
    tokio::task::yield_now().await;
    // The writer holds four at most, and four wait at most: the other twelve are refused already.
    for _ in 0..12 {
        assert_eq!(writes.try_join_next().unwrap().unwrap(), Err(BUSY));
    }
    // Reads do not care.
    assert_eq!(store.end_user(account, sample::end_user_id(1)).await, Ok(None));
    drop(lock);
    while let Some(write) = writes.join_next().await {
        match write.unwrap() {
            Ok(_) | Err(BUSY) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert!(store.create_end_user(account, sample::new_end_user(100)).await.is_ok());
}

#[tokio::test]
async fn closing_answers_what_was_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open(folder.path()));
    let account = account_of(&store).await;
    let lock = lock(folder.path());
    let mut writes = JoinSet::new();
    for number in 0..20 {
        let store = Arc::clone(&store);
        writes.spawn(
            async move { store.create_end_user(account, sample::new_end_user(number)).await },
        );
    }
    // This thread runs all tasks, so afterwards every write has been accepted.
    tokio::task::yield_now().await;
    let closing = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.close().await }
    });
    tokio::task::yield_now().await;
    assert_eq!(store.create_end_user(account, sample::new_end_user(100)).await, Err(BUSY));
    drop(lock);
    while let Some(write) = writes.join_next().await {
        assert!(write.unwrap().is_ok());
    }
    closing.await.unwrap();
    assert_eq!(store.check().await, Err(StoreError::Busy));
}

#[tokio::test]
async fn dropping_a_store_does_not_wait_for_those_who_left() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let account = account_of(&store).await;
    {
        // Both are accepted, and then nobody waits for them any more.
        let first = store.create_end_user(account, sample::new_end_user(1));
        let second = store.create_end_user(account, sample::new_end_user(2));
        tokio::select! {
            biased;
            _ = first => {}
            _ = second => {}
            () = std::future::ready(()) => {}
        }
    }
    drop(store);
    let store = open(folder.path());
    assert!(store.create_end_user(account, sample::new_end_user(3)).await.is_ok());
}

#[tokio::test]
async fn the_figures_tell_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let account = account_of(&store).await;
    for number in 0..5 {
        store.create_end_user(account, sample::new_end_user(number)).await.unwrap();
    }
    store.end_user(account, sample::end_user_id(1)).await.unwrap();
    store.end_user(account, sample::end_user_id(100)).await.unwrap();
    let stats = store.stats();
    assert_eq!(stats.committed, 6);
    assert_eq!(stats.group_sizes[0], 6);
    assert_eq!(stats.queue_depth, 0);
    assert_eq!((stats.cache_hits, stats.cache_misses), (1, 1));
    assert!(stats.cache_bytes > 5 * 200);
}
