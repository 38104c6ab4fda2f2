//! Deleting and merging users, and forgetting the deleted.

use std::sync::Arc;

use roster_directory::{
    AccountId, DeleteUserError, EventKind, MergeUsersError, Record, RecordFilter, RemovalReason,
    Role, StoreError, Timestamp, User, UserId, UserState,
};

use super::edit::Edit;
use super::users::is_owner;
use crate::tables::{deleted_user, identity, record_list, sensitive_value, user};
use crate::transaction::Transaction;

/// Deletes a user.
pub fn delete(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    id: UserId,
    now: Timestamp,
) -> Result<Arc<User>, DeleteUserError> {
    let connection = transaction.connection;
    let user = user::by_id(connection, account, id)?.ok_or(DeleteUserError::NotFound)?;
    if is_owner(connection, account, id)? {
        return Err(DeleteUserError::Owner);
    }
    let reason = RemovalReason::Deleted;
    Ok(remove(transaction, account, &user, User::deleted, reason, now)?)
}

/// Merges an end user into another one.
pub fn merge(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    from: UserId,
    into: UserId,
    now: Timestamp,
) -> Result<Arc<User>, MergeUsersError> {
    let from = Edit::begin(transaction, account, from)?.ok_or(MergeUsersError::NotFound)?;
    let mut into =
        Edit::begin(transaction, account, into)?.ok_or(MergeUsersError::TargetNotFound)?;
    let is_end_user = |edit: &Edit| edit.user.role == Role::EndUser;
    if from.user.user_id == into.user.user_id || !is_end_user(&from) || !is_end_user(&into) {
        return Err(MergeUsersError::NotMergeable);
    }
    let stamp = transaction.next_stamp(account, now)?;
    into.identities.absorb(from.identities, stamp);
    if from.user.expires_at.is_none() {
        into.user.expires_at = None;
    }
    // Whoever took somebody in has changed, even if it cannot be seen from anything else.
    into.user.updated_at = stamp;
    identity::delete_of_user(transaction.connection, account, from.user.user_id)?;
    let merged = into.save(transaction, account, stamp)?;
    remove(transaction, account, &from.user, User::deleted, RemovalReason::Merged, now)?;
    Ok(merged)
}

/// Takes a user out of the account, and keeps of them what `bury` leaves.
pub(super) fn remove(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    user: &User,
    bury: fn(&User, Timestamp) -> User,
    reason: RemovalReason,
    now: Timestamp,
) -> Result<Arc<User>, StoreError> {
    let connection = transaction.connection;
    let stamp = transaction.next_stamp(account, now)?;
    let tombstone = User { updated_at: stamp, ..bury(user, stamp) };
    identity::delete_of_user(connection, account, user.user_id)?;
    leave_groups(transaction, account, user.user_id)?;
    sensitive_value::delete_of_user(connection, account, user.end_user_id)?;
    transaction.delete_user(account, user, &tombstone, reason)?;
    transaction.record(account, user, EventKind::Deleted(reason), stamp)?;
    Ok(Arc::new(tombstone))
}

/// Removes all memberships of a user.
pub(super) fn leave_groups(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    user: UserId,
) -> Result<(), StoreError> {
    let filter = RecordFilter::MembershipsOf(user);
    for membership in record_list::memberships(transaction.connection, account, filter)? {
        transaction.delete_record(account, &Record::Membership(membership))?;
    }
    Ok(())
}

/// Forgets all that is personal of one of the deleted.
pub fn erase(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    id: UserId,
    now: Timestamp,
) -> Result<Option<Arc<User>>, StoreError> {
    let found = deleted_user::by_id(transaction.connection, account, id)?;
    let Some(deleted) = found else { return Ok(None) };
    if deleted.state == UserState::Erased {
        return Ok(Some(Arc::new(deleted)));
    }
    let stamp = transaction.next_stamp(account, now)?;
    let erased = User { updated_at: stamp, ..deleted.erased(stamp) };
    transaction.update_deleted_user(account, &erased)?;
    Ok(Some(Arc::new(erased)))
}
