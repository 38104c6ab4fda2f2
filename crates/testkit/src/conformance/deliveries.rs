//! Which messages are due, and the list of deliveries.

use std::sync::Arc;
use std::time::Duration;

use roster_directory::{
    AccountId, DeliveryFilter, DeliveryState, DueMessage, EndpointId, EndpointPatch, MessageNumber,
    PageLimit, Store,
};

use crate::look;
use crate::sample::{self, all_deliveries, at, attempt, attempted, deliver, listening};

/// The numbers of the messages of a list of deliveries.
async fn list(store: &dyn Store, account: AccountId, filter: DeliveryFilter) -> Vec<i64> {
    let deliveries = store.deliveries(account, filter).await.unwrap();
    deliveries.iter().map(|delivery| delivery.message.0).collect()
}

/// Makes six messages, of which the even ones wait, one is delivered, one has failed, and one is
/// not tried.
async fn six(store: &dyn Store) -> (AccountId, EndpointId) {
    let (account, id) = listening(store).await;
    sample::end_users_of(store, account, 1..=6).await;
    let attempts = vec![
        attempted(1, attempt(10, 200), None),
        attempted(2, attempt(10, 500), Some(at(30))),
        attempted(3, attempt(10, 500), None),
        attempted(4, attempt(10, 500), Some(at(20))),
        attempted(6, attempt(10, 500), Some(at(30))),
    ];
    deliver(store, account, id, attempts).await;
    (account, id)
}

/// A message is due from its moment on; those that have waited longest come first, and of those
/// that have waited equally long the oldest.
pub async fn the_longest_due_messages_come_first(store: Arc<dyn Store>) {
    let (account, id) = six(&*store).await;
    let again = vec![attempted(4, attempt(20, 500), Some(at(25)))];
    deliver(&*store, account, id, again).await;
    let just_before = at(24).after(Duration::from_micros(999_999));
    assert_eq!(look::due(&*store, account, id, just_before).await, []);
    assert_eq!(look::due(&*store, account, id, at(25)).await, [4]);
    assert_eq!(look::due(&*store, account, id, at(30)).await, [4, 2, 6]);
    let two = store.due_messages(account, id, at(30), 2).await.unwrap();
    let told = store.fresh_messages(account, id, MessageNumber::FIRST, 10).await.unwrap();
    assert_eq!(told.messages.len(), 1, "five of six were tried");
    let tries: Vec<_> =
        two.iter().map(|DueMessage { message, tries }| (message.number.0, *tries)).collect();
    assert_eq!(tries, [(4, 2), (2, 1)]);
}

/// A message that is due is whole, as it was told.
pub async fn a_due_message_is_whole(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    sample::end_users_of(&*store, account, 1..=2).await;
    let message = look::messages(&*store, account, id).await.remove(0);
    deliver(&*store, account, id, vec![attempted(1, attempt(5, 500), Some(at(9)))]).await;
    let due = store.due_messages(account, id, at(9), 10).await;
    assert_eq!(due, Ok(vec![DueMessage { message, tries: 1 }]));
    // Whether the endpoint is enabled does not matter.
    let patch = EndpointPatch { enabled: Some(false), ..EndpointPatch::default() };
    store.patch_endpoint(account, id, patch, at(9)).await.unwrap();
    assert_eq!(look::due(&*store, account, id, at(9)).await, [1]);
}

/// Deliveries are listed by message, the newest first, so many at most, from any message on.
pub async fn deliveries_are_listed_newest_first(store: Arc<dyn Store>) {
    let (account, id) = six(&*store).await;
    let all = all_deliveries(id);
    assert_eq!(list(&*store, account, all.clone()).await, [6, 4, 3, 2, 1]);
    let limit = PageLimit::new(2).unwrap();
    let mut filter = DeliveryFilter { limit, ..all };
    assert_eq!(list(&*store, account, filter.clone()).await, [6, 4]);
    for (before, expected) in [(6, [4, 3]), (5, [4, 3]), (4, [3, 2]), (3, [2, 1])] {
        filter.before = Some(MessageNumber(before));
        assert_eq!(list(&*store, account, filter.clone()).await, expected);
    }
    filter.before = Some(MessageNumber(1));
    assert_eq!(list(&*store, account, filter).await, []);
}

/// Deliveries can be listed by where they stand, by when it happened, and by both.
pub async fn deliveries_can_be_filtered(store: Arc<dyn Store>) {
    let (account, id) = six(&*store).await;
    let all = all_deliveries(id);
    let of_state = |state| DeliveryFilter { state: Some(state), ..all.clone() };
    let waiting = of_state(DeliveryState::Waiting(at(0)));
    assert_eq!(list(&*store, account, waiting.clone()).await, [6, 4, 2]);
    assert_eq!(list(&*store, account, of_state(DeliveryState::Delivered)).await, [1]);
    assert_eq!(list(&*store, account, of_state(DeliveryState::Failed)).await, [3]);
    let since = Some(at(3));
    assert_eq!(list(&*store, account, DeliveryFilter { since, ..all }).await, [6, 4, 3]);
    let limit = PageLimit::new(1).unwrap();
    let before = Some(MessageNumber(6));
    let part = DeliveryFilter { since, before, limit, ..waiting.clone() };
    assert_eq!(list(&*store, account, part).await, [4]);
    let just_after = Some(at(4).after(Duration::from_micros(1)));
    let none = DeliveryFilter { since: just_after, before, ..waiting };
    assert_eq!(list(&*store, account, none).await, []);
}

/// A filter looks on past what it does not let through, until the list is full.
pub async fn a_filter_does_not_shorten_a_page(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    sample::end_users_of(&*store, account, 1..=120).await;
    let status = |number| if number <= 3 { 500 } else { 200 };
    let attempts =
        (1..=120).map(|number| attempted(number, attempt(200, status(number)), None)).collect();
    deliver(&*store, account, id, attempts).await;
    let failed = DeliveryFilter { state: Some(DeliveryState::Failed), ..all_deliveries(id) };
    assert_eq!(list(&*store, account, failed).await, [3, 2, 1]);
    let all = list(&*store, account, all_deliveries(id)).await;
    assert_eq!(all, (21..=120).rev().collect::<Vec<_>>());
}
