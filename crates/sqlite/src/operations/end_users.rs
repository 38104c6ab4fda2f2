//! Making and changing end users.

use std::sync::Arc;

use roster_directory::{
    AccountId, Change, CreateEndUserError, Created, EndUserId, EndUserPatch, EventKind, NewEndUser,
    PatchEndUserError, Role, SENSITIVE_KEYS_PER_USER, StoreError, Timestamp, User,
};

use crate::tables::{sensitive_value, user};
use crate::transaction::Transaction;

/// Makes an end user, unless somebody has their external id already.
pub(crate) fn create(
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
    let secrets = new.sensitive_metadata.take();
    let user = Arc::new(new.into_user(transaction.next_user_id()));
    transaction.insert_user(account, &user)?;
    if let Some(secrets) = secrets {
        sensitive_value::write(transaction.connection, account, user.end_user_id, &secrets)?;
    }
    let (id, end_user_id) = (user.user_id, user.end_user_id);
    transaction.record(account, id, end_user_id, EventKind::Created, user.created_at)?;
    Ok(user)
}

/// Changes an end user, and their secrets even when nothing that can be seen changes.
pub(crate) fn patch(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    id: EndUserId,
    patch: &EndUserPatch,
    now: Timestamp,
) -> Result<Arc<User>, PatchEndUserError> {
    let connection = transaction.connection;
    let before = user::end_user(connection, account, id)?.ok_or(PatchEndUserError::NotFound)?;
    let changed = patch.apply(&before, now)?;
    if let Change::Set(wanted) = &patch.external_id
        && user::holder_of(connection, account, wanted)?
            .is_some_and(|holder| holder.user_id != before.user_id)
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
    transaction.update_user(account, &before, &after)?;
    transaction.record(account, after.user_id, id, EventKind::Updated, now)?;
    Ok(after)
}
