//! One case: the same operations on two stores, side by side.

use std::fmt::Debug;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use roster_directory::{
    AccountId, Event, EventSequence, NewAccount, PageLimit, Segment, Store, Timestamp, Token,
    UserFilter,
};

use super::deliveries::Deliveries;
use super::endpoints::Endpoints;
use super::finds::Finds;
use super::furnish::{FURNISHED, furnish};
use super::jobs::Jobs;
use super::lists::Lists;
use super::people::People;
use super::records::Records;
use super::talks::Talks;
use super::upkeep::Upkeep;
use super::users::Users;
use super::values::{ACCOUNTS, EMAILS, moment};
use crate::look;
use crate::sample::{self, text};
use crate::walk::{SORTS, Walk};

/// What can be done to a directory.
///
/// Things are named by small numbers: user 2 is the third that somebody tried to make, in
/// whichever account. So a number may also name nobody, or somebody of another account. From
/// 1000 on, it names an owner. Zendesk's dialect, which knows them by other numbers, names them by
/// [`Pick`](super::picks::Pick).
#[derive(Debug, Clone)]
pub(super) enum Operation {
    People(People),
    Talks(Talks),
    Upkeep(Upkeep),
    Users(Users, Pace),
    Records(Records, Pace),
    Lists(Lists),
    Finds(Finds),
    Jobs(Jobs),
    Endpoints(Endpoints),
    Deliveries(Deliveries),
}

/// How the clock goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pace {
    /// It goes on from operation to operation.
    On,
    /// It has gone back for this one.
    Back,
    /// It goes ahead for this one, so that those that follow come before it by the clock.
    Ahead,
}

/// Each kind of operation is boxed: together they would not fit on a test's stack.
pub(super) fn operation() -> impl Strategy<Value = Operation> {
    let pace = || prop_oneof![8 => Just(Pace::On), 1 => Just(Pace::Back), 1 => Just(Pace::Ahead)];
    prop_oneof![
        3 => People::any().prop_map(Operation::People).boxed(),
        1 => Talks::any().prop_map(Operation::Talks).boxed(),
        2 => Upkeep::any().prop_map(Operation::Upkeep).boxed(),
        6 => (Users::any(), pace()).prop_map(|(users, pace)| Operation::Users(users, pace)).boxed(),
        4 => (Records::any(), pace()).prop_map(|(records, pace)| Operation::Records(records, pace)).boxed(),
        2 => Lists::any().prop_map(Operation::Lists).boxed(),
        1 => Finds::any().prop_map(Operation::Finds).boxed(),
        1 => Jobs::any().prop_map(Operation::Jobs).boxed(),
        2 => Endpoints::any().prop_map(Operation::Endpoints).boxed(),
        4 => Deliveries::any().prop_map(Operation::Deliveries).boxed(),
    ]
}

/// Whether the stores agreed.
pub(super) type Agreed = Result<(), TestCaseError>;

/// One of the two stores, with the numbers that it gave to the accounts.
pub(super) struct Side {
    pub(super) store: Arc<dyn Store>,
    pub(super) accounts: Vec<AccountId>,
}

impl Side {
    async fn new(store: Arc<dyn Store>) -> Self {
        let mut accounts = Vec::new();
        for name in ACCOUNTS {
            let owner_email = Some(text(EMAILS[0]));
            let new = NewAccount { owner_email, ..sample::new_account(name) };
            accounts.push(store.create_account(new).await.unwrap().id);
        }
        furnish(&*store, accounts[0]).await;
        Self { store, accounts }
    }

    /// The account's place: stores may number accounts as they like.
    pub(super) fn place(&self, account: AccountId) -> AccountId {
        let place = self.accounts.iter().position(|own| *own == account).unwrap();
        AccountId::from_stored(i64::try_from(place).unwrap())
    }

    /// The token, with its account's place.
    pub(super) fn placed(&self, token: Token) -> Token {
        Token { account: self.place(token.account), ..token }
    }
}

/// Events without the numbers that each store gives them as it likes.
pub(super) fn unnumbered(events: Vec<Event>) -> Vec<Event> {
    let unnumbered = |event| Event { sequence: EventSequence(0), ..event };
    events.into_iter().map(unnumbered).collect()
}

/// A case on its way.
pub(super) struct Course {
    model: Side,
    tested: Side,
    steps: u32,
    pace: Pace,
    pub(super) users: u32,
    pub(super) channels: u32,
    pub(super) conversations: u32,
    pub(super) tokens: u32,
    pub(super) jobs: u8,
    pub(super) endpoints: u32,
}

impl Course {
    pub(super) async fn new(model: Arc<dyn Store>, tested: Arc<dyn Store>) -> Self {
        Self {
            model: Side::new(model).await,
            tested: Side::new(tested).await,
            steps: 0,
            pace: Pace::On,
            users: FURNISHED,
            channels: 0,
            conversations: 0,
            tokens: 0,
            jobs: 0,
            endpoints: 2,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        match self.pace {
            Pace::On => moment(self.steps),
            Pace::Back => moment(self.steps.saturating_sub(3)),
            Pace::Ahead => moment(self.steps + 3),
        }
    }

    /// The store that says what there is.
    pub(super) fn model(&self) -> &Side {
        &self.model
    }

    /// Asks both stores the same, and compares their answers.
    pub(super) async fn both<T: PartialEq + Debug>(&self, ask: impl AsyncFn(&Side) -> T) -> Agreed {
        let expected = ask(&self.model).await;
        let answer = ask(&self.tested).await;
        prop_assert_eq!(answer, expected, "the store under test is on the left");
        Ok(())
    }

    /// Does one operation to both. What each kind does is boxed, so that a step stays small.
    pub(super) async fn step(&mut self, operation: Operation) -> Agreed {
        self.steps += 1;
        self.pace = match operation {
            Operation::Users(_, pace) | Operation::Records(_, pace) => pace,
            _ => Pace::On,
        };
        match operation {
            Operation::People(operation) => Box::pin(operation.run(self)).await,
            Operation::Talks(operation) => Box::pin(operation.run(self)).await,
            Operation::Upkeep(operation) => Box::pin(operation.run(self)).await,
            Operation::Users(operation, _) => Box::pin(operation.run(self)).await,
            Operation::Records(operation, _) => Box::pin(operation.run(self)).await,
            Operation::Lists(operation) => Box::pin(operation.run(self)).await,
            Operation::Finds(operation) => Box::pin(operation.run(self)).await,
            Operation::Jobs(operation) => Box::pin(operation.run(self)).await,
            Operation::Endpoints(operation) => Box::pin(operation.run(self)).await,
            Operation::Deliveries(operation) => Box::pin(operation.run(self)).await,
        }
    }

    /// Compares all that the two hold in the end.
    pub(super) async fn finish(&mut self) -> Agreed {
        for account in 0..2 {
            self.both(async |side| look::end_users(&*side.store, side.accounts[account]).await)
                .await?;
            self.both(async |side| {
                let events = look::events(&*side.store, side.accounts[account]).await;
                let ascends = events.is_sorted_by(|one, next| one.sequence < next.sequence);
                (ascends, unnumbered(events))
            })
            .await?;
            self.both(async |side| look::holdings(&*side.store, side.accounts[account]).await)
                .await?;
            self.both(async |side| look::outboxes(&*side.store, side.accounts[account]).await)
                .await?;
            self.walks(account).await?;
            Talks::Channels { account, modality: None, from: None, limit: 100 }.run(self).await?;
            for conversation in 0..self.conversations {
                Talks::Conversation { account, conversation }.run(self).await?;
            }
            for user in 0..self.users {
                People::EndUser { account, user }.run(self).await?;
                People::ReadSecrets { account, user }.run(self).await?;
            }
        }
        for token in 0..self.tokens {
            Upkeep::Authenticate { token }.run(self).await?;
        }
        for job in 0..self.jobs {
            for account in 0..2 {
                Jobs::Read { account, job }.run(self).await?;
            }
        }
        Deliveries::Backlog.run(self).await?;
        Upkeep::Tokens.run(self).await?;
        Upkeep::SealingKeys.run(self).await?;
        Upkeep::Accounts.run(self).await
    }

    /// Walks over everybody in every order.
    async fn walks(&self, account: usize) -> Agreed {
        for sort in SORTS {
            let filter = UserFilter::all(Segment::Account);
            let walk = Walk { filter, sort, limit: PageLimit::new(3).unwrap() };
            self.both(async |side| walk.check(&*side.store, side.accounts[account]).await).await?;
        }
        Ok(())
    }
}
