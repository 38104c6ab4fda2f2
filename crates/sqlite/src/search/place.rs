//! How far the index has come with an account, and which of its blocks a user belongs to.

use roster_directory::{AccountId, StoreError, Timestamp, UserId};
use roster_relational::sql::{Connection, Fields, FromRow, params, query_all, query_one, write};

/// How many users the first block of an account has. Each further one has twice as many as the
/// one before, up to [`DOUBLINGS`] times.
///
/// The first must have enough for [`SEARCH_LIMIT`](roster_directory::SEARCH_LIMIT): then a query
/// that finds everybody is answered by it alone. In the tests of this crate they are small.
const FIRST_BLOCK: i64 = if cfg!(test) { 8 } else { 16 * 1024 };
const DOUBLINGS: usize = 6;

/// An account in the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) account: AccountId,
    pub(super) created_at: Timestamp,
    /// The first event that is not in the index.
    pub(super) next_event: i64,
    /// When the event before it happened.
    pub(super) last_event_at: Timestamp,
    /// The highest number of a user that was ever seen.
    last_user_id: i64,
    /// How many users the last block has.
    filled: i64,
    /// The lowest number of a user in each block.
    blocks: Vec<i64>,
    /// How many of the blocks are kept in the file.
    kept_blocks: usize,
}

impl Place {
    pub(super) const fn new(account: AccountId, created_at: Timestamp) -> Self {
        Self {
            account,
            created_at,
            next_event: 1,
            last_event_at: Timestamp::from_micros(0),
            last_user_id: 0,
            filled: 0,
            blocks: Vec::new(),
            kept_blocks: 0,
        }
    }

    /// The block of a user. Whoever has a higher number than everybody else is new, and comes
    /// last.
    pub(super) fn block_of(&mut self, id: UserId) -> usize {
        let id = id.get();
        if id > self.last_user_id {
            let size = FIRST_BLOCK << self.blocks.len().saturating_sub(1).min(DOUBLINGS);
            if self.blocks.is_empty() || self.filled >= size {
                self.blocks.push(id);
                self.filled = 0;
            }
            self.filled += 1;
            self.last_user_id = id;
        }
        self.blocks.partition_point(|first| *first <= id).saturating_sub(1)
    }

    /// The places of all accounts.
    pub(super) fn load_all(connection: &dyn Connection) -> Result<Vec<Self>, StoreError> {
        let sql = "SELECT account_id, created_at, next_event, last_event_at, last_user_id, \
                   filled FROM account";
        let mut places: Vec<Self> = query_all(connection, sql, params![])?;
        for place in &mut places {
            let sql = "SELECT first_user_id FROM block WHERE account_id = ?1 \
                       ORDER BY first_user_id";
            let blocks: Vec<Number> = query_all(connection, sql, params![place.account.get()])?;
            place.blocks = blocks.into_iter().map(|Number(first)| first).collect();
            place.kept_blocks = place.blocks.len();
        }
        Ok(places)
    }

    /// Keeps the place.
    pub(super) fn save(&mut self, connection: &dyn Connection) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO account (account_id, created_at, next_event, \
                   last_event_at, last_user_id, filled) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let params = params![
            self.account.get(),
            self.created_at.as_micros(),
            self.next_event,
            self.last_event_at.as_micros(),
            self.last_user_id,
            self.filled,
        ];
        write(connection, sql, params)?;
        for first in self.blocks.iter().skip(self.kept_blocks) {
            let sql = "INSERT OR IGNORE INTO block (account_id, first_user_id) VALUES (?1, ?2)";
            write(connection, sql, params![self.account.get(), first])?;
        }
        self.kept_blocks = self.blocks.len();
        Ok(())
    }
}

impl FromRow for Place {
    const TABLE: &'static str = "account";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            account: AccountId::from_stored(fields.integer()?),
            created_at: Timestamp::from_micros(fields.integer()?),
            next_event: fields.integer()?,
            last_event_at: Timestamp::from_micros(fields.integer()?),
            last_user_id: fields.integer()?,
            filled: fields.integer()?,
            blocks: Vec::new(),
            kept_blocks: 0,
        })
    }
}

struct Number(i64);

impl FromRow for Number {
    const TABLE: &'static str = "block";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        fields.integer().map(Self)
    }
}

/// How many blocks an account has.
pub(super) fn count_blocks(
    connection: &dyn Connection,
    account: AccountId,
) -> Result<usize, StoreError> {
    let sql = "SELECT count(*) FROM block WHERE account_id = ?1";
    let count: Option<Number> = query_one(connection, sql, params![account.get()])?;
    Ok(count.and_then(|Number(count)| usize::try_from(count).ok()).unwrap_or(0))
}

/// The first event of an account that is not in the index; `None` if the account is not in it, or
/// the index is not complete yet.
pub(super) fn next_event(
    connection: &dyn Connection,
    account: AccountId,
) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT next_event FROM account \
               WHERE account_id = ?1 AND NOT EXISTS (SELECT 1 FROM walk)";
    let next: Option<Number> = query_one(connection, sql, params![account.get()])?;
    Ok(next.map(|Number(next)| next))
}
