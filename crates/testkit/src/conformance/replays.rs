//! Sending again what was sent before.

use std::sync::Arc;

use roster_directory::{Delivery, DeliveryState, EndpointPatch, EventType, MessageNumber, Store};

use crate::look;
use crate::sample::{
    self, HOLDER, at, attempt, attempted, deliver, end_user_id, endpoint_id, listening,
};

/// Whatever has become of a delivery, a replay lets it wait from now on, and begins its schedule
/// anew; what was tried stays.
pub async fn a_replay_begins_anew(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    sample::end_users_of(&*store, account, 1..=4).await;
    let attempts = vec![
        attempted(1, attempt(5, 500), Some(at(6))),
        attempted(1, attempt(6, 500), Some(at(90))),
        attempted(2, attempt(5, 500), None),
        attempted(3, attempt(5, 200), None),
        attempted(4, attempt(5, 500), None),
    ];
    deliver(&*store, account, id, attempts).await;
    let endpoint = look::endpoint(&*store, account, id).await;
    let before = look::deliveries(&*store, account, id).await;
    for (number, seconds) in [(1, 22), (2, 21), (3, 20)] {
        assert_eq!(store.replay(account, id, MessageNumber(number), at(seconds)).await, Ok(true));
    }
    let anew = |place: usize, seconds| Delivery {
        state: DeliveryState::Waiting(at(seconds)),
        tries: 0,
        ..before[place].clone()
    };
    let expected = [before[0].clone(), anew(1, 20), anew(2, 21), anew(3, 22)];
    assert_eq!(look::deliveries(&*store, account, id).await, expected);
    assert_eq!(look::due(&*store, account, id, at(22)).await, [3, 2, 1]);
    assert_eq!(look::endpoint(&*store, account, id).await, endpoint);

    deliver(&*store, account, id, vec![attempted(1, attempt(30, 500), Some(at(31)))]).await;
    let attempts = store.attempts(account, id, MessageNumber(1)).await;
    assert_eq!(attempts, Ok(vec![attempt(5, 500), attempt(6, 500), attempt(30, 500)]));
    let delivery = look::deliveries(&*store, account, id).await.pop().unwrap();
    assert_eq!((delivery.tries, delivery.last), (1, Some(attempt(30, 500))));
}

/// A message that an endpoint was never sent, or does not ask for, can be sent to it all the same;
/// whether the endpoint is enabled does not matter.
pub async fn what_was_never_sent_can_be_replayed(store: Arc<dyn Store>) {
    let (account, _) = listening(&*store).await;
    let id = sample::endpoint_for(&*store, account, 2, &[EventType::ConversationEnded]).await;
    sample::lease(&*store, HOLDER).await;
    let disable = EndpointPatch { enabled: Some(false), ..EndpointPatch::default() };
    store.patch_endpoint(account, id, disable, at(1)).await.unwrap();
    sample::end_users_of(&*store, account, 1..=2).await;
    assert_eq!(store.replay(account, id, MessageNumber(2), at(9)).await, Ok(true));
    let expected = Delivery {
        endpoint_id: id,
        message: MessageNumber(2),
        event_type: EventType::EndUserCreated,
        end_user_id: end_user_id(2),
        message_at: at(2),
        state: DeliveryState::Waiting(at(9)),
        tries: 0,
        last: None,
    };
    assert_eq!(look::deliveries(&*store, account, id).await, [expected]);
    assert_eq!(store.attempts(account, id, MessageNumber(2)).await, Ok(vec![]));
    assert_eq!(look::due(&*store, account, id, at(9)).await, [2]);
    deliver(&*store, account, id, vec![attempted(2, attempt(10, 200), None)]).await;
    let attempts = store.attempts(account, id, MessageNumber(2)).await;
    assert_eq!(attempts, Ok(vec![attempt(10, 200)]));
    assert_eq!(look::numbers(&*store, account, endpoint_id(1)).await, [1, 2]);
}

/// There is nothing to replay without an endpoint and a message.
pub async fn nothing_cannot_be_replayed(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    sample::end_users_of(&*store, account, 1..=2).await;
    store.prune_messages(at(2), 10).await.unwrap();
    for (id, number) in [(id, 0), (id, 1), (id, 3), (endpoint_id(9), 2)] {
        let answer = store.replay(account, id, MessageNumber(number), at(9)).await;
        assert_eq!(answer, Ok(false), "{number}");
    }
    assert_eq!(look::deliveries(&*store, account, id).await, []);
    assert_eq!(store.replay_failed(account, endpoint_id(9), at(0), at(9)).await, Ok(None));
    assert_eq!(store.replay_failed(account, id, at(0), at(9)).await, Ok(Some(0)));
}

/// What an endpoint was passed over with is sent with what has failed: that which happened while it
/// was disabled. What it is going to be sent anyway is not.
pub async fn what_was_passed_over_is_replayed(store: Arc<dyn Store>) {
    let (account, _) = listening(&*store).await;
    let id = sample::endpoint(&*store, account, 2).await;
    sample::lease(&*store, HOLDER).await;
    sample::end_users_of(&*store, account, 1..=3).await;
    deliver(&*store, account, id, vec![attempted(1, attempt(5, 200), None)]).await;
    let enabled = |enabled| EndpointPatch { enabled: Some(enabled), ..EndpointPatch::default() };
    store.patch_endpoint(account, id, enabled(false), at(6)).await.unwrap();
    sample::end_users_of(&*store, account, 4..=5).await;
    store.patch_endpoint(account, id, enabled(true), at(7)).await.unwrap();
    sample::end_users_of(&*store, account, 6..=6).await;
    assert_eq!(store.replay_failed(account, id, at(5), at(9)).await, Ok(Some(1)));
    assert_eq!(look::due(&*store, account, id, at(9)).await, [5]);
    assert_eq!(store.replay_failed(account, id, at(0), at(9)).await, Ok(Some(1)));
    assert_eq!(look::due(&*store, account, id, at(9)).await, [4, 5]);
    assert_eq!(look::numbers(&*store, account, id).await, [2, 3, 6]);
    assert_eq!(store.replay_failed(account, id, at(0), at(9)).await, Ok(Some(0)));
}

/// All that has failed since a moment begins anew, and nothing else does.
pub async fn all_that_failed_is_replayed(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    let other = sample::endpoint(&*store, account, 2).await;
    sample::lease(&*store, HOLDER).await;
    sample::end_users_of(&*store, account, 1..=6).await;
    let attempts = || {
        vec![
            attempted(1, attempt(10, 500), None),
            attempted(2, attempt(10, 500), None),
            attempted(3, attempt(10, 200), None),
            attempted(4, attempt(10, 500), Some(at(50))),
            attempted(5, attempt(10, 500), None),
        ]
    };
    deliver(&*store, account, id, attempts()).await;
    deliver(&*store, account, other, attempts()).await;
    let theirs = look::deliveries(&*store, account, other).await;
    let mut expected = look::deliveries(&*store, account, id).await;
    assert_eq!(store.replay_failed(account, id, at(2), at(20)).await, Ok(Some(2)));
    for place in [0, 3] {
        expected[place].state = DeliveryState::Waiting(at(20));
        expected[place].tries = 0;
    }
    assert_eq!(look::deliveries(&*store, account, id).await, expected);
    assert_eq!(look::due(&*store, account, id, at(50)).await, [2, 5, 4]);
    assert_eq!(look::deliveries(&*store, account, other).await, theirs);
    assert_eq!(look::numbers(&*store, account, id).await, [6]);
    assert_eq!(store.replay_failed(account, id, at(2), at(21)).await, Ok(Some(0)));
    assert_eq!(store.replay_failed(account, id, at(1), at(21)).await, Ok(Some(1)));
}
