//! The numbers that a group of writes moves: read once, written once before the commit.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use roster_directory::{AccountId, EventSequence, Role, StoreError, UserId};
use rusqlite::Connection;

use crate::tables::account::{self, UserDeltas};
use crate::tables::allocation;

/// The next numbers to give out, and what the group has added to the counts of users.
///
/// A number that was given out is not taken back when the unit that got it is undone. All of it is
/// saved in the same commit as the rows that carry the numbers, so a number that was committed is
/// never given out again; and it is read anew at the start of the next group, for another process
/// may have given out numbers too.
pub(crate) struct Ledger {
    saved_user_id: i64,
    next_user_id: i64,
    accounts: HashMap<AccountId, Tally>,
}

/// The part of one account.
struct Tally {
    saved_event: i64,
    next_event: i64,
    users: UserDeltas,
}

impl Ledger {
    pub(crate) fn load(connection: &Connection) -> Result<Self, StoreError> {
        let next_user_id = allocation::next_user_id(connection)?;
        Ok(Self { saved_user_id: next_user_id, next_user_id, accounts: HashMap::new() })
    }

    /// A number for a new user.
    pub(crate) fn next_user_id(&mut self) -> UserId {
        self.next_user_id += 1;
        UserId::from_stored(self.next_user_id - 1)
    }

    /// A place in an account's log.
    pub(crate) fn next_event(
        &mut self,
        connection: &Connection,
        account: AccountId,
    ) -> Result<EventSequence, StoreError> {
        let tally = self.tally(connection, account)?;
        tally.next_event += 1;
        Ok(EventSequence(tally.next_event - 1))
    }

    /// Counts users that a unit made or removed.
    pub(crate) fn count(
        &mut self,
        connection: &Connection,
        account: AccountId,
        role: Role,
        delta: i64,
    ) -> Result<(), StoreError> {
        let users = &mut self.tally(connection, account)?.users;
        match role {
            Role::EndUser => users.end_users += delta,
            Role::Agent => users.agents += delta,
            Role::Admin => users.admins += delta,
        }
        Ok(())
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
                let next_event = account::next_event(connection, account)?.ok_or_else(|| {
                    StoreError::Unavailable(format!("there is no account {account}"))
                })?;
                let users = UserDeltas::default();
                Ok(entry.insert(Tally { saved_event: next_event, next_event, users }))
            }
        }
    }

    /// Writes what has changed.
    pub(crate) fn save(&self, connection: &Connection) -> Result<(), StoreError> {
        if self.next_user_id != self.saved_user_id {
            allocation::set_next_user_id(connection, self.next_user_id)?;
        }
        for (account, tally) in &self.accounts {
            if tally.next_event != tally.saved_event || tally.users != UserDeltas::default() {
                account::advance(connection, *account, tally.next_event, tally.users)?;
            }
        }
        Ok(())
    }
}
