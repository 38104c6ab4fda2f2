//! What an endpoint is sent that was not enabled for a while.

use std::sync::Arc;

use roster_directory::{
    AccountId, Backlog, DeliveryReport, EndpointId, EndpointPatch, EndpointStatus, EventType,
    MessageNumber, Store,
};

use crate::look;
use crate::sample::{
    self, HOLDER, at, attempt, attempted, deliver, end_users_of, endpoint_id, event_types,
    new_endpoint,
};

/// An account with an endpoint that [`HOLDER`] holds, and another one that keeps all messages.
async fn two(store: &dyn Store) -> (AccountId, EndpointId) {
    let (account, id) = sample::listening(store).await;
    sample::endpoint(store, account, 2).await;
    (account, id)
}

async fn enable(store: &dyn Store, account: AccountId, enabled: bool, seconds: u64) {
    let patch = EndpointPatch { enabled: Some(enabled), ..EndpointPatch::default() };
    store.patch_endpoint(account, endpoint_id(1), patch, at(seconds)).await.unwrap();
}

/// Where the first endpoint has come.
async fn cursor(store: &dyn Store) -> i64 {
    let leases = sample::lease(store, HOLDER).await;
    let own = leases.into_iter().find(|lease| lease.endpoint.endpoint_id == endpoint_id(1));
    own.unwrap().cursor.0
}

/// The numbers of the fresh messages from a number on, and where to read on.
async fn fresh(store: &dyn Store, account: AccountId, from: i64, limit: usize) -> (Vec<i64>, i64) {
    let fresh = look::fresh(store, account, endpoint_id(1), MessageNumber(from), limit).await;
    (fresh.messages.iter().map(|message| message.number.0).collect(), fresh.next.0)
}

/// What was told but not tried when an endpoint was disabled goes out once it is enabled again; and
/// what waited to be tried again. What was told in between does not.
pub async fn what_was_owed_goes_out_later(store: Arc<dyn Store>) {
    let (account, id) = two(&*store).await;
    end_users_of(&*store, account, 1..=4).await;
    deliver(&*store, account, id, vec![attempted(1, attempt(5, 500), Some(at(9)))]).await;
    enable(&*store, account, false, 10).await;
    end_users_of(&*store, account, 11..=13).await;
    assert_eq!(fresh(&*store, account, 1, 10).await, (vec![2, 3, 4], 5));
    enable(&*store, account, true, 14).await;
    assert_eq!(cursor(&*store).await, 2);
    assert_eq!(fresh(&*store, account, 1, 10).await, (vec![2, 3, 4], 5));
    end_users_of(&*store, account, 15..=16).await;
    assert_eq!(fresh(&*store, account, 2, 10).await, (vec![2, 3, 4, 8, 9], 10));
    assert_eq!(fresh(&*store, account, 2, 3).await, (vec![2, 3, 4], 5));
    assert_eq!(fresh(&*store, account, 2, 4).await, (vec![2, 3, 4, 8], 9));
    for inside in 5..=8 {
        assert_eq!(fresh(&*store, account, inside, 1).await, (vec![8], 9));
    }
    assert_eq!(fresh(&*store, account, 9, 10).await, (vec![9], 10));
    assert_eq!(look::due(&*store, account, id, at(20)).await, [1]);
    assert_eq!(look::numbers(&*store, account, endpoint_id(2)).await, (1..=9).collect::<Vec<_>>());
}

/// However an endpoint was disabled, it is passed over with what was told from then on.
pub async fn whoever_disables_begins_a_gap(store: Arc<dyn Store>) {
    let (account, id) = two(&*store).await;
    end_users_of(&*store, account, 1..=3).await;
    let gone = vec![attempted(2, attempt(5, 410), None)];
    let report = DeliveryReport { holder: HOLDER, cursor: MessageNumber(1), attempts: gone };
    let gone = store.record_attempts(account, id, report).await.unwrap().unwrap();
    assert_eq!(gone.status, EndpointStatus::Gone);
    end_users_of(&*store, account, [6]).await;
    // Somebody who disables it, too, begins no other gap.
    enable(&*store, account, false, 7).await;
    end_users_of(&*store, account, [8]).await;
    enable(&*store, account, true, 9).await;
    end_users_of(&*store, account, [10]).await;
    assert_eq!(look::numbers(&*store, account, id).await, [1, 3, 6]);
    // Enabling what is enabled ends no gap.
    enable(&*store, account, true, 11).await;
    assert_eq!(look::numbers(&*store, account, id).await, [1, 3, 6]);
}

/// An endpoint that is made disabled begins with what is told once it is enabled.
pub async fn who_is_made_disabled_begins_later(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let mut new = new_endpoint(1, EventType::ALL);
    new.endpoint.status = EndpointStatus::Disabled;
    store.create_endpoint(account, new).await.unwrap();
    sample::endpoint(&*store, account, 2).await;
    end_users_of(&*store, account, 1..=2).await;
    assert_eq!(look::numbers(&*store, account, endpoint_id(1)).await, []);
    enable(&*store, account, true, 3).await;
    end_users_of(&*store, account, 4..=5).await;
    assert_eq!(look::numbers(&*store, account, endpoint_id(1)).await, [3, 4]);
}

/// There is one gap. A later one takes its place, and what the endpoint has not come to by then of
/// the earlier one, it is sent.
pub async fn a_later_gap_takes_the_place_of_one(store: Arc<dyn Store>) {
    let (account, id) = two(&*store).await;
    end_users_of(&*store, account, [1]).await;
    enable(&*store, account, false, 2).await;
    end_users_of(&*store, account, [2]).await;
    enable(&*store, account, true, 3).await;
    end_users_of(&*store, account, [3]).await;
    enable(&*store, account, false, 4).await;
    end_users_of(&*store, account, [4]).await;
    assert_eq!(look::numbers(&*store, account, id).await, [1, 2, 3]);
    enable(&*store, account, true, 5).await;
    end_users_of(&*store, account, [5]).await;
    assert_eq!(look::numbers(&*store, account, id).await, [1, 2, 3, 5]);
}

/// A gap is no backlog, and its messages are not the oldest that wait.
pub async fn a_gap_is_no_backlog(store: Arc<dyn Store>) {
    let (account, id) = sample::listening(&*store).await;
    let other = sample::endpoint(&*store, account, 2).await;
    end_users_of(&*store, account, 1..=2).await;
    enable(&*store, account, false, 3).await;
    end_users_of(&*store, account, 4..=6).await;
    enable(&*store, account, true, 7).await;
    end_users_of(&*store, account, [8]).await;
    store.delete_endpoint(account, other).await.unwrap();
    let waiting = |waiting, oldest| Ok(Backlog { waiting, oldest: Some(at(oldest)) });
    assert_eq!(store.webhook_backlog().await, waiting(3, 1));
    let both = vec![attempted(1, attempt(9, 200), None), attempted(2, attempt(9, 200), None)];
    deliver(&*store, account, id, both).await;
    assert_eq!(cursor(&*store).await, 3);
    assert_eq!(store.webhook_backlog().await, waiting(1, 8));
    deliver(&*store, account, id, vec![attempted(6, attempt(9, 200), None)]).await;
    assert_eq!(store.webhook_backlog().await, Ok(Backlog { waiting: 0, oldest: None }));
}

/// What a gap has can be asked for, before the cursor has come to it as well as after, and while the
/// endpoint is still disabled. It is sent once.
pub async fn a_gap_can_be_replayed(store: Arc<dyn Store>) {
    let (account, id) = two(&*store).await;
    end_users_of(&*store, account, 1..=2).await;
    enable(&*store, account, false, 3).await;
    end_users_of(&*store, account, 4..=6).await;
    assert_eq!(store.replay_failed(account, id, at(6), at(20)).await, Ok(Some(1)));
    enable(&*store, account, true, 7).await;
    end_users_of(&*store, account, [8]).await;
    assert_eq!(store.replay_failed(account, id, at(5), at(21)).await, Ok(Some(1)));
    assert!(store.replay(account, id, MessageNumber(3), at(22)).await.unwrap());
    assert_eq!(store.replay_failed(account, id, at(0), at(23)).await, Ok(Some(0)));
    assert_eq!(look::due(&*store, account, id, at(30)).await, [5, 4, 3]);
    assert_eq!(look::numbers(&*store, account, id).await, [1, 2, 6]);
    deliver(&*store, account, id, vec![attempted(3, attempt(31, 200), None)]).await;
    // Another gap takes the place of this one, and sends nothing of it twice.
    enable(&*store, account, false, 32).await;
    assert_eq!(look::numbers(&*store, account, id).await, [1, 2, 6]);
}

/// What lies before the cursor is replayed with what lies in a gap beyond it.
pub async fn both_sides_of_the_cursor_are_replayed(store: Arc<dyn Store>) {
    let (account, id) = two(&*store).await;
    end_users_of(&*store, account, 1..=4).await;
    // It has passed two messages by.
    let empty = DeliveryReport { holder: HOLDER, cursor: MessageNumber(3), attempts: vec![] };
    store.record_attempts(account, id, empty).await.unwrap();
    enable(&*store, account, false, 5).await;
    end_users_of(&*store, account, 6..=7).await;
    enable(&*store, account, true, 8).await;
    assert_eq!(store.replay_failed(account, id, at(2), at(9)).await, Ok(Some(3)));
    assert_eq!(look::due(&*store, account, id, at(9)).await, [2, 5, 6]);
    assert_eq!(look::numbers(&*store, account, id).await, [1, 3, 4]);
}

/// An endpoint that asks for other types is still sent what it was owed of those that it goes on
/// asking for, and waits no longer for the others.
pub async fn other_types_lose_nothing(store: Arc<dyn Store>) {
    let (account, id) = two(&*store).await;
    end_users_of(&*store, account, 1..=2).await;
    let user = look::end_user(&*store, account, sample::end_user_id(1)).await.user_id;
    store.delete_user(account, user, at(3)).await.unwrap();
    end_users_of(&*store, account, [4]).await;
    let asks = async |types: &[EventType], seconds| {
        let event_types = Some(event_types(types));
        let patch = EndpointPatch { event_types, ..EndpointPatch::default() };
        store.patch_endpoint(account, id, patch, at(seconds)).await.unwrap();
    };
    asks(&[EventType::EndUserDeleted], 5).await;
    assert_eq!(cursor(&*store).await, 1);
    assert_eq!(look::numbers(&*store, account, id).await, [3]);
    asks(&[EventType::EndUserCreated], 6).await;
    assert_eq!(look::numbers(&*store, account, id).await, [1, 2, 4]);
}
