//! The table `user`.

use std::sync::Arc;

use roster_directory::{
    AccountId, EndUserId, ExternalId, LanguageTag, PageRequest, Profile, Role, StoreError, Text,
    Timestamp, User, UserId,
};
use rusqlite::{Connection, params};

use super::metadata;
use crate::sql::{Fields, FromRow, execute, query_all, query_one, row_count};

/// A query of users; its argument says of which.
macro_rules! select_user {
    ($which:literal) => {
        concat!(
            "SELECT user_id, end_user_id, role, external_id, first_name, last_name, display_name, ",
            "avatar, email, language, metadata, created_at, updated_at, expires_at FROM user ",
            $which
        )
    };
}

/// The end user with this identifier. Users of other roles are not found.
pub(crate) fn end_user(
    connection: &Connection,
    account: AccountId,
    id: EndUserId,
) -> Result<Option<User>, StoreError> {
    let sql = select_user!("WHERE account_id = ?1 AND role = 0 AND end_user_id = ?2");
    query_one(connection, sql, params![account.get(), id.0.as_bytes()])
}

/// The user, of whatever role, who has this external id.
pub(crate) fn holder_of(
    connection: &Connection,
    account: AccountId,
    id: &ExternalId,
) -> Result<Option<User>, StoreError> {
    let sql = select_user!("WHERE account_id = ?1 AND external_key = ?2");
    query_one(connection, sql, params![account.get(), id.folded()])
}

/// A page of end users and the one after it, ascending by identifier.
pub(crate) fn end_users(
    connection: &Connection,
    account: AccountId,
    page: PageRequest<EndUserId>,
) -> Result<Vec<Arc<User>>, StoreError> {
    let sql = select_user!(
        "WHERE account_id = ?1 AND role = 0 AND end_user_id >= ?2 ORDER BY end_user_id LIMIT ?3"
    );
    // No bytes at all sort before every identifier.
    let from = page.from.as_ref().map_or(&[][..], |id| id.0.as_bytes());
    query_all(connection, sql, params![account.get(), from, row_count(page.limit.get() + 1)])
}

/// A user whose time has come.
pub(crate) struct ExpiredUser {
    pub(crate) account: AccountId,
    pub(crate) user_id: UserId,
    pub(crate) end_user_id: EndUserId,
    pub(crate) role: Role,
}

/// The users whose time has come, those first who have waited longest.
pub(crate) fn expired(
    connection: &Connection,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<ExpiredUser>, StoreError> {
    let sql = "SELECT account_id, user_id, end_user_id, role FROM user WHERE expires_at <= ?1 \
               ORDER BY expires_at, user_id LIMIT ?2";
    query_all(connection, sql, params![now.as_micros(), row_count(limit)])
}

impl FromRow for ExpiredUser {
    const TABLE: &'static str = "user";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            account: AccountId::from_stored(fields.integer()?),
            user_id: UserId::from_stored(fields.integer()?),
            end_user_id: EndUserId(fields.object_id()?),
            role: role(fields)?,
        })
    }
}

/// The lowest number of a user, of whatever role, who has this address.
///
/// Addresses are not indexed, so this reads all users of the account. Only the making of a token
/// for a certain user asks it.
pub(crate) fn first_with_email(
    connection: &Connection,
    account: AccountId,
    email: &Text,
) -> Result<Option<UserId>, StoreError> {
    let sql = "SELECT user_id FROM user NOT INDEXED WHERE account_id = ?1 AND email = ?2 \
               ORDER BY user_id LIMIT 1";
    query_one(connection, sql, params![account.get(), &**email])
}

/// Whether the user with this number has this address.
pub(crate) fn has_email(
    connection: &Connection,
    account: AccountId,
    user: UserId,
    email: &Text,
) -> Result<bool, StoreError> {
    let sql = "SELECT user_id FROM user WHERE user_id = ?1 AND account_id = ?2 AND email = ?3";
    let found: Option<UserId> =
        query_one(connection, sql, params![user.get(), account.get(), &**email])?;
    Ok(found.is_some())
}

impl FromRow for UserId {
    const TABLE: &'static str = "user";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        fields.integer().map(Self::from_stored)
    }
}

/// Keeps a new user.
pub(crate) fn insert(
    connection: &Connection,
    account: AccountId,
    user: &User,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO user (account_id, user_id, end_user_id, role, external_id, \
               external_key, first_name, last_name, display_name, avatar, email, language, \
               metadata, created_at, updated_at, expires_at) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
    let profile = &user.profile;
    let params = params![
        account.get(),
        user.user_id.get(),
        user.end_user_id.0.as_bytes(),
        role_number(user.role),
        user.external_id.as_ref().map(ExternalId::written),
        user.external_id.as_ref().map(ExternalId::folded),
        profile.first_name.as_deref(),
        profile.last_name.as_deref(),
        profile.display_name.as_deref(),
        profile.avatar.as_deref(),
        profile.email.as_deref(),
        profile.language.as_deref(),
        metadata::to_json(&profile.metadata)?,
        user.created_at.as_micros(),
        user.updated_at.as_micros(),
        user.expires_at.map(Timestamp::as_micros),
    ];
    execute(connection, sql, params).map(|_| ())
}

/// Keeps `after` in place of `before`. The columns that have an index are written only when they
/// change, for SQLite would move the entry of the index each time.
pub(crate) fn update(
    connection: &Connection,
    before: &User,
    after: &User,
) -> Result<(), StoreError> {
    let id = after.user_id.get();
    let profile = &after.profile;
    let sql = "UPDATE user SET first_name = ?2, last_name = ?3, display_name = ?4, avatar = ?5, \
               email = ?6, language = ?7, metadata = ?8, updated_at = ?9 WHERE user_id = ?1";
    let params = params![
        id,
        profile.first_name.as_deref(),
        profile.last_name.as_deref(),
        profile.display_name.as_deref(),
        profile.avatar.as_deref(),
        profile.email.as_deref(),
        profile.language.as_deref(),
        metadata::to_json(&profile.metadata)?,
        after.updated_at.as_micros(),
    ];
    execute(connection, sql, params)?;
    if after.external_id != before.external_id {
        let sql = "UPDATE user SET external_id = ?2, external_key = ?3 WHERE user_id = ?1";
        let external = after.external_id.as_ref();
        let (written, key) = (external.map(ExternalId::written), external.map(ExternalId::folded));
        execute(connection, sql, params![id, written, key])?;
    }
    if after.expires_at != before.expires_at {
        let sql = "UPDATE user SET expires_at = ?2 WHERE user_id = ?1";
        execute(connection, sql, params![id, after.expires_at.map(Timestamp::as_micros)])?;
    }
    Ok(())
}

/// Removes a user.
pub(crate) fn delete(connection: &Connection, id: UserId) -> Result<(), StoreError> {
    execute(connection, "DELETE FROM user WHERE user_id = ?1", [id.get()]).map(|_| ())
}

impl FromRow for User {
    const TABLE: &'static str = "user";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            user_id: UserId::from_stored(fields.integer()?),
            end_user_id: EndUserId(fields.object_id()?),
            role: role(fields)?,
            external_id: external_id(fields)?,
            profile: Profile {
                first_name: fields.optional_free_text()?,
                last_name: fields.optional_free_text()?,
                display_name: fields.optional_free_text()?,
                avatar: fields.optional_free_text()?,
                email: fields.optional_free_text()?,
                language: language(fields)?,
                metadata: fields.metadata()?,
            },
            created_at: fields.timestamp()?,
            updated_at: fields.timestamp()?,
            expires_at: fields.optional_timestamp()?,
        })
    }
}

impl FromRow for Arc<User> {
    const TABLE: &'static str = "user";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        User::from_row(fields).map(Self::new)
    }
}

const fn role_number(role: Role) -> i64 {
    match role {
        Role::EndUser => 0,
        Role::Agent => 1,
        Role::Admin => 2,
    }
}

fn role(fields: &mut Fields<'_>) -> Result<Role, StoreError> {
    match fields.integer()? {
        0 => Ok(Role::EndUser),
        1 => Ok(Role::Agent),
        2 => Ok(Role::Admin),
        _ => Err(fields.damaged()),
    }
}

fn external_id(fields: &mut Fields<'_>) -> Result<Option<ExternalId>, StoreError> {
    let id = fields.optional_text()?.map(ExternalId::new);
    id.transpose().map_err(|_| fields.damaged())
}

fn language(fields: &mut Fields<'_>) -> Result<Option<LanguageTag>, StoreError> {
    let tag = fields.optional_text()?.map(LanguageTag::new);
    tag.transpose().map_err(|_| fields.damaged())
}
