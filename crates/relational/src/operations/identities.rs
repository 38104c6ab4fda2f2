//! Making and changing identities.

use roster_directory::{
    AccountId, Identity, IdentityChange, IdentityError, IdentityId, IdentityKind, IdentityValue,
    NewIdentity, StoreError, Timestamp, UserId,
};

use super::edit::Edit;
use crate::tables::identity;
use crate::transaction::Transaction;

/// Adds an identity to a user.
pub fn create(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    user: UserId,
    new: NewIdentity,
    now: Timestamp,
) -> Result<Identity, IdentityError> {
    let mut edit = Edit::begin(transaction, account, user)?.ok_or(IdentityError::NotFound)?;
    if is_taken(transaction, account, new.kind, &new.value, None)? {
        return Err(IdentityError::Taken(new.kind, new.value));
    }
    let stamp = transaction.next_stamp(account, now)?;
    let id = IdentityId(transaction.next_number());
    edit.identities.add(id, new, stamp);
    keep(transaction, account, edit, id, stamp)
}

/// Changes an identity.
pub fn change(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    user: UserId,
    id: IdentityId,
    change: &IdentityChange,
    now: Timestamp,
) -> Result<Identity, IdentityError> {
    let mut edit = Edit::begin(transaction, account, user)?.ok_or(IdentityError::NotFound)?;
    let kind = edit.identities.find(id).ok_or(IdentityError::NotFound)?.kind;
    if let IdentityChange::Edit { value: Some(value), .. } = change
        && is_taken(transaction, account, kind, value, Some(id))?
    {
        return Err(IdentityError::Taken(kind, value.clone()));
    }
    let stamp = transaction.next_stamp(account, now)?;
    edit.identities.change(id, change, stamp);
    keep(transaction, account, edit, id, stamp)
}

/// Removes an identity.
pub fn delete(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    user: UserId,
    id: IdentityId,
    now: Timestamp,
) -> Result<(), IdentityError> {
    let mut edit = Edit::begin(transaction, account, user)?.ok_or(IdentityError::NotFound)?;
    if !edit.identities.remove(id) {
        return Err(IdentityError::NotFound);
    }
    let stamp = transaction.next_stamp(account, now)?;
    edit.save(transaction, account, stamp)?;
    Ok(())
}

/// Whether an identity other than `except` has this value.
fn is_taken(
    transaction: &Transaction<'_>,
    account: AccountId,
    kind: IdentityKind,
    value: &IdentityValue,
    except: Option<IdentityId>,
) -> Result<bool, StoreError> {
    let holder = identity::holder_of(transaction.connection, account, kind, value)?;
    Ok(holder.is_some_and(|holder| Some(holder.id) != except))
}

/// Keeps the user and their identities, and returns one of those as it is then.
fn keep(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    edit: Edit,
    id: IdentityId,
    stamp: Timestamp,
) -> Result<Identity, IdentityError> {
    let identity = edit.identities.find(id).cloned().ok_or(IdentityError::NotFound)?;
    edit.save(transaction, account, stamp)?;
    Ok(identity)
}
