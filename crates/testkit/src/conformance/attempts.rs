//! What is kept of attempts, and what an endpoint learns from them.

use std::sync::Arc;

use roster_directory::{
    ANSWER_LIMIT, Attempt, AttemptOutcome, Attempted, Delivery, DeliveryReport, DeliveryState,
    Endpoint, EndpointStatus, EventType, FAILING_LIMIT, MessageNumber, Store, Timestamp,
};

use crate::look;
use crate::sample::{
    self, HOLDER, START, at, attempt, attempted, deliver, end_user_id, endpoint_id, listening,
    report,
};

const DAY: u64 = 24 * 60 * 60;

/// The numbers of attempts by their latencies, which tests give them.
fn latencies(attempts: &[Attempt]) -> Vec<u32> {
    attempts.iter().map(|attempt| attempt.latency_ms).collect()
}

/// An attempt that took so long.
fn took(latency_ms: u32, attempt: Attempt) -> Attempt {
    Attempt { latency_ms, ..attempt }
}

/// A message that an endpoint took is delivered; what is kept says what it was about.
pub async fn a_success_is_kept(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    sample::end_users_of(&*store, account, 1..=2).await;
    let before = look::endpoint(&*store, account, id).await;
    let after = deliver(&*store, account, id, vec![attempted(2, attempt(9, 204), None)]).await;
    assert_eq!(after, before);
    let expected = Delivery {
        endpoint_id: id,
        message: MessageNumber(2),
        event_type: EventType::EndUserCreated,
        end_user_id: end_user_id(2),
        message_at: at(2),
        state: DeliveryState::Delivered,
        tries: 0,
        last: Some(attempt(9, 204)),
    };
    assert_eq!(look::deliveries(&*store, account, id).await, [expected]);
    assert_eq!(store.attempts(account, id, MessageNumber(2)).await, Ok(vec![attempt(9, 204)]));
    assert_eq!(store.attempts(account, id, MessageNumber(1)).await, Ok(vec![]));
    assert_eq!(look::due(&*store, account, id, at(1_000_000)).await, []);
}

/// Attempts are kept as they were, however they ended.
pub async fn every_outcome_survives(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    sample::end_users_of(&*store, account, [1]).await;
    let outcomes = [
        (AttemptOutcome::Answered(100), ""),
        (AttemptOutcome::Answered(599), "<p>it's \"no\" \u{fffd}\n🙂</p>"),
        (AttemptOutcome::TimedOut, ""),
        (AttemptOutcome::Forbidden, ""),
        (AttemptOutcome::Failed("connection refused: it's".into()), ""),
        (AttemptOutcome::Failed("".into()), ""),
        (AttemptOutcome::Answered(200), &*"x".repeat(ANSWER_LIMIT)),
    ];
    let mut kept = Vec::new();
    for (seconds, (outcome, answer)) in (5..).zip(outcomes) {
        let latency_ms = if seconds == 5 { u32::MAX } else { 0 };
        let one = Attempt { at: at(seconds), outcome, latency_ms, answer: answer.into() };
        let state = DeliveryState::Waiting(at(seconds + 1));
        let one_more = Attempted { message: MessageNumber(1), attempt: one.clone(), state };
        deliver(&*store, account, id, vec![one_more]).await;
        kept.push(one);
    }
    let last = look::deliveries(&*store, account, id).await.remove(0);
    assert_eq!((last.last.as_ref(), last.tries), (kept.last(), 6));
    // The state is what was reported, whatever came of the attempt.
    assert_eq!(last.state, DeliveryState::Waiting(at(12)));
    assert_eq!(store.attempts(account, id, MessageNumber(1)).await, Ok(kept));
}

/// Every attempt is kept, the first one first, in the order in which they were reported. Each that
/// failed counts.
pub async fn attempts_follow_each_other(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    sample::end_users_of(&*store, account, 1..=2).await;
    let state = async |number: usize| {
        let deliveries = look::deliveries(&*store, account, id).await;
        (deliveries[number].state, deliveries[number].tries)
    };
    let waiting = |seconds| DeliveryState::Waiting(at(seconds));
    let both = vec![
        attempted(1, took(1, attempt(5, 500)), Some(at(10))),
        attempted(2, took(2, attempt(6, 500)), Some(at(11))),
    ];
    deliver(&*store, account, id, both).await;
    assert_eq!((state(1).await, state(0).await), ((waiting(10), 1), (waiting(11), 1)));
    // The clock went back.
    let both = vec![
        attempted(2, took(3, attempt(4, 503)), None),
        attempted(1, took(4, attempt(3, 500)), Some(at(20))),
    ];
    deliver(&*store, account, id, both).await;
    let failed = (DeliveryState::Failed, 2);
    assert_eq!((state(1).await, state(0).await), ((waiting(20), 2), failed));
    deliver(&*store, account, id, vec![attempted(1, took(5, attempt(20, 200)), None)]).await;
    let delivered = (DeliveryState::Delivered, 2);
    assert_eq!((state(1).await, state(0).await), (delivered, failed));

    let attempts = async |number| {
        latencies(&store.attempts(account, id, MessageNumber(number)).await.unwrap())
    };
    assert_eq!((attempts(1).await, attempts(2).await), (vec![1, 4, 5], vec![2, 3]));
    let last = look::deliveries(&*store, account, id).await.remove(1).last;
    assert_eq!(last, Some(took(5, attempt(20, 200))));
}

/// Each endpoint has deliveries of its own.
pub async fn endpoints_have_their_own_deliveries(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    let other = sample::endpoint(&*store, account, 2).await;
    sample::lease(&*store, HOLDER).await;
    sample::end_users_of(&*store, account, 1..=2).await;
    deliver(&*store, account, id, vec![attempted(1, attempt(5, 500), None)]).await;
    deliver(&*store, account, other, vec![attempted(1, attempt(6, 200), None)]).await;
    let [first, second] = [id, other].map(|id| look::deliveries(&*store, account, id));
    let (first, second) = (first.await, second.await);
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_eq!((first[0].endpoint_id, first[0].state), (id, DeliveryState::Failed));
    assert_eq!((second[0].endpoint_id, second[0].state), (other, DeliveryState::Delivered));
    assert_eq!(store.attempts(account, other, MessageNumber(1)).await, Ok(vec![attempt(6, 200)]));
    assert_eq!(look::endpoint(&*store, account, other).await.failing_since, None);
}

/// An endpoint remembers since when it has failed, until it takes something.
pub async fn a_failure_is_remembered(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    sample::end_users_of(&*store, account, 1..=3).await;
    let before = look::endpoint(&*store, account, id).await;
    let failing = |since, last| Endpoint {
        failing_since: Some(at(since)),
        last_failed_at: Some(at(last)),
        ..before.clone()
    };
    let report = async |attempts: Vec<Attempted>| {
        let answer = deliver(&*store, account, id, attempts).await;
        assert_eq!(look::endpoint(&*store, account, id).await, answer);
        answer
    };
    assert_eq!(report(vec![attempted(1, attempt(5, 500), None)]).await, failing(5, 5));
    assert_eq!(report(vec![attempted(2, attempt(6, 500), None)]).await, failing(5, 6));
    // It began earlier than the one before it.
    assert_eq!(report(vec![attempted(3, attempt(4, 500), None)]).await, failing(5, 6));
    assert_eq!(report(vec![attempted(1, attempt(7, 200), None)]).await, before);
    // What ended last counts last.
    let both = vec![attempted(1, attempt(8, 500), None), attempted(2, attempt(9, 200), None)];
    assert_eq!(report(both).await, before);
    let both = vec![attempted(1, attempt(8, 200), None), attempted(2, attempt(9, 500), None)];
    assert_eq!(report(both).await, failing(9, 9));
}

/// After five days of failures without a success an endpoint is disabled, and says since when it
/// has failed.
pub async fn five_days_of_failures_disable(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    sample::end_users_of(&*store, account, [1]).await;
    let fails = async |at| {
        let attempt = Attempt { at, ..attempt(0, 500) };
        deliver(&*store, account, id, vec![attempted(1, attempt, Some(at))]).await
    };
    for day in 0..5 {
        assert_eq!(fails(at(7 + day * DAY)).await.failing_since, Some(at(7)));
    }
    let just_before = Timestamp::from_micros(at(7).after(FAILING_LIMIT).as_micros() - 1);
    assert_eq!(fails(just_before).await.status, EndpointStatus::Enabled);
    let end = at(7).after(FAILING_LIMIT);
    let failed = fails(end).await;
    assert_eq!((failed.status, failed.updated_at), (EndpointStatus::Failed, end));
    assert_eq!((failed.failing_since, failed.last_failed_at), (Some(at(7)), Some(end)));
    assert_eq!(look::endpoint(&*store, account, id).await, failed);
    // What was under way then is kept, and changes nothing of that.
    let success = attempted(1, attempt(6 * DAY, 200), None);
    let later = deliver(&*store, account, id, vec![success]).await;
    assert_eq!((later.status, later.updated_at), (EndpointStatus::Failed, end));
    assert_eq!(look::deliveries(&*store, account, id).await[0].state, DeliveryState::Delivered);
    assert_eq!(sample::lease(&*store, HOLDER).await, []);
}

/// Failures that are more than a day apart are not five days of failures, however many there are.
pub async fn failures_far_apart_disable_nobody(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    sample::end_users_of(&*store, account, [1]).await;
    let fails = async |at| {
        let attempt = Attempt { at, ..attempt(0, 500) };
        deliver(&*store, account, id, vec![attempted(1, attempt, Some(at))]).await
    };
    for day in [0, 6, 12] {
        let failing = fails(at(7 + day * DAY)).await;
        let since = Some(at(7 + day * DAY));
        assert_eq!((failing.failing_since, failing.last_failed_at), (since, since));
        assert_eq!(failing.status, EndpointStatus::Enabled);
        assert_eq!(look::endpoint(&*store, account, id).await, failing);
    }
    assert_eq!(fails(at(7 + 13 * DAY)).await.failing_since, Some(at(7 + 12 * DAY)));
    let late = at(7 + 14 * DAY).after(std::time::Duration::from_micros(1));
    assert_eq!(fails(late).await.failing_since, Some(late));
}

/// Who says that they are gone is disabled at once.
pub async fn who_is_gone_is_disabled(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    sample::end_users_of(&*store, account, 1..=2).await;
    let both = vec![attempted(1, attempt(5, 410), None), attempted(2, attempt(6, 200), None)];
    let gone = deliver(&*store, account, id, both).await;
    assert_eq!((gone.status, gone.updated_at), (EndpointStatus::Gone, at(5)));
    assert_eq!(gone.failing_since, None);
    assert_eq!(look::endpoint(&*store, account, id).await, gone);
    assert_eq!(look::deliveries(&*store, account, id).await.len(), 2);
    assert_eq!(sample::lease(&*store, HOLDER).await, []);
    // Nobody is told any more.
    sample::end_users_of(&*store, account, [3]).await;
    assert_eq!(look::numbers(&*store, account, id).await, []);
}

/// The cursor follows what is reported, with attempts or without, and never goes back.
pub async fn the_cursor_never_goes_back(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    let other = sample::endpoint(&*store, account, 2).await;
    sample::end_users_of(&*store, account, 1..=5).await;
    let cursors = async || -> Vec<i64> {
        let leases = sample::lease(&*store, HOLDER).await;
        leases.iter().map(|lease| lease.cursor.0).collect()
    };
    let report = async |cursor, attempts| {
        let report = DeliveryReport { holder: HOLDER, cursor: MessageNumber(cursor), attempts };
        store.record_attempts(account, id, report).await.unwrap().unwrap();
    };
    assert_eq!(cursors().await, [1, 1]);
    report(4, vec![]).await;
    assert_eq!(cursors().await, [4, 1]);
    report(2, vec![attempted(1, attempt(6, 500), Some(at(7)))]).await;
    assert_eq!(cursors().await, [4, 1]);
    // A cursor is what is reported, whichever messages were tried.
    report(5, vec![attempted(2, attempt(6, 200), None)]).await;
    assert_eq!(cursors().await, [5, 1]);
    assert_eq!(look::numbers(&*store, account, other).await, [1, 2, 3, 4, 5]);
}

/// Nothing is kept of the report of one whose lease somebody else has taken.
pub async fn a_lost_lease_keeps_nothing(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    sample::end_users_of(&*store, account, 1..=2).await;
    deliver(&*store, account, id, vec![attempted(1, attempt(5, 500), Some(at(9)))]).await;
    let other = roster_directory::LeaseHolder(2);
    let leases = store.lease_endpoints(other, at(3600), at(7200)).await.unwrap();
    let before = look::outboxes(&*store, account).await;
    let attempts = vec![attempted(1, attempt(6, 410), None), attempted(2, attempt(6, 200), None)];
    let lost = store.record_attempts(account, id, report(HOLDER, attempts)).await;
    assert_eq!(lost, Ok(None));
    assert_eq!(look::outboxes(&*store, account).await, before);
    let again = store.lease_endpoints(other, at(3600), at(7200)).await.unwrap();
    assert_eq!(again, leases);
}

/// An attempt at a message that is not there any more is passed over: nothing is kept or learnt of
/// it. The rest of the report is kept.
pub async fn what_has_gone_is_passed_over(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    sample::end_users_of(&*store, account, 1..=3).await;
    assert_eq!(store.prune_messages(at(2), 10).await, Ok(1));
    let attempts = vec![
        attempted(2, attempt(5, 200), None),
        attempted(1, attempt(6, 410), None),
        attempted(99, attempt(7, 500), None),
    ];
    let endpoint = deliver(&*store, account, id, attempts).await;
    assert_eq!((endpoint.status, endpoint.failing_since), (EndpointStatus::Enabled, None));
    let deliveries = look::deliveries(&*store, account, id).await;
    let numbers: Vec<_> = deliveries.iter().map(|delivery| delivery.message.0).collect();
    assert_eq!(numbers, [2]);
    assert_eq!(store.attempts(account, id, MessageNumber(1)).await, Ok(vec![]));
    let lease = sample::lease(&*store, HOLDER).await.remove(0);
    assert_eq!(lease.cursor, MessageNumber(100));
}

/// There are no attempts where there is no endpoint, no message or no delivery.
pub async fn nothing_has_no_attempts(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    sample::end_users_of(&*store, account, [1]).await;
    for (id, number) in [(id, 1), (id, 2), (endpoint_id(9), 1)] {
        assert_eq!(store.attempts(account, id, MessageNumber(number)).await, Ok(vec![]));
    }
    let stranger = endpoint_id(9);
    assert_eq!(look::deliveries(&*store, account, stranger).await, []);
    assert_eq!(store.due_messages(account, stranger, START, 10).await, Ok(vec![]));
}
