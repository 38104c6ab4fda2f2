//! Removing those whose time has come.

use roster_directory::{
    AccountId, JOB_LIFETIME, RemovalReason, StoreError, Swept, Timestamp, User, UserId,
};

use super::removal;
use crate::tables::{job, sensitive_value, user};
use crate::transaction::Transaction;

/// Users first: the secrets that go with them are not counted as secrets whose own time has come.
pub fn expire(
    transaction: &mut Transaction<'_>,
    now: Timestamp,
    limit: usize,
) -> Result<Swept, StoreError> {
    let connection = transaction.connection;
    let expired = user::expired(connection, now, limit)?;
    for expired in &expired {
        expire_user(transaction, expired.account, expired.user_id, now)?;
    }
    let sensitive_values = sensitive_value::delete_expired(connection, now, limit)?;
    job::delete_until(connection, now.before(JOB_LIFETIME), limit)?;
    Ok(Swept { end_users: expired.len(), sensitive_values })
}

/// Removes those of these users of an account whose time has come, and returns how many they were.
pub fn expire_users(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    users: &[UserId],
    now: Timestamp,
) -> Result<usize, StoreError> {
    let mut count = 0;
    for id in users {
        count += usize::from(expire_user(transaction, account, *id, now)?);
    }
    Ok(count)
}

/// Removes a user, if their time has come.
fn expire_user(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    id: UserId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let found = user::by_id(transaction.connection, account, id)?;
    let Some(user) = found.filter(|user| user.expires_at.is_some_and(|at| at <= now)) else {
        return Ok(false);
    };
    removal::remove(transaction, account, &user, User::erased, RemovalReason::Expired, now)?;
    Ok(true)
}
