//! Lists of users, and users by what they are known by.

use std::collections::BTreeSet;
use std::sync::Arc;

use roster_directory::{
    AccountId, EndUserId, ExternalId, Identity, IdentityKind, IdentityValue, PageLimit,
    PageRequest, Roles, Segment, SortField, Start, StoreError, User, UserFilter, UserId, UserList,
    UserPage, UserSort,
};

use super::bookmarks::Bookmarks;
use super::place::Place;
use super::snapshot::Snapshot;
use super::source::Source;
use super::walk::Walk;
use crate::sql::{Connection, snapshot};
use crate::tables::{deleted_user, identity, record, user};

/// A part of a list of users.
pub fn users(
    snapshot: &mut dyn Snapshot,
    bookmarks: &Bookmarks,
    account: AccountId,
    list: &UserList,
) -> Result<UserPage, StoreError> {
    if list.filter.roles == Roles::NONE {
        return Ok(UserPage::default());
    }
    if let Some(id) = &list.filter.external_id {
        let found = the_one(snapshot.connection(), account, &list.filter, id)?;
        return Ok(list.select(found.map(Arc::new).into_iter().collect()));
    }
    let source = Source::of(account, &list.filter);
    let (ids, more) = match list.start {
        Start::Offset(offset) => by_number(snapshot, bookmarks, &source, list, account, offset)?,
        Start::After(_) | Start::Before(_) => {
            part(snapshot.connection(), &source, list.sort, &list.start, list.limit)?
        }
    };
    Ok(UserPage { users: snapshot.users(&ids)?, more })
}

/// Whether a list, or the count of one, is read from the index of everybody by name: if it is sorted
/// so, or if names begin in a certain way.
#[must_use]
pub fn reads_names(account: AccountId, filter: &UserFilter, sort: Option<UserSort>) -> bool {
    let by_name = match sort {
        Some(sort) => sort.field == SortField::Name,
        None => filter.name_prefix.is_some(),
    };
    by_name
        && filter.roles != Roles::NONE
        && filter.external_id.is_none()
        && Source::of(account, filter).is_everybody()
}

/// Who is in a page by number, and whether there are more.
fn by_number(
    snapshot: &dyn Snapshot,
    bookmarks: &Bookmarks,
    source: &Source,
    list: &UserList,
    account: AccountId,
    offset: u64,
) -> Result<(Vec<UserId>, bool), StoreError> {
    let walk = Walk { connection: snapshot.connection(), source, sort: list.sort, forward: true };
    let one_more = list.limit.get() + 1;
    let page = |offset| bookmarks.page(account, &list.filter, list.sort, offset);
    let mut places = match page(offset) {
        Some(page) => bookmarks.read(&walk, page, snapshot.last_change(), one_more)?,
        None => walk.skip(offset, one_more)?,
    };
    let more = places.len() > list.limit.get();
    places.truncate(list.limit.get());
    let next = page(offset.saturating_add(list.limit.get() as u64)).filter(|_| more);
    if let Some((next, last)) = next.zip(places.last()) {
        bookmarks.note(next, snapshot.last_change(), last.clone());
    }
    Ok((places.into_iter().map(|place| place.id).collect(), more))
}

/// A page of end users and the one after it, ascending by identifier.
pub fn end_users(
    snapshot: &mut dyn Snapshot,
    account: AccountId,
    page: PageRequest<EndUserId>,
) -> Result<Vec<Arc<User>>, StoreError> {
    let ids = user::end_users(snapshot.connection(), account, page)?;
    snapshot.users(&ids)
}

/// The user of a list in which there is one at most: who has a certain external id.
pub(super) fn the_one(
    connection: &dyn Connection,
    account: AccountId,
    filter: &UserFilter,
    id: &ExternalId,
) -> Result<Option<User>, StoreError> {
    let holder = user::holder_of(connection, account, id)?;
    let Some(holder) = holder.filter(|holder| filter.matches(holder)) else { return Ok(None) };
    let in_segment = match filter.segment {
        Segment::Account | Segment::Organization(_) => true,
        Segment::Group(group) => record::is_member(connection, account, holder.user_id, group)?,
    };
    Ok(in_segment.then_some(holder))
}

/// A part of the deleted, by number.
pub fn deleted_users(
    connection: &dyn Connection,
    account: AccountId,
    list: &UserList,
) -> Result<UserPage, StoreError> {
    snapshot(connection, || {
        let source = Source::deleted(account);
        let (ids, more) = part(connection, &source, UserSort::ID, &list.start, list.limit)?;
        Ok(UserPage { users: deleted_by_ids(connection, account, &ids)?, more })
    })
}

/// Who is in a part of a list, in its order, and whether the list goes on in the direction in
/// which it was read.
fn part(
    connection: &dyn Connection,
    source: &Source,
    sort: UserSort,
    start: &Start,
    limit: PageLimit,
) -> Result<(Vec<UserId>, bool), StoreError> {
    let forward = !matches!(start, Start::Before(_));
    let walk = Walk { connection, source, sort, forward };
    let one_more = limit.get() + 1;
    let mut places = match start {
        Start::Offset(offset) => walk.skip(*offset, one_more)?,
        Start::After(key) | Start::Before(key) => walk.beyond(&Place::of(key), one_more)?,
    };
    let more = places.len() > limit.get();
    places.truncate(limit.get());
    if !forward {
        places.reverse();
    }
    Ok((places.into_iter().map(|place: Place| place.id).collect(), more))
}

/// Users whom an index has.
pub(super) fn by_ids(
    connection: &dyn Connection,
    account: AccountId,
    ids: &[UserId],
) -> Result<Vec<Arc<User>>, StoreError> {
    complete(user::by_ids(connection, account, ids)?, ids, "user.user_id")
}

/// Those of the deleted whom an index has.
pub(super) fn deleted_by_ids(
    connection: &dyn Connection,
    account: AccountId,
    ids: &[UserId],
) -> Result<Vec<Arc<User>>, StoreError> {
    complete(deleted_user::by_ids(connection, account, ids)?, ids, "deleted_user.user_id")
}

/// Fails where an index has an entry for a row that is not there.
fn complete(found: Vec<User>, ids: &[UserId], place: &str) -> Result<Vec<Arc<User>>, StoreError> {
    if found.len() == ids.len() {
        Ok(found.into_iter().map(Arc::new).collect())
    } else {
        Err(StoreError::Corrupt(place.to_owned()))
    }
}

/// Those of these users who are there, ascending by number.
pub fn users_by_id(
    snapshot: &mut dyn Snapshot,
    ids: Vec<UserId>,
) -> Result<Vec<Arc<User>>, StoreError> {
    snapshot.find(&ascending(ids))
}

/// Those who have one of these external ids, ascending by number.
pub fn users_by_external_id(
    connection: &dyn Connection,
    account: AccountId,
    ids: &[ExternalId],
) -> Result<Vec<Arc<User>>, StoreError> {
    let mut users = snapshot(connection, || user::holders_of(connection, account, ids))?;
    users.sort_by_key(|user| user.user_id);
    users.dedup_by_key(|user| user.user_id);
    Ok(users.into_iter().map(Arc::new).collect())
}

/// The user who has claimed this address.
pub fn user_by_email(
    connection: &dyn Connection,
    account: AccountId,
    email: &IdentityValue,
) -> Result<Option<Arc<User>>, StoreError> {
    snapshot(connection, || {
        let kind = IdentityKind::Email;
        let Some(holder) = identity::holder_of(connection, account, kind, email)? else {
            return Ok(None);
        };
        Ok(by_ids(connection, account, &[holder.user_id])?.pop())
    })
}

/// The identities of these users, ascending by user, then by number.
pub fn identities(
    connection: &dyn Connection,
    account: AccountId,
    users: Vec<UserId>,
) -> Result<Vec<Identity>, StoreError> {
    snapshot(connection, || identity::of_users(connection, account, &ascending(users)))
}

/// Each of these numbers once, in order.
fn ascending(ids: Vec<UserId>) -> Vec<UserId> {
    let ids: BTreeSet<UserId> = ids.into_iter().collect();
    ids.into_iter().collect()
}
