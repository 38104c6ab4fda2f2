//! What a unit of work can do.

use std::sync::Arc;

use roster_directory::{
    AccountId, Content, EndUserId, Event, EventKind, EventSequence, Message, MessageNumber, Record,
    RemovalReason, Role, StoreError, Timestamp, User, UserId,
};

use crate::ledger::{Counted, Ledger};
use crate::sql::Connection;
use crate::tables::{deleted_user, event, message, record, searched, user};

/// The open transaction, as one unit sees it.
///
/// Every change of a user goes through it, for more than a row changes then: the moment of the
/// account's last change, the store's cache, the counts, and what endpoints are told.
pub struct Transaction<'group> {
    /// The connection, for the statements of [`crate::tables`].
    pub connection: &'group dyn Connection,
    ledger: &'group mut Ledger,
    effects: Effects,
}

/// What a unit changes beyond its rows. It counts only when the unit is kept.
#[derive(Default)]
pub struct Effects {
    /// The users that changed, in the order in which they did.
    pub users: Vec<UserChange>,
    /// How many of what were made or removed.
    pub counts: Vec<(Counted, i64)>,
    /// Whether a token was made or revoked.
    pub tokens_changed: bool,
    /// The account of each message that was written. Their numbers are taken already.
    pub messages: Vec<AccountId>,
    /// Which messages an account keeps from now on.
    pub message_types: Option<(AccountId, i64)>,
    /// Whether something may have become deliverable.
    pub deliverable: bool,
    /// The events of changes in nothing that is searched.
    pub unsearched: Vec<(AccountId, EventSequence)>,
}

impl Effects {
    /// Whether there are none: a unit that makes all its checks first has written nothing then.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self {
            users,
            counts,
            tokens_changed,
            messages,
            message_types,
            deliverable,
            unsearched,
        } = self;
        users.is_empty()
            && counts.is_empty()
            && messages.is_empty()
            && message_types.is_none()
            && unsearched.is_empty()
            && !(*tokens_changed || *deliverable)
    }
}

/// A user who was made, changed or removed.
#[derive(Debug, Clone)]
pub struct UserChange {
    /// Their account.
    pub account: AccountId,
    /// Their number.
    pub user_id: UserId,
    /// Their other identifier.
    pub end_user_id: EndUserId,
    /// Their role, or the one that they had when they were removed.
    pub role: Role,
    /// The user as they are now, of any role; `None` if they were removed.
    pub now: Option<Arc<User>>,
}

impl<'group> Transaction<'group> {
    /// A unit's view of the transaction that is open.
    pub fn new(connection: &'group dyn Connection, ledger: &'group mut Ledger) -> Self {
        Self { connection, ledger, effects: Effects::default() }
    }

    /// What the unit has changed beyond its rows.
    #[must_use]
    pub fn into_effects(self) -> Effects {
        self.effects
    }

    /// A number for a new user, identity or record. A refusal shall take none, so ask for it when
    /// all checks have passed.
    pub(crate) fn next_number(&mut self) -> i64 {
        self.ledger.next_number()
    }

    /// A number for a new user.
    pub(crate) fn next_user_id(&mut self) -> UserId {
        UserId::from_stored(self.next_number())
    }

    /// The moment that a change of a user happens at now. It is taken once such a change is kept.
    pub(crate) fn next_stamp(
        &mut self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Timestamp, StoreError> {
        Ok(now.later_than(self.ledger.last_change(self.connection, account)?))
    }

    /// Fails when there is no such account. That can only be a mistake of the caller, since the
    /// store alone makes the numbers of accounts.
    pub fn require_account(&mut self, account: AccountId) -> Result<(), StoreError> {
        self.ledger.require_account(self.connection, account)
    }

    /// Keeps a new user.
    pub(crate) fn insert_user(
        &mut self,
        account: AccountId,
        user: &Arc<User>,
    ) -> Result<(), StoreError> {
        self.insert_owner(account, user)?;
        self.ledger.changed(self.connection, account, user.updated_at)?;
        self.tell(account, user.updated_at, user.end_user_id, || Content::of_new_user(user))
    }

    /// Keeps the first user of a new account, whose making is no change of its users.
    pub(crate) fn insert_owner(
        &mut self,
        account: AccountId,
        user: &Arc<User>,
    ) -> Result<(), StoreError> {
        user::insert(self.connection, account, user)?;
        self.count_user(account, user, 1);
        self.changed(account, user, Some(Arc::clone(user)));
        Ok(())
    }

    /// Keeps `after` in place of `before`, which is the same user.
    pub(crate) fn update_user(
        &mut self,
        account: AccountId,
        before: &User,
        after: &Arc<User>,
    ) -> Result<(), StoreError> {
        user::update(self.connection, account, before, after)?;
        let place =
            |user: &User| (user.role, user.support.organization_id, user.support.custom_role_id);
        if place(before) != place(after) {
            self.count_user(account, before, -1);
            self.count_user(account, after, 1);
        }
        self.changed(account, after, Some(Arc::clone(after)));
        self.ledger.changed(self.connection, account, after.updated_at)?;
        let content = || Content::of_change(before, after);
        self.tell(account, after.updated_at, after.end_user_id, content)
    }

    /// Removes a user and keeps what is told of them from now on.
    pub(crate) fn delete_user(
        &mut self,
        account: AccountId,
        before: &User,
        tombstone: &User,
        reason: RemovalReason,
    ) -> Result<(), StoreError> {
        user::delete(self.connection, account, before.user_id)?;
        self.count_user(account, before, -1);
        self.changed(account, before, None);
        deleted_user::insert(self.connection, account, tombstone)?;
        self.effects.counts.push((Counted::Deleted(account, tombstone.role), 1));
        self.ledger.changed(self.connection, account, tombstone.updated_at)?;
        let content = || Content::of_removal(before, reason);
        self.tell(account, tombstone.updated_at, before.end_user_id, content)
    }

    /// Keeps what is told of a deleted user from now on.
    pub(crate) fn update_deleted_user(
        &mut self,
        account: AccountId,
        tombstone: &User,
    ) -> Result<(), StoreError> {
        deleted_user::replace(self.connection, account, tombstone)?;
        self.ledger.changed(self.connection, account, tombstone.updated_at)
    }

    /// Counts a user, in the account and wherever else users are counted.
    fn count_user(&mut self, account: AccountId, user: &User, delta: i64) {
        let counts = &mut self.effects.counts;
        counts.push((Counted::User(account, user.role), delta));
        if let Some(organization) = user.support.organization_id {
            counts.push((Counted::UserOf(account, organization.0, user.role), delta));
        }
        if let Some(custom_role) = user.support.custom_role_id {
            counts.push((Counted::UserOf(account, custom_role.0, user.role), delta));
        }
    }

    /// Notes a change of a user, for the store's cache.
    fn changed(&mut self, account: AccountId, user: &User, now: Option<Arc<User>>) {
        let User { user_id, end_user_id, role, .. } = *user;
        self.effects.users.push(UserChange { account, user_id, end_user_id, role, now });
    }

    /// Keeps a new record.
    pub(crate) fn insert_record(
        &mut self,
        account: AccountId,
        new: &Record,
    ) -> Result<(), StoreError> {
        record::insert(self.connection, account, new)?;
        self.effects.counts.push((Counted::Record(account, new.kind()), 1));
        Ok(())
    }

    /// Removes a record.
    pub(crate) fn delete_record(
        &mut self,
        account: AccountId,
        former: &Record,
    ) -> Result<(), StoreError> {
        record::delete(self.connection, account, former.id())?;
        self.effects.counts.push((Counted::Record(account, former.kind()), -1));
        Ok(())
    }

    /// The record as it was read, with those users too that earlier units of this group gave it.
    pub(crate) fn with_members(&self, account: AccountId, mut record: Record) -> Record {
        if let Record::CustomRole(role) = &mut record {
            role.members = role
                .members
                .saturating_add_signed(self.ledger.unsaved_users_of(account, role.id.0));
        }
        record
    }

    /// Writes the next line of the account's log.
    pub(crate) fn record(
        &mut self,
        account: AccountId,
        user: &User,
        kind: EventKind,
        at: Timestamp,
    ) -> Result<EventSequence, StoreError> {
        let sequence = self.ledger.next_event(self.connection, account)?;
        let event =
            Event { sequence, at, kind, user_id: user.user_id, end_user_id: user.end_user_id };
        event::insert(self.connection, account, &event)?;
        Ok(sequence)
    }

    /// Writes the next line of the account's log: that a user was changed.
    pub(crate) fn record_change(
        &mut self,
        account: AccountId,
        before: &User,
        after: &User,
    ) -> Result<(), StoreError> {
        let sequence = self.record(account, after, EventKind::Updated, after.updated_at)?;
        if searched::is_same(before, after) {
            self.effects.unsearched.push((account, sequence));
        }
        Ok(())
    }

    /// Writes the account's next message, if it has an enabled endpoint that asks for what there is
    /// to tell. Where none asks for anything, this costs next to nothing.
    pub(crate) fn tell(
        &mut self,
        account: AccountId,
        at: Timestamp,
        end_user_id: EndUserId,
        content: impl FnOnce() -> Option<Content>,
    ) -> Result<(), StoreError> {
        let types = self.ledger.message_types(self.connection, account)?;
        if types == 0 {
            return Ok(());
        }
        let is_wanted = |content: &Content| types & (1 << content.event_type().number()) != 0;
        let Some(content) = content().filter(is_wanted) else { return Ok(()) };
        let number = self.ledger.take_message(self.connection, account)?;
        self.effects.messages.push(account);
        self.deliverable();
        let message = Message { number, at, end_user_id, content };
        message::insert(self.connection, account, &message)
    }

    /// The number that the account's next message takes.
    pub(crate) fn next_message(&mut self, account: AccountId) -> Result<MessageNumber, StoreError> {
        self.ledger.next_message(self.connection, account)
    }

    /// Notes which messages the account keeps once this unit is kept: the bit of each type's number.
    pub(crate) fn keep_messages_of(&mut self, account: AccountId, types: i64) {
        self.effects.message_types = Some((account, types));
    }

    /// Notes that something may have become deliverable.
    pub(crate) fn deliverable(&mut self) {
        self.effects.deliverable = true;
    }

    /// Notes that a token was made or revoked, which every process must learn of.
    pub fn tokens_changed(&mut self) {
        self.effects.tokens_changed = true;
    }
}
