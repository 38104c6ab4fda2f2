//! Looking at what endpoints are told, and how far that has come.

use roster_directory::{
    AccountId, Attempt, Delivery, DeliveryFilter, DueMessage, EndUserId, Endpoint, EndpointId,
    EndpointSecrets, EventType, FreshMessages, Message, MessageNumber, PageLimit, Store, Timestamp,
};

use super::page;
use crate::sample::all_deliveries;

/// The messages for an endpoint from `from` on that were never tried, and where that ends.
pub(crate) async fn fresh(
    store: &dyn Store,
    account: AccountId,
    id: EndpointId,
    from: MessageNumber,
    limit: usize,
) -> FreshMessages {
    let fresh = store.fresh_messages(account, id, from, limit).await.unwrap();
    assert!(fresh.messages.len() <= limit, "{} are more than {limit}", fresh.messages.len());
    fresh
}

/// Every message for an endpoint that was never tried.
pub(crate) async fn messages(
    store: &dyn Store,
    account: AccountId,
    id: EndpointId,
) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::new();
    let mut from = MessageNumber::FIRST;
    loop {
        let fresh = fresh(store, account, id, from, 100).await;
        messages.extend(fresh.messages);
        assert!(messages.is_sorted_by(|one, next| one.number < next.number), "out of order");
        if fresh.next == from {
            return messages;
        }
        from = fresh.next;
    }
}

/// What an endpoint is told of whom.
pub(crate) async fn told(
    store: &dyn Store,
    account: AccountId,
    id: EndpointId,
) -> Vec<(EventType, EndUserId)> {
    let messages = messages(store, account, id).await.into_iter();
    messages.map(|message| (message.content.event_type(), message.end_user_id)).collect()
}

/// The numbers of the messages for an endpoint that were never tried.
pub(crate) async fn numbers(store: &dyn Store, account: AccountId, id: EndpointId) -> Vec<i64> {
    messages(store, account, id).await.iter().map(|message| message.number.0).collect()
}

/// Every endpoint of an account.
pub(crate) async fn endpoints(store: &dyn Store, account: AccountId) -> Vec<Endpoint> {
    let mut endpoints = Vec::new();
    let mut request = page(None);
    loop {
        let page = store.endpoints(account, request).await.unwrap();
        endpoints.extend(page.items);
        if page.next.is_none() {
            return endpoints;
        }
        assert!(page.next > request.from, "the list does not go on");
        request.from = page.next;
    }
}

/// One endpoint, which must be there.
pub(crate) async fn endpoint(store: &dyn Store, account: AccountId, id: EndpointId) -> Endpoint {
    store.endpoint(account, id).await.unwrap().unwrap()
}

/// Every delivery to an endpoint, the newest message first.
pub(crate) async fn deliveries(
    store: &dyn Store,
    account: AccountId,
    id: EndpointId,
) -> Vec<Delivery> {
    let mut deliveries: Vec<Delivery> = Vec::new();
    loop {
        let before = deliveries.last().map(|delivery| delivery.message);
        let filter = DeliveryFilter { before, limit: PageLimit::MAX, ..all_deliveries(id) };
        let more = store.deliveries(account, filter).await.unwrap();
        if more.is_empty() {
            return deliveries;
        }
        deliveries.extend(more);
        assert!(deliveries.is_sorted_by(|one, next| one.message > next.message), "out of order");
    }
}

/// The numbers of the messages that are due at `now`, those first that are to be sent first.
pub(crate) async fn due(
    store: &dyn Store,
    account: AccountId,
    id: EndpointId,
    now: Timestamp,
) -> Vec<i64> {
    let due = store.due_messages(account, id, now, 100).await.unwrap();
    due.iter().map(|due| due.message.number.0).collect()
}

/// All that belongs to one endpoint.
#[derive(Debug, PartialEq)]
pub(crate) struct Outbox {
    endpoint: Endpoint,
    secrets: Option<EndpointSecrets>,
    fresh: Vec<Message>,
    due: Vec<DueMessage>,
    deliveries: Vec<(Delivery, Vec<Attempt>)>,
}

/// Looks at all that belongs to each endpoint of an account.
pub(crate) async fn outboxes(store: &dyn Store, account: AccountId) -> Vec<Outbox> {
    let mut outboxes = Vec::new();
    for endpoint in endpoints(store, account).await {
        let id = endpoint.endpoint_id;
        let end = Timestamp::from_micros(i64::MAX);
        let mut tried = Vec::new();
        for delivery in deliveries(store, account, id).await {
            let attempts = store.attempts(account, id, delivery.message).await.unwrap();
            tried.push((delivery, attempts));
        }
        outboxes.push(Outbox {
            endpoint,
            secrets: store.endpoint_secrets(account, id).await.unwrap(),
            fresh: messages(store, account, id).await,
            due: store.due_messages(account, id, end, 1000).await.unwrap(),
            deliveries: tried,
        });
    }
    outboxes
}
