//! What belongs to one account does not exist for another: endpoints and what they are told.

use std::sync::Arc;

use roster_directory::{AccountId, EndpointId, EndpointPatch, FreshMessages, MessageNumber, Store};

use crate::look::{self, page};
use crate::sample::{
    self, HOLDER, all_deliveries, at, attempt, attempted, deliver, listening, report, sealed,
};

/// Makes an account with an endpoint that waits and has failed, and another with an endpoint and
/// messages of its own.
async fn rich_and_poor(store: &dyn Store) -> (AccountId, EndpointId, AccountId, EndpointId) {
    let (rich, id) = listening(store).await;
    let poor = sample::account(store, "poor").await;
    let own = sample::endpoint(store, poor, 2).await;
    sample::lease(store, HOLDER).await;
    sample::end_users_of(store, rich, 1..=3).await;
    sample::end_users_of(store, poor, 4..=5).await;
    let attempts =
        vec![attempted(1, attempt(9, 500), Some(at(10))), attempted(2, attempt(9, 500), None)];
    deliver(store, rich, id, attempts).await;
    (rich, id, poor, own)
}

/// No read of one account finds another's endpoint, or what it was told.
pub async fn reads_of_endpoints_stay_in_their_account(store: Arc<dyn Store>) {
    let (_, theirs, poor, own) = rich_and_poor(&*store).await;
    assert_eq!(store.endpoint(poor, theirs).await, Ok(None));
    assert_eq!(store.endpoint_secrets(poor, theirs).await, Ok(None));
    let list = store.endpoints(poor, page(Some(theirs))).await.unwrap();
    assert_eq!(list.items.iter().map(|it| it.endpoint_id).collect::<Vec<_>>(), [own]);
    let first = MessageNumber::FIRST;
    let fresh = store.fresh_messages(poor, theirs, first, 10).await;
    assert_eq!(fresh, Ok(FreshMessages { messages: vec![], next: first }));
    assert_eq!(store.due_messages(poor, theirs, at(99), 10).await, Ok(vec![]));
    assert_eq!(store.deliveries(poor, all_deliveries(theirs)).await, Ok(vec![]));
    assert_eq!(store.attempts(poor, theirs, first).await, Ok(vec![]));
    // Messages of the same numbers are messages of its own.
    let told = look::told(&*store, poor, own).await;
    let told: Vec<_> = told.iter().map(|(_, user)| *user).collect();
    assert_eq!(told, [4, 5].map(sample::end_user_id));
    assert_eq!(look::due(&*store, poor, own, at(99)).await, []);
    assert_eq!(look::deliveries(&*store, poor, own).await, []);
    assert_eq!(store.attempts(poor, own, first).await, Ok(vec![]));
}

/// No write of one account changes another's endpoint, or uses its messages.
pub async fn writes_of_endpoints_stay_in_their_account(store: Arc<dyn Store>) {
    let (rich, theirs, poor, own) = rich_and_poor(&*store).await;
    let before = look::outboxes(&*store, rich).await;
    let leases = sample::lease(&*store, HOLDER).await;

    let patch = EndpointPatch { enabled: Some(false), ..EndpointPatch::default() };
    assert_eq!(store.patch_endpoint(poor, theirs, patch, at(10)).await, Ok(None));
    assert_eq!(store.delete_endpoint(poor, theirs).await, Ok(false));
    let rotated = store.rotate_endpoint_secret(poor, theirs, sealed(1, b"x"), at(10)).await;
    assert_eq!(rotated, Ok(false));
    let attempts = vec![attempted(1, attempt(10, 200), None), attempted(3, attempt(10, 410), None)];
    let answer = store.record_attempts(poor, theirs, report(HOLDER, attempts)).await;
    assert_eq!(answer, Ok(None));
    assert_eq!(store.replay(poor, theirs, MessageNumber(1), at(10)).await, Ok(false));
    assert_eq!(store.replay_failed(poor, theirs, at(0), at(10)).await, Ok(None));
    // There are two messages of its own, and three of the other's.
    assert_eq!(store.replay(poor, own, MessageNumber(3), at(10)).await, Ok(false));
    assert_eq!(store.replay(poor, own, MessageNumber(1), at(10)).await, Ok(true));
    assert_eq!(store.replay_failed(poor, own, at(0), at(10)).await, Ok(Some(0)));
    deliver(&*store, poor, own, vec![attempted(2, attempt(10, 200), None)]).await;

    assert_eq!(look::outboxes(&*store, rich).await, before);
    let lease = sample::lease(&*store, HOLDER).await.into_iter().find(|it| it.account == rich);
    assert_eq!(lease, leases.into_iter().find(|it| it.account == rich));
    store.delete_endpoint(poor, own).await.unwrap();
    assert_eq!(look::outboxes(&*store, rich).await, before);
}
