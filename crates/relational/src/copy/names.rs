//! Names that a target could not keep.

use roster_directory::{AccountId, Record, RecordName, StoreError};

use super::{CopyError, Side};
use crate::sql::{Fields, FromRow, params, query_all};

/// Refuses a source with a record whose name is longer than names may be, before anything is
/// written. Only names that are unique count: those are what an index has.
pub(super) fn check(source: &dyn Side) -> Result<(), CopyError> {
    // Folding can make a name longer, so these are all that may be too long, and perhaps others.
    let sql = "SELECT account_id, record_id, kind, external_id, user_id, group_id, end_users, \
               agents, admins, created_at, updated_at, body FROM record \
               WHERE length(unique_key) > ?1 ORDER BY account_id, record_id";
    let limit = i64::try_from(RecordName::LIMIT).unwrap_or(i64::MAX);
    let found =
        source.connect().and_then(|connection| query_all(&*connection, sql, params![limit]));
    let found: Vec<Named> = found.map_err(CopyError::Source)?;
    for Named { account, record } in found {
        let (kind, name) = match &record {
            Record::Organization(record) => ("organization", &record.name),
            Record::CustomRole(record) => ("custom role", &record.name),
            Record::Group(_) | Record::Membership(_) => continue,
        };
        if RecordName::new(name).is_err() {
            let length = name.chars().count();
            return Err(CopyError::NameTooLong { kind, id: record.id(), account, length });
        }
    }
    Ok(())
}

/// A record, and whose it is.
struct Named {
    account: AccountId,
    record: Record,
}

impl FromRow for Named {
    const TABLE: &'static str = "record";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        let account = AccountId::from_stored(fields.integer()?);
        Ok(Self { account, record: Record::from_row(fields)? })
    }
}
