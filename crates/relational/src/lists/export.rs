//! The incremental export.

use std::sync::Arc;

use roster_directory::{
    AccountId, ExportPosition, SortField, SortValue, StoreError, User, UserId, UserKey, UserSort,
};

use super::place::Place;
use super::source::Source;
use super::users::{by_ids, deleted_by_ids};
use super::walk::Walk;
use crate::sql::{Connection, snapshot};

/// Users of every state in the order of their last change: those after `after`.
pub fn export(
    connection: &dyn Connection,
    account: AccountId,
    after: ExportPosition,
    limit: usize,
) -> Result<Vec<Arc<User>>, StoreError> {
    let key = UserKey { value: SortValue::Moment(after.updated_at), id: after.user_id };
    let place = Place::of(&key);
    let sort = UserSort { field: SortField::UpdatedAt, descending: false };
    let walk =
        |source: &Source| Walk { connection, source, sort, forward: true }.beyond(&place, limit);
    snapshot(connection, || {
        // What of the two comes first is among the first of either.
        let there = walk(&Source::everybody(account))?;
        let deleted = walk(&Source::deleted(account))?;
        let mut places: Vec<_> = there.into_iter().map(|place| (place, true)).collect();
        places.extend(deleted.into_iter().map(|place| (place, false)));
        places.sort_unstable();
        places.truncate(limit);
        let ids = |wanted| -> Vec<UserId> {
            let places = places.iter().filter(|(_, is_there)| *is_there == wanted);
            places.map(|(place, _)| place.id).collect()
        };
        let mut there = by_ids(connection, account, &ids(true))?.into_iter();
        let mut deleted = deleted_by_ids(connection, account, &ids(false))?.into_iter();
        let next = |(_, is_there)| if is_there { there.next() } else { deleted.next() };
        Ok(places.into_iter().filter_map(next).collect())
    })
}
