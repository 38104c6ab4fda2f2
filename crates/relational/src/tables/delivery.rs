//! The table `delivery`.

use roster_directory::{
    AccountId, Attempt, Attempted, Delivery, DeliveryState, DueMessage, EndUserId, EndpointId,
    MessageNumber, StoreError, Timestamp,
};

use super::attempt::{self, outcome_columns};
use super::message::{self, Moment};
use crate::sql::{
    Connection, Fields, FromRow, execute, params, query_all, query_one, row_count, write,
};

/// A query of deliveries with their messages, from the largest number on. Its arguments say which
/// index has them, and which they are. An index of a part is used where the condition of that part
/// is among the query's own.
macro_rules! select_deliveries {
    ($index:literal, $which:literal) => {
        concat!(
            "SELECT endpoint_id, number, event_type, end_user_id, at, state, next_attempt_at, ",
            "tries, last_at, outcome, reason, latency_ms, answer FROM delivery ",
            $index,
            " CROSS JOIN message ON message.account_id = ?1 AND message.number = delivery.message ",
            "WHERE delivery.account_id = ?1 AND endpoint_id = ?2 AND message < ?3 ",
            $which,
            " ORDER BY message DESC LIMIT ?4"
        )
    };
}

/// Keeps an attempt, and with it the delivery if there is none. Whether there is such a message.
pub fn record(
    connection: &dyn Connection,
    account: AccountId,
    endpoint: EndpointId,
    attempted: &Attempted,
) -> Result<bool, StoreError> {
    Ok(begin(connection, account, endpoint, attempted)?
        || follow(connection, account, endpoint, attempted)?)
}

/// Keeps a first attempt. Whether there was a message that had none.
fn begin(
    connection: &dyn Connection,
    account: AccountId,
    endpoint: EndpointId,
    attempted: &Attempted,
) -> Result<bool, StoreError> {
    let sql = "INSERT INTO delivery (account_id, endpoint_id, message, state, next_attempt_at, \
               tries, attempts, last_at, outcome, reason, latency_ms, answer) \
               SELECT ?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?8, ?9, ?10, ?11 WHERE EXISTS \
               (SELECT 1 FROM message WHERE account_id = ?1 AND number = ?3) \
               ON CONFLICT DO NOTHING";
    keep(connection, sql, account, endpoint, attempted)
}

/// Keeps another attempt. Whether there was a delivery.
fn follow(
    connection: &dyn Connection,
    account: AccountId,
    endpoint: EndpointId,
    attempted: &Attempted,
) -> Result<bool, StoreError> {
    attempt::keep_last(connection, account, endpoint, attempted.message)?;
    let sql = "UPDATE delivery SET state = ?4, next_attempt_at = ?5, tries = tries + ?6, \
               attempts = attempts + 1, last_at = ?7, outcome = ?8, reason = ?9, \
               latency_ms = ?10, answer = ?11 \
               WHERE account_id = ?1 AND endpoint_id = ?2 AND message = ?3";
    keep(connection, sql, account, endpoint, attempted)
}

fn keep(
    connection: &dyn Connection,
    sql: &str,
    account: AccountId,
    endpoint: EndpointId,
    attempted: &Attempted,
) -> Result<bool, StoreError> {
    let Attempted { message, attempt, state } = attempted;
    let (state, next_attempt_at) = state_columns(*state);
    let (outcome, reason) = outcome_columns(&attempt.outcome);
    let params = params![
        account.get(),
        endpoint.0.as_bytes(),
        message.0,
        state,
        next_attempt_at,
        i64::from(!attempt.outcome.is_success()),
        attempt.at.as_micros(),
        outcome,
        reason,
        attempt.latency_ms,
        &*attempt.answer,
    ];
    Ok(execute(connection, sql, params)? > 0)
}

/// Lets a message be tried at `now`, from the beginning of the schedule on.
pub fn replay(
    connection: &dyn Connection,
    account: AccountId,
    endpoint: EndpointId,
    message: MessageNumber,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO delivery (account_id, endpoint_id, message, state, next_attempt_at, \
               tries, attempts) VALUES (?1, ?2, ?3, 0, ?4, 0, 0) \
               ON CONFLICT (account_id, endpoint_id, message) \
               DO UPDATE SET state = 0, next_attempt_at = ?4, tries = 0";
    let params = params![account.get(), endpoint.0.as_bytes(), message.0, now.as_micros()];
    write(connection, sql, params)
}

/// The failed deliveries with the largest numbers before `before`, and when their messages
/// happened.
pub fn failed(
    connection: &dyn Connection,
    account: AccountId,
    endpoint: EndpointId,
    before: MessageNumber,
    limit: usize,
) -> Result<Vec<Moment>, StoreError> {
    let sql = "SELECT number, at FROM delivery CROSS JOIN message \
               ON message.account_id = ?1 AND message.number = delivery.message \
               WHERE delivery.account_id = ?1 AND endpoint_id = ?2 AND state = 2 \
               AND state <> 1 AND message < ?3 ORDER BY message DESC LIMIT ?4";
    let params = params![account.get(), endpoint.0.as_bytes(), before.0, row_count(limit)];
    query_all(connection, sql, params)
}

/// The deliveries with the largest numbers before `before`, of those that stand like `state`.
pub(crate) fn newest(
    connection: &dyn Connection,
    account: AccountId,
    endpoint: EndpointId,
    state: Option<DeliveryState>,
    before: MessageNumber,
    limit: usize,
) -> Result<Vec<Delivery>, StoreError> {
    let (account, endpoint, limit) = (account.get(), endpoint.0.as_bytes(), row_count(limit));
    let sql = match state {
        None => select_deliveries!("", ""),
        // What is not delivered is passed over here; it has no more of the row read than that.
        Some(DeliveryState::Delivered) => select_deliveries!("", "AND state = 1"),
        Some(DeliveryState::Waiting(_)) => {
            select_deliveries!("INDEXED BY delivery_undelivered", "AND state = 0 AND state <> 1")
        }
        Some(DeliveryState::Failed) => {
            select_deliveries!("INDEXED BY delivery_undelivered", "AND state = 2 AND state <> 1")
        }
    };
    query_all(connection, sql, params![account, endpoint, before.0, limit])
}

/// The messages that wait and whose time has come, those first that have waited longest.
pub fn due(
    connection: &dyn Connection,
    account: AccountId,
    endpoint: EndpointId,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<DueMessage>, StoreError> {
    let sql = "SELECT tries, number, at, event_type, end_user_id, content \
               FROM delivery CROSS JOIN message \
               ON message.account_id = ?1 AND message.number = delivery.message \
               WHERE delivery.account_id = ?1 AND endpoint_id = ?2 AND state = 0 \
               AND next_attempt_at <= ?3 ORDER BY next_attempt_at, message LIMIT ?4";
    let params = params![account.get(), endpoint.0.as_bytes(), now.as_micros(), row_count(limit)];
    query_all(connection, sql, params)
}

/// The last attempt of a delivery.
pub(crate) fn last_attempt(
    connection: &dyn Connection,
    account: AccountId,
    endpoint: EndpointId,
    message: MessageNumber,
) -> Result<Option<Attempt>, StoreError> {
    let sql = "SELECT last_at, outcome, reason, latency_ms, answer FROM delivery \
               WHERE account_id = ?1 AND endpoint_id = ?2 AND message = ?3 AND last_at IS NOT NULL";
    query_one(connection, sql, params![account.get(), endpoint.0.as_bytes(), message.0])
}

/// How many messages wait to be tried again.
pub(crate) fn count_waiting(
    connection: &dyn Connection,
    account: AccountId,
    endpoint: EndpointId,
) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM delivery \
               WHERE account_id = ?1 AND endpoint_id = ?2 AND state = 0";
    let found: Option<Count> =
        query_one(connection, sql, params![account.get(), endpoint.0.as_bytes()])?;
    Ok(found.map_or(0, |Count(count)| count))
}

/// The first messages that wait to be tried again, and when they happened.
pub(crate) fn oldest_waiting(
    connection: &dyn Connection,
    account: AccountId,
    endpoint: EndpointId,
) -> Result<Vec<Moment>, StoreError> {
    let sql = "SELECT number, at FROM delivery CROSS JOIN message \
               ON message.account_id = ?1 AND message.number = delivery.message \
               WHERE delivery.account_id = ?1 AND endpoint_id = ?2 AND state = 0 \
               AND state <> 1 ORDER BY message LIMIT ?3";
    let limit = row_count(message::OUT_OF_ORDER);
    query_all(connection, sql, params![account.get(), endpoint.0.as_bytes(), limit])
}

/// The number before which an endpoint has so many deliveries; `None` if it has fewer in all.
pub(crate) fn after_first(
    connection: &dyn Connection,
    account: AccountId,
    endpoint: EndpointId,
    count: usize,
) -> Result<Option<MessageNumber>, StoreError> {
    let sql = "SELECT message FROM delivery WHERE account_id = ?1 AND endpoint_id = ?2 \
               ORDER BY message LIMIT 1 OFFSET ?3";
    query_one(connection, sql, params![account.get(), endpoint.0.as_bytes(), row_count(count)])
}

/// Removes an endpoint's deliveries of the messages of these numbers, with their attempts.
pub fn delete(
    connection: &dyn Connection,
    account: AccountId,
    endpoint: EndpointId,
    first: MessageNumber,
    last: MessageNumber,
) -> Result<(), StoreError> {
    attempt::delete(connection, account, endpoint, first, last)?;
    let sql = "DELETE FROM delivery \
               WHERE account_id = ?1 AND endpoint_id = ?2 AND message BETWEEN ?3 AND ?4";
    write(connection, sql, params![account.get(), endpoint.0.as_bytes(), first.0, last.0])
}

/// How many there are of something.
pub(super) struct Count(pub(super) u64);

impl FromRow for Count {
    const TABLE: &'static str = "delivery";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        fields.count().map(Self)
    }
}

impl FromRow for MessageNumber {
    const TABLE: &'static str = "delivery";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        fields.integer().map(Self)
    }
}

impl FromRow for DueMessage {
    const TABLE: &'static str = "message";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        let tries = fields.small_count()?;
        let number = MessageNumber(fields.integer()?);
        Ok(Self { message: message::read(fields, number)?, tries })
    }
}

impl FromRow for Delivery {
    const TABLE: &'static str = "delivery";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            endpoint_id: EndpointId(fields.object_id()?),
            message: MessageNumber(fields.integer()?),
            event_type: message::event_type(fields)?,
            end_user_id: EndUserId(fields.object_id()?),
            message_at: fields.timestamp()?,
            state: state(fields)?,
            tries: fields.small_count()?,
            last: attempt::optional(fields)?,
        })
    }
}

/// What the columns of a state hold: its number, and when a message that waits is tried again.
const fn state_columns(state: DeliveryState) -> (i64, Option<i64>) {
    match state {
        DeliveryState::Waiting(until) => (0, Some(until.as_micros())),
        DeliveryState::Delivered => (1, None),
        DeliveryState::Failed => (2, None),
    }
}

fn state(fields: &mut Fields<'_>) -> Result<DeliveryState, StoreError> {
    match (fields.integer()?, fields.optional_timestamp()?) {
        (0, Some(until)) => Ok(DeliveryState::Waiting(until)),
        (1, None) => Ok(DeliveryState::Delivered),
        (2, None) => Ok(DeliveryState::Failed),
        _ => Err(fields.damaged()),
    }
}
