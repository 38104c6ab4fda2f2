//! Samples of what webhooks know: endpoints, attempts, reports.

use roster_directory::{
    AccountId, Attempt, AttemptOutcome, Attempted, DeliveryFilter, DeliveryReport, DeliveryState,
    Description, Endpoint, EndpointId, EndpointStatus, EndpointUrl, EventType, EventTypes, Lease,
    LeaseHolder, MessageNumber, NewEndUser, NewEndpoint, PageLimit, Store, Timestamp,
};

use super::{Kind, START, at, new_end_user, object_id, sealed};

/// An endpoint's identifier.
#[must_use]
pub fn endpoint_id(number: u32) -> EndpointId {
    EndpointId(object_id(Kind::Endpoint, number))
}

/// An address.
#[must_use]
#[track_caller]
pub fn endpoint_url(text: &str) -> EndpointUrl {
    EndpointUrl::new(text).unwrap()
}

/// What is asked for by these types.
#[must_use]
#[track_caller]
pub fn event_types(types: &[EventType]) -> EventTypes {
    EventTypes::named(types.iter().map(|event_type| event_type.name())).unwrap()
}

/// An enabled endpoint that asks for these types.
#[must_use]
#[track_caller]
pub fn new_endpoint(number: u32, types: &[EventType]) -> NewEndpoint {
    let endpoint = Endpoint {
        endpoint_id: endpoint_id(number),
        url: endpoint_url("https://example.org/hooks"),
        description: Description::default(),
        event_types: event_types(types),
        status: EndpointStatus::Enabled,
        failing_since: None,
        last_failed_at: None,
        created_at: START,
        updated_at: START,
    };
    NewEndpoint { endpoint, secret: sealed(1, b"secret") }
}

/// Makes an enabled endpoint that asks for these types in a store.
pub async fn endpoint_for(
    store: &dyn Store,
    account: AccountId,
    number: u32,
    types: &[EventType],
) -> EndpointId {
    let new = new_endpoint(number, types);
    store.create_endpoint(account, new).await.unwrap().endpoint_id
}

/// Makes an enabled endpoint that asks for everything in a store.
pub async fn endpoint(store: &dyn Store, account: AccountId, number: u32) -> EndpointId {
    endpoint_for(store, account, number, EventType::ALL).await
}

/// Makes an account with an endpoint that asks for everything, which is held by [`HOLDER`] for an
/// hour.
pub async fn listening(store: &dyn Store) -> (AccountId, EndpointId) {
    let account = super::account(store, "acme").await;
    let endpoint = endpoint(store, account, 1).await;
    lease(store, HOLDER).await;
    (account, endpoint)
}

/// Who delivers.
pub const HOLDER: LeaseHolder = LeaseHolder(1);

/// Takes what it can for `holder`, from [`START`] on for an hour.
pub async fn lease(store: &dyn Store, holder: LeaseHolder) -> Vec<Lease> {
    store.lease_endpoints(holder, START, at(3600)).await.unwrap()
}

/// Makes end users of these numbers, each so many seconds after [`START`] as their number says.
pub async fn end_users_of(
    store: &dyn Store,
    account: AccountId,
    numbers: impl IntoIterator<Item = u32>,
) {
    for number in numbers {
        let created_at = at(number.into());
        let new = NewEndUser { created_at, ..new_end_user(number) };
        super::end_user(store, account, new).await;
    }
}

/// Reports these attempts as [`HOLDER`], who must hold the endpoint.
pub async fn deliver(
    store: &dyn Store,
    account: AccountId,
    id: EndpointId,
    attempts: Vec<Attempted>,
) -> Endpoint {
    let report = report(HOLDER, attempts);
    store.record_attempts(account, id, report).await.unwrap().unwrap()
}

/// An attempt that an endpoint answered with this status, so many seconds after [`START`].
#[must_use]
pub fn attempt(seconds: u64, status: u16) -> Attempt {
    Attempt {
        at: at(seconds),
        outcome: AttemptOutcome::Answered(status),
        latency_ms: 12,
        answer: "ok".into(),
    }
}

/// What came of such an attempt: the message is delivered, or else it waits until `next`, or else
/// it has failed for good.
#[must_use]
pub fn attempted(number: i64, attempt: Attempt, next: Option<Timestamp>) -> Attempted {
    let state = match next {
        _ if attempt.outcome.is_success() => DeliveryState::Delivered,
        Some(next) => DeliveryState::Waiting(next),
        None => DeliveryState::Failed,
    };
    Attempted { message: MessageNumber(number), attempt, state }
}

/// A report of these attempts, whose cursor is behind the last one's message.
#[must_use]
pub fn report(holder: LeaseHolder, attempts: Vec<Attempted>) -> DeliveryReport {
    let last = attempts.iter().map(|attempted| attempted.message.next()).max();
    DeliveryReport { holder, cursor: last.unwrap_or(MessageNumber::FIRST), attempts }
}

/// All deliveries to an endpoint.
#[must_use]
pub fn all_deliveries(endpoint_id: EndpointId) -> DeliveryFilter {
    DeliveryFilter { endpoint_id, state: None, since: None, before: None, limit: PageLimit::MAX }
}
