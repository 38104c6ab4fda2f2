//! The table `account`.

use roster_directory::{
    Account, AccountId, AccountName, AccountSummary, NewAccount, StoreError, UserCounts, UserId,
};
use rusqlite::{Connection, params};

use crate::sql::{Fields, FromRow, execute, query_all, query_one};

/// What a group of writes adds to the counts of an account's users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct UserDeltas {
    pub(crate) end_users: i64,
    pub(crate) agents: i64,
    pub(crate) admins: i64,
}

/// Keeps a new account without users.
pub(crate) fn insert(
    connection: &Connection,
    new: &NewAccount,
    owner: UserId,
) -> Result<AccountId, StoreError> {
    let sql = "INSERT INTO account (name, owner_user_id, end_users, agents, admins, next_event, \
               created_at) VALUES (?1, ?2, 0, 0, 0, 1, ?3)";
    execute(connection, sql, params![new.name.as_str(), owner.get(), new.created_at.as_micros()])?;
    Ok(AccountId::from_stored(connection.last_insert_rowid()))
}

/// Whether there is an account of that name.
pub(crate) fn name_is_taken(
    connection: &Connection,
    name: &AccountName,
) -> Result<bool, StoreError> {
    let sql = "SELECT account_id FROM account WHERE name = ?1";
    let found: Option<Number> = query_one(connection, sql, [name.as_str()])?;
    Ok(found.is_some())
}

/// Whether there is an account at all.
pub(crate) fn any(connection: &Connection) -> Result<bool, StoreError> {
    let found: Option<Number> =
        query_one(connection, "SELECT account_id FROM account LIMIT 1", [])?;
    Ok(found.is_some())
}

/// The number of an account's owner.
pub(crate) fn owner(
    connection: &Connection,
    account: AccountId,
) -> Result<Option<UserId>, StoreError> {
    let sql = "SELECT owner_user_id FROM account WHERE account_id = ?1";
    let found: Option<Number> = query_one(connection, sql, [account.get()])?;
    Ok(found.map(|Number(owner)| UserId::from_stored(owner)))
}

/// The place in the account's log that the next event takes.
pub(crate) fn next_event(
    connection: &Connection,
    account: AccountId,
) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT next_event FROM account WHERE account_id = ?1";
    let found: Option<Number> = query_one(connection, sql, [account.get()])?;
    Ok(found.map(|Number(next)| next))
}

/// Moves an account's numbers on.
pub(crate) fn advance(
    connection: &Connection,
    account: AccountId,
    next_event: i64,
    users: UserDeltas,
) -> Result<(), StoreError> {
    let sql = "UPDATE account SET next_event = ?2, end_users = end_users + ?3, \
               agents = agents + ?4, admins = admins + ?5 WHERE account_id = ?1";
    let params = params![account.get(), next_event, users.end_users, users.agents, users.admins];
    execute(connection, sql, params).map(|_| ())
}

/// All accounts, by name.
pub(crate) fn all(connection: &Connection) -> Result<Vec<AccountSummary>, StoreError> {
    let sql = "SELECT account_id, name, created_at, end_users, agents, admins FROM account \
               ORDER BY name";
    query_all(connection, sql, [])
}

struct Number(i64);

impl FromRow for Number {
    const TABLE: &'static str = "account";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        fields.integer().map(Self)
    }
}

impl FromRow for AccountSummary {
    const TABLE: &'static str = "account";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            account: Account {
                id: AccountId::from_stored(fields.integer()?),
                name: AccountName::new(fields.text()?).ok_or_else(|| fields.damaged())?,
                created_at: fields.timestamp()?,
            },
            users: UserCounts {
                end_users: count(fields)?,
                agents: count(fields)?,
                admins: count(fields)?,
            },
        })
    }
}

fn count(fields: &mut Fields<'_>) -> Result<u64, StoreError> {
    u64::try_from(fields.integer()?).map_err(|_| fields.damaged())
}
