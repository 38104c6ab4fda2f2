//! Removing those whose time has come.

use roster_directory::{EventKind, RemovalReason, StoreError, Swept, Timestamp};

use crate::tables::{sensitive_value, user};
use crate::transaction::Transaction;

/// Users first: the secrets that go with them are not counted as secrets whose own time has come.
pub(crate) fn expire(
    transaction: &mut Transaction<'_>,
    now: Timestamp,
    limit: usize,
) -> Result<Swept, StoreError> {
    let expired = user::expired(transaction.connection, now, limit)?;
    for user in &expired {
        transaction.delete_user(user)?;
        sensitive_value::delete_of_user(transaction.connection, user.account, user.end_user_id)?;
        let kind = EventKind::Deleted(RemovalReason::Expired);
        transaction.record(user.account, user.user_id, user.end_user_id, kind, now)?;
    }
    let sensitive_values = sensitive_value::delete_expired(transaction.connection, now, limit)?;
    Ok(Swept { end_users: expired.len(), sensitive_values })
}
