//! The table `event`.

use roster_directory::{
    AccountId, EndUserId, Event, EventKind, EventSequence, ObjectId, PageLimit, RemovalReason,
    StoreError, TokenId, UserId,
};

use crate::sql::{Connection, Fields, FromRow, params, query_all, row_count, write};

/// The statement that keeps an event.
pub const INSERT: &str = "INSERT INTO event (account_id, sequence, at, kind, user_id, \
                          end_user_id, token_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

/// Keeps an event.
pub(crate) fn insert(
    connection: &dyn Connection,
    account: AccountId,
    event: &Event,
) -> Result<(), StoreError> {
    let (kind, token) = match &event.kind {
        EventKind::Created => (1, None),
        EventKind::Updated => (2, None),
        EventKind::Deleted(RemovalReason::Expired) => (3, None),
        EventKind::SensitiveRead(token) => (4, Some(token.0.as_bytes())),
        EventKind::Deleted(RemovalReason::Deleted) => (5, None),
        EventKind::Deleted(RemovalReason::Merged) => (6, None),
    };
    let params = params![
        account.get(),
        event.sequence.0,
        event.at.as_micros(),
        kind,
        event.user_id.get(),
        event.end_user_id.0.as_bytes(),
        token,
    ];
    write(connection, INSERT, params)
}

/// The events of an account after a place in its log, oldest first.
pub fn after(
    connection: &dyn Connection,
    account: AccountId,
    after: Option<EventSequence>,
    limit: PageLimit,
) -> Result<Vec<Event>, StoreError> {
    let sql = "SELECT sequence, at, user_id, end_user_id, token_id, kind FROM event \
               WHERE account_id = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3";
    let after = after.map_or(i64::MIN, |sequence| sequence.0);
    query_all(connection, sql, params![account.get(), after, row_count(limit.get())])
}

impl FromRow for Event {
    const TABLE: &'static str = "event";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            sequence: EventSequence(fields.integer()?),
            at: fields.timestamp()?,
            user_id: UserId::from_stored(fields.integer()?),
            end_user_id: EndUserId(fields.object_id()?),
            kind: kind(fields)?,
        })
    }
}

fn kind(fields: &mut Fields<'_>) -> Result<EventKind, StoreError> {
    let token = fields.optional_bytes()?.map(<[u8; 12]>::try_from);
    let token = token.transpose().map_err(|_| fields.damaged())?;
    match (fields.integer()?, token) {
        (1, None) => Ok(EventKind::Created),
        (2, None) => Ok(EventKind::Updated),
        (3, None) => Ok(EventKind::Deleted(RemovalReason::Expired)),
        (4, Some(token)) => Ok(EventKind::SensitiveRead(TokenId(ObjectId::from_bytes(token)))),
        (5, None) => Ok(EventKind::Deleted(RemovalReason::Deleted)),
        (6, None) => Ok(EventKind::Deleted(RemovalReason::Merged)),
        _ => Err(fields.damaged()),
    }
}
