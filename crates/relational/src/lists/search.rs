//! Searching without an index: every user is looked at.

use std::collections::HashMap;
use std::sync::Arc;

use roster_directory::{
    AccountId, SEARCH_LIMIT, SearchPage, SearchQuery, SortField, SortValue, StoreError, UserId,
    UserKey, UserSort,
};

use super::place::Place;
use super::source::Source;
use super::users::by_ids;
use super::walk::Walk;
use crate::sql::{Connection, snapshot};
use crate::tables::record;

/// How many users are looked at before it is seen whether there are more.
const BATCH: usize = 500;

/// The users that a query finds, ascending by number: those after the first `offset`, at most
/// `limit`.
pub fn search(
    connection: &dyn Connection,
    account: AccountId,
    query: &SearchQuery,
    offset: u64,
    limit: u64,
) -> Result<SearchPage, StoreError> {
    let source = Source::everybody(account);
    let sort = UserSort { field: SortField::Id, descending: false };
    let walk = Walk { connection, source: &source, sort, forward: true };
    snapshot(connection, || {
        let mut organizations = HashMap::new();
        for name in query.organizations() {
            let found = record::organization_called(connection, account, name)?;
            organizations.insert(name, found);
        }
        let organization = |name: &str| organizations.get(name).copied().flatten();
        let mut page = SearchPage::default();
        let mut last = UserId::from_stored(i64::MIN);
        loop {
            let places =
                walk.beyond(&Place::of(&UserKey { value: SortValue::Id, id: last }), BATCH)?;
            let Some(place) = places.last() else { return Ok(page) };
            last = place.id;
            let ids: Vec<UserId> = places.iter().map(|place| place.id).collect();
            for user in by_ids(connection, account, &ids)? {
                if !query.matches(&user, organization) {
                    continue;
                }
                if (offset..offset.saturating_add(limit)).contains(&page.count) {
                    page.users.push(Arc::clone(&user));
                }
                page.count += 1;
                if page.count == SEARCH_LIMIT {
                    return Ok(page);
                }
            }
        }
    })
}
