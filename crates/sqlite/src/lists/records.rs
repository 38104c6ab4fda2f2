//! Lists of records.

use std::collections::BTreeSet;

use roster_directory::{
    AccountId, PageLimit, Record, RecordFilter, RecordKey, RecordKind, RecordPage, RecordStart,
    StoreError,
};
use rusqlite::Connection;

use crate::sql::snapshot;
use crate::tables::record_list::{self, Part};
use crate::tables::{account, record};

/// A part of a list of records.
pub(crate) fn records(
    connection: &Connection,
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
pub(crate) fn records_by_id(
    connection: &Connection,
    account: AccountId,
    kind: RecordKind,
    ids: Vec<i64>,
) -> Result<Vec<Record>, StoreError> {
    let ids: BTreeSet<i64> = ids.into_iter().collect();
    let load = |id| record::find(connection, account, &RecordKey::Id(kind, id));
    snapshot(connection, || ids.into_iter().filter_map(|id| load(id).transpose()).collect())
}
