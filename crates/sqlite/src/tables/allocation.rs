//! The table `allocation`, whose only row has the numbers to give out next.

use roster_directory::StoreError;
use rusqlite::Connection;

use crate::sql::{Fields, FromRow, execute, query_one};

struct NextUserId(i64);

impl FromRow for NextUserId {
    const TABLE: &'static str = "allocation";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        fields.integer().map(Self)
    }
}

/// The number that the next user gets.
pub(crate) fn next_user_id(connection: &Connection) -> Result<i64, StoreError> {
    let row = query_one(connection, "SELECT next_user_id FROM allocation WHERE id = 1", [])?;
    let NextUserId(next) = row.ok_or_else(|| StoreError::Corrupt("allocation.id".to_owned()))?;
    Ok(next)
}

/// Keeps the number that the next user gets.
pub(crate) fn set_next_user_id(connection: &Connection, next: i64) -> Result<(), StoreError> {
    execute(connection, "UPDATE allocation SET next_user_id = ?1 WHERE id = 1", [next]).map(|_| ())
}

/// Writes the row as it is: whoever asks whether the store can be written learns it from this.
pub(crate) fn touch(connection: &Connection) -> Result<(), StoreError> {
    let sql = "UPDATE allocation SET next_user_id = next_user_id WHERE id = 1";
    execute(connection, sql, []).map(|_| ())
}
