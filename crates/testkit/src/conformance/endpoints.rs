//! Endpoints: making, listing, changing and removing them.

use std::sync::Arc;

use roster_directory::{
    AccountId, CreateEndpointError, Description, Endpoint, EndpointId, EndpointPatch,
    EndpointStatus, EventType, EventTypes, MessageNumber, NewEndpoint, Store, StoreError,
};

use crate::look::{self, page, page_of};
use crate::sample::{
    self, HOLDER, at, attempt, attempted, deliver, endpoint_id, endpoint_url, event_types,
    listening, new_endpoint, report,
};

fn enabled(enabled: bool) -> EndpointPatch {
    EndpointPatch { enabled: Some(enabled), ..EndpointPatch::default() }
}

/// Where an endpoint that [`HOLDER`] may have has come.
async fn cursor(store: &dyn Store, id: EndpointId) -> MessageNumber {
    let leases = sample::lease(store, HOLDER).await;
    leases.into_iter().find(|lease| lease.endpoint.endpoint_id == id).unwrap().cursor
}

async fn patched(
    store: &dyn Store,
    account: AccountId,
    patch: EndpointPatch,
    seconds: u64,
) -> Endpoint {
    let id = endpoint_id(1);
    let answer = store.patch_endpoint(account, id, patch, at(seconds)).await.unwrap().unwrap();
    assert_eq!(look::endpoint(store, account, id).await, answer);
    answer
}

/// An endpoint is kept as it was given, with the types in the order in which they were named.
pub async fn an_endpoint_is_kept_as_given(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let names = ["v1.audit_log.emitted", "v1.conversation.ended", "v1.end_user.created"];
    let statuses = [
        EndpointStatus::Enabled,
        EndpointStatus::Disabled,
        EndpointStatus::Failed,
        EndpointStatus::Gone,
    ];
    let mut all = Vec::new();
    for (number, status) in (1..).zip(statuses) {
        let NewEndpoint { endpoint, secret } = new_endpoint(number, &[]);
        let endpoint = Endpoint {
            url: endpoint_url("https://example.org:8443/hooks?key=%20it's"),
            description: Description::new("Été \"x\" 🙂").unwrap(),
            event_types: EventTypes::named(names).unwrap(),
            status,
            failing_since: (number == 3).then(|| at(5)),
            last_failed_at: (number == 3).then(|| at(6)),
            created_at: at(7),
            updated_at: at(8),
            ..endpoint
        };
        let new = NewEndpoint { endpoint: endpoint.clone(), secret };
        assert_eq!(store.create_endpoint(account, new).await.as_ref(), Ok(&endpoint));
        assert_eq!(store.endpoint(account, endpoint_id(number)).await, Ok(Some(endpoint.clone())));
        all.push(endpoint);
    }
    assert_eq!(look::endpoints(&*store, account).await, all);
    let blank = new_endpoint(5, &[]);
    store.create_endpoint(account, blank.clone()).await.unwrap();
    assert_eq!(look::endpoint(&*store, account, endpoint_id(5)).await, blank.endpoint);
}

/// Endpoints are listed by identifier, page by page, from any place on.
pub async fn endpoints_are_listed_by_identifier(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    assert_eq!(look::endpoints(&*store, account).await, []);
    for number in [5, 1, 7, 3] {
        sample::endpoint(&*store, account, number).await;
    }
    let ids = |endpoints: &[Endpoint]| -> Vec<EndpointId> {
        endpoints.iter().map(|endpoint| endpoint.endpoint_id).collect()
    };
    let all = store.endpoints(account, page(None)).await.unwrap();
    assert_eq!((ids(&all.items), all.next), ([1, 3, 5, 7].map(endpoint_id).to_vec(), None));
    let first = store.endpoints(account, page_of(3, None)).await.unwrap();
    assert_eq!(first.next, Some(endpoint_id(7)));
    assert_eq!(first.items, all.items[..3]);
    let rest = store.endpoints(account, page_of(3, first.next)).await.unwrap();
    assert_eq!((rest.items, rest.next), (all.items[3..].to_vec(), None));
    let nobody = store.endpoints(account, page_of(1, Some(endpoint_id(4)))).await.unwrap();
    assert_eq!((ids(&nobody.items), nobody.next), (vec![endpoint_id(5)], Some(endpoint_id(7))));
    let beyond = store.endpoints(account, page(Some(endpoint_id(8)))).await.unwrap();
    assert_eq!((beyond.items, beyond.next), (vec![], None));
}

/// A patch sets what it names and keeps the rest; one without effect is no change. `updated_at`
/// never goes back.
pub async fn an_endpoint_is_changed(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let before = new_endpoint(1, &[EventType::EndUserDeleted]);
    let before = store.create_endpoint(account, before).await.unwrap();
    let url = endpoint_url("http://127.0.0.1:9/x");
    let patch = EndpointPatch { url: Some(url.clone()), ..EndpointPatch::default() };
    let moved = Endpoint { url: url.clone(), updated_at: at(5), ..before };
    assert_eq!(patched(&*store, account, patch.clone(), 5).await, moved);
    assert_eq!(patched(&*store, account, patch, 6).await, moved);
    assert_eq!(patched(&*store, account, EndpointPatch::default(), 7).await, moved);
    assert_eq!(patched(&*store, account, enabled(true), 8).await, moved);

    let description = Description::new("for the CRM").unwrap();
    let patch = EndpointPatch {
        description: Some(description.clone()),
        event_types: Some(event_types(&[])),
        ..enabled(false)
    };
    let status = EndpointStatus::Disabled;
    let off = Endpoint { description, event_types: event_types(&[]), status, ..moved };
    assert_eq!(patched(&*store, account, patch, 4).await, off);
    assert_eq!(patched(&*store, account, enabled(false), 9).await, off);
    let on = Endpoint { status: EndpointStatus::Enabled, updated_at: at(10), ..off };
    assert_eq!(patched(&*store, account, enabled(true), 10).await, on);
    let stranger = store.patch_endpoint(account, endpoint_id(2), enabled(true), at(11)).await;
    assert_eq!(stranger, Ok(None));
    assert_eq!(look::endpoints(&*store, account).await, [on]);
}

/// What has disabled itself says so until it is enabled; then it has not failed.
pub async fn what_failed_is_enabled_anew(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let mut new = new_endpoint(1, &[]);
    new.endpoint.status = EndpointStatus::Failed;
    new.endpoint.failing_since = Some(at(1));
    new.endpoint.last_failed_at = Some(at(2));
    let failed = store.create_endpoint(account, new).await.unwrap();
    assert_eq!(patched(&*store, account, enabled(false), 2).await, failed);
    let anew = patched(&*store, account, enabled(true), 3).await;
    let status = EndpointStatus::Enabled;
    let (failing_since, last_failed_at) = (None, None);
    let mended = Endpoint { status, failing_since, last_failed_at, updated_at: at(3), ..failed };
    assert_eq!(anew, mended);
}

/// An account has a hundred endpoints at most; another account has its own. One that is removed
/// makes room.
pub async fn an_account_has_a_hundred_endpoints(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let other = sample::account(&*store, "other").await;
    for number in 1..=100 {
        sample::endpoint(&*store, account, number).await;
    }
    let before = look::endpoints(&*store, account).await;
    let refused = store.create_endpoint(account, new_endpoint(101, &[])).await;
    assert_eq!(refused, Err(CreateEndpointError::TooMany));
    assert_eq!(look::endpoints(&*store, account).await, before);
    sample::endpoint(&*store, other, 102).await;
    assert!(store.delete_endpoint(account, endpoint_id(7)).await.unwrap());
    sample::endpoint(&*store, account, 101).await;
    assert_eq!(look::endpoints(&*store, account).await.len(), 100);
}

/// Any other change, enabling what is enabled among them, leaves an endpoint where it was.
pub async fn who_is_not_enabled_anew_goes_on(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    sample::end_users_of(&*store, account, 1..=3).await;
    deliver(&*store, account, id, vec![attempted(1, attempt(5, 200), None)]).await;
    let url = Some(endpoint_url("https://example.org/other"));
    let event_types = Some(event_types(&[EventType::EndUserCreated]));
    let patch = EndpointPatch { url, event_types, ..enabled(true) };
    store.patch_endpoint(account, id, patch, at(10)).await.unwrap();
    assert_eq!(cursor(&*store, id).await, MessageNumber(2));
    store.patch_endpoint(account, id, enabled(true), at(11)).await.unwrap();
    assert_eq!(cursor(&*store, id).await, MessageNumber(2));
}

/// An endpoint is removed once, with its deliveries, their attempts and its lease; another one
/// keeps its own.
pub async fn a_removed_endpoint_takes_its_deliveries_along(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    let other = sample::endpoint(&*store, account, 2).await;
    sample::lease(&*store, HOLDER).await;
    sample::end_users_of(&*store, account, [1]).await;
    for endpoint in [id, other] {
        deliver(&*store, account, endpoint, vec![attempted(1, attempt(5, 500), None)]).await;
    }
    let kept = look::outboxes(&*store, account).await.pop();
    assert_eq!(store.delete_endpoint(account, id).await, Ok(true));
    assert_eq!(store.delete_endpoint(account, id).await, Ok(false));
    assert_eq!(store.endpoint(account, id).await, Ok(None));
    assert_eq!(store.endpoint_secrets(account, id).await, Ok(None));
    assert_eq!(look::deliveries(&*store, account, id).await, []);
    assert_eq!(store.attempts(account, id, MessageNumber(1)).await, Ok(vec![]));
    assert_eq!(look::outboxes(&*store, account).await.pop(), kept);

    sample::endpoint(&*store, account, 1).await;
    assert_eq!(look::deliveries(&*store, account, id).await, []);
    assert_eq!(store.attempts(account, id, MessageNumber(1)).await, Ok(vec![]));
    let late = report(HOLDER, vec![attempted(1, attempt(6, 200), None)]);
    assert_eq!(store.record_attempts(account, id, late).await, Ok(None));
}

/// A closed store takes no endpoint and lets nobody deliver.
pub async fn a_closed_store_refuses_deliveries(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    sample::end_users_of(&*store, account, [1]).await;
    store.close().await;
    let refused = store.create_endpoint(account, new_endpoint(2, &[])).await;
    assert_eq!(refused, Err(StoreError::Busy.into()));
    let refused = store.lease_endpoints(HOLDER, at(1), at(2)).await;
    assert_eq!(refused, Err(StoreError::Busy));
    let late = report(HOLDER, vec![attempted(1, attempt(5, 200), None)]);
    assert_eq!(store.record_attempts(account, id, late).await, Err(StoreError::Busy));
    assert_eq!(store.delete_endpoint(account, id).await, Err(StoreError::Busy));
}
