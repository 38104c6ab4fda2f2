//! Removing those whose time has come.

use roster_directory::{JOB_LIFETIME, RemovalReason, StoreError, Swept, Timestamp, User};

use super::removal;
use crate::tables::{job, sensitive_value, user};
use crate::transaction::Transaction;

/// Users first: the secrets that go with them are not counted as secrets whose own time has come.
pub(crate) fn expire(
    transaction: &mut Transaction<'_>,
    now: Timestamp,
    limit: usize,
) -> Result<Swept, StoreError> {
    let connection = transaction.connection;
    let expired = user::expired(connection, now, limit)?;
    for expired in &expired {
        let user = user::by_id(connection, expired.account, expired.user_id)?;
        let Some(user) = user else { continue };
        let reason = RemovalReason::Expired;
        removal::remove(transaction, expired.account, &user, User::erased, reason, now)?;
    }
    let sensitive_values = sensitive_value::delete_expired(connection, now, limit)?;
    job::delete_until(connection, now.before(JOB_LIFETIME), limit)?;
    Ok(Swept { end_users: expired.len(), sensitive_values })
}
