//! Several stores on one database, as several nodes have them.

use std::sync::Arc;

use roster_directory::{
    AccountId, DeliveryReport, DeliveryState, EndpointId, LeaseHolder, MessageNumber, StoreError,
    Timestamp,
};
use roster_postgres::PostgresStore;
use roster_testkit::postgres::Database;
use roster_testkit::{Store, sample};

use crate::common::{fresh, options};

const HOLDER: LeaseHolder = LeaseHolder(1);

/// Another store on the same database.
fn another(database: &Database) -> Arc<dyn Store> {
    Arc::new(PostgresStore::open(&options(database.url())).unwrap())
}

#[tokio::test]
async fn numbers_are_never_given_out_twice_and_ascend_at_each_node() {
    const EACH: u32 = 40;
    let (store, database) = fresh().await;
    let account = sample::account(&*store, "first").await;
    let other = another(&database);
    // Work that takes no numbers goes on beside.
    let make = async |store: &dyn Store, from: u32| {
        let mut numbers = Vec::new();
        for number in from..from + EACH {
            let made = sample::end_user(store, account, sample::new_end_user(number));
            numbers.push(tokio::join!(made, store.check()).0.user_id);
        }
        numbers
    };
    let (mine, theirs) = tokio::join!(make(&*store, 1), make(&*other, 1 + EACH));
    assert!(mine.is_sorted() && theirs.is_sorted(), "{mine:?} {theirs:?}");
    let mut all = [mine, theirs].concat();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 2 * EACH as usize);
}

/// The transaction that wrote an endpoint last.
async fn last_write(database: &Database) -> String {
    let sql = "SELECT xmin::text FROM endpoint";
    database.connect().await.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_lease_that_stays_as_it_is_costs_no_write() {
    let (store, database) = fresh().await;
    sample::listening(&*store).await;
    let lease = async |now: u64, until: u64| {
        let held = store.lease_endpoints(HOLDER, sample::at(now), sample::at(until)).await;
        assert_eq!(held.unwrap().len(), 1);
        last_write(&database).await
    };
    let first = lease(1, 20).await;
    assert_eq!(lease(2, 20).await, first);
    assert_ne!(lease(3, 25).await, first);
}

/// Reports for two endpoints of an account at once.
async fn report(store: &dyn Store, account: AccountId, endpoints: [EndpointId; 2], number: i64) {
    let one = async |id| {
        let attempt = sample::attempt(2, 200);
        let message = MessageNumber(number);
        let state = DeliveryState::Delivered;
        let attempts = vec![roster_directory::Attempted { message, attempt, state }];
        let report = DeliveryReport { holder: HOLDER, cursor: message.next(), attempts };
        store.record_attempts(account, id, report).await.unwrap()
    };
    let [first, second] = endpoints;
    tokio::join!(one(second), one(first));
}

#[tokio::test(flavor = "multi_thread")]
async fn leases_and_reports_never_wait_for_each_other_in_a_circle() {
    const ROUNDS: u64 = 150;
    let (store, database) = fresh().await;
    let (account, first) = sample::listening(&*store).await;
    let second = sample::endpoint(&*store, account, 2).await;
    let other = another(&database);
    let leasing = tokio::spawn(async move {
        let mut held = 0;
        for round in 1..ROUNDS {
            let until: Timestamp = sample::at(1000 + round);
            // It gives way to reports, and comes again.
            match other.lease_endpoints(HOLDER, sample::at(1), until).await {
                Ok(_) => held += 1,
                Err(error) => assert_eq!(error, StoreError::Busy),
            }
        }
        held
    });
    let mut number = 0;
    while !leasing.is_finished() {
        number += 1;
        report(&*store, account, [first, second], number).await;
    }
    assert!(leasing.await.unwrap() > ROUNDS / 2);
}
