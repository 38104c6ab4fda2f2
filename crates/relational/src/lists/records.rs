//! Lists of records.

use std::collections::BTreeSet;

use roster_directory::{
    AccountId, PageLimit, Record, RecordFilter, RecordKind, RecordPage, RecordStart, StoreError,
};

use crate::sql::{Connection, snapshot};
use crate::tables::record_list::{self, Part};
use crate::tables::{account, record};

/// A part of a list of records.
pub fn records(
    connection: &dyn Connection,
    account: AccountId,
    filter: RecordFilter,
    start: RecordStart,
    limit: PageLimit,
) -> Result<RecordPage, StoreError> {
    let part = Part { limit: limit.get() + 1, ..Part::ALL };
    let part = match start {
        RecordStart::Offset(offset) => Part { offset, ..part },
        RecordStart::After(id) => Part { low: id.saturating_add(1), ..part },
        RecordStart::Before(id) => Part { high: id, backwards: true, ..part },
    };
    snapshot(connection, || {
        let mut records = record_list::part(connection, account, filter, &part)?;
        let more = records.len() > limit.get();
        records.truncate(limit.get());
        if part.backwards {
            records.reverse();
        }
        let count = match filter {
            RecordFilter::All(kind) => account::record_count(connection, account, kind)?,
            RecordFilter::MembershipsOf(_) | RecordFilter::MembershipsIn(_) => {
                record_list::count_memberships(connection, account, filter)?
            }
        };
        Ok(RecordPage { records, more, count })
    })
}

/// Those of these records that there are, ascending by number.
pub fn records_by_id(
    connection: &dyn Connection,
    account: AccountId,
    kind: RecordKind,
    ids: Vec<i64>,
) -> Result<Vec<Record>, StoreError> {
    let ids: BTreeSet<i64> = ids.into_iter().collect();
    let ids: Vec<i64> = ids.into_iter().collect();
    snapshot(connection, || record::by_ids(connection, account, kind, &ids))
}
