//! The table `attempt`: the attempts of deliveries, but for the last one of each.

use roster_directory::{AccountId, Attempt, AttemptOutcome, EndpointId, MessageNumber, StoreError};

use crate::sql::{Connection, Fields, FromRow, params, query_all, write};

/// Keeps the last attempt of a delivery, if it had one, before another one takes its place.
pub(super) fn keep_last(
    connection: &dyn Connection,
    account: AccountId,
    endpoint: EndpointId,
    message: MessageNumber,
) -> Result<(), StoreError> {
    // A row that a damaged file has there already stays: others' writes shall not fail for it.
    let sql = "INSERT INTO attempt (account_id, endpoint_id, message, place, at, outcome, reason, \
               latency_ms, answer) SELECT account_id, endpoint_id, message, attempts, last_at, \
               outcome, reason, latency_ms, answer FROM delivery WHERE account_id = ?1 \
               AND endpoint_id = ?2 AND message = ?3 AND last_at IS NOT NULL \
               ON CONFLICT DO NOTHING";
    write(connection, sql, params![account.get(), endpoint.0.as_bytes(), message.0])
}

/// The attempts of a delivery but for the last one, the first one first.
pub(crate) fn former(
    connection: &dyn Connection,
    account: AccountId,
    endpoint: EndpointId,
    message: MessageNumber,
) -> Result<Vec<Attempt>, StoreError> {
    let sql = "SELECT at, outcome, reason, latency_ms, answer FROM attempt \
               WHERE account_id = ?1 AND endpoint_id = ?2 AND message = ?3 ORDER BY place";
    query_all(connection, sql, params![account.get(), endpoint.0.as_bytes(), message.0])
}

/// Removes the attempts to bring the messages of these numbers to an endpoint.
pub(super) fn delete(
    connection: &dyn Connection,
    account: AccountId,
    endpoint: EndpointId,
    first: MessageNumber,
    last: MessageNumber,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM attempt \
               WHERE account_id = ?1 AND endpoint_id = ?2 AND message BETWEEN ?3 AND ?4";
    write(connection, sql, params![account.get(), endpoint.0.as_bytes(), first.0, last.0])
}

impl FromRow for Attempt {
    const TABLE: &'static str = "attempt";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        optional(fields)?.ok_or_else(|| fields.damaged())
    }
}

/// An attempt, if there is one.
pub(super) fn optional(fields: &mut Fields<'_>) -> Result<Option<Attempt>, StoreError> {
    let Some(at) = fields.optional_timestamp()? else { return Ok(None) };
    Ok(Some(Attempt {
        at,
        outcome: outcome(fields)?,
        latency_ms: fields.small_count()?,
        answer: fields.text()?.into(),
    }))
}

/// What the columns of an outcome hold: the status of the answer or a number below 0, and why there
/// was no connection.
pub(super) const fn outcome_columns(outcome: &AttemptOutcome) -> (i64, Option<&str>) {
    match outcome {
        AttemptOutcome::Answered(status) => (*status as i64, None),
        AttemptOutcome::TimedOut => (-1, None),
        AttemptOutcome::Forbidden => (-2, None),
        AttemptOutcome::Failed(reason) => (-3, Some(reason)),
    }
}

fn outcome(fields: &mut Fields<'_>) -> Result<AttemptOutcome, StoreError> {
    match (fields.integer()?, fields.optional_text()?) {
        (-1, None) => Ok(AttemptOutcome::TimedOut),
        (-2, None) => Ok(AttemptOutcome::Forbidden),
        (-3, Some(reason)) => Ok(AttemptOutcome::Failed(reason.into())),
        (status, None) => {
            u16::try_from(status).map(AttemptOutcome::Answered).map_err(|_| fields.damaged())
        }
        (_, Some(_)) => Err(fields.damaged()),
    }
}
