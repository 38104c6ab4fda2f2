//! Messages that are many, and what reading them costs.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use roster_directory::{
    AccountId, Attempt, AttemptOutcome, Attempted, Content, DeletionReason, DeliveryFilter,
    DeliveryState, Description, Endpoint, EndpointId, EndpointStatus, EndpointUrl, EventType,
    EventTypes, Message, MessageNumber, NewEndpoint, ObjectId, PageLimit, Progress, RemovalReason,
    Timestamp,
};
use roster_relational::lists::{Run, attempts, backlog, deliveries, fresh_messages, old_messages};
use roster_relational::sql::{params, write};
use roster_relational::tables::{delivery, endpoint, message};
use roster_testkit::sample;
use rusqlite::Connection;

use crate::migrate;
use crate::sql::SqliteConnection;

/// More than are looked at at once.
const COUNT: i64 = 3000;

fn account() -> AccountId {
    AccountId::from_stored(2)
}

fn endpoint_id(number: u8) -> EndpointId {
    EndpointId(ObjectId::from_bytes([number; 12]))
}

fn moment(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

/// When a message happened: nearly in the order of their numbers.
fn moment_of(number: i64) -> Timestamp {
    moment(if number % 7 == 3 { number - 50 } else { number })
}

/// How its delivery to the first endpoint stands.
fn state_of(number: i64) -> DeliveryState {
    match number % 1000 {
        500 => DeliveryState::Failed,
        700 => DeliveryState::Waiting(moment(10_000 - number)),
        _ => DeliveryState::Delivered,
    }
}

fn attempted(number: i64, state: DeliveryState) -> Attempted {
    let status = if state == DeliveryState::Delivered { 200 } else { 500 };
    let attempt = Attempt {
        at: moment(number),
        outcome: AttemptOutcome::Answered(status),
        latency_ms: 1,
        answer: "ok".into(),
    };
    Attempted { message: MessageNumber(number), attempt, state }
}

fn add_endpoint(connection: &SqliteConnection, account: AccountId, number: u8) {
    let endpoint = Endpoint {
        endpoint_id: endpoint_id(number),
        url: EndpointUrl::new("https://example.org").unwrap(),
        description: Description::default(),
        event_types: EventTypes::named([EventType::EndUserDeleted.name()]).unwrap(),
        status: EndpointStatus::Enabled,
        failing_since: None,
        last_failed_at: None,
        created_at: moment(0),
        updated_at: moment(0),
    };
    let new = NewEndpoint { endpoint, secret: sample::sealed(1, b"secret") };
    let progress = Progress::begin(EndpointStatus::Enabled, MessageNumber(COUNT - 10));
    endpoint::insert(connection, account, &new, progress).unwrap();
}

/// Three accounts with many messages that were brought to one endpoint and not to another.
fn crowd() -> SqliteConnection {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.db");
    let mut connection = SqliteConnection(Connection::open(&path).unwrap());
    migrate::migrate(&mut connection, Path::new("roster.db")).unwrap();
    connection.execute_batch("BEGIN").unwrap();
    let reason = DeletionReason::Removed(RemovalReason::Expired);
    let content = Content::EndUserDeleted { external_id: None, reason };
    for account in (1..=3).map(AccountId::from_stored) {
        let sql = "INSERT INTO account (name, owner_user_id, end_users, agents, admins, \
                   next_event, created_at, next_message) VALUES (?1, 1, 0, 0, 0, 1, 1, ?2)";
        write(&connection, sql, params![account.get().to_string(), COUNT + 1]).unwrap();
        add_endpoint(&connection, account, 1);
        add_endpoint(&connection, account, 2);
        for number in 1..=COUNT {
            let (end_user_id, content) = (sample::end_user_id(1), content.clone());
            let at = moment_of(number);
            let message = Message { number: MessageNumber(number), at, end_user_id, content };
            message::insert(&connection, account, &message).unwrap();
            let attempted = attempted(number, state_of(number));
            assert!(delivery::record(&connection, account, endpoint_id(1), &attempted).unwrap());
        }
    }
    connection.execute_batch("COMMIT").unwrap();
    // On Unix a file stays as long as it is open.
    connection
}

fn filter() -> DeliveryFilter {
    let limit = PageLimit::new(10).unwrap();
    let (state, since, before) = (None, None, None);
    DeliveryFilter { endpoint_id: endpoint_id(1), state, since, before, limit }
}

fn listed(connection: &SqliteConnection, filter: &DeliveryFilter) -> Vec<i64> {
    let found = deliveries(connection, account(), filter).unwrap();
    found.iter().map(|delivery| delivery.message.0).collect()
}

#[test]
fn deliveries_of_a_time_are_found_though_messages_are_out_of_order() {
    let connection = crowd();
    let expected = |filter: &DeliveryFilter| -> Vec<i64> {
        let is_wanted = |number: &i64| {
            filter.state.is_none_or(|state| state.is_like(state_of(*number)))
                && filter.since.is_none_or(|since| moment_of(*number) >= since)
                && filter.before.is_none_or(|before| *number < before.0)
        };
        (1..=COUNT).rev().filter(is_wanted).take(filter.limit.get()).collect()
    };
    let waiting = DeliveryState::Waiting(moment(0));
    for state in [None, Some(waiting), Some(DeliveryState::Delivered), Some(DeliveryState::Failed)]
    {
        for since in [None, Some(COUNT - 20), Some(COUNT - 1500), Some(COUNT + 1)] {
            for before in [None, Some(COUNT - 5), Some(COUNT - 1000), Some(1)] {
                let (since, before) = (since.map(moment), before.map(MessageNumber));
                let filter = DeliveryFilter { state, since, before, ..filter() };
                assert_eq!(listed(&connection, &filter), expected(&filter), "{filter:?}");
            }
        }
    }
}

#[test]
fn old_messages_are_found_though_they_are_out_of_order() {
    let connection = crowd();
    let found = |before, limit| -> Vec<(i64, i64)> {
        let runs = old_messages(&connection, moment(before), limit).unwrap();
        let numbers =
            |run: Run| (run.first.0..=run.last.0).map(move |number| (run.account.get(), number));
        runs.into_iter().flat_map(numbers).collect()
    };
    for (before, limit) in
        [(-100, 10), (1, 10), (100, 3), (100, 130), (100, 1000), (2000, 4000), (9000, 20_000)]
    {
        let all = (1..=3).flat_map(|account| (1..=COUNT).map(move |number| (account, number)));
        let old = all.filter(|(_, number)| moment_of(*number) < moment(before));
        assert_eq!(found(before, limit), old.take(limit).collect::<Vec<_>>(), "{before} {limit}");
    }
}

#[test]
fn no_more_messages_are_looked_at_than_promised() {
    let connection = crowd();
    let fresh = |endpoint, from, limit| {
        let found = fresh_messages(
            &connection,
            account(),
            endpoint_id(endpoint),
            MessageNumber(from),
            limit,
        );
        let found = found.unwrap();
        (found.messages.len(), found.next.0)
    };
    assert_eq!(fresh(1, 1, 10), (0, 1001));
    assert_eq!(fresh(1, COUNT - 1, 10), (0, COUNT + 1));
    assert_eq!(fresh(1, COUNT + 1, 10), (0, COUNT + 1));
    assert_eq!(fresh(2, 100, 10), (10, 110));
    assert_eq!(fresh(2, 100, 0), (0, 100));
    assert_eq!(fresh(2, 100, 5000), (1000, 1100));
    assert_eq!(fresh(3, 100, 10), (0, 100));
}

/// How many steps of SQLite's machine it takes to do something.
fn cost(connection: &mut SqliteConnection, work: impl FnOnce(&SqliteConnection)) -> u64 {
    let steps = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&steps);
    let count = move || {
        counter.fetch_add(1, Ordering::Relaxed);
        false
    };
    connection.progress_handler(1, Some(count)).unwrap();
    work(connection);
    connection.progress_handler(0, None::<fn() -> bool>).unwrap();
    steps.load(Ordering::Relaxed)
}

/// Fails if that takes more steps than it should: fewer than to look at every message.
fn check_cost(
    connection: &mut SqliteConnection,
    name: &str,
    most: u64,
    work: impl FnOnce(&SqliteConnection),
) {
    let steps = cost(connection, work);
    assert!(steps < most, "{name} takes {steps} steps");
}

#[test]
fn reading_costs_the_same_however_many_messages_there_are() {
    let mut connection = crowd();
    let (account, first, second) = (account(), endpoint_id(1), endpoint_id(2));
    let end = MessageNumber(COUNT - 5);
    check_cost(&mut connection, "fresh", 500, |connection| {
        let fresh = fresh_messages(connection, account, second, end, 10).unwrap();
        assert_eq!(fresh.messages.len(), 6);
    });
    check_cost(&mut connection, "due", 500, |connection| {
        let due = delivery::due(connection, account, first, moment(9000), 10).unwrap();
        // The one that was to be tried first comes first.
        let numbers: Vec<_> = due.iter().map(|due| due.message.number.0).collect();
        assert_eq!(numbers, [2700, 1700]);
    });
    let waiting = DeliveryState::Waiting(moment(0));
    for state in [None, Some(DeliveryState::Failed), Some(waiting), Some(DeliveryState::Delivered)]
    {
        for since in [None, Some(moment(COUNT - 20))] {
            check_cost(&mut connection, "deliveries", 5000, |connection| {
                listed(connection, &DeliveryFilter { state, since, ..filter() });
            });
        }
    }
    check_cost(&mut connection, "attempts", 200, |connection| {
        assert_eq!(attempts(connection, account, first, end).unwrap().len(), 1);
    });
    check_cost(&mut connection, "failed", 500, |connection| {
        let all = MessageNumber(i64::MAX);
        assert_eq!(delivery::failed(connection, account, first, all, 10).unwrap().len(), 3);
    });
    check_cost(&mut connection, "old", 5000, |connection| {
        assert_eq!(old_messages(connection, moment(-100), 10).unwrap(), []);
    });
    check_cost(&mut connection, "backlog", 5000, |connection| {
        let found = backlog(connection).unwrap();
        // Of each account, eleven messages twice, and what waits for the first endpoint.
        assert_eq!(found.waiting, 3 * (2 * 11 + 3));
        assert_eq!(found.oldest, Some(moment_of(700)));
    });
    check_cost(&mut connection, "record", 500, |connection| {
        let again = attempted(end.0, DeliveryState::Failed);
        assert!(delivery::record(connection, account, first, &again).unwrap());
        assert!(delivery::record(connection, account, second, &again).unwrap());
        assert_eq!(attempts(connection, account, first, end).unwrap().len(), 2);
    });
    check_cost(&mut connection, "replay", 500, |connection| {
        delivery::replay(connection, account, first, end, moment(1)).unwrap();
    });
    check_cost(&mut connection, "forget", 500, |connection| {
        delivery::delete(connection, account, first, MessageNumber(1), MessageNumber(2)).unwrap();
        message::delete(connection, account, MessageNumber(1), MessageNumber(2)).unwrap();
    });
}
