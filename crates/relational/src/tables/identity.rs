//! The table `identity`.

use roster_directory::{
    AccountId, Identity, IdentityId, IdentityKind, IdentitySet, IdentityValue, StoreError, UserId,
};

use crate::sql::{Connection, Fields, FromRow, params, query_all, query_one, write};

/// Which identity has a value, and whose it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Holder {
    /// The identity.
    pub(crate) id: IdentityId,
    /// Whose it is.
    pub(crate) user_id: UserId,
}

impl FromRow for Holder {
    const TABLE: &'static str = "identity";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: IdentityId(fields.integer()?),
            user_id: UserId::from_stored(fields.integer()?),
        })
    }
}

/// The query of who has an identity, by account, kind and the value in its folded form.
pub const HOLDER: &str = "SELECT identity_id, user_id FROM identity_by_value \
                          WHERE account_id = ?1 AND kind = ?2 AND value_key = ?3";

/// The query of whether this is who has an identity: a user by number, and one of their identities
/// by number, which come after the parameters of [`HOLDER`].
pub const IS_HOLDER: &str = "SELECT identity_id, user_id FROM identity \
                             WHERE account_id = ?1 AND kind = ?2 AND value_key = ?3 \
                             AND user_id = ?4 AND identity_id = ?5";

/// The statement that keeps a new identity. Its sixth parameter is the value in its folded form.
pub const INSERT: &str = "INSERT INTO identity (account_id, identity_id, user_id, kind, value, \
                          value_key, verified, is_primary, created_at, updated_at) \
                          VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

/// Who has this identity, if anybody has.
pub(crate) fn holder_of(
    connection: &dyn Connection,
    account: AccountId,
    kind: IdentityKind,
    value: &IdentityValue,
) -> Result<Option<Holder>, StoreError> {
    query_one(connection, HOLDER, params![account.get(), kind.number(), value.folded()])
}

/// All identities of a user.
pub(crate) fn of_user(
    connection: &dyn Connection,
    account: AccountId,
    user: UserId,
) -> Result<IdentitySet, StoreError> {
    let sql = "SELECT identity_id, user_id, kind, value, verified, is_primary, created_at, \
               updated_at FROM identity WHERE account_id = ?1 AND user_id = ?2 \
               ORDER BY identity_id";
    let all = query_all(connection, sql, params![account.get(), user.get()])?;
    Ok(IdentitySet::from_stored(user, all))
}

/// Users whose numbers lie at most so many times as far apart as there are users are read with one
/// statement, which passes over those in between.
const DENSE: i64 = 4;

/// All identities of these users, who ascend.
pub(crate) fn of_users(
    connection: &dyn Connection,
    account: AccountId,
    users: &[UserId],
) -> Result<Vec<Identity>, StoreError> {
    let (Some(first), Some(last)) = (users.first(), users.last()) else { return Ok(Vec::new()) };
    let count = i64::try_from(users.len()).unwrap_or(i64::MAX);
    if last.get() - first.get() < count.saturating_mul(DENSE) {
        let sql = "SELECT identity_id, user_id, kind, value, verified, is_primary, created_at, \
                   updated_at FROM identity WHERE account_id = ?1 AND user_id BETWEEN ?2 AND ?3 \
                   ORDER BY user_id, identity_id";
        let params = params![account.get(), first.get(), last.get()];
        let mut all: Vec<Identity> = query_all(connection, sql, params)?;
        all.retain(|identity| users.binary_search(&identity.user_id).is_ok());
        return Ok(all);
    }
    let mut all = Vec::new();
    for user in users {
        let set = of_user(connection, account, *user)?;
        all.extend_from_slice(set.as_slice());
    }
    Ok(all)
}

/// Keeps the identities of a user as they have become. What stays as it is is not written.
pub(crate) fn save(
    connection: &dyn Connection,
    account: AccountId,
    before: &IdentitySet,
    after: &IdentitySet,
) -> Result<(), StoreError> {
    // What goes goes first, for its value may be free for another one.
    for former in before.as_slice() {
        if after.find(former.id).is_none() {
            delete(connection, account, former)?;
        }
    }
    for identity in after.as_slice() {
        match before.find(identity.id) {
            None => insert(connection, account, identity)?,
            Some(former) if former != identity => update(connection, account, identity)?,
            Some(_) => {}
        }
    }
    Ok(())
}

/// Keeps a new identity.
pub(crate) fn insert(
    connection: &dyn Connection,
    account: AccountId,
    identity: &Identity,
) -> Result<(), StoreError> {
    let params = params![
        account.get(),
        identity.id.0,
        identity.user_id.get(),
        identity.kind.number(),
        identity.value.written(),
        identity.value.folded(),
        identity.verified,
        identity.primary,
        identity.created_at.as_micros(),
        identity.updated_at.as_micros(),
    ];
    write(connection, INSERT, params)
}

fn update(
    connection: &dyn Connection,
    account: AccountId,
    identity: &Identity,
) -> Result<(), StoreError> {
    let sql = "UPDATE identity SET value = ?4, value_key = ?5, verified = ?6, is_primary = ?7, \
               updated_at = ?8 WHERE account_id = ?1 AND user_id = ?2 AND identity_id = ?3";
    let params = params![
        account.get(),
        identity.user_id.get(),
        identity.id.0,
        identity.value.written(),
        identity.value.folded(),
        identity.verified,
        identity.primary,
        identity.updated_at.as_micros(),
    ];
    write(connection, sql, params)
}

fn delete(
    connection: &dyn Connection,
    account: AccountId,
    identity: &Identity,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM identity WHERE account_id = ?1 AND user_id = ?2 AND identity_id = ?3";
    let params = params![account.get(), identity.user_id.get(), identity.id.0];
    write(connection, sql, params)
}

/// Removes all identities of a user.
pub(crate) fn delete_of_user(
    connection: &dyn Connection,
    account: AccountId,
    user: UserId,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM identity WHERE account_id = ?1 AND user_id = ?2";
    write(connection, sql, params![account.get(), user.get()])
}

impl FromRow for Identity {
    const TABLE: &'static str = "identity";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: IdentityId(fields.integer()?),
            user_id: UserId::from_stored(fields.integer()?),
            kind: kind(fields)?,
            value: IdentityValue::claimed(fields.text()?).map_err(|_| fields.damaged())?,
            verified: fields.integer()? != 0,
            primary: fields.integer()? != 0,
            created_at: fields.timestamp()?,
            updated_at: fields.timestamp()?,
        })
    }
}

fn kind(fields: &mut Fields<'_>) -> Result<IdentityKind, StoreError> {
    let number = fields.integer()?;
    let kind = IdentityKind::ALL.iter().find(|kind| kind.number() == number);
    kind.copied().ok_or_else(|| fields.damaged())
}
