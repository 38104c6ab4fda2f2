//! The table `allocation`, whose only row has the numbers to give out next.

use roster_directory::StoreError;

use crate::sql::{Connection, Fields, FromRow, params, query_one, write};

struct NextUserId(i64);

impl FromRow for NextUserId {
    const TABLE: &'static str = "allocation";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        fields.integer().map(Self)
    }
}

/// The number that the next user gets.
pub fn next_user_id(connection: &dyn Connection) -> Result<i64, StoreError> {
    let row = query_one(connection, "SELECT next_user_id FROM allocation WHERE id = 1", params![])?;
    let NextUserId(next) = row.ok_or_else(|| StoreError::Corrupt("allocation.id".to_owned()))?;
    Ok(next)
}

/// Keeps the number that the next user gets.
pub fn set_next_user_id(connection: &dyn Connection, next: i64) -> Result<(), StoreError> {
    write(connection, "UPDATE allocation SET next_user_id = ?1 WHERE id = 1", params![next])
}

/// Writes the row as it is: whoever asks whether the store can be written learns it from this.
pub fn touch(connection: &dyn Connection) -> Result<(), StoreError> {
    let sql = "UPDATE allocation SET next_user_id = next_user_id WHERE id = 1";
    write(connection, sql, params![])
}
