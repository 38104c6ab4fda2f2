//! How many users lists have.

use roster_directory::{
    AccountId, RecordKind, Roles, SEARCH_LIMIT, Segment, SortField, StoreError, UserFilter,
    UserSort,
};

use super::source::Source;
use super::users::the_one;
use super::walk::Walk;
use crate::sql::{Connection, snapshot};
use crate::tables::{account, record};

/// How many users a list has.
///
/// Those of an account, of an organization and of a custom role are kept; so only members of the
/// team are counted, and, as far as a search goes, names that begin in a certain way.
pub fn count_users(
    connection: &dyn Connection,
    account: AccountId,
    filter: &UserFilter,
) -> Result<u64, StoreError> {
    if filter.roles == Roles::NONE {
        return Ok(0);
    }
    snapshot(connection, || {
        if let Some(id) = &filter.external_id {
            return Ok(u64::from(the_one(connection, account, filter, id)?.is_some()));
        }
        if filter.name_prefix.is_some() {
            return count(connection, account, filter, SortField::Name, SEARCH_LIMIT);
        }
        match (filter.segment, filter.custom_role) {
            (Segment::Account, None) => {
                Ok(account::user_counts(connection, account)?.of(filter.roles))
            }
            (Segment::Account, Some(role)) => {
                let kind = RecordKind::CustomRole;
                let counts = record::user_counts(connection, account, kind, role.0)?;
                Ok(counts.of(filter.roles))
            }
            (Segment::Organization(id), None) => {
                let kind = RecordKind::Organization;
                Ok(record::user_counts(connection, account, kind, id.0)?.of(filter.roles))
            }
            (Segment::Organization(_) | Segment::Group(_), _) => {
                count(connection, account, filter, SortField::Id, u64::MAX)
            }
        }
    })
}

fn count(
    connection: &dyn Connection,
    account: AccountId,
    filter: &UserFilter,
    field: SortField,
    most: u64,
) -> Result<u64, StoreError> {
    let source = Source::of(account, filter);
    let sort = UserSort { field, descending: false };
    Walk { connection, source: &source, sort, forward: true }.count(most)
}
