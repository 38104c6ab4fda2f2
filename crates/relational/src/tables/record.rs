//! The table `record`: organizations, groups, memberships and custom roles.

use roster_directory::{
    AccountId, ExternalId, GroupId, OrganizationId, Record, RecordKey, RecordKind, StoreError,
    UserCounts, UserId,
};

use super::account::UserDeltas;
use super::record_body::{self, Row};
use super::user_row;
use crate::sql::{Connection, Fields, FromRow, params, query_one, write};

/// A query of records; its argument says of which.
macro_rules! select_record {
    ($which:expr) => {
        concat!(
            "SELECT record_id, kind, external_id, user_id, group_id, end_users, agents, admins, ",
            "created_at, updated_at, body FROM record ",
            $which
        )
    };
}
pub(super) use select_record;

/// One record.
pub fn find(
    connection: &dyn Connection,
    account: AccountId,
    key: &RecordKey,
) -> Result<Option<Record>, StoreError> {
    let account = account.get();
    match key {
        RecordKey::Id(kind, id) => {
            let sql = select_record!("WHERE record_id = ?3 AND account_id = ?1 AND kind = ?2");
            query_one(connection, sql, params![account, kind_number(*kind), id])
        }
        // No text has U+0000, which not every database can be asked for.
        RecordKey::Unique(_, key) if key.contains('\0') => Ok(None),
        RecordKey::Unique(kind, key) => {
            let sql = select_record!("WHERE account_id = ?1 AND kind = ?2 AND unique_key = ?3");
            query_one(connection, sql, params![account, kind_number(*kind), key])
        }
        RecordKey::OrganizationExternalId(id) => {
            let sql = select_record!("WHERE account_id = ?1 AND kind = ?2 AND external_key = ?3");
            let kind = kind_number(RecordKind::Organization);
            query_one(connection, sql, params![account, kind, id.folded()])
        }
    }
}

/// Those of these records that there are, in the order given.
pub(crate) fn by_ids(
    connection: &dyn Connection,
    account: AccountId,
    kind: RecordKind,
    ids: &[i64],
) -> Result<Vec<Record>, StoreError> {
    let load = |id: &i64| find(connection, account, &RecordKey::Id(kind, *id));
    ids.iter().filter_map(|id| load(id).transpose()).collect()
}

/// Whether there is such a record.
pub(crate) fn exists(
    connection: &dyn Connection,
    account: AccountId,
    kind: RecordKind,
    id: i64,
) -> Result<bool, StoreError> {
    let sql = "SELECT record_id FROM record \
               WHERE record_id = ?3 AND account_id = ?1 AND kind = ?2";
    let found: Option<Found> =
        query_one(connection, sql, params![account.get(), kind_number(kind), id])?;
    Ok(found.is_some())
}

/// How many users an organization or a custom role has.
pub(crate) fn user_counts(
    connection: &dyn Connection,
    account: AccountId,
    kind: RecordKind,
    id: i64,
) -> Result<UserCounts, StoreError> {
    let sql = "SELECT end_users, agents, admins FROM record \
               WHERE record_id = ?3 AND account_id = ?1 AND kind = ?2";
    let params = params![account.get(), kind_number(kind), id];
    let found: Option<Counts> = query_one(connection, sql, params)?;
    Ok(found.map(|Counts(counts)| counts).unwrap_or_default())
}

/// Whether a user is a member of a group.
pub(crate) fn is_member(
    connection: &dyn Connection,
    account: AccountId,
    user: UserId,
    group: GroupId,
) -> Result<bool, StoreError> {
    let sql = "SELECT record_id FROM record \
               WHERE account_id = ?1 AND kind = 3 AND unique_key = ?2";
    let key = format!("{user}/{group}");
    let found: Option<Found> = query_one(connection, sql, params![account.get(), key])?;
    Ok(found.is_some())
}

/// The organization of that number or, in any case, of that name.
pub fn organization_called(
    connection: &dyn Connection,
    account: AccountId,
    name: &str,
) -> Result<Option<OrganizationId>, StoreError> {
    let kind = RecordKind::Organization;
    let digits = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    if digits
        && let Ok(id) = name.parse()
        && exists(connection, account, kind, id)?
    {
        return Ok(Some(OrganizationId(id)));
    }
    let named = find(connection, account, &RecordKey::organization_named(name))?;
    Ok(named.map(|record| OrganizationId(record.id())))
}

/// Keeps a new record, which no user has.
pub fn insert(
    connection: &dyn Connection,
    account: AccountId,
    record: &Record,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO record (account_id, record_id, kind, unique_key, external_id, \
               external_key, user_id, group_id, body, created_at, updated_at, end_users, agents, \
               admins) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, 0, 0)";
    let (user_id, group_id) = references(record);
    let (created_at, updated_at) = moments(record);
    let params = params![
        account.get(),
        record.id(),
        kind_number(record.kind()),
        record.unique_key(),
        record.external_id().map(ExternalId::written),
        record.external_id().map(ExternalId::folded),
        user_id,
        group_id,
        record_body::to_json(record)?,
        created_at,
        updated_at,
    ];
    write(connection, sql, params)
}

/// Keeps a record as it has become. It stays whose it is.
pub(crate) fn update(
    connection: &dyn Connection,
    account: AccountId,
    record: &Record,
) -> Result<(), StoreError> {
    let sql = "UPDATE record SET unique_key = ?2, external_id = ?3, external_key = ?4, \
               group_id = ?5, body = ?6, updated_at = ?7 WHERE record_id = ?1 AND account_id = ?8";
    let (_, group_id) = references(record);
    let (_, updated_at) = moments(record);
    let params = params![
        record.id(),
        record.unique_key(),
        record.external_id().map(ExternalId::written),
        record.external_id().map(ExternalId::folded),
        group_id,
        record_body::to_json(record)?,
        updated_at,
        account.get(),
    ];
    write(connection, sql, params)
}

/// Removes a record.
pub(crate) fn delete(
    connection: &dyn Connection,
    account: AccountId,
    id: i64,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM record WHERE record_id = ?1 AND account_id = ?2";
    write(connection, sql, params![id, account.get()])
}

/// Adds to the counts of an organization's or a custom role's users.
pub(crate) fn add_users(
    connection: &dyn Connection,
    account: AccountId,
    id: i64,
    users: UserDeltas,
) -> Result<(), StoreError> {
    let sql = "UPDATE record SET end_users = end_users + ?2, agents = agents + ?3, \
               admins = admins + ?4 WHERE record_id = ?1 AND account_id = ?5";
    let UserDeltas { end_users, agents, admins } = users;
    write(connection, sql, params![id, end_users, agents, admins, account.get()])
}

/// A membership's user, and a membership's or an organization's group.
fn references(record: &Record) -> (Option<i64>, Option<i64>) {
    match record {
        Record::Organization(record) => (None, record.group_id.map(|id| id.0)),
        Record::Membership(record) => (Some(record.user_id.get()), Some(record.group_id.0)),
        Record::Group(_) | Record::CustomRole(_) => (None, None),
    }
}

fn moments(record: &Record) -> (i64, i64) {
    let (created_at, updated_at) = match record {
        Record::Organization(record) => (record.created_at, record.updated_at),
        Record::Group(record) => (record.created_at, record.updated_at),
        Record::Membership(record) => (record.created_at, record.updated_at),
        Record::CustomRole(record) => (record.created_at, record.updated_at),
    };
    (created_at.as_micros(), updated_at.as_micros())
}

/// That there is a row.
struct Found;

impl FromRow for Found {
    const TABLE: &'static str = "record";

    fn from_row(_: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self)
    }
}

struct Counts(UserCounts);

impl FromRow for Counts {
    const TABLE: &'static str = "record";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        fields.user_counts().map(Self)
    }
}

impl FromRow for Record {
    const TABLE: &'static str = "record";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        let row = Row {
            id: fields.integer()?,
            kind: kind(fields)?,
            external_id: user_row::external_id(fields)?,
            user_id: fields.optional_integer()?,
            group_id: fields.optional_integer()?,
            users: fields.user_counts()?,
            created_at: fields.timestamp()?,
            updated_at: fields.timestamp()?,
            body: fields.text()?,
        };
        record_body::read(row).ok_or_else(|| fields.damaged())
    }
}

pub(super) const fn kind_number(kind: RecordKind) -> i64 {
    match kind {
        RecordKind::Organization => 1,
        RecordKind::Group => 2,
        RecordKind::Membership => 3,
        RecordKind::CustomRole => 4,
    }
}

fn kind(fields: &mut Fields<'_>) -> Result<RecordKind, StoreError> {
    match fields.integer()? {
        1 => Ok(RecordKind::Organization),
        2 => Ok(RecordKind::Group),
        3 => Ok(RecordKind::Membership),
        4 => Ok(RecordKind::CustomRole),
        _ => Err(fields.damaged()),
    }
}
