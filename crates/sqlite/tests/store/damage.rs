//! Rows that break a rule of the store are told by table and column.

use crate::common::{account_of, everything, open, options};
use roster_directory::{
    AccountId, ExportPosition, PageLimit, RecordFilter, RecordKind, RecordStart, RecordStore,
    Store, StoreError, UserId, UserStore,
};
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

/// A store with a deleted user, a record of each kind, and a job.
async fn furnished(folder: &std::path::Path) -> (SqliteStore, AccountId) {
    let store = open(folder);
    let account = account_of(&store).await;
    let former = sample::user(&store, account, sample::new_user(1, "Former")).await;
    store.delete_user(account, former.user_id, sample::at(1)).await.unwrap();
    let agent = sample::member(&store, account, 2, "Agent").await;
    let group = sample::group(&store, account, "Group").await;
    sample::membership(&store, account, agent.user_id, group).await;
    sample::organization(&store, account, "Organization").await;
    sample::custom_role(&store, account, "Role").await;
    store
        .create_identity(account, agent.user_id, sample::new_email("a@example.org"), sample::at(2))
        .await
        .unwrap();
    store.add_job(account, sample::new_job(1)).await.unwrap();
    (store, account)
}

/// What reading everything that a furnished store has finds to be damaged.
async fn damage_found(store: &SqliteStore, account: AccountId) -> Vec<StoreError> {
    use RecordKind::{CustomRole, Group, Membership, Organization};

    let mut errors = Vec::new();
    for kind in [Organization, Group, Membership, CustomRole] {
        let filter = RecordFilter::All(kind);
        let read = store.records(account, filter, RecordStart::Offset(0), PageLimit::MAX).await;
        errors.extend(read.err());
    }
    let start = ExportPosition::before(sample::START);
    let exported = store.export_users(account, start, 100).await;
    errors.extend(exported.err());
    let first = store.owner(account).await.unwrap().get();
    let users = (first..first + 10).map(UserId::from_stored).collect();
    errors.extend(store.identities(account, users).await.err());
    errors.extend(store.job(account, sample::new_job(1).id).await.err());
    errors
}

#[tokio::test]
async fn damage_to_whatever_belongs_to_a_support_desk_is_named() {
    let sound = tempfile::tempdir().unwrap();
    let (store, account) = furnished(sound.path()).await;
    store.close().await;
    for (damage, places) in [
        ("", &[][..]),
        ("UPDATE user SET support = '{' WHERE role = 1", &["user.support"]),
        ("UPDATE deleted_user SET state = 7", &["deleted_user.state"]),
        ("UPDATE deleted_user SET metadata = ''", &["deleted_user.metadata"]),
        ("UPDATE identity SET kind = 77", &["identity.kind"]),
        ("UPDATE identity SET value = ''", &["identity.value"]),
        ("UPDATE record SET body = '{}' WHERE kind = 1", &["record.body"]),
        ("UPDATE record SET body = '{\"name\":1}' WHERE kind = 2", &["record.body"]),
        ("UPDATE record SET user_id = NULL WHERE kind = 3", &["record.body"]),
        ("UPDATE record SET agents = -1 WHERE kind = 4", &["record.agents"]),
        ("UPDATE job SET outcomes = '[{\"lost\":1}]'", &["job.outcomes"]),
        ("UPDATE account SET groups = -1", &["account.groups"]),
        ("UPDATE job SET kind = 9; UPDATE record SET external_id = ''", &["record.external_id"; 4]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roster.db");
        std::fs::copy(sound.path().join("roster.db"), &path).unwrap();
        Connection::open(&path).unwrap().execute_batch(damage).unwrap();
        let found = damage_found(&open(folder.path()), account).await;
        let named: Vec<_> = places.iter().map(|place| corrupt(place)).collect();
        assert!(
            found.starts_with(&named) && found.is_empty() == places.is_empty(),
            "{damage}: {found:?}"
        );
    }
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
