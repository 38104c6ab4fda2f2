//! Making and changing end users, as Ada's dialect does.

use std::sync::Arc;

use roster_directory::{
    AccountId, Change, CreateEndUserError, Created, EndUserId, EndUserPatch, EventKind, Identity,
    IdentityId, IdentityKind, IdentityValue, NewEndUser, PatchEndUserError, Role,
    SENSITIVE_KEYS_PER_USER, StoreError, Timestamp, User,
};

use super::users::is_somebody_elses;
use crate::tables::{identity, sensitive_value, user};
use crate::transaction::Transaction;

/// Makes an end user, unless somebody has their external id already.
pub fn create(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    new: NewEndUser,
) -> Result<Created, CreateEndUserError> {
    if let Some(id) = &new.external_id
        && let Some(holder) = user::holder_of(transaction.connection, account, id)?
    {
        // Ada's dialect does not see agents and admins, so it cannot be given one.
        return match holder.role {
            Role::EndUser => Ok(Created::Existing(Arc::new(holder))),
            Role::Agent | Role::Admin => Err(CreateEndUserError::ExternalIdTaken),
        };
    }
    Ok(Created::New(insert(transaction, account, new)?))
}

/// Keeps a new end user, whose external id nobody has.
pub(super) fn insert(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    mut new: NewEndUser,
) -> Result<Arc<User>, StoreError> {
    let stamp = transaction.next_stamp(account, new.created_at)?;
    new.created_at = stamp;
    let secrets = new.sensitive_metadata.take();
    let user = Arc::new(new.into_user(transaction.next_user_id()));
    transaction.insert_user(account, &user)?;
    if let Some(email) = free_email(transaction, account, &user)? {
        claim(transaction, account, &user, email, false)?;
    }
    if let Some(secrets) = secrets {
        sensitive_value::write(transaction.connection, account, user.end_user_id, &secrets)?;
    }
    transaction.record(account, &user, EventKind::Created, stamp)?;
    Ok(user)
}

/// The address in a user's profile, if it could be theirs: nobody else has claimed it.
fn free_email(
    transaction: &Transaction<'_>,
    account: AccountId,
    user: &User,
) -> Result<Option<IdentityValue>, StoreError> {
    let email = user.profile.email.as_deref();
    let Some(email) = email.and_then(|email| IdentityValue::claimed(email).ok()) else {
        return Ok(None);
    };
    let kind = IdentityKind::Email;
    let holder = identity::holder_of(transaction.connection, account, kind, &email)?;
    let free = holder.is_none_or(|holder| holder.user_id == user.user_id);
    Ok(free.then_some(email))
}

/// Makes an address that nobody has the first identity of a new user.
pub(super) fn claim(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    user: &User,
    email: IdentityValue,
    verified: bool,
) -> Result<(), StoreError> {
    let identity = Identity {
        id: IdentityId(transaction.next_number()),
        user_id: user.user_id,
        kind: IdentityKind::Email,
        value: email,
        verified,
        primary: true,
        created_at: user.created_at,
        updated_at: user.created_at,
    };
    identity::insert(transaction.connection, account, &identity)
}

/// Changes an end user, and their secrets even when nothing that can be seen changes. Without secrets
/// nothing is written before all checks have passed.
pub fn patch(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    id: EndUserId,
    patch: &EndUserPatch,
    now: Timestamp,
) -> Result<Arc<User>, PatchEndUserError> {
    let connection = transaction.connection;
    let before = user::end_user(connection, account, id)?.ok_or(PatchEndUserError::NotFound)?;
    let stamp = transaction.next_stamp(account, now)?;
    let changed = patch.apply(&before, stamp)?;
    if let Change::Set(wanted) = &patch.external_id
        && is_somebody_elses(connection, account, wanted, before.user_id)?
    {
        return Err(PatchEndUserError::ExternalIdTaken);
    }
    if let Some(secrets) = &patch.sensitive_metadata {
        sensitive_value::write(connection, account, id, secrets)?;
        if sensitive_value::count_of_user(connection, account, id)? > SENSITIVE_KEYS_PER_USER {
            return Err(PatchEndUserError::TooManySecrets);
        }
    }
    let Some(after) = changed.map(Arc::new) else { return Ok(Arc::new(before)) };
    if after.profile.email != before.profile.email {
        follow_email(transaction, account, &after, stamp)?;
    }
    transaction.update_user(account, &before, &after)?;
    transaction.record_change(account, &before, &after)?;
    Ok(after)
}

/// Lets a user's identities follow the address that was written into their profile.
fn follow_email(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    user: &User,
    stamp: Timestamp,
) -> Result<(), StoreError> {
    let connection = transaction.connection;
    let email = free_email(transaction, account, user)?;
    let before = identity::of_user(connection, account, user.user_id)?;
    let mut after = before.clone();
    after.follow_email(email, || IdentityId(transaction.next_number()), stamp);
    identity::save(connection, account, &before, &after)
}
