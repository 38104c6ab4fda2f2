//! The numbers that a group of writes moves: read once, written once before the commit.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use roster_directory::{
    AccountId, EventSequence, MessageNumber, RecordKind, Role, StoreError, Timestamp,
};

use crate::sql::Connection;
use crate::tables::account::{self, Deltas, Marks, UserDeltas};
use crate::tables::record;

/// The next numbers to give out, and what the group has added to counts.
///
/// A number that was given out is not taken back when the unit that got it is undone, but for
/// those of messages, which have no gaps. All of it is
/// saved in the same commit as the rows that carry the numbers, so a number that was committed is
/// never given out again; and it is read anew at the start of the next group, for another process
/// may have given out numbers too. Where the numbers of users, identities and records come from,
/// and how it is kept which are taken, is the store's own.
///
/// What is saved is saved in order, so that of two who write at once none waits for the other in
/// turn.
pub struct Ledger {
    next_number: i64,
    /// The numbers before this one may be given out.
    end: i64,
    accounts: BTreeMap<AccountId, Tally>,
    /// The users of organizations and custom roles.
    records: BTreeMap<(AccountId, i64), UserDeltas>,
}

/// The part of one account.
struct Tally {
    saved: Marks,
    marks: Marks,
    deltas: Deltas,
}

impl Tally {
    fn new(marks: Marks) -> Self {
        Self { saved: marks, marks, deltas: Deltas::default() }
    }
}

/// What is counted.
#[derive(Debug, Clone, Copy)]
pub enum Counted {
    /// The users of an account.
    User(AccountId, Role),
    /// The deleted of an account.
    Deleted(AccountId, Role),
    /// The users of an organization or a custom role of an account.
    UserOf(AccountId, i64, Role),
    /// The records of an account.
    Record(AccountId, RecordKind),
}

impl Ledger {
    /// A ledger that gives out the numbers from `next_number` up to but without `end`.
    #[must_use]
    pub const fn new(next_number: i64, end: i64) -> Self {
        Self { next_number, end, accounts: BTreeMap::new(), records: BTreeMap::new() }
    }

    /// The number that is given out next.
    #[must_use]
    pub const fn next(&self) -> i64 {
        self.next_number
    }

    /// Whether more numbers were given out than there were: then nothing of the group may be kept.
    #[must_use]
    pub const fn is_overdrawn(&self) -> bool {
        self.next_number > self.end
    }

    /// Takes up an account whose marks the store has read itself. One that is known already stays
    /// as it has become.
    pub fn know(&mut self, account: AccountId, marks: Marks) {
        self.accounts.entry(account).or_insert_with(|| Tally::new(marks));
    }

    /// A number for a new user, identity or record.
    pub(crate) fn next_number(&mut self) -> i64 {
        self.next_number += 1;
        self.next_number - 1
    }

    /// A place in an account's log.
    pub(crate) fn next_event(
        &mut self,
        connection: &dyn Connection,
        account: AccountId,
    ) -> Result<EventSequence, StoreError> {
        let marks = &mut self.tally(connection, account)?.marks;
        marks.next_event += 1;
        Ok(EventSequence(marks.next_event - 1))
    }

    /// Which messages of the account are kept: the bit of each type's number.
    pub(crate) fn message_types(
        &mut self,
        connection: &dyn Connection,
        account: AccountId,
    ) -> Result<i64, StoreError> {
        Ok(self.tally(connection, account)?.marks.message_types)
    }

    /// Notes which messages of the account are kept from now on.
    pub fn set_message_types(
        &mut self,
        connection: &dyn Connection,
        account: AccountId,
        types: i64,
    ) -> Result<(), StoreError> {
        self.tally(connection, account)?.marks.message_types = types;
        Ok(())
    }

    /// The number that the account's next message takes.
    pub(crate) fn next_message(
        &mut self,
        connection: &dyn Connection,
        account: AccountId,
    ) -> Result<MessageNumber, StoreError> {
        Ok(MessageNumber(self.tally(connection, account)?.marks.next_message))
    }

    /// A number for a message.
    pub(crate) fn take_message(
        &mut self,
        connection: &dyn Connection,
        account: AccountId,
    ) -> Result<MessageNumber, StoreError> {
        let marks = &mut self.tally(connection, account)?.marks;
        let number = MessageNumber(marks.next_message);
        marks.next_message = number.next().0;
        Ok(number)
    }

    /// Takes back the numbers of messages that came to nothing, the last ones that were given out:
    /// the account of each.
    pub fn give_back_messages(&mut self, messages: &[AccountId]) {
        for account in messages {
            if let Some(tally) = self.accounts.get_mut(account) {
                tally.marks.next_message -= 1;
            }
        }
    }

    /// When a user of the account last changed.
    pub(crate) fn last_change(
        &mut self,
        connection: &dyn Connection,
        account: AccountId,
    ) -> Result<Timestamp, StoreError> {
        Ok(self.tally(connection, account)?.marks.last_change)
    }

    /// Notes that a user of the account changed at this moment.
    pub(crate) fn changed(
        &mut self,
        connection: &dyn Connection,
        account: AccountId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let marks = &mut self.tally(connection, account)?.marks;
        marks.last_change = marks.last_change.max(at);
        Ok(())
    }

    /// Counts what a unit made or removed.
    pub fn count(
        &mut self,
        connection: &dyn Connection,
        counted: Counted,
        delta: i64,
    ) -> Result<(), StoreError> {
        match counted {
            Counted::User(account, role) => {
                self.tally(connection, account)?.deltas.users.add(role, delta);
            }
            Counted::Deleted(account, role) => {
                self.tally(connection, account)?.deltas.deleted.add(role, delta);
            }
            Counted::UserOf(account, record, role) => {
                self.records.entry((account, record)).or_default().add(role, delta);
            }
            Counted::Record(account, kind) => {
                let deltas = &mut self.tally(connection, account)?.deltas;
                match kind {
                    RecordKind::Organization => deltas.organizations += delta,
                    RecordKind::Group => deltas.groups += delta,
                    RecordKind::Membership => deltas.memberships += delta,
                    RecordKind::CustomRole => deltas.custom_roles += delta,
                }
            }
        }
        Ok(())
    }

    /// How many users of an organization or a custom role its row does not know of yet.
    pub(crate) fn unsaved_users_of(&self, account: AccountId, record: i64) -> i64 {
        let deltas = self.records.get(&(account, record)).copied().unwrap_or_default();
        deltas.end_users + deltas.agents + deltas.admins
    }

    /// Fails when there is no such account.
    pub(crate) fn require_account(
        &mut self,
        connection: &dyn Connection,
        account: AccountId,
    ) -> Result<(), StoreError> {
        self.tally(connection, account).map(|_| ())
    }

    fn tally(
        &mut self,
        connection: &dyn Connection,
        account: AccountId,
    ) -> Result<&mut Tally, StoreError> {
        match self.accounts.entry(account) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let marks = account::marks(connection, account)?.ok_or_else(|| {
                    StoreError::Unavailable(format!("there is no account {account}"))
                })?;
                Ok(entry.insert(Tally::new(marks)))
            }
        }
    }

    /// Writes what has changed of accounts and records.
    pub fn save(&self, connection: &dyn Connection) -> Result<(), StoreError> {
        for (account, tally) in &self.accounts {
            if tally.marks != tally.saved || tally.deltas != Deltas::default() {
                account::advance(connection, *account, tally.marks, &tally.deltas)?;
            }
        }
        for ((account, record), users) in &self.records {
            if *users != UserDeltas::default() {
                record::add_users(connection, *account, *record, *users)?;
            }
        }
        Ok(())
    }
}
