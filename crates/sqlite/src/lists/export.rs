//! The incremental export.

use std::sync::Arc;

use roster_directory::{
    AccountId, ExportPosition, SortField, SortValue, StoreError, User, UserKey, UserSort,
};
use rusqlite::Connection;

use super::place::Place;
use super::source::Source;
use super::users::{by_id, missing};
use super::walk::Walk;
use crate::sql::snapshot;
use crate::tables::deleted_user;

/// Users of every state in the order of their last change: those after `after`.
pub(crate) fn export(
    connection: &Connection,
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
        let load = |id, is_there| {
            if is_there {
                return by_id(connection, account, id);
            }
            let found = deleted_user::by_id(connection, account, id)?;
            found.map(Arc::new).ok_or_else(|| missing("deleted_user.user_id"))
        };
        places.into_iter().map(|(place, is_there)| load(place.id, is_there)).collect()
    })
}
