//! The numbers that a group of writes moves: read once, written once before the commit.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use roster_directory::{
    AccountId, EventSequence, MessageNumber, RecordKind, Role, StoreError, Timestamp,
};
use rusqlite::Connection;

use crate::tables::account::{self, Deltas, Marks, UserDeltas};
use crate::tables::{allocation, record};

/// The next numbers to give out, and what the group has added to counts.
///
/// A number that was given out is not taken back when the unit that got it is undone, but for
/// those of messages, which have no gaps. All of it is
/// saved in the same commit as the rows that carry the numbers, so a number that was committed is
/// never given out again; and it is read anew at the start of the next group, for another process
/// may have given out numbers too.
pub(crate) struct Ledger {
    saved_number: i64,
    next_number: i64,
    accounts: HashMap<AccountId, Tally>,
    /// The users of organizations and custom roles.
    records: HashMap<i64, UserDeltas>,
}

/// The part of one account.
struct Tally {
    saved: Marks,
    marks: Marks,
    deltas: Deltas,
}

/// What is counted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Counted {
    /// The users of an account.
    User(AccountId, Role),
    /// The deleted of an account.
    Deleted(AccountId, Role),
    /// The users of an organization or a custom role.
    UserOf(i64, Role),
    /// The records of an account.
    Record(AccountId, RecordKind),
}

impl Ledger {
    pub(crate) fn load(connection: &Connection) -> Result<Self, StoreError> {
        let next_number = allocation::next_user_id(connection)?;
        let (accounts, records) = (HashMap::new(), HashMap::new());
        Ok(Self { saved_number: next_number, next_number, accounts, records })
    }

    /// A number for a new user, identity or record.
    pub(crate) fn next_number(&mut self) -> i64 {
        self.next_number += 1;
        self.next_number - 1
    }

    /// A place in an account's log.
    pub(crate) fn next_event(
        &mut self,
        connection: &Connection,
        account: AccountId,
    ) -> Result<EventSequence, StoreError> {
        let marks = &mut self.tally(connection, account)?.marks;
        marks.next_event += 1;
        Ok(EventSequence(marks.next_event - 1))
    }

    /// Which messages of the account are kept: the bit of each type's number.
    pub(crate) fn message_types(
        &mut self,
        connection: &Connection,
        account: AccountId,
    ) -> Result<i64, StoreError> {
        Ok(self.tally(connection, account)?.marks.message_types)
    }

    /// Notes which messages of the account are kept from now on.
    pub(crate) fn set_message_types(
        &mut self,
        connection: &Connection,
        account: AccountId,
        types: i64,
    ) -> Result<(), StoreError> {
        self.tally(connection, account)?.marks.message_types = types;
        Ok(())
    }

    /// The number that the account's next message takes.
    pub(crate) fn next_message(
        &mut self,
        connection: &Connection,
        account: AccountId,
    ) -> Result<MessageNumber, StoreError> {
        Ok(MessageNumber(self.tally(connection, account)?.marks.next_message))
    }

    /// A number for a message.
    pub(crate) fn take_message(
        &mut self,
        connection: &Connection,
        account: AccountId,
    ) -> Result<MessageNumber, StoreError> {
        let marks = &mut self.tally(connection, account)?.marks;
        let number = MessageNumber(marks.next_message);
        marks.next_message = number.next().0;
        Ok(number)
    }

    /// Takes back the numbers of messages that came to nothing, the last ones that were given out:
    /// the account of each.
    pub(crate) fn give_back_messages(&mut self, messages: &[AccountId]) {
        for account in messages {
            if let Some(tally) = self.accounts.get_mut(account) {
                tally.marks.next_message -= 1;
            }
        }
    }

    /// When a user of the account last changed.
    pub(crate) fn last_change(
        &mut self,
        connection: &Connection,
        account: AccountId,
    ) -> Result<Timestamp, StoreError> {
        Ok(self.tally(connection, account)?.marks.last_change)
    }

    /// Notes that a user of the account changed at this moment.
    pub(crate) fn changed(
        &mut self,
        connection: &Connection,
        account: AccountId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let marks = &mut self.tally(connection, account)?.marks;
        marks.last_change = marks.last_change.max(at);
        Ok(())
    }

    /// Counts what a unit made or removed.
    pub(crate) fn count(
        &mut self,
        connection: &Connection,
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
            Counted::UserOf(record, role) => {
                self.records.entry(record).or_default().add(role, delta);
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

    /// How many users of an organization or a custom role the file does not know of yet.
    pub(crate) fn unsaved_users_of(&self, record: i64) -> i64 {
        let deltas = self.records.get(&record).copied().unwrap_or_default();
        deltas.end_users + deltas.agents + deltas.admins
    }

    /// Fails when there is no such account.
    pub(crate) fn require_account(
        &mut self,
        connection: &Connection,
        account: AccountId,
    ) -> Result<(), StoreError> {
        self.tally(connection, account).map(|_| ())
    }

    fn tally(
        &mut self,
        connection: &Connection,
        account: AccountId,
    ) -> Result<&mut Tally, StoreError> {
        match self.accounts.entry(account) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let marks = account::marks(connection, account)?.ok_or_else(|| {
                    StoreError::Unavailable(format!("there is no account {account}"))
                })?;
                Ok(entry.insert(Tally { saved: marks, marks, deltas: Deltas::default() }))
            }
        }
    }

    /// Writes what has changed.
    pub(crate) fn save(&self, connection: &Connection) -> Result<(), StoreError> {
        if self.next_number != self.saved_number {
            allocation::set_next_user_id(connection, self.next_number)?;
        }
        for (account, tally) in &self.accounts {
            if tally.marks != tally.saved || tally.deltas != Deltas::default() {
                account::advance(connection, *account, tally.marks, &tally.deltas)?;
            }
        }
        for (record, users) in &self.records {
            if *users != UserDeltas::default() {
                record::add_users(connection, *record, *users)?;
            }
        }
        Ok(())
    }
}
