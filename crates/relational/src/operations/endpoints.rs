//! Making, changing and removing endpoints, and who delivers to them.

use roster_directory::{
    AccountId, CreateEndpointError, ENDPOINT_LIMIT, Endpoint, EndpointId, EndpointPatch, Lease,
    LeaseHolder, MessageNumber, NewEndpoint, Progress, Sealed, StoreError, Timestamp,
};

use crate::tables::{delivery, endpoint};
use crate::transaction::Transaction;

/// The most deliveries that one unit removes with an endpoint, so that others get their turn.
const DELIVERY_BATCH: usize = 1000;

/// Makes an endpoint, unless there are too many already.
pub fn create(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    new: NewEndpoint,
) -> Result<Endpoint, CreateEndpointError> {
    if endpoint::count(transaction.connection, account)? >= ENDPOINT_LIMIT as u64 {
        return Err(CreateEndpointError::TooMany);
    }
    let next = transaction.next_message(account)?;
    let progress = Progress::begin(new.endpoint.status, next);
    endpoint::insert(transaction.connection, account, &new, progress)?;
    endpoints_changed(transaction, account)?;
    Ok(new.endpoint)
}

/// Changes an endpoint.
pub fn patch(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    id: EndpointId,
    patch: &EndpointPatch,
    now: Timestamp,
) -> Result<Option<Endpoint>, StoreError> {
    let Some(target) = endpoint::target(transaction.connection, account, id)? else {
        return Ok(None);
    };
    let before = target.endpoint;
    let Some(after) = before.patched(patch, now) else { return Ok(Some(before)) };
    let mut progress = target.progress;
    progress.follow(before.status, after.status, transaction.next_message(account)?);
    endpoint::update(transaction.connection, account, &after, progress)?;
    endpoints_changed(transaction, account)?;
    Ok(Some(after))
}

/// Removes an endpoint, and says whether there was one. `None` if it has more deliveries than one
/// unit removes, and there is more to be done.
pub fn delete(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    id: EndpointId,
) -> Result<Option<bool>, StoreError> {
    let connection = transaction.connection;
    let first = MessageNumber(i64::MIN);
    if let Some(rest) = delivery::after_first(connection, account, id, DELIVERY_BATCH)? {
        delivery::delete(connection, account, id, first, MessageNumber(rest.0 - 1))?;
        return Ok(None);
    }
    delivery::delete(connection, account, id, first, MessageNumber(i64::MAX))?;
    let deleted = endpoint::delete(connection, account, id)?;
    if deleted {
        endpoints_changed(transaction, account)?;
    }
    Ok(Some(deleted))
}

/// Gives an endpoint another secret, and says whether there is such an endpoint.
pub fn rotate_secret(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    id: EndpointId,
    secret: Sealed,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let connection = transaction.connection;
    let Some(secrets) = endpoint::secrets(connection, account, id)? else { return Ok(false) };
    endpoint::set_secrets(connection, account, id, &secrets.rotated(secret, now))?;
    transaction.deliverable();
    Ok(true)
}

/// Notes which messages an account keeps from now on, and wakes whoever delivers them.
pub(super) fn endpoints_changed(
    transaction: &mut Transaction<'_>,
    account: AccountId,
) -> Result<(), StoreError> {
    let types = endpoint::types_wanted(transaction.connection, account)?;
    transaction.keep_messages_of(account, types);
    transaction.deliverable();
    Ok(())
}

/// Gives to `holder` every enabled endpoint that nobody else holds, and returns all that it holds.
pub fn lease(
    transaction: &mut Transaction<'_>,
    holder: LeaseHolder,
    now: Timestamp,
    until: Timestamp,
) -> Result<Vec<Lease>, StoreError> {
    let connection = transaction.connection;
    endpoint::take_leases(connection, holder, now, until)?;
    let mut leases = endpoint::leases(connection, holder)?;
    for lease in &mut leases {
        lease.secrets.former.take_if(|(_, until)| *until <= now);
    }
    Ok(leases)
}
