//! The table `account`.

use roster_directory::{
    Account, AccountId, AccountName, AccountSummary, RecordKind, Role, StoreError, Timestamp,
    UserCounts, UserId,
};

use crate::sql::{Connection, Fields, FromRow, params, query_all, query_one, write};

/// What of an account its changes look at and move on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    /// The place in the account's log that the next event takes.
    pub next_event: i64,
    /// When a user last changed.
    pub last_change: Timestamp,
    /// The number that the next message takes.
    pub next_message: i64,
    /// Which messages are kept: the bit of each type's number.
    pub message_types: i64,
}

/// What a group of writes adds to counts of users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct UserDeltas {
    pub(crate) end_users: i64,
    pub(crate) agents: i64,
    pub(crate) admins: i64,
}

impl UserDeltas {
    pub(crate) fn add(&mut self, role: Role, delta: i64) {
        match role {
            Role::EndUser => self.end_users += delta,
            Role::Agent => self.agents += delta,
            Role::Admin => self.admins += delta,
        }
    }
}

/// What a group of writes adds to the counts of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Deltas {
    pub(crate) users: UserDeltas,
    pub(crate) deleted: UserDeltas,
    pub(crate) organizations: i64,
    pub(crate) groups: i64,
    pub(crate) memberships: i64,
    pub(crate) custom_roles: i64,
}

/// Keeps a new account without users.
pub(crate) fn insert(
    connection: &dyn Connection,
    name: &AccountName,
    owner: UserId,
    created_at: Timestamp,
) -> Result<AccountId, StoreError> {
    let sql = "INSERT INTO account (account_id, name, owner_user_id, end_users, agents, admins, \
               next_event, created_at) \
               VALUES ((SELECT coalesce(max(account_id), 0) + 1 FROM account), ?1, ?2, 0, 0, 0, \
               1, ?3) RETURNING account_id";
    let params = params![name.as_str(), owner.get(), created_at.as_micros()];
    let made: Option<Number> = query_one(connection, sql, params)?;
    let Number(id) = made.ok_or_else(|| StoreError::Corrupt("account.account_id".to_owned()))?;
    Ok(AccountId::from_stored(id))
}

/// Whether there is an account of that name.
pub(crate) fn name_is_taken(
    connection: &dyn Connection,
    name: &AccountName,
) -> Result<bool, StoreError> {
    let sql = "SELECT account_id FROM account WHERE name = ?1";
    let found: Option<Number> = query_one(connection, sql, params![name.as_str()])?;
    Ok(found.is_some())
}

/// Whether there is an account at all.
pub(crate) fn any(connection: &dyn Connection) -> Result<bool, StoreError> {
    let found: Option<Number> =
        query_one(connection, "SELECT account_id FROM account LIMIT 1", params![])?;
    Ok(found.is_some())
}

/// The number of an account's owner.
pub fn owner(
    connection: &dyn Connection,
    account: AccountId,
) -> Result<Option<UserId>, StoreError> {
    let sql = "SELECT owner_user_id FROM account WHERE account_id = ?1";
    let found: Option<Number> = query_one(connection, sql, params![account.get()])?;
    Ok(found.map(|Number(owner)| UserId::from_stored(owner)))
}

/// What of an account its changes look at and move on.
pub fn marks(connection: &dyn Connection, account: AccountId) -> Result<Option<Marks>, StoreError> {
    let sql = "SELECT next_event, last_change, next_message, message_types FROM account \
               WHERE account_id = ?1";
    query_one(connection, sql, params![account.get()])
}

/// The same, of an account that nobody else changes until the transaction ends. For a database in
/// which several write at once.
pub fn locked_marks(
    connection: &dyn Connection,
    account: AccountId,
) -> Result<Option<Marks>, StoreError> {
    let sql = "SELECT next_event, last_change, next_message, message_types FROM account \
               WHERE account_id = ?1 FOR UPDATE";
    query_one(connection, sql, params![account.get()])
}

/// Moves an account's numbers on.
pub(crate) fn advance(
    connection: &dyn Connection,
    account: AccountId,
    marks: Marks,
    deltas: &Deltas,
) -> Result<(), StoreError> {
    let sql = "UPDATE account SET next_event = ?2, last_change = ?3, \
               end_users = end_users + ?4, agents = agents + ?5, admins = admins + ?6, \
               deleted_end_users = deleted_end_users + ?7, \
               deleted_agents = deleted_agents + ?8, deleted_admins = deleted_admins + ?9, \
               organizations = organizations + ?10, groups = groups + ?11, \
               memberships = memberships + ?12, custom_roles = custom_roles + ?13, \
               next_message = ?14, message_types = ?15 \
               WHERE account_id = ?1";
    let Deltas { users, deleted, organizations, groups, memberships, custom_roles } = *deltas;
    let params = params![
        account.get(),
        marks.next_event,
        marks.last_change.as_micros(),
        users.end_users,
        users.agents,
        users.admins,
        deleted.end_users,
        deleted.agents,
        deleted.admins,
        organizations,
        groups,
        memberships,
        custom_roles,
        marks.next_message,
        marks.message_types,
    ];
    write(connection, sql, params)
}

/// How many users an account has.
pub(crate) fn user_counts(
    connection: &dyn Connection,
    account: AccountId,
) -> Result<UserCounts, StoreError> {
    let sql = "SELECT end_users, agents, admins FROM account WHERE account_id = ?1";
    let found: Option<Counts> = query_one(connection, sql, params![account.get()])?;
    Ok(found.map(|Counts(counts)| counts).unwrap_or_default())
}

/// How many users of an account were deleted.
pub fn deleted_counts(
    connection: &dyn Connection,
    account: AccountId,
) -> Result<UserCounts, StoreError> {
    let sql = "SELECT deleted_end_users, deleted_agents, deleted_admins FROM account \
               WHERE account_id = ?1";
    let found: Option<Counts> = query_one(connection, sql, params![account.get()])?;
    Ok(found.map(|Counts(counts)| counts).unwrap_or_default())
}

/// How many records of a kind an account has.
pub(crate) fn record_count(
    connection: &dyn Connection,
    account: AccountId,
    kind: RecordKind,
) -> Result<u64, StoreError> {
    let sql = match kind {
        RecordKind::Organization => "SELECT organizations FROM account WHERE account_id = ?1",
        RecordKind::Group => "SELECT groups FROM account WHERE account_id = ?1",
        RecordKind::Membership => "SELECT memberships FROM account WHERE account_id = ?1",
        RecordKind::CustomRole => "SELECT custom_roles FROM account WHERE account_id = ?1",
    };
    let found: Option<Count> = query_one(connection, sql, params![account.get()])?;
    Ok(found.map_or(0, |Count(count)| count))
}

/// The accounts that have had messages, ascending.
pub(crate) fn with_messages(connection: &dyn Connection) -> Result<Vec<AccountId>, StoreError> {
    let sql = "SELECT account_id FROM account WHERE next_message > 1 ORDER BY account_id";
    let found: Vec<Number> = query_all(connection, sql, params![])?;
    Ok(found.into_iter().map(|Number(id)| AccountId::from_stored(id)).collect())
}

/// All accounts, by name.
pub fn all(connection: &dyn Connection) -> Result<Vec<AccountSummary>, StoreError> {
    let sql = "SELECT account_id, name, created_at, end_users, agents, admins FROM account \
               ORDER BY name";
    query_all(connection, sql, params![])
}

struct Number(i64);

impl FromRow for Number {
    const TABLE: &'static str = "account";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        fields.integer().map(Self)
    }
}

struct Count(u64);

impl FromRow for Count {
    const TABLE: &'static str = "account";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        fields.count().map(Self)
    }
}

struct Counts(UserCounts);

impl FromRow for Counts {
    const TABLE: &'static str = "account";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        fields.user_counts().map(Self)
    }
}

impl FromRow for Marks {
    const TABLE: &'static str = "account";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            next_event: fields.integer()?,
            last_change: fields.timestamp()?,
            next_message: fields.integer()?,
            message_types: fields.integer()?,
        })
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
            users: fields.user_counts()?,
        })
    }
}
