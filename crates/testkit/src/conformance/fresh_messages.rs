//! Reading on in what an endpoint was not sent yet.

use std::sync::Arc;

use roster_directory::{
    AccountId, EndpointId, EndpointPatch, EventType, FreshMessages, MessageNumber, Store,
};

use crate::look;
use crate::sample::{
    self, attempt, attempted, deliver, end_user_id, endpoint_id, listening, new_end_user, text,
};

/// The numbers of the fresh messages, and where to read on.
async fn fresh(
    store: &dyn Store,
    account: AccountId,
    id: EndpointId,
    from: i64,
    limit: usize,
) -> (Vec<i64>, i64) {
    let fresh = look::fresh(store, account, id, MessageNumber(from), limit).await;
    (fresh.messages.iter().map(|message| message.number.0).collect(), fresh.next.0)
}

/// Messages are read from a number on, so many at most, and then on from where that ended.
pub async fn messages_are_read_on_from_anywhere(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    assert_eq!(fresh(&*store, account, id, 1, 10).await, (vec![], 1));
    sample::end_users_of(&*store, account, 1..=5).await;
    assert_eq!(fresh(&*store, account, id, 1, 10).await, (vec![1, 2, 3, 4, 5], 6));
    assert_eq!(fresh(&*store, account, id, 1, 2).await, (vec![1, 2], 3));
    assert_eq!(fresh(&*store, account, id, 3, 3).await, (vec![3, 4, 5], 6));
    assert_eq!(fresh(&*store, account, id, 4, 1).await, (vec![4], 5));
    assert_eq!(fresh(&*store, account, id, 6, 1).await, (vec![], 6));
    assert_eq!(fresh(&*store, account, id, 99, 1).await, (vec![], 99));
    let message = look::messages(&*store, account, id).await.remove(3);
    assert_eq!(message.end_user_id, end_user_id(4));
}

/// What an endpoint does not ask for is passed over, and not counted; whether it is enabled does
/// not matter.
pub async fn what_is_not_for_an_endpoint_is_passed_over(store: Arc<dyn Store>) {
    let (account, all) = listening(&*store).await;
    let ends = [EventType::EndUserDeleted];
    let id = sample::endpoint_for(&*store, account, 2, &ends).await;
    sample::end_users_of(&*store, account, 1..=2).await;
    for number in [3, 4] {
        let user = sample::user(&*store, account, sample::new_user(number, "Grace")).await;
        store.delete_user(account, user.user_id, sample::at(10)).await.unwrap();
    }
    sample::end_users_of(&*store, account, 5..=6).await;
    let disable = EndpointPatch { enabled: Some(false), ..EndpointPatch::default() };
    for _ in 0..2 {
        assert_eq!(fresh(&*store, account, id, 1, 10).await, (vec![4, 6], 9));
        assert_eq!(fresh(&*store, account, id, 1, 2).await, (vec![4, 6], 7));
        assert_eq!(fresh(&*store, account, id, 1, 1).await, (vec![4], 5));
        assert_eq!(fresh(&*store, account, id, 7, 1).await, (vec![], 9));
        assert_eq!(fresh(&*store, account, all, 3, 3).await, (vec![3, 4, 5], 6));
        store.patch_endpoint(account, id, disable.clone(), sample::at(20)).await.unwrap();
    }
    // The types are those of the present.
    let types = sample::event_types(&[EventType::EndUserCreated]);
    let patch = EndpointPatch { event_types: Some(types), ..EndpointPatch::default() };
    store.patch_endpoint(account, id, patch, sample::at(21)).await.unwrap();
    assert_eq!(fresh(&*store, account, id, 1, 10).await, (vec![1, 2, 3, 5, 7, 8], 9));
}

/// What was tried is passed over, whatever came of it, for this endpoint alone; and so is what
/// somebody asked for.
pub async fn what_was_tried_is_not_fresh(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    let other = sample::endpoint(&*store, account, 2).await;
    sample::end_users_of(&*store, account, 1..=6).await;
    let attempts = vec![
        attempted(2, attempt(7, 200), None),
        attempted(3, attempt(7, 500), Some(sample::at(8))),
        attempted(5, attempt(7, 500), None),
    ];
    deliver(&*store, account, id, attempts).await;
    assert!(store.replay(account, id, MessageNumber(6), sample::at(9)).await.unwrap());
    assert_eq!(fresh(&*store, account, id, 1, 10).await, (vec![1, 4], 7));
    assert_eq!(fresh(&*store, account, id, 1, 2).await, (vec![1, 4], 5));
    assert_eq!(fresh(&*store, account, id, 5, 1).await, (vec![], 7));
    assert_eq!(fresh(&*store, account, other, 1, 10).await, (vec![1, 2, 3, 4, 5, 6], 7));
}

/// At most a thousand messages are looked at, of which none may be for the endpoint.
pub async fn a_thousand_messages_are_looked_at(store: Arc<dyn Store>) {
    let (account, _) = listening(&*store).await;
    let ends = [EventType::EndUserDeleted];
    let id = sample::endpoint_for(&*store, account, 2, &ends).await;
    let mut makers = Vec::new();
    for maker in 0..10 {
        let store = Arc::clone(&store);
        makers.push(tokio::spawn(async move {
            for number in 0..101 {
                let mut new = new_end_user(maker * 1000 + number);
                new.profile.first_name = Some(text("Grace"));
                sample::end_user(&*store, account, new).await;
            }
        }));
    }
    for maker in makers {
        maker.await.unwrap();
    }
    assert_eq!(fresh(&*store, account, id, 1, 10).await, (vec![], 1001));
    assert_eq!(fresh(&*store, account, id, 6, 10).await, (vec![], 1006));
    assert_eq!(fresh(&*store, account, id, 1001, 10).await, (vec![], 1011));
    let (all, next) = fresh(&*store, account, endpoint_id(1), 1, 2000).await;
    assert_eq!((all, next), ((1..=1000).collect(), 1001));
}

/// There is nothing for an endpoint that is not there.
pub async fn a_strange_endpoint_is_told_nothing(store: Arc<dyn Store>) {
    let (account, _) = listening(&*store).await;
    sample::end_users_of(&*store, account, 1..=3).await;
    let from = MessageNumber(2);
    let fresh = store.fresh_messages(account, endpoint_id(9), from, 10).await;
    assert_eq!(fresh, Ok(FreshMessages { messages: vec![], next: from }));
}
