//! What waits to be delivered, and what is not kept any longer.

use std::sync::Arc;

use roster_directory::{Backlog, DeliveryReport, EndpointPatch, MessageNumber, NewEndUser, Store};

use crate::look;
use crate::sample::{
    self, HOLDER, at, attempt, attempted, deliver, end_users_of, endpoint_id, listening,
    new_end_user,
};

/// What waits: so many, the oldest of which happened so many seconds after the start.
fn waiting(waiting: u64, oldest: Option<u64>) -> Backlog {
    Backlog { waiting, oldest: oldest.map(at) }
}

/// What waits is what comes after the cursor, for each endpoint, and what waits to be tried again.
pub async fn the_backlog_is_what_waits(store: Arc<dyn Store>) {
    assert_eq!(store.webhook_backlog().await.unwrap(), waiting(0, None));
    let (account, id) = listening(&*store).await;
    assert_eq!(store.webhook_backlog().await.unwrap(), waiting(0, None));
    end_users_of(&*store, account, 1..=3).await;
    assert_eq!(store.webhook_backlog().await.unwrap(), waiting(3, Some(1)));
    sample::endpoint(&*store, account, 2).await;
    end_users_of(&*store, account, [4]).await;
    assert_eq!(store.webhook_backlog().await.unwrap(), waiting(5, Some(1)));
    let attempts = vec![
        attempted(1, attempt(9, 200), None),
        attempted(2, attempt(9, 500), Some(at(50))),
        attempted(3, attempt(9, 500), None),
        attempted(4, attempt(9, 200), None),
    ];
    deliver(&*store, account, id, attempts).await;
    assert_eq!(store.webhook_backlog().await.unwrap(), waiting(2, Some(2)));
    deliver(&*store, account, id, vec![attempted(2, attempt(50, 200), None)]).await;
    assert_eq!(store.webhook_backlog().await.unwrap(), waiting(1, Some(4)));
    store.replay(account, id, MessageNumber(1), at(60)).await.unwrap();
    assert_eq!(store.webhook_backlog().await.unwrap(), waiting(2, Some(1)));
    store.delete_endpoint(account, id).await.unwrap();
    assert_eq!(store.webhook_backlog().await.unwrap(), waiting(1, Some(4)));
}

/// Whether a message is for an endpoint is not looked at, nor whether it was tried: all from the
/// cursor on counts. So a message that waits to be tried again may count twice.
pub async fn the_backlog_goes_by_the_cursor(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    sample::endpoint_for(&*store, account, 2, &[roster_directory::EventType::EndUserDeleted]).await;
    end_users_of(&*store, account, 1..=2).await;
    assert_eq!(store.webhook_backlog().await.unwrap(), waiting(4, Some(1)));
    let attempts =
        vec![attempted(1, attempt(9, 200), None), attempted(2, attempt(9, 500), Some(at(50)))];
    let report = DeliveryReport { holder: HOLDER, cursor: MessageNumber(1), attempts };
    store.record_attempts(account, id, report).await.unwrap();
    assert_eq!(store.webhook_backlog().await.unwrap(), waiting(5, Some(1)));
}

/// The backlog is that of all accounts, but only of endpoints that are enabled.
pub async fn the_backlog_is_of_all_who_are_enabled(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    let other = sample::account(&*store, "other").await;
    sample::endpoint(&*store, other, 2).await;
    end_users_of(&*store, other, [5]).await;
    end_users_of(&*store, account, [7]).await;
    assert_eq!(store.webhook_backlog().await.unwrap(), waiting(2, Some(5)));
    deliver(&*store, account, id, vec![attempted(1, attempt(9, 500), Some(at(50)))]).await;
    end_users_of(&*store, account, [8]).await;
    assert_eq!(store.webhook_backlog().await.unwrap(), waiting(3, Some(5)));
    let patch = EndpointPatch { enabled: Some(false), ..EndpointPatch::default() };
    store.patch_endpoint(other, endpoint_id(2), patch.clone(), at(9)).await.unwrap();
    assert_eq!(store.webhook_backlog().await.unwrap(), waiting(2, Some(7)));
    store.patch_endpoint(account, id, patch, at(9)).await.unwrap();
    assert_eq!(store.webhook_backlog().await.unwrap(), waiting(0, None));
    // What waited when it was disabled is taken up again.
    let patch = EndpointPatch { enabled: Some(true), ..EndpointPatch::default() };
    store.patch_endpoint(account, id, patch, at(10)).await.unwrap();
    assert_eq!(store.webhook_backlog().await.unwrap(), waiting(2, Some(7)));
}

/// Messages from before a moment go with their deliveries and attempts, for every endpoint; later
/// ones stay.
pub async fn old_messages_go(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    let other = sample::endpoint(&*store, account, 2).await;
    sample::lease(&*store, HOLDER).await;
    end_users_of(&*store, account, 1..=4).await;
    for endpoint in [id, other] {
        let twice = vec![
            attempted(1, attempt(9, 500), Some(at(10))),
            attempted(1, attempt(10, 500), Some(at(11))),
            attempted(3, attempt(9, 500), Some(at(10))),
        ];
        deliver(&*store, account, endpoint, twice).await;
    }
    assert_eq!(store.prune_messages(at(1), 10).await, Ok(0));
    assert_eq!(store.prune_messages(at(3), 10).await, Ok(2));
    assert_eq!(store.prune_messages(at(3), 10).await, Ok(0));
    for endpoint in [id, other] {
        let left = look::deliveries(&*store, account, endpoint).await;
        assert_eq!(left.iter().map(|left| left.message.0).collect::<Vec<_>>(), [3]);
        assert_eq!(store.attempts(account, endpoint, MessageNumber(1)).await, Ok(vec![]));
        assert_eq!(look::due(&*store, account, endpoint, at(99)).await, [3]);
        assert_eq!(look::numbers(&*store, account, endpoint).await, [4]);
    }
    // Numbers are counted by what was told, not by what is kept.
    assert_eq!(store.prune_messages(at(99), 10).await, Ok(2));
    end_users_of(&*store, account, [5]).await;
    assert_eq!(look::numbers(&*store, account, id).await, [5]);
}

/// So many at most go at a time, of all accounts together: those of the account that is older
/// first, and of each the lowest numbers.
pub async fn pruning_has_a_limit(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    let other = sample::account(&*store, "other").await;
    let theirs = sample::endpoint(&*store, other, 2).await;
    let channel = sample::channel(&*store, account, 1).await;
    end_users_of(&*store, other, 1..=3).await;
    end_users_of(&*store, account, [14, 15]).await;
    // A conversation may have begun before the end user was last changed.
    let talk = sample::new_conversation(
        1,
        channel,
        roster_directory::Participant::Existing(sample::end_user_id(14)),
    );
    store.create_conversation(account, talk).await.unwrap();
    let numbers = async |account, id| look::numbers(&*store, account, id).await;
    assert_eq!(store.prune_messages(at(15), 0).await, Ok(0));
    assert_eq!(store.prune_messages(at(15), 1).await, Ok(1));
    let (own, rest) = (numbers(account, id).await, numbers(other, theirs).await);
    assert_eq!((own, rest), (vec![2, 3], vec![1, 2, 3]));
    assert_eq!(store.prune_messages(at(15), 3).await, Ok(3));
    let (own, rest) = (numbers(account, id).await, numbers(other, theirs).await);
    assert_eq!((own, rest), (vec![2], vec![3]));
    assert_eq!(store.prune_messages(at(15), 3).await, Ok(1));
    let (own, rest) = (numbers(account, id).await, numbers(other, theirs).await);
    assert_eq!((own, rest), (vec![2], vec![]));
}

/// What is pruned before it was sent is passed over: reading on finds what comes after it. The
/// backlog counts it until the cursor has passed it.
pub async fn what_was_pruned_is_read_over(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    end_users_of(&*store, account, 1..=3).await;
    store.prune_messages(at(3), 10).await.unwrap();
    assert_eq!(store.webhook_backlog().await.unwrap(), waiting(3, Some(3)));
    let fresh = look::fresh(&*store, account, id, MessageNumber::FIRST, 1).await;
    assert_eq!((fresh.messages[0].number, fresh.next), (MessageNumber(3), MessageNumber(4)));
    store.prune_messages(at(99), 10).await.unwrap();
    let fresh = look::fresh(&*store, account, id, MessageNumber(2), 1).await;
    assert_eq!((fresh.messages, fresh.next), (vec![], MessageNumber(2)));
    let later = NewEndUser { created_at: at(120), ..new_end_user(9) };
    sample::end_user(&*store, account, later).await;
    assert_eq!(store.webhook_backlog().await.unwrap(), waiting(4, Some(120)));
}
