//! The table `token`.

use roster_directory::{
    AccountId, Caller, NewToken, Scopes, StoreError, Timestamp, Token, TokenHash, TokenId, UserId,
};

use crate::sql::{Connection, Fields, FromRow, params, query_all, query_one, write};

/// A query of tokens; its argument says of which.
macro_rules! select_token {
    ($which:literal) => {
        concat!(
            "SELECT token_id, account_id, user_id, label, scopes, created_at, revoked_at ",
            "FROM token ",
            $which
        )
    };
}

/// Keeps a new token.
pub(crate) fn insert(
    connection: &dyn Connection,
    account: AccountId,
    user: UserId,
    new: &NewToken,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO token (position, account_id, token_id, hash, user_id, label, scopes, \
               created_at) VALUES ((SELECT coalesce(max(position), 0) + 1 FROM token), ?1, ?2, \
               ?3, ?4, ?5, ?6, ?7)";
    let params = params![
        account.get(),
        new.id.0.as_bytes(),
        new.hash.0,
        user.get(),
        &*new.label,
        new.scopes.bits(),
        new.created_at.as_micros(),
    ];
    write(connection, sql, params)
}

/// All tokens, in the order in which they were made.
pub fn all(connection: &dyn Connection) -> Result<Vec<Token>, StoreError> {
    query_all(connection, select_token!("ORDER BY position"), params![])
}

/// One token.
pub(crate) fn find(connection: &dyn Connection, id: TokenId) -> Result<Option<Token>, StoreError> {
    query_one(connection, select_token!("WHERE token_id = ?1"), params![id.0.as_bytes()])
}

/// Marks a token as revoked, unless it is already.
pub(crate) fn revoke(
    connection: &dyn Connection,
    id: TokenId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE token SET revoked_at = ?2 WHERE token_id = ?1 AND revoked_at IS NULL";
    write(connection, sql, params![id.0.as_bytes(), now.as_micros()])
}

/// Whom a token that is not revoked speaks for.
pub fn caller(connection: &dyn Connection, hash: &TokenHash) -> Result<Option<Caller>, StoreError> {
    let sql = "SELECT token_id, account_id, user_id, scopes FROM token \
               WHERE hash = ?1 AND revoked_at IS NULL";
    query_one(connection, sql, params![hash.0])
}

impl FromRow for Token {
    const TABLE: &'static str = "token";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: TokenId(fields.object_id()?),
            account: AccountId::from_stored(fields.integer()?),
            user: UserId::from_stored(fields.integer()?),
            label: fields.free_text()?,
            scopes: scopes(fields)?,
            created_at: fields.timestamp()?,
            revoked_at: fields.optional_timestamp()?,
        })
    }
}

impl FromRow for Caller {
    const TABLE: &'static str = "token";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            token: TokenId(fields.object_id()?),
            account: AccountId::from_stored(fields.integer()?),
            user: UserId::from_stored(fields.integer()?),
            scopes: scopes(fields)?,
        })
    }
}

fn scopes(fields: &mut Fields<'_>) -> Result<Scopes, StoreError> {
    u16::try_from(fields.integer()?).map(Scopes::from_stored).map_err(|_| fields.damaged())
}
