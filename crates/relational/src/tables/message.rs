//! The table `message`.

use std::ops::Range;

use roster_directory::{
    AccountId, EndUserId, EndpointId, EventType, Message, MessageNumber, StoreError, Timestamp,
};

use super::message_content;
use crate::sql::{
    Connection, Fields, FromRow, execute, params, query_all, query_one, query_while, row_count,
    write,
};

/// Messages ascend by number and nearly by time: a conversation can have begun a little earlier
/// than the user changed whose message comes before its own, and a clock can be set back a
/// little. Where so many in a row lie on one side of a moment, so do all beyond them.
pub(crate) const OUT_OF_ORDER: usize = 128;

/// A message, if it is to be sent to an endpoint that was not sent it yet.
pub(crate) struct Candidate {
    /// Its number.
    pub(crate) number: MessageNumber,
    /// The message, if it is to be sent.
    pub(crate) message: Option<Message>,
}

/// When the message of a number happened.
pub struct Moment {
    /// The number.
    pub number: MessageNumber,
    /// When it happened.
    pub at: Timestamp,
}

/// Keeps a message.
pub fn insert(
    connection: &dyn Connection,
    account: AccountId,
    message: &Message,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO message (account_id, number, at, event_type, end_user_id, content) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let params = params![
        account.get(),
        message.number.0,
        message.at.as_micros(),
        message.content.event_type().number(),
        message.end_user_id.0.as_bytes(),
        message_content::to_json(&message.content)?,
    ];
    write(connection, sql, params)
}

/// Whether there is a message of this number.
pub(crate) fn exists(
    connection: &dyn Connection,
    account: AccountId,
    number: MessageNumber,
) -> Result<bool, StoreError> {
    let sql = "SELECT number, at FROM message WHERE account_id = ?1 AND number = ?2";
    let found: Option<Moment> = query_one(connection, sql, params![account.get(), number.0])?;
    Ok(found.is_some())
}

/// Hands the messages of a range, at most `most`, to `visit` until it has enough. `types` says
/// which the endpoint asks for: the bit of each type's number.
pub(crate) fn candidates(
    connection: &dyn Connection,
    account: AccountId,
    (endpoint, types): (EndpointId, i64),
    range: &Range<MessageNumber>,
    most: usize,
    visit: impl FnMut(Candidate) -> bool,
) -> Result<(), StoreError> {
    let sql = "SELECT number, CASE WHEN ((CAST(?4 AS BIGINT) >> CAST(event_type AS INTEGER)) & 1) = 1 \
               AND NOT EXISTS (SELECT 1 FROM delivery \
               WHERE delivery.account_id = ?1 AND delivery.endpoint_id = ?3 \
               AND delivery.message = message.number) THEN 1 ELSE 0 END, at, event_type, end_user_id, content \
               FROM message WHERE account_id = ?1 AND number >= ?2 AND number < ?6 \
               ORDER BY number LIMIT ?5";
    let (from, most, endpoint) = (range.start.0, row_count(most), endpoint.0.as_bytes());
    let params = params![account.get(), from, endpoint, types, most, range.end.0];
    query_while(connection, sql, params, visit)
}

/// A message that an endpoint is not sent any more by itself.
pub(crate) struct Passed {
    /// Which one, and when it happened.
    pub(crate) moment: Moment,
    /// Whether the endpoint asks for it, and has no delivery of it.
    pub(crate) untried: bool,
}

/// The messages with the largest numbers of a range. `types` says which the endpoint asks for.
pub(crate) fn passed(
    connection: &dyn Connection,
    account: AccountId,
    (endpoint, types): (EndpointId, i64),
    range: &Range<MessageNumber>,
    limit: usize,
) -> Result<Vec<Passed>, StoreError> {
    let sql = "SELECT number, at, \
               CASE WHEN ((CAST(?4 AS BIGINT) >> CAST(event_type AS INTEGER)) & 1) = 1 \
               AND NOT EXISTS (SELECT 1 FROM delivery \
               WHERE delivery.account_id = ?1 AND delivery.endpoint_id = ?3 \
               AND delivery.message = message.number) THEN 1 ELSE 0 END \
               FROM message WHERE account_id = ?1 AND number < ?2 AND number >= ?6 \
               ORDER BY number DESC LIMIT ?5";
    let (before, limit, endpoint) = (range.end.0, row_count(limit), endpoint.0.as_bytes());
    let params = params![account.get(), before, endpoint, types, limit, range.start.0];
    query_all(connection, sql, params)
}

/// The first messages of a range, and when they happened.
pub fn moments(
    connection: &dyn Connection,
    account: AccountId,
    range: &Range<MessageNumber>,
) -> Result<Vec<Moment>, StoreError> {
    let sql = "SELECT number, at FROM message WHERE account_id = ?1 AND number >= ?2 AND number < ?4 \
               ORDER BY number LIMIT ?3";
    let limit = row_count(OUT_OF_ORDER);
    query_all(connection, sql, params![account.get(), range.start.0, limit, range.end.0])
}

/// Removes the messages of these numbers, and returns how many there were.
pub fn delete(
    connection: &dyn Connection,
    account: AccountId,
    first: MessageNumber,
    last: MessageNumber,
) -> Result<usize, StoreError> {
    let sql = "DELETE FROM message WHERE account_id = ?1 AND number BETWEEN ?2 AND ?3";
    execute(connection, sql, params![account.get(), first.0, last.0])
}

impl FromRow for Moment {
    const TABLE: &'static str = "message";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self { number: MessageNumber(fields.integer()?), at: fields.timestamp()? })
    }
}

impl FromRow for Passed {
    const TABLE: &'static str = "message";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self { moment: Moment::from_row(fields)?, untried: fields.integer()? != 0 })
    }
}

impl FromRow for Candidate {
    const TABLE: &'static str = "message";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        let number = MessageNumber(fields.integer()?);
        let is_fresh = fields.integer()? != 0;
        let message = if is_fresh { Some(read(fields, number)?) } else { None };
        Ok(Self { number, message })
    }
}

/// Reads what a row has of a message beside its number.
pub(super) fn read(fields: &mut Fields<'_>, number: MessageNumber) -> Result<Message, StoreError> {
    let at = fields.timestamp()?;
    let event_type = event_type(fields)?;
    let end_user_id = EndUserId(fields.object_id()?);
    let content = message_content::from_json(fields.text()?, event_type, end_user_id);
    let content = content.ok_or_else(|| fields.damaged())?;
    Ok(Message { number, at, end_user_id, content })
}

/// A type, by its number.
pub(super) fn event_type(fields: &mut Fields<'_>) -> Result<EventType, StoreError> {
    EventType::numbered(fields.integer()?).ok_or_else(|| fields.damaged())
}
