//! The table `user`: those who are there.

use roster_directory::{
    AccountId, EndUserId, ExternalId, NameKey, OrganizationId, PageRequest, StoreError, Timestamp,
    User, UserId,
};

use super::user_row::{role_number, user_columns};
use super::{metadata, support};
use crate::sql::{Connection, Fields, FromRow, params, query_all, query_one, row_count, write};

/// A query of users; its argument says of which.
macro_rules! select_user {
    ($which:literal) => {
        concat!("SELECT ", user_columns!(), ", expires_at, 0 AS state FROM user ", $which)
    };
}

/// The query of users, for a condition to follow.
pub const ROWS: &str = select_user!("");

/// The query of a user by number, whose parameters are the number and the account. For who reads
/// many of them with one statement that was prepared.
pub const BY_NUMBER: &str = select_user!("WHERE user_id = ?1 AND account_id = ?2");

/// The query of an account's users with numbers from the first parameter to the second, ascending;
/// the third one is the account, by which no index is to be chosen.
pub const BETWEEN: &str =
    select_user!("WHERE user_id BETWEEN ?1 AND ?2 AND +account_id = ?3 ORDER BY user_id");

/// The query of an end user by account and identifier.
pub const END_USER: &str = select_user!("WHERE account_id = ?1 AND role = 0 AND end_user_id = ?2");

/// The query of who has an external id, by account and the id in its folded form.
pub const HOLDER: &str = select_user!("WHERE account_id = ?1 AND external_key = ?2");

/// The statement that keeps a new user. Its second parameter is their number, the third one their
/// other identifier, the sixth one the folded external id.
pub const INSERT: &str = "INSERT INTO user (account_id, user_id, end_user_id, role, external_id, \
                          external_key, first_name, last_name, display_name, avatar, email, \
                          language, metadata, created_at, updated_at, expires_at, name_key, \
                          organization_id, custom_role_id, support) VALUES (?1, ?2, ?3, ?4, ?5, \
                          ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)";

/// The statement that writes what most changes of a user are about. Its first parameter is their
/// number.
pub const UPDATE_PROFILE: &str = "UPDATE user SET first_name = ?2, last_name = ?3, display_name = ?4, avatar = ?5, email = ?6, \
     language = ?7, metadata = ?8, updated_at = ?9, support = ?10 \
     WHERE user_id = ?1 AND account_id = ?11";

/// The user with this number.
pub fn by_id(
    connection: &dyn Connection,
    account: AccountId,
    id: UserId,
) -> Result<Option<User>, StoreError> {
    query_one(connection, BY_NUMBER, params![id.get(), account.get()])
}

/// Those of these users who are there, in the order given.
pub fn by_ids(
    connection: &dyn Connection,
    account: AccountId,
    ids: &[UserId],
) -> Result<Vec<User>, StoreError> {
    ids.iter().filter_map(|id| by_id(connection, account, *id).transpose()).collect()
}

/// The end user with this identifier. Users of other roles are not found.
pub fn end_user(
    connection: &dyn Connection,
    account: AccountId,
    id: EndUserId,
) -> Result<Option<User>, StoreError> {
    query_one(connection, END_USER, params![account.get(), id.0.as_bytes()])
}

/// The user, of whatever role, who has this external id.
pub fn holder_of(
    connection: &dyn Connection,
    account: AccountId,
    id: &ExternalId,
) -> Result<Option<User>, StoreError> {
    query_one(connection, HOLDER, params![account.get(), id.folded()])
}

/// The users, of whatever role, who have these external ids, in the order given.
pub(crate) fn holders_of(
    connection: &dyn Connection,
    account: AccountId,
    ids: &[ExternalId],
) -> Result<Vec<User>, StoreError> {
    ids.iter().filter_map(|id| holder_of(connection, account, id).transpose()).collect()
}

/// The numbers of a page of end users and the one after it, ascending by identifier.
pub(crate) fn end_users(
    connection: &dyn Connection,
    account: AccountId,
    page: PageRequest<EndUserId>,
) -> Result<Vec<UserId>, StoreError> {
    let sql = "SELECT user_id FROM user WHERE account_id = ?1 AND role = 0 AND end_user_id >= ?2 \
               ORDER BY end_user_id LIMIT ?3";
    // No bytes at all sort before every identifier.
    let from = page.from.as_ref().map_or(&[][..], |id| id.0.as_bytes());
    query_all(connection, sql, params![account.get(), from, row_count(page.limit.get() + 1)])
}

/// Those of an organization's users who have the lowest numbers.
pub(crate) fn first_of_organization(
    connection: &dyn Connection,
    account: AccountId,
    organization: OrganizationId,
    limit: usize,
) -> Result<Vec<User>, StoreError> {
    let sql = select_user!(
        "INDEXED BY user_organization_user_id WHERE account_id = ?1 AND organization_id = ?2 \
         ORDER BY user_id LIMIT ?3"
    );
    query_all(connection, sql, params![account.get(), organization.0, row_count(limit)])
}

/// A user whose time has come.
pub struct ExpiredUser {
    /// Their account.
    pub account: AccountId,
    /// Their number.
    pub user_id: UserId,
}

/// The users whose time has come, those first who have waited longest.
pub fn expired(
    connection: &dyn Connection,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<ExpiredUser>, StoreError> {
    let sql = "SELECT account_id, user_id FROM user WHERE expires_at <= ?1 \
               ORDER BY expires_at, user_id LIMIT ?2";
    query_all(connection, sql, params![now.as_micros(), row_count(limit)])
}

impl FromRow for ExpiredUser {
    const TABLE: &'static str = "user";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            account: AccountId::from_stored(fields.integer()?),
            user_id: UserId::from_stored(fields.integer()?),
        })
    }
}

/// Keeps a new user.
pub fn insert(
    connection: &dyn Connection,
    account: AccountId,
    user: &User,
) -> Result<(), StoreError> {
    let profile = &user.profile;
    let name_key = NameKey::new(&user.name());
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
        name_key.as_str(),
        user.support.organization_id.map(|id| id.0),
        user.support.custom_role_id.map(|id| id.0),
        support::to_json(&user.support)?,
    ];
    write(connection, INSERT, params)
}

/// Keeps `after` in place of `before`. The columns that have an index are written only when they
/// change, for SQLite would move the entries of their indexes each time.
pub fn update(
    connection: &dyn Connection,
    account: AccountId,
    before: &User,
    after: &User,
) -> Result<(), StoreError> {
    let (id, account_id) = (after.user_id.get(), account.get());
    if after.updated_at != before.updated_at
        || after.profile != before.profile
        || after.support != before.support
    {
        update_profile(connection, account, after)?;
    }
    update_place(connection, account, before, after)?;
    if after.external_id != before.external_id {
        let sql = "UPDATE user SET external_id = ?2, external_key = ?3 \
                   WHERE user_id = ?1 AND account_id = ?4";
        let external = after.external_id.as_ref();
        let (written, key) = (external.map(ExternalId::written), external.map(ExternalId::folded));
        write(connection, sql, params![id, written, key, account_id])?;
    }
    if after.expires_at != before.expires_at {
        let sql = "UPDATE user SET expires_at = ?2 WHERE user_id = ?1 AND account_id = ?3";
        let expires_at = after.expires_at.map(Timestamp::as_micros);
        write(connection, sql, params![id, expires_at, account_id])?;
    }
    Ok(())
}

fn update_profile(
    connection: &dyn Connection,
    account: AccountId,
    after: &User,
) -> Result<(), StoreError> {
    let profile = &after.profile;
    let params = params![
        after.user_id.get(),
        profile.first_name.as_deref(),
        profile.last_name.as_deref(),
        profile.display_name.as_deref(),
        profile.avatar.as_deref(),
        profile.email.as_deref(),
        profile.language.as_deref(),
        metadata::to_json(&profile.metadata)?,
        after.updated_at.as_micros(),
        support::to_json(&after.support)?,
        account.get(),
    ];
    write(connection, UPDATE_PROFILE, params)
}

/// Writes what decides in which lists a user is, and where.
fn update_place(
    connection: &dyn Connection,
    account: AccountId,
    before: &User,
    after: &User,
) -> Result<(), StoreError> {
    let (id, account_id) = (after.user_id.get(), account.get());
    let (name, name_before) = (after.name(), before.name());
    let name_key = NameKey::new(&name);
    if name != name_before && name_key != NameKey::new(&name_before) {
        let sql = "UPDATE user SET name_key = ?2 WHERE user_id = ?1 AND account_id = ?3";
        write(connection, sql, params![id, name_key.as_str(), account_id])?;
    }
    let arranged = |user: &User| (user.support.organization_id, user.support.custom_role_id);
    if arranged(after) != arranged(before) {
        let sql = "UPDATE user SET organization_id = ?2, custom_role_id = ?3 \
                   WHERE user_id = ?1 AND account_id = ?4";
        let (organization, custom_role) = arranged(after);
        let (organization, custom_role) = (organization.map(|id| id.0), custom_role.map(|id| id.0));
        let params = params![id, organization, custom_role, account_id];
        write(connection, sql, params)?;
    }
    if after.role != before.role {
        let sql = "UPDATE user SET role = ?2 WHERE user_id = ?1 AND account_id = ?3";
        write(connection, sql, params![id, role_number(after.role), account_id])?;
    }
    Ok(())
}

/// Removes a user.
pub(crate) fn delete(
    connection: &dyn Connection,
    account: AccountId,
    id: UserId,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM user WHERE user_id = ?1 AND account_id = ?2";
    write(connection, sql, params![id.get(), account.get()])
}
