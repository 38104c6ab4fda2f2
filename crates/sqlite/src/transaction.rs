//! What a unit of work can do.

use std::sync::Arc;

use roster_directory::{
    AccountId, EndUserId, Event, EventKind, Role, StoreError, Timestamp, User, UserId,
};
use rusqlite::Connection;

use crate::ledger::Ledger;
use crate::tables::user::ExpiredUser;
use crate::tables::{event, user};

/// The open transaction, as one unit sees it.
pub(crate) struct Transaction<'group> {
    /// The connection, for the statements of [`crate::tables`].
    pub(crate) connection: &'group Connection,
    ledger: &'group mut Ledger,
    effects: Effects,
}

/// What a unit changes beyond its rows. It counts only when the unit is kept.
#[derive(Default)]
pub(crate) struct Effects {
    /// The users that changed, as the cache shall have them now.
    pub(crate) users: Vec<(UserKey, Option<Arc<User>>)>,
    /// How many users of a role were made or removed.
    pub(crate) counts: Vec<(AccountId, Role, i64)>,
    /// Whether a token was made or revoked.
    pub(crate) tokens_changed: bool,
}

/// How a user is found.
pub(crate) type UserKey = (AccountId, EndUserId);

impl<'group> Transaction<'group> {
    pub(crate) fn new(connection: &'group Connection, ledger: &'group mut Ledger) -> Self {
        Self { connection, ledger, effects: Effects::default() }
    }

    pub(crate) fn into_effects(self) -> Effects {
        self.effects
    }

    /// A number for a new user.
    pub(crate) fn next_user_id(&mut self) -> UserId {
        self.ledger.next_user_id()
    }

    /// Fails when there is no such account. That can only be a mistake of the caller, since the
    /// store alone makes the numbers of accounts.
    pub(crate) fn require_account(&mut self, account: AccountId) -> Result<(), StoreError> {
        self.ledger.require_account(self.connection, account)
    }

    /// Keeps a new user.
    pub(crate) fn insert_user(
        &mut self,
        account: AccountId,
        user: &Arc<User>,
    ) -> Result<(), StoreError> {
        user::insert(self.connection, account, user)?;
        self.effects.counts.push((account, user.role, 1));
        self.changed(account, user.end_user_id, Some(Arc::clone(user)));
        Ok(())
    }

    /// Keeps `after` in place of `before`, which is the same user.
    pub(crate) fn update_user(
        &mut self,
        account: AccountId,
        before: &User,
        after: &Arc<User>,
    ) -> Result<(), StoreError> {
        user::update(self.connection, before, after)?;
        self.changed(account, after.end_user_id, Some(Arc::clone(after)));
        Ok(())
    }

    /// Removes a user.
    pub(crate) fn delete_user(&mut self, user: &ExpiredUser) -> Result<(), StoreError> {
        user::delete(self.connection, user.user_id)?;
        self.effects.counts.push((user.account, user.role, -1));
        self.changed(user.account, user.end_user_id, None);
        Ok(())
    }

    /// Notes a change for the cache, which has users of role end-user only.
    fn changed(&mut self, account: AccountId, id: EndUserId, now: Option<Arc<User>>) {
        let now = now.filter(|user| user.role == Role::EndUser);
        self.effects.users.push(((account, id), now));
    }

    /// Writes the next line of the account's log.
    pub(crate) fn record(
        &mut self,
        account: AccountId,
        user_id: UserId,
        end_user_id: EndUserId,
        kind: EventKind,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let sequence = self.ledger.next_event(self.connection, account)?;
        let event = Event { sequence, at, kind, user_id, end_user_id };
        event::insert(self.connection, account, &event)
    }

    /// Notes that a token was made or revoked, which every process must learn of.
    pub(crate) fn tokens_changed(&mut self) {
        self.effects.tokens_changed = true;
    }
}
