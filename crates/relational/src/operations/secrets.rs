//! Reading secrets, which is a write: it leaves an event.

use roster_directory::{
    AccountId, EndUserId, EventKind, SealedValue, StoreError, Timestamp, TokenId,
};

use crate::tables::{sensitive_value, user};
use crate::transaction::Transaction;

/// The secrets of an end user that have not expired. The read leaves an event even when there is
/// nothing to be read.
pub fn read(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    id: EndUserId,
    reader: TokenId,
    now: Timestamp,
) -> Result<Option<Vec<SealedValue>>, StoreError> {
    let Some(user) = user::end_user(transaction.connection, account, id)? else { return Ok(None) };
    let kind = EventKind::SensitiveRead(reader);
    transaction.record(account, &user, kind, now)?;
    sensitive_value::of_user(transaction.connection, account, id, now).map(Some)
}
