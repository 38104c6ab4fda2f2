//! Sending messages, without a network: what is fresh or due is tried, and what came of it is
//! reported.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use roster_directory::{
    Attempt, AttemptOutcome, Attempted, DeliveryReport, DeliveryState, DueMessage, Endpoint,
    FreshMessages, Lease, LeaseHolder, MessageNumber, StoreError, Timestamp,
};

use super::course::Side;
use super::endpoints::{endpoint, holder, id};
use super::values::account;
use crate::sample;

/// One turn of one who delivers.
#[derive(Debug, Clone)]
pub(super) struct Turn {
    account: usize,
    endpoint: u32,
    holder: i64,
    /// Whether the lease is asked for before, as it should be.
    leased: bool,
    /// Whether what is due is tried, and not what is fresh.
    due: bool,
    limit: usize,
    /// What comes of each attempt, over and over.
    ends: Vec<End>,
}

/// What comes of an attempt.
#[derive(Debug, Clone, Copy)]
enum End {
    Success,
    /// It is tried again later.
    Retry,
    /// It is tried again later, and was begun six days later by the clock.
    LateRetry,
    /// It is tried every day for five days, and again later.
    DailyRetries,
    GivenUp,
    TimedOut,
    Gone,
}

const ENDS: &[End] = &[
    End::Success,
    End::Success,
    End::Success,
    End::Retry,
    End::Retry,
    End::Retry,
    End::LateRetry,
    End::DailyRetries,
    End::GivenUp,
    End::GivenUp,
    End::TimedOut,
    End::Gone,
];

/// How long a lease lasts: three operations.
const LEASE: Duration = Duration::from_secs(3_000);

impl Turn {
    pub(super) fn any() -> impl Strategy<Value = Self> {
        let leased = prop_oneof![6 => Just(true), 1 => Just(false)];
        let who = (account(), endpoint(), holder(), leased);
        (who, any::<bool>(), 1..5_usize, vec(select(ENDS), 1..4)).prop_map(
            |((account, endpoint, holder, leased), due, limit, ends)| Self {
                account,
                endpoint,
                holder,
                leased,
                due,
                limit,
                ends,
            },
        )
    }

    /// Everything that is seen on the way is part of the answer.
    pub(super) async fn take(&self, side: &Side, now: Timestamp) -> Seen {
        let (account, id) = (side.accounts[self.account], id(self.endpoint));
        let leases = if self.leased { lease(side, self.holder, now).await } else { Vec::new() };
        let own = leases.iter().find(|lease| lease.endpoint.endpoint_id == id);
        let mut cursor = own.map_or(MessageNumber::FIRST, |lease| lease.cursor);
        let (mut fresh, mut due) = (None, Vec::new());
        let mut numbers = Vec::new();
        if self.due {
            due = side.store.due_messages(account, id, now, self.limit).await.unwrap();
            numbers.extend(due.iter().map(|due| due.message.number));
        } else {
            let read = side.store.fresh_messages(account, id, cursor, self.limit).await.unwrap();
            cursor = read.next;
            numbers.extend(read.messages.iter().map(|message| message.number));
            fresh = Some(read);
        }
        let ends = self.ends.iter().cycle();
        let attempts = numbers.into_iter().zip(ends).flat_map(|(number, end)| end.of(number, now));
        let report = DeliveryReport {
            holder: LeaseHolder(self.holder),
            cursor,
            attempts: attempts.collect(),
        };
        let recorded = side.store.record_attempts(account, id, report).await;
        Seen { leases, fresh, due, recorded }
    }
}

/// What was seen in one turn.
#[derive(Debug, PartialEq)]
pub(super) struct Seen {
    leases: Vec<Lease>,
    fresh: Option<FreshMessages>,
    due: Vec<DueMessage>,
    recorded: Result<Option<Endpoint>, StoreError>,
}

impl End {
    fn of(self, message: MessageNumber, now: Timestamp) -> Vec<Attempted> {
        let later = |seconds| now.after(Duration::from_secs(seconds));
        let (outcome, state) = match self {
            Self::Success => (AttemptOutcome::Answered(200), DeliveryState::Delivered),
            Self::Retry | Self::LateRetry | Self::DailyRetries => {
                (AttemptOutcome::Answered(500), DeliveryState::Waiting(later(1_500)))
            }
            Self::TimedOut => (AttemptOutcome::TimedOut, DeliveryState::Waiting(later(0))),
            Self::GivenUp => (AttemptOutcome::Failed("it's".into()), DeliveryState::Failed),
            Self::Gone => (AttemptOutcome::Answered(410), DeliveryState::Failed),
        };
        let days = match self {
            Self::LateRetry => 6..=6_u64,
            Self::DailyRetries => 0..=5,
            Self::Success | Self::Retry | Self::GivenUp | Self::TimedOut | Self::Gone => 0..=0,
        };
        let at = |day| Attempt {
            at: later(day * 86_400),
            outcome: outcome.clone(),
            ..sample::attempt(0, 0)
        };
        days.map(|day| Attempted { message, attempt: at(day), state }).collect()
    }
}

/// Takes what can be had, and tells it with the accounts' places.
pub(super) async fn lease(side: &Side, holder: i64, now: Timestamp) -> Vec<Lease> {
    let holder = LeaseHolder(holder);
    let leases = side.store.lease_endpoints(holder, now, now.after(LEASE)).await.unwrap();
    let placed = |lease: Lease| Lease { account: side.place(lease.account), ..lease };
    leases.into_iter().map(placed).collect()
}
