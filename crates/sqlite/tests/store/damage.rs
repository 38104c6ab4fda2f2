//! Rows that break a rule of the store are told by table and column.

use crate::common::{account_of, everything, open, options};
use roster_directory::{AccountId, PageLimit, Store, StoreError};
use roster_sqlite::SqliteStore;
use roster_testkit::sample;
use rusqlite::Connection;

/// A store with something of everything, after `damage` was done to its file.
async fn damaged(folder: &std::path::Path, damage: &str) -> (SqliteStore, AccountId) {
    let store = open(folder);
    let account = account_of(&store).await;
    store.create_token(account, sample::new_token(1)).await.unwrap();
    store.create_end_user(account, sample::new_end_user(1)).await.unwrap();
    store.close().await;
    Connection::open(folder.join("roster.db")).unwrap().execute_batch(damage).unwrap();
    (open(folder), account)
}

fn corrupt(place: &str) -> StoreError {
    StoreError::Corrupt(place.to_owned())
}

#[tokio::test]
async fn a_damaged_user_is_named() {
    for (damage, place) in [
        ("UPDATE user SET end_user_id = zeroblob(13)", None),
        ("UPDATE user SET metadata = '{'", Some("user.metadata")),
        ("UPDATE user SET metadata = '{\"a\":[]}'", Some("user.metadata")),
        ("UPDATE user SET language = 'no tag'", Some("user.language")),
        ("UPDATE user SET external_id = ''", Some("user.external_id")),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (store, account) = damaged(folder.path(), damage).await;
        let one = store.end_user(account, sample::end_user_id(1)).await;
        let all = store.end_users(account, everything()).await;
        match place {
            Some(place) => {
                assert_eq!(one, Err(corrupt(place)));
                assert_eq!(all, Err(corrupt(place)));
            }
            None => assert_eq!(all, Err(corrupt("user.end_user_id"))),
        }
    }
}

#[tokio::test]
async fn damage_elsewhere_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let damage = "UPDATE event SET kind = 77; UPDATE token SET scopes = -1; \
                  UPDATE account SET end_users = -1";
    let (store, account) = damaged(folder.path(), damage).await;
    assert_eq!(store.events(account, None, PageLimit::MAX).await, Err(corrupt("event.kind")));
    assert_eq!(store.tokens().await, Err(corrupt("token.scopes")));
    let hash = sample::new_token(1).hash;
    assert_eq!(store.authenticate(&hash).await, Err(corrupt("token.scopes")));
    assert_eq!(store.accounts().await, Err(corrupt("account.end_users")));
}

#[tokio::test]
async fn a_damaged_page_is_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    let (store, account) = damaged(folder.path(), "").await;
    store.close().await;
    drop(store);
    let path = folder.path().join("roster.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let pages = bytes.len() / 4096;
    // The first page has the schema; everything after it becomes nonsense.
    bytes[4096..pages * 4096].fill(0xa5);
    std::fs::write(&path, &bytes).unwrap();
    let Ok(store) = SqliteStore::open(options(&path)) else { return };
    let read = store.end_user(account, sample::end_user_id(1)).await;
    assert!(matches!(read, Err(StoreError::Corrupt(_))), "{read:?}");
    assert!(store.check().await.is_err());
}
