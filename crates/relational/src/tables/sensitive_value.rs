//! The table `sensitive_value`.

use roster_directory::{
    AccountId, EndUserId, KeyId, Sealed, SealedValue, SensitiveKey, SensitiveWrite, StoreError,
    Timestamp,
};

use crate::sql::{Connection, Fields, FromRow, execute, params, query_all, query_one, row_count};

/// Does to each secret that `write` names what it says.
pub fn write(
    connection: &dyn Connection,
    account: AccountId,
    user: EndUserId,
    write: &SensitiveWrite,
) -> Result<(), StoreError> {
    for (key, value) in &write.changes {
        match value {
            Some(sealed) => put(connection, account, user, key, sealed, write.expires_at)?,
            None => remove(connection, account, user, key)?,
        }
    }
    Ok(())
}

fn put(
    connection: &dyn Connection,
    account: AccountId,
    user: EndUserId,
    key: &SensitiveKey,
    sealed: &Sealed,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO sensitive_value (account_id, end_user_id, key, key_id, sealed, \
               expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
               ON CONFLICT (account_id, end_user_id, key) DO UPDATE SET \
               key_id = excluded.key_id, sealed = excluded.sealed, \
               expires_at = excluded.expires_at";
    let params = params![
        account.get(),
        user.0.as_bytes(),
        key.as_str(),
        sealed.key_id.0,
        &*sealed.bytes,
        expires_at.as_micros(),
    ];
    connection.write(sql, params)
}

fn remove(
    connection: &dyn Connection,
    account: AccountId,
    user: EndUserId,
    key: &SensitiveKey,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM sensitive_value \
               WHERE account_id = ?1 AND end_user_id = ?2 AND key = ?3";
    connection.write(sql, params![account.get(), user.0.as_bytes(), key.as_str()])
}

/// The secrets of a user that have not expired, by name.
pub(crate) fn of_user(
    connection: &dyn Connection,
    account: AccountId,
    user: EndUserId,
    now: Timestamp,
) -> Result<Vec<SealedValue>, StoreError> {
    let sql = "SELECT key, key_id, sealed, expires_at FROM sensitive_value \
               WHERE account_id = ?1 AND end_user_id = ?2 AND expires_at > ?3 ORDER BY key";
    query_all(connection, sql, params![account.get(), user.0.as_bytes(), now.as_micros()])
}

/// How many secrets a user has, with those that have expired and are not swept yet.
pub(crate) fn count_of_user(
    connection: &dyn Connection,
    account: AccountId,
    user: EndUserId,
) -> Result<usize, StoreError> {
    let sql = "SELECT count(*) FROM sensitive_value WHERE account_id = ?1 AND end_user_id = ?2";
    let found: Option<Count> =
        query_one(connection, sql, params![account.get(), user.0.as_bytes()])?;
    Ok(found.map_or(0, |Count(count)| usize::try_from(count).unwrap_or(usize::MAX)))
}

/// Removes all secrets of a user.
pub(crate) fn delete_of_user(
    connection: &dyn Connection,
    account: AccountId,
    user: EndUserId,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM sensitive_value WHERE account_id = ?1 AND end_user_id = ?2";
    connection.write(sql, params![account.get(), user.0.as_bytes()])
}

/// Removes secrets whose time has come, those first that have waited longest, and returns how
/// many they were.
pub fn delete_expired(
    connection: &dyn Connection,
    now: Timestamp,
    limit: usize,
) -> Result<usize, StoreError> {
    // Said twice, for one may have been written anew between the two.
    let sql = "DELETE FROM sensitive_value WHERE expires_at <= ?1 \
               AND (account_id, end_user_id, key) IN \
               (SELECT account_id, end_user_id, key FROM sensitive_value \
               WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";
    execute(connection, sql, params![now.as_micros(), row_count(limit)])
}

struct Count(u64);

impl FromRow for Count {
    const TABLE: &'static str = "sensitive_value";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        fields.count().map(Self)
    }
}

impl FromRow for SealedValue {
    const TABLE: &'static str = "sensitive_value";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            key: SensitiveKey::new(fields.text()?).map_err(|_| fields.damaged())?,
            sealed: sealed(fields)?,
            expires_at: fields.timestamp()?,
        })
    }
}

/// A sealed value, from the number of its key and its bytes.
pub(super) fn sealed(fields: &mut Fields<'_>) -> Result<Sealed, StoreError> {
    let key_id = u32::try_from(fields.integer()?).map_err(|_| fields.damaged())?;
    Ok(Sealed { key_id: KeyId(key_id), bytes: fields.bytes()?.into() })
}
