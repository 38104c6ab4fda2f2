//! The table `sealing_key`.

use roster_directory::{Sealed, SealingKey, StoreError};

use super::sensitive_value;
use crate::sql::{Connection, Fields, FromRow, params, query_all, write};

/// All keys, each with whether a stored secret was sealed with it: one of a user's, or one that
/// signs what an endpoint is sent or did so before.
pub fn all(connection: &dyn Connection) -> Result<Vec<SealingKey>, StoreError> {
    let sql = "SELECT key_id, known_text, CASE WHEN EXISTS (SELECT 1 FROM sensitive_value AS value \
               WHERE value.key_id = sealing_key.key_id) \
               OR EXISTS (SELECT 1 FROM endpoint WHERE endpoint.key_id = sealing_key.key_id) \
               OR EXISTS (SELECT 1 FROM endpoint \
               WHERE endpoint.former_key_id = sealing_key.key_id) THEN 1 ELSE 0 END \
               FROM sealing_key ORDER BY key_id";
    query_all(connection, sql, params![])
}

/// Keeps a key, unless there is one of that number.
pub fn insert(connection: &dyn Connection, check: &Sealed) -> Result<(), StoreError> {
    let sql = "INSERT INTO sealing_key (key_id, known_text) VALUES (?1, ?2) \
               ON CONFLICT (key_id) DO NOTHING";
    write(connection, sql, params![check.key_id.0, &*check.bytes])
}

impl FromRow for SealingKey {
    const TABLE: &'static str = "sealing_key";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self { check: sensitive_value::sealed(fields)?, in_use: fields.integer()? != 0 })
    }
}
