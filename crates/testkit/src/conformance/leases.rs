//! Who delivers to which endpoint.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use roster_directory::{
    AccountId, AccountName, EndpointId, EndpointPatch, EndpointSecrets, EndpointStatus, EventType,
    Lease, LeaseHolder, MessageNumber, Store, Timestamp,
};

use crate::look;
use crate::sample::{self, HOLDER, START, at, endpoint_id, new_endpoint, report, sealed};

const OTHER: LeaseHolder = LeaseHolder(i64::MIN);

/// The endpoints that `holder` holds from `now` on, until so many seconds after [`START`].
async fn held(
    store: &dyn Store,
    holder: LeaseHolder,
    now: Timestamp,
    until: u64,
) -> Vec<EndpointId> {
    let leases = store.lease_endpoints(holder, now, at(until)).await.unwrap();
    leases.into_iter().map(|lease| lease.endpoint.endpoint_id).collect()
}

/// Makes an account with endpoints of these numbers.
async fn account_with(store: &dyn Store, numbers: &[u32]) -> AccountId {
    let account = sample::account(store, "acme").await;
    for number in numbers {
        sample::endpoint(store, account, *number).await;
    }
    account
}

/// A lease tells all that it takes to deliver.
pub async fn a_lease_tells_what_it_takes(store: Arc<dyn Store>) {
    let account = account_with(&*store, &[1]).await;
    let expected = Lease {
        account,
        account_name: AccountName::new("acme").unwrap(),
        endpoint: look::endpoint(&*store, account, endpoint_id(1)).await,
        secrets: EndpointSecrets { current: sealed(1, b"secret"), former: None },
        cursor: MessageNumber::FIRST,
    };
    assert_eq!(sample::lease(&*store, HOLDER).await, [expected]);
}

/// The endpoints of all accounts can be had, by account and identifier.
pub async fn leases_are_of_all_accounts(store: Arc<dyn Store>) {
    assert_eq!(sample::lease(&*store, HOLDER).await, []);
    let account = account_with(&*store, &[9, 2]).await;
    let other = sample::account(&*store, "a name before it").await;
    for number in [5, 1] {
        sample::endpoint(&*store, other, number).await;
    }
    sample::account(&*store, "nothing").await;
    let leases = sample::lease(&*store, HOLDER).await;
    let mut expected = [
        (account, "acme", endpoint_id(2)),
        (account, "acme", endpoint_id(9)),
        (other, "a name before it", endpoint_id(1)),
        (other, "a name before it", endpoint_id(5)),
    ];
    expected.sort_by_key(|(account, _, id)| (*account, *id));
    let held: Vec<_> = leases
        .iter()
        .map(|it| (it.account, it.account_name.as_str(), it.endpoint.endpoint_id))
        .collect();
    assert_eq!(held, expected);
}

/// What one has, nobody else gets until its time is over. Then it is whose who asks first.
pub async fn one_holder_at_a_time(store: Arc<dyn Store>) {
    account_with(&*store, &[1, 2]).await;
    let both = [endpoint_id(1), endpoint_id(2)];
    assert_eq!(held(&*store, HOLDER, at(0), 10).await, both);
    assert_eq!(held(&*store, OTHER, at(0), 30).await, []);
    let just_before = at(9).after(Duration::from_micros(999_999));
    assert_eq!(held(&*store, OTHER, just_before, 30).await, []);
    assert_eq!(held(&*store, OTHER, at(10), 30).await, both);
    assert_eq!(held(&*store, HOLDER, at(11), 40).await, []);
    assert_eq!(held(&*store, HOLDER, at(30), 40).await, both);
}

/// Who has an endpoint keeps it by asking again, for as long as is asked for then.
pub async fn a_holder_stays_by_asking_again(store: Arc<dyn Store>) {
    account_with(&*store, &[1]).await;
    let one = [endpoint_id(1)];
    assert_eq!(held(&*store, HOLDER, at(0), 10).await, one);
    assert_eq!(held(&*store, HOLDER, at(5), 20).await, one);
    assert_eq!(held(&*store, OTHER, at(15), 99).await, []);
    // Also after its time, if nobody came.
    assert_eq!(held(&*store, HOLDER, at(25), 90).await, one);
    assert_eq!(held(&*store, OTHER, at(26), 99).await, []);
    assert_eq!(held(&*store, HOLDER, at(27), 28).await, one);
    assert_eq!(held(&*store, OTHER, at(28), 99).await, one);
}

/// What is new or free is taken with what is held already; others keep theirs.
pub async fn what_is_free_is_taken_too(store: Arc<dyn Store>) {
    let account = account_with(&*store, &[2]).await;
    assert_eq!(held(&*store, HOLDER, at(0), 50).await, [endpoint_id(2)]);
    sample::endpoint(&*store, account, 3).await;
    assert_eq!(held(&*store, OTHER, at(1), 50).await, [endpoint_id(3)]);
    sample::endpoint(&*store, account, 1).await;
    assert_eq!(held(&*store, HOLDER, at(2), 50).await, [endpoint_id(1), endpoint_id(2)]);
    assert_eq!(held(&*store, OTHER, at(3), 50).await, [endpoint_id(3)]);
}

/// Who gives back what they hold leaves it to anybody, and what others hold to them.
pub async fn what_is_given_back_is_free(store: Arc<dyn Store>) {
    let account = account_with(&*store, &[1]).await;
    assert_eq!(held(&*store, HOLDER, at(0), 50).await, [endpoint_id(1)]);
    sample::endpoint(&*store, account, 2).await;
    assert_eq!(held(&*store, OTHER, at(0), 50).await, [endpoint_id(2)]);
    store.release_endpoints(HOLDER).await.unwrap();
    let third = LeaseHolder(3);
    assert_eq!(held(&*store, third, at(1), 50).await, [endpoint_id(1)]);
    store.release_endpoints(HOLDER).await.unwrap();
    assert_eq!(held(&*store, HOLDER, at(2), 50).await, []);
    assert_eq!(held(&*store, OTHER, at(3), 50).await, [endpoint_id(2)]);
}

/// What is not enabled is not to be had, whyever it is not.
pub async fn what_is_not_enabled_is_not_leased(store: Arc<dyn Store>) {
    let account = account_with(&*store, &[1]).await;
    let statuses = [EndpointStatus::Disabled, EndpointStatus::Failed, EndpointStatus::Gone];
    for (number, status) in (2..).zip(statuses) {
        let mut new = new_endpoint(number, EventType::ALL);
        new.endpoint.status = status;
        store.create_endpoint(account, new).await.unwrap();
    }
    assert_eq!(held(&*store, HOLDER, START, 50).await, [endpoint_id(1)]);
}

/// An endpoint that is disabled or removed is not told to its holder any more. One that is
/// enabled again is still held, as long as it was.
pub async fn what_is_disabled_stays_held(store: Arc<dyn Store>) {
    let account = account_with(&*store, &[1, 2]).await;
    let both = [endpoint_id(1), endpoint_id(2)];
    assert_eq!(held(&*store, HOLDER, at(0), 50).await, both);
    let enable = async |enabled, seconds| {
        let patch = EndpointPatch { enabled: Some(enabled), ..EndpointPatch::default() };
        store.patch_endpoint(account, endpoint_id(1), patch, at(seconds)).await.unwrap();
    };
    enable(false, 1).await;
    store.delete_endpoint(account, endpoint_id(2)).await.unwrap();
    // The lease of what is disabled is not made longer.
    assert_eq!(held(&*store, HOLDER, at(2), 90).await, []);
    enable(true, 3).await;
    assert_eq!(held(&*store, OTHER, at(4), 90).await, []);
    assert_eq!(held(&*store, OTHER, at(50), 90).await, [endpoint_id(1)]);
    enable(false, 51).await;
    store.release_endpoints(OTHER).await.unwrap();
    enable(true, 52).await;
    assert_eq!(held(&*store, HOLDER, at(53), 90).await, [endpoint_id(1)]);
}

/// Of many who ask at once, each endpoint is got by one.
pub async fn one_of_many_gets_the_lease(store: Arc<dyn Store>) {
    account_with(&*store, &[1, 2, 3]).await;
    let mut tasks = Vec::new();
    for holder in 0..20 {
        let store = Arc::clone(&store);
        tasks
            .push(tokio::spawn(async move { held(&*store, LeaseHolder(holder), START, 50).await }));
    }
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.unwrap());
    }
    assert_eq!(all.len(), 3);
    let all: BTreeSet<_> = all.into_iter().collect();
    assert_eq!(all, [1, 2, 3].map(endpoint_id).into());
}

/// Only who holds an endpoint may report. A lease that is over counts until somebody else takes
/// the endpoint.
pub async fn only_the_holder_reports(store: Arc<dyn Store>) {
    let account = account_with(&*store, &[1]).await;
    let id = endpoint_id(1);
    let reports = async |holder| {
        let answer = store.record_attempts(account, id, report(holder, vec![])).await;
        answer.unwrap().is_some()
    };
    assert!(!reports(HOLDER).await);
    held(&*store, HOLDER, at(0), 10).await;
    assert!(reports(HOLDER).await);
    assert!(!reports(OTHER).await);
    // The time is over, but nobody knows.
    held(&*store, OTHER, at(9), 10).await;
    assert!(reports(HOLDER).await);
    held(&*store, OTHER, at(10), 20).await;
    assert!(!reports(HOLDER).await);
    assert!(reports(OTHER).await);
    let patch = EndpointPatch { enabled: Some(false), ..EndpointPatch::default() };
    store.patch_endpoint(account, id, patch, at(11)).await.unwrap();
    assert!(reports(OTHER).await, "what was under way when it was disabled is kept");
    store.release_endpoints(OTHER).await.unwrap();
    assert!(!reports(OTHER).await);
    let stranger = store.record_attempts(account, endpoint_id(9), report(OTHER, vec![])).await;
    assert_eq!(stranger, Ok(None));
}
