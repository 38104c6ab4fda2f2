//! Operations on deliveries and messages.

use std::time::Duration;

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use roster_directory::{DeliveryFilter, DeliveryState, MessageNumber, PageLimit, Timestamp};

use super::course::{Agreed, Course, Side};
use super::endpoints::{endpoint, id};
use super::turns::Turn;
use super::values::{account, moment};
use crate::sample::all_deliveries;

#[derive(Debug, Clone)]
pub(super) enum Deliveries {
    Turn(Turn),
    List { account: usize, filter: Filter },
    Replay { account: usize, endpoint: u32, message: i64 },
    ReplayFailed { account: usize, endpoint: u32, since: u32 },
    Backlog,
    Prune { before: u32, limit: usize },
}

/// Which deliveries to list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filter {
    endpoint: u32,
    state: Option<DeliveryState>,
    since: Option<u32>,
    before: Option<i64>,
    limit: u64,
}

const STATES: &[DeliveryState] = &[
    DeliveryState::Waiting(Timestamp::from_micros(0)),
    DeliveryState::Delivered,
    DeliveryState::Failed,
];

fn message() -> impl Strategy<Value = i64> {
    0..10_i64
}

/// An operation, by its place in the case: messages are of the moments of operations.
fn step() -> impl Strategy<Value = u32> {
    0..40_u32
}

fn filter() -> impl Strategy<Value = Filter> {
    let range = (option::of(step()), option::of(message()), 1..5_u64);
    (endpoint(), option::of(select(STATES)), range).prop_map(
        |(endpoint, state, (since, before, limit))| Filter {
            endpoint,
            state,
            since,
            before,
            limit,
        },
    )
}

impl Deliveries {
    pub(super) fn any() -> impl Strategy<Value = Self> {
        prop_oneof![
            10 => Turn::any().prop_map(Self::Turn),
            2 => (account(), filter())
                .prop_map(|(account, filter)| Self::List { account, filter }),
            2 => (account(), endpoint(), message()).prop_map(|(account, endpoint, message)| {
                Self::Replay { account, endpoint, message }
            }),
            2 => (account(), endpoint(), step()).prop_map(|(account, endpoint, since)| {
                Self::ReplayFailed { account, endpoint, since }
            }),
            1 => Just(Self::Backlog),
            1 => (step(), 0..4_usize).prop_map(|(before, limit)| Self::Prune { before, limit }),
        ]
    }

    pub(super) async fn run(self, course: &mut Course) -> Agreed {
        let now = course.now();
        match self {
            Self::Turn(turn) => course.both(async |side| turn.take(side, now).await).await,
            Self::List { account, filter } => {
                let list = async |Side { store, accounts }: &Side| {
                    store.deliveries(accounts[account], filter.read()).await
                };
                course.both(list).await
            }
            Self::Replay { account, endpoint, message } => {
                let replay = async |Side { store, accounts }: &Side| {
                    let message = MessageNumber(message);
                    store.replay(accounts[account], id(endpoint), message, now).await
                };
                course.both(replay).await
            }
            Self::ReplayFailed { account, endpoint, since } => {
                let replay = async |Side { store, accounts }: &Side| {
                    let (account, id) = (accounts[account], id(endpoint));
                    store.replay_failed(account, id, moment(since), now).await
                };
                course.both(replay).await
            }
            Self::Backlog => course.both(async |side| side.store.webhook_backlog().await).await,
            Self::Prune { before, limit } => {
                let before = moment(before).after(Duration::from_micros(1));
                course.both(async |side| side.store.prune_messages(before, limit).await).await
            }
        }
    }
}

impl Filter {
    fn read(self) -> DeliveryFilter {
        DeliveryFilter {
            state: self.state,
            since: self.since.map(moment),
            before: self.before.map(MessageNumber),
            limit: PageLimit::new(self.limit).unwrap(),
            ..all_deliveries(id(self.endpoint))
        }
    }
}
