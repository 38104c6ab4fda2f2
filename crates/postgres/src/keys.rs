//! Single users and callers, read many at once by what they are known by.

use std::sync::Arc;

use roster_directory::{
    AccountId, Caller, EndUserId, ExternalId, Role, StoreError, TokenHash, User, UserId,
};
use roster_relational::sql::{Fields, FromRow};
use tokio_postgres::types::Type;

use crate::session::Session;
use crate::snapshot::{self, Selection, read_user};
use crate::value::PostgresRow;

/// Users, each with the key that was asked for.
type Found<K> = Result<Vec<(K, Arc<User>)>, StoreError>;

/// Those of these end users that there are.
pub(crate) fn end_users(
    session: &Session,
    account: AccountId,
    ids: &[EndUserId],
) -> Result<Vec<(EndUserId, Arc<User>)>, StoreError> {
    let ids: Vec<&[u8]> = ids.iter().map(|id| &id.0.as_bytes()[..]).collect();
    let rows = session.rows(
        Selection::EndUsers.sql(),
        &[(&account.get(), Type::INT8), (&ids, Type::BYTEA_ARRAY)],
    )?;
    rows.iter().map(|row| read_user(row).map(|user| (user.end_user_id, user))).collect()
}

/// The end users who have one of these external ids, in their folded form.
pub(crate) fn end_users_by_external_id(
    session: &Session,
    account: AccountId,
    ids: &[Box<str>],
) -> Found<Box<str>> {
    let ids: Vec<&str> = ids.iter().map(|id| &**id).collect();
    let rows = session.rows(
        Selection::ExternalIds.sql(),
        &[(&account.get(), Type::INT8), (&ids, Type::TEXT_ARRAY)],
    )?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        let user = read_user(row)?;
        let key = user.external_id.as_ref().map(ExternalId::folded).map(Box::from);
        found.extend(key.filter(|_| user.role == Role::EndUser).map(|key| (key, user)));
    }
    Ok(found)
}

/// Those of these users that there are, of whatever role.
pub(crate) fn users(
    session: &Session,
    account: AccountId,
    ids: &[UserId],
) -> Result<Vec<(UserId, Arc<User>)>, StoreError> {
    snapshot::users(session, account, ids)
}

/// Whom those of these tokens speak for that are not revoked.
pub(crate) fn callers(
    session: &Session,
    (): (),
    hashes: &[TokenHash],
) -> Result<Vec<(TokenHash, Caller)>, StoreError> {
    let keys: Vec<&[u8]> = hashes.iter().map(|hash| &hash.0[..]).collect();
    let sql = "SELECT token_id, account_id, user_id, scopes, hash FROM token \
               WHERE hash = ANY($1) AND revoked_at IS NULL";
    let rows = session.rows(sql, &[(&keys, Type::BYTEA_ARRAY)])?;
    let read = |row| {
        let row = PostgresRow(row);
        let mut fields = Fields::new(&row, Caller::TABLE);
        let caller = Caller::from_row(&mut fields)?;
        let hash = fields.bytes()?.try_into().map_err(|_| fields.damaged())?;
        Ok((TokenHash(hash), caller))
    };
    rows.iter().map(read).collect()
}
