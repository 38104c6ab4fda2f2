//! Making and changing users of every role, as Zendesk's dialect does.

use std::sync::Arc;

use roster_directory::{
    AccountId, Change, EventKind, ExternalId, IdentityId, IdentitySet, NewIdentity, NewUser,
    RecordKind, Role, SaveUserError, Saved, StoreError, SupportPatch, Timestamp, User, UserId,
    UserPatch,
};

use super::edit::Edit;
use super::removal;
use crate::sql::Connection;
use crate::tables::{account, identity, record, user};
use crate::transaction::Transaction;

/// Makes a user.
pub fn create(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    new: &NewUser,
) -> Result<Arc<User>, SaveUserError> {
    let stamp = transaction.next_stamp(account, new.created_at)?;
    // Nobody has this number. Who passes all checks gets another one.
    let nobody = UserId::from_stored(0);
    let blank = User::blank(nobody, new.end_user_id, Role::EndUser, stamp);
    let mut user = new.patch.apply(&blank)?;
    let identities = check(transaction.connection, account, nobody, &new.patch)?;
    user.user_id = transaction.next_user_id();
    let none = IdentitySet::from_stored(user.user_id, Vec::new());
    let mut all = none.clone();
    for new in identities {
        all.add(IdentityId(transaction.next_number()), new, stamp);
    }
    user.follow(&none, &all);
    let user = Arc::new(user);
    transaction.insert_user(account, &user)?;
    identity::save(transaction.connection, account, &none, &all)?;
    transaction.record(account, &user, EventKind::Created, stamp)?;
    Ok(user)
}

/// Changes a user.
pub fn update(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    id: UserId,
    patch: &UserPatch,
    now: Timestamp,
) -> Result<Arc<User>, SaveUserError> {
    let connection = transaction.connection;
    let mut edit = Edit::begin(transaction, account, id)?.ok_or(SaveUserError::NotFound)?;
    edit.user = patch.apply(edit.before())?;
    let resigns = edit.before().role == Role::Admin && edit.user.role != Role::Admin;
    if resigns && is_owner(connection, account, id)? {
        return Err(SaveUserError::OwnerStaysAdmin);
    }
    let identities = check(connection, account, id, patch)?;
    let stamp = transaction.next_stamp(account, now)?;
    edit.add(transaction, identities, stamp);
    let leaves_team = edit.before().role != Role::EndUser && edit.user.role == Role::EndUser;
    let user = edit.save(transaction, account, stamp)?;
    if leaves_team {
        removal::leave_groups(transaction, account, id)?;
    }
    Ok(user)
}

/// Makes a user, or changes the one who has the external id or one of the identities.
pub fn create_or_update(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    new: NewUser,
) -> Result<Saved, SaveUserError> {
    let Some(id) = find(transaction.connection, account, &new.patch)? else {
        return create(transaction, account, &new).map(Saved::Created);
    };
    let NewUser { mut patch, created_at: now, .. } = new;
    patch.identities.iter_mut().for_each(|identity| identity.primary = false);
    update(transaction, account, id, &patch, now).map(Saved::Updated)
}

/// The user that a request is about who names no number.
fn find(
    connection: &dyn Connection,
    account: AccountId,
    patch: &UserPatch,
) -> Result<Option<UserId>, StoreError> {
    if let Change::Set(id) = &patch.external_id
        && let Some(holder) = user::holder_of(connection, account, id)?
    {
        return Ok(Some(holder.user_id));
    }
    for wanted in &patch.identities {
        let holder = identity::holder_of(connection, account, wanted.kind, &wanted.value)?;
        if let Some(holder) = holder {
            return Ok(Some(holder.user_id));
        }
    }
    Ok(None)
}

/// Whether the user is the owner of the account.
pub(super) fn is_owner(
    connection: &dyn Connection,
    account: AccountId,
    user: UserId,
) -> Result<bool, StoreError> {
    Ok(account::owner(connection, account)? == Some(user))
}

/// Checks what a request sets against what the account has, and returns the identities that the
/// user does not have yet.
fn check(
    connection: &dyn Connection,
    account: AccountId,
    user: UserId,
    patch: &UserPatch,
) -> Result<Vec<NewIdentity>, SaveUserError> {
    if let Change::Set(id) = &patch.external_id
        && is_somebody_elses(connection, account, id, user)?
    {
        return Err(SaveUserError::ExternalIdTaken);
    }
    let mut fresh: Vec<NewIdentity> = Vec::new();
    for wanted in &patch.identities {
        match identity::holder_of(connection, account, wanted.kind, &wanted.value)? {
            Some(holder) if holder.user_id == user => {}
            Some(_) => {
                return Err(SaveUserError::IdentityTaken(wanted.kind, wanted.value.clone()));
            }
            None if fresh.iter().any(|new| is_same(new, wanted)) => {}
            None => fresh.push(wanted.clone()),
        }
    }
    check_support(connection, account, user, &patch.support)?;
    Ok(fresh)
}

/// Whether a user other than this one has that external id.
pub(super) fn is_somebody_elses(
    connection: &dyn Connection,
    account: AccountId,
    id: &ExternalId,
    user: UserId,
) -> Result<bool, StoreError> {
    let holder = user::holder_of(connection, account, id)?;
    Ok(holder.is_some_and(|holder| holder.user_id != user))
}

fn is_same(one: &NewIdentity, other: &NewIdentity) -> bool {
    one.kind == other.kind && one.value.folded() == other.value.folded()
}

fn check_support(
    connection: &dyn Connection,
    account: AccountId,
    user: UserId,
    patch: &SupportPatch,
) -> Result<(), SaveUserError> {
    if let Change::Set(id) = patch.organization_id
        && !record::exists(connection, account, RecordKind::Organization, id.0)?
    {
        return Err(SaveUserError::NoOrganization);
    }
    if let Change::Set(id) = patch.custom_role_id
        && !record::exists(connection, account, RecordKind::CustomRole, id.0)?
    {
        return Err(SaveUserError::NoCustomRole);
    }
    if let Change::Set(id) = patch.default_group_id
        && !record::is_member(connection, account, user, id)?
    {
        return Err(SaveUserError::NoGroup);
    }
    Ok(())
}
