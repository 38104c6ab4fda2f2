//! The table `deleted_user`: those who were deleted, and what is still known of them.

use roster_directory::{AccountId, ExternalId, StoreError, User, UserId};

use super::user_row::{self, role_number, state_number, user_columns};
use super::{metadata, support};
use crate::sql::{Connection, Fields, FromRow, params, query_one, write};

/// One of the deleted.
struct DeletedUser(User);

impl FromRow for DeletedUser {
    const TABLE: &'static str = "deleted_user";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        user_row::read(fields).map(Self)
    }
}

/// The deleted user with this number.
pub fn by_id(
    connection: &dyn Connection,
    account: AccountId,
    id: UserId,
) -> Result<Option<User>, StoreError> {
    let sql = concat!(
        "SELECT ",
        user_columns!(),
        ", NULL AS expires_at, state FROM deleted_user WHERE user_id = ?1 AND account_id = ?2"
    );
    let found = query_one(connection, sql, params![id.get(), account.get()])?;
    Ok(found.map(|DeletedUser(user)| user))
}

/// Those of these users who are among the deleted, in the order given.
pub(crate) fn by_ids(
    connection: &dyn Connection,
    account: AccountId,
    ids: &[UserId],
) -> Result<Vec<User>, StoreError> {
    ids.iter().filter_map(|id| by_id(connection, account, *id).transpose()).collect()
}

/// Keeps one of the deleted.
pub(crate) fn insert(
    connection: &dyn Connection,
    account: AccountId,
    user: &User,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO deleted_user (account_id, user_id, end_user_id, role, \
               state, external_id, first_name, last_name, display_name, avatar, email, language, \
               metadata, organization_id, custom_role_id, support, created_at, updated_at) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, \
               ?17, ?18)";
    let profile = &user.profile;
    let params = params![
        account.get(),
        user.user_id.get(),
        user.end_user_id.0.as_bytes(),
        role_number(user.role),
        state_number(user.state),
        user.external_id.as_ref().map(ExternalId::written),
        profile.first_name.as_deref(),
        profile.last_name.as_deref(),
        profile.display_name.as_deref(),
        profile.avatar.as_deref(),
        profile.email.as_deref(),
        profile.language.as_deref(),
        metadata::to_json(&profile.metadata)?,
        user.support.organization_id.map(|id| id.0),
        user.support.custom_role_id.map(|id| id.0),
        support::to_json(&user.support)?,
        user.created_at.as_micros(),
        user.updated_at.as_micros(),
    ];
    write(connection, sql, params)
}

/// Keeps one of the deleted in place of what was known of them before.
pub(crate) fn replace(
    connection: &dyn Connection,
    account: AccountId,
    user: &User,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM deleted_user WHERE user_id = ?1 AND account_id = ?2";
    write(connection, sql, params![user.user_id.get(), account.get()])?;
    insert(connection, account, user)
}
