//! What only this store does for webhooks: the file, its damage, its commits.

use std::path::Path;
use std::time::Duration;

use roster_directory::{
    AccountId, Attempt, AttemptOutcome, Attempted, DeliveryFilter, DeliveryReport, DeliveryState,
    Description, Endpoint, EndpointId, EndpointStatus, EndpointUrl, EventType, EventTypes,
    LeaseHolder, Message, MessageNumber, NewEndpoint, ObjectId, PageLimit, PageRequest, Store,
    StoreError, WebhookStore,
};
use roster_sqlite::SqliteStore;
use roster_testkit::sample;
use rusqlite::Connection;
use tokio::time::timeout;

use crate::common::{account_of, open, open_for_command};

const HOLDER: LeaseHolder = LeaseHolder(1);
const OTHER: LeaseHolder = LeaseHolder(2);

fn endpoint_id() -> EndpointId {
    EndpointId(ObjectId::from_bytes([7; 12]))
}

pub(crate) fn new_endpoint() -> NewEndpoint {
    let endpoint = Endpoint {
        endpoint_id: endpoint_id(),
        url: EndpointUrl::new("https://example.org/hooks").unwrap(),
        description: Description::default(),
        event_types: EventTypes::named(EventType::ALL.iter().map(|known| known.name())).unwrap(),
        status: EndpointStatus::Enabled,
        failing_since: None,
        last_failed_at: None,
        created_at: sample::START,
        updated_at: sample::START,
    };
    NewEndpoint { endpoint, secret: sample::sealed(1, b"secret") }
}

/// The messages that an endpoint is to be sent.
async fn fresh(store: &SqliteStore, account: AccountId) -> Result<Vec<Message>, StoreError> {
    let fresh = store.fresh_messages(account, endpoint_id(), MessageNumber::FIRST, 100).await?;
    Ok(fresh.messages)
}

async fn numbers(store: &SqliteStore, account: AccountId) -> Vec<i64> {
    let fresh = fresh(store, account).await.unwrap();
    fresh.iter().map(|message| message.number.0).collect()
}

/// A store whose account has an endpoint.
async fn with_endpoint(folder: &Path) -> (SqliteStore, AccountId) {
    let store = open(folder);
    let account = account_of(&store).await;
    store.create_endpoint(account, new_endpoint()).await.unwrap();
    (store, account)
}

async fn fail(store: &SqliteStore, account: AccountId, number: i64) {
    let outcome = AttemptOutcome::Failed("refused".into());
    let attempt = Attempt { at: sample::at(1), outcome, latency_ms: 5, answer: "".into() };
    let message = MessageNumber(number);
    let attempted = Attempted { message, attempt, state: DeliveryState::Failed };
    let (holder, cursor) = (HOLDER, message.next());
    let report = DeliveryReport { holder, cursor, attempts: vec![attempted] };
    assert!(store.record_attempts(account, endpoint_id(), report).await.unwrap().is_some());
}

async fn lease(store: &SqliteStore, holder: LeaseHolder) -> Result<usize, StoreError> {
    let leases = store.lease_endpoints(holder, sample::at(1), sample::at(60)).await?;
    Ok(leases.len())
}

#[tokio::test]
async fn a_server_holds_nothing_that_one_before_it_held_but_a_command_frees_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = with_endpoint(folder.path()).await;
    assert_eq!(lease(&store, HOLDER).await, Ok(1));
    let command = open_for_command(folder.path());
    assert_eq!(lease(&command, OTHER).await, Ok(0));
    drop((command, store));
    let store = open(folder.path());
    assert_eq!(lease(&store, OTHER).await, Ok(1));
}

#[tokio::test]
async fn messages_and_numbers_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let (store, account) = with_endpoint(folder.path()).await;
    store.create_end_user(account, sample::new_end_user(1)).await.unwrap();
    let before = fresh(&store, account).await.unwrap();
    drop(store);
    let store = open(folder.path());
    assert_eq!(fresh(&store, account).await, Ok(before));
    store.create_end_user(account, sample::new_end_user(2)).await.unwrap();
    assert_eq!(numbers(&store, account).await, [1, 2]);
}

#[tokio::test]
async fn an_endpoint_of_another_process_is_told_from_then_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let account = account_of(&store).await;
    store.create_end_user(account, sample::new_end_user(1)).await.unwrap();
    let command = open_for_command(folder.path());
    command.create_endpoint(account, new_endpoint()).await.unwrap();
    store.create_end_user(account, sample::new_end_user(2)).await.unwrap();
    command.delete_endpoint(account, endpoint_id()).await.unwrap();
    store.create_end_user(account, sample::new_end_user(3)).await.unwrap();
    drop((command, store));
    let connection = Connection::open(folder.path().join("roster.db")).unwrap();
    let kept: i64 =
        connection.query_row("SELECT count(*) FROM message", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 1);
}

#[tokio::test]
async fn whoever_delivers_is_woken_by_what_is_deliverable() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let account = account_of(&store).await;
    let is_woken = async || timeout(Duration::ZERO, store.await_messages()).await.is_ok();
    store.create_end_user(account, sample::new_end_user(1)).await.unwrap();
    assert!(!is_woken().await, "nobody is told");
    store.create_endpoint(account, new_endpoint()).await.unwrap();
    assert!(is_woken().await, "there is an endpoint");
    assert!(!is_woken().await);
    store.create_end_user(account, sample::new_end_user(2)).await.unwrap();
    store.create_end_user(account, sample::new_end_user(3)).await.unwrap();
    assert!(is_woken().await, "there are messages");
    assert!(!is_woken().await);
    lease(&store, HOLDER).await.unwrap();
    fail(&store, account, 1).await;
    assert!(!is_woken().await, "what is reported is known");
    store.replay(account, endpoint_id(), MessageNumber(1), sample::at(2)).await.unwrap();
    assert!(is_woken().await, "a message is sent again");
    let waiting = store.await_messages();
    let ((), made) = tokio::join!(waiting, store.create_end_user(account, sample::new_end_user(4)));
    made.unwrap();
}

#[tokio::test]
async fn more_is_replayed_and_removed_than_goes_into_one_unit() {
    let folder = tempfile::tempdir().unwrap();
    let (store, account) = with_endpoint(folder.path()).await;
    lease(&store, HOLDER).await.unwrap();
    for number in 1..=3 {
        store.create_end_user(account, sample::new_end_user(number)).await.unwrap();
    }
    store.close().await;
    // Three are there; each of the others is like the first.
    let connection = Connection::open(folder.path().join("roster.db")).unwrap();
    connection
        .execute_batch(
            "WITH RECURSIVE more(number) AS (SELECT 4 UNION ALL SELECT number + 1 FROM more \
             LIMIT 2200) INSERT INTO message SELECT account_id, more.number, at + more.number, \
             event_type, end_user_id, content FROM message, more WHERE message.number = 1; \
             INSERT INTO delivery SELECT account_id, endpoint_id, number, 2, NULL, 8, 8, 1, -1, \
             NULL, 1, '' FROM message JOIN endpoint USING (account_id)",
        )
        .unwrap();
    drop(connection);
    let store = open(folder.path());
    let replayed = store.replay_failed(account, endpoint_id(), sample::START, sample::at(2)).await;
    assert_eq!(replayed, Ok(Some(2203)));
    let due = store.due_messages(account, endpoint_id(), sample::at(2), 5000).await.unwrap();
    assert_eq!(due.len(), 2203);
    assert!(due.iter().all(|due| due.tries == 0));
    assert_eq!(store.delete_endpoint(account, endpoint_id()).await, Ok(true));
    store.close().await;
    let connection = Connection::open(folder.path().join("roster.db")).unwrap();
    let left: i64 =
        connection.query_row("SELECT count(*) FROM delivery", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_key_is_in_use_as_long_as_a_secret_of_an_endpoint_is_sealed_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let (store, account) = with_endpoint(folder.path()).await;
    for key in 1..=3 {
        store.add_sealing_key(sample::sealed(key, b"known")).await.unwrap();
    }
    let in_use = async || -> Vec<bool> {
        store.sealing_keys().await.unwrap().iter().map(|key| key.in_use).collect()
    };
    assert_eq!(in_use().await, [true, false, false]);
    for (key, expected) in [(2, [true, true, false]), (3, [false, true, true])] {
        let secret = sample::sealed(key, b"secret");
        store.rotate_endpoint_secret(account, endpoint_id(), secret, sample::at(1)).await.unwrap();
        assert_eq!(in_use().await, expected);
    }
}

/// What reading everything that there is of webhooks finds to be damaged.
async fn damage_found(store: &SqliteStore, account: AccountId) -> Vec<StoreError> {
    let id = endpoint_id();
    let (state, since, before, limit) = (None, None, None, PageLimit::MAX);
    let page = PageRequest { from: None, limit };
    let filter = DeliveryFilter { endpoint_id: id, state, since, before, limit };
    let mut errors = Vec::new();
    errors.extend(store.endpoints(account, page).await.err());
    errors.extend(store.endpoint_secrets(account, id).await.err());
    errors.extend(fresh(store, account).await.err());
    errors.extend(store.deliveries(account, filter).await.err());
    errors.extend(store.attempts(account, id, MessageNumber(1)).await.err());
    errors.extend(store.due_messages(account, id, sample::at(100), 10).await.err());
    errors
}

#[tokio::test]
async fn damage_is_named() {
    let sound = tempfile::tempdir().unwrap();
    let (store, account) = with_endpoint(sound.path()).await;
    store.create_end_user(account, sample::new_end_user(1)).await.unwrap();
    store.create_end_user(account, sample::new_end_user(2)).await.unwrap();
    lease(&store, HOLDER).await.unwrap();
    fail(&store, account, 1).await;
    fail(&store, account, 1).await;
    store.close().await;
    for (damage, place) in [
        ("", None),
        ("UPDATE endpoint SET url = 'nowhere'", Some("endpoint.url")),
        ("UPDATE endpoint SET event_types = 'v1.nothing'", Some("endpoint.event_types")),
        ("UPDATE endpoint SET status = 7", Some("endpoint.status")),
        ("UPDATE endpoint SET former_key_id = 1", Some("endpoint.former_until")),
        ("UPDATE message SET content = '{' WHERE number = 2", Some("message.content")),
        ("UPDATE message SET content = '{}' WHERE number = 2", Some("message.content")),
        ("UPDATE message SET event_type = 2 WHERE number = 2", Some("message.content")),
        ("UPDATE message SET event_type = 77 WHERE number = 1", Some("delivery.event_type")),
        ("UPDATE delivery SET state = 7", Some("delivery.next_attempt_at")),
        ("UPDATE delivery SET tries = -1", Some("delivery.tries")),
        ("UPDATE delivery SET outcome = -9", Some("delivery.reason")),
        ("UPDATE delivery SET answer = NULL", Some("delivery.answer")),
        ("UPDATE attempt SET outcome = 70000, reason = NULL", Some("attempt.reason")),
        (
            "UPDATE delivery SET state = 0, next_attempt_at = 1; \
             UPDATE message SET end_user_id = x'00' WHERE number = 1",
            Some("delivery.end_user_id"),
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roster.db");
        std::fs::copy(sound.path().join("roster.db"), &path).unwrap();
        Connection::open(&path).unwrap().execute_batch(damage).unwrap();
        let found = damage_found(&open(folder.path()), account).await;
        let named = place.map(|place| StoreError::Corrupt(place.to_owned()));
        assert_eq!(found.first(), named.as_ref(), "{damage}: {found:?}");
    }
}
