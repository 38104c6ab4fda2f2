//! One case: the same operations on two stores, side by side.

use std::fmt::Debug;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use roster_directory::{AccountId, Event, EventSequence, NewAccount, Store, Timestamp, Token};

use super::people::People;
use super::talks::Talks;
use super::upkeep::Upkeep;
use super::values::{ACCOUNTS, EMAILS, moment};
use crate::look;
use crate::sample::{self, text};

/// What can be done to a directory.
///
/// Things are named by small numbers: user 2 is the third that somebody tried to make, in
/// whichever account. So a number may also name nobody, or somebody of another account. From
/// 1000 on, it names an owner.
#[derive(Debug, Clone)]
pub(super) enum Operation {
    People(People),
    Talks(Talks),
    Upkeep(Upkeep),
}

pub(super) fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        2 => People::any().prop_map(Operation::People),
        1 => Talks::any().prop_map(Operation::Talks),
        1 => Upkeep::any().prop_map(Operation::Upkeep),
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
    pub(super) steps: u32,
    pub(super) users: u32,
    pub(super) channels: u32,
    pub(super) conversations: u32,
    pub(super) tokens: u32,
}

impl Course {
    pub(super) async fn new(model: Arc<dyn Store>, tested: Arc<dyn Store>) -> Self {
        Self {
            model: Side::new(model).await,
            tested: Side::new(tested).await,
            steps: 0,
            users: 0,
            channels: 0,
            conversations: 0,
            tokens: 0,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        moment(self.steps)
    }

    /// Asks both stores the same, and compares their answers.
    pub(super) async fn both<T: PartialEq + Debug>(&self, ask: impl AsyncFn(&Side) -> T) -> Agreed {
        let expected = ask(&self.model).await;
        let answer = ask(&self.tested).await;
        prop_assert_eq!(answer, expected, "the store under test is on the left");
        Ok(())
    }

    /// Does one operation to both.
    pub(super) async fn step(&mut self, operation: Operation) -> Agreed {
        self.steps += 1;
        match operation {
            Operation::People(operation) => operation.run(self).await,
            Operation::Talks(operation) => operation.run(self).await,
            Operation::Upkeep(operation) => operation.run(self).await,
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
        Upkeep::Tokens.run(self).await?;
        Upkeep::SealingKeys.run(self).await?;
        Upkeep::Accounts.run(self).await
    }
}
