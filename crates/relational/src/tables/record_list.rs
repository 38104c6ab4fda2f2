//! Lists in the table `record`.

use roster_directory::{AccountId, GroupId, Membership, Record, RecordFilter, StoreError};

use super::record::{kind_number, select_record};
use crate::sql::{Connection, Fields, FromRow, params, query_all, query_one, row_count};

/// A part of a list of records, with the numbers from `low` up to but without `high`, in the order
/// of the list or against it.
pub(crate) struct Part {
    pub(crate) low: i64,
    pub(crate) high: i64,
    pub(crate) backwards: bool,
    pub(crate) limit: usize,
    pub(crate) offset: u64,
}

impl Part {
    /// The whole list.
    pub(crate) const ALL: Self =
        Self { low: i64::MIN, high: i64::MAX, backwards: false, limit: usize::MAX, offset: 0 };
}

/// A query of a part of a list, there and back; its argument says of which list.
macro_rules! select_part {
    ($which:literal, $part:expr) => {
        if $part.backwards {
            select_record!(concat!(
                $which,
                " AND record_id >= ?4 AND record_id < ?5 ORDER BY record_id DESC LIMIT ?6 OFFSET ?7"
            ))
        } else {
            select_record!(concat!(
                $which,
                " AND record_id >= ?4 AND record_id < ?5 ORDER BY record_id LIMIT ?6 OFFSET ?7"
            ))
        }
    };
}

/// A part of a list.
pub(crate) fn part(
    connection: &dyn Connection,
    account: AccountId,
    filter: RecordFilter,
    part: &Part,
) -> Result<Vec<Record>, StoreError> {
    let (sql, of) = part_query(filter, part);
    let offset = i64::try_from(part.offset).unwrap_or(i64::MAX);
    let kind = kind_number(filter.kind());
    let limit = row_count(part.limit);
    let params = params![account.get(), kind, of, part.low, part.high, limit, offset];
    query_all(connection, sql, params)
}

/// The query of a part, and whose records it is about.
fn part_query(filter: RecordFilter, part: &Part) -> (&'static str, Option<i64>) {
    match filter {
        RecordFilter::All(_) => {
            let sql = select_part!(
                "INDEXED BY record_kind WHERE account_id = ?1 AND kind = ?2 \
                 AND CAST(?3 AS BIGINT) IS NULL",
                part
            );
            (sql, None)
        }
        RecordFilter::MembershipsOf(user) => {
            let sql = select_part!(
                "INDEXED BY record_user_id WHERE account_id = ?1 AND kind = ?2 AND user_id = ?3",
                part
            );
            (sql, Some(user.get()))
        }
        RecordFilter::MembershipsIn(group) => {
            let sql = select_part!(
                "INDEXED BY record_group_id WHERE account_id = ?1 AND kind = ?2 AND group_id = ?3",
                part
            );
            (sql, Some(group.0))
        }
    }
}

/// How many memberships a user or a group has.
pub(crate) fn count_memberships(
    connection: &dyn Connection,
    account: AccountId,
    filter: RecordFilter,
) -> Result<u64, StoreError> {
    let (sql, of) = match filter {
        RecordFilter::All(_) => return Ok(0),
        RecordFilter::MembershipsOf(user) => (
            "SELECT count(*) FROM record INDEXED BY record_user_id \
             WHERE account_id = ?1 AND user_id = ?2",
            user.get(),
        ),
        RecordFilter::MembershipsIn(group) => (
            "SELECT count(*) FROM record INDEXED BY record_group_id \
             WHERE account_id = ?1 AND kind = 3 AND group_id = ?2",
            group.0,
        ),
    };
    let found: Option<Count> = query_one(connection, sql, params![account.get(), of])?;
    Ok(found.map_or(0, |Count(count)| count))
}

/// All memberships in a list.
pub(crate) fn memberships(
    connection: &dyn Connection,
    account: AccountId,
    filter: RecordFilter,
) -> Result<Vec<Membership>, StoreError> {
    let all = part(connection, account, filter, &Part::ALL)?;
    let membership = |record| match record {
        Record::Membership(membership) => Some(membership),
        Record::Organization(_) | Record::Group(_) | Record::CustomRole(_) => None,
    };
    Ok(all.into_iter().filter_map(membership).collect())
}

/// The organizations that a group works for, ascending by number.
pub(crate) fn organizations_of_group(
    connection: &dyn Connection,
    account: AccountId,
    group: GroupId,
) -> Result<Vec<Record>, StoreError> {
    let sql = select_record!(
        "INDEXED BY record_group_id WHERE account_id = ?1 AND kind = 1 AND group_id = ?2 \
         ORDER BY record_id"
    );
    query_all(connection, sql, params![account.get(), group.0])
}

struct Count(u64);

impl FromRow for Count {
    const TABLE: &'static str = "record";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        fields.count().map(Self)
    }
}
