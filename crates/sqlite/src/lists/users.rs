//! Lists of users, and users by what they are known by.

use std::collections::BTreeSet;
use std::sync::Arc;

use roster_directory::{
    AccountId, EndUserId, ExternalId, Identity, IdentityKind, IdentityValue, PageLimit,
    PageRequest, Roles, Segment, Start, StoreError, User, UserFilter, UserId, UserList, UserPage,
    UserSort,
};
use rusqlite::Connection;

use super::bookmarks::Bookmarks;
use super::place::Place;
use super::source::Source;
use super::walk::Walk;
use crate::snapshot::Snapshot;
use crate::sql::snapshot;
use crate::tables::{deleted_user, identity, record, user};

/// A part of a list of users.
pub(crate) fn users(
    snapshot: &mut Snapshot<'_>,
    bookmarks: &Bookmarks,
    account: AccountId,
    list: &UserList,
) -> Result<UserPage, StoreError> {
    if list.filter.roles == Roles::NONE {
        return Ok(UserPage::default());
    }
    if let Some(id) = &list.filter.external_id {
        let found = the_one(snapshot.connection, account, &list.filter, id)?;
        return Ok(list.select(found.map(Arc::new).into_iter().collect()));
    }
    let source = Source::of(account, &list.filter);
    let (ids, more) = match list.start {
        Start::Offset(offset) => by_number(snapshot, bookmarks, &source, list, account, offset)?,
        Start::After(_) | Start::Before(_) => {
            part(snapshot.connection, &source, list.sort, &list.start, list.limit)?
        }
    };
    Ok(UserPage { users: snapshot.users(ids)?, more })
}

/// Who is in a page by number, and whether there are more.
fn by_number(
    snapshot: &Snapshot<'_>,
    bookmarks: &Bookmarks,
    source: &Source,
    list: &UserList,
    account: AccountId,
    offset: u64,
) -> Result<(Vec<UserId>, bool), StoreError> {
    let walk = Walk { connection: snapshot.connection, source, sort: list.sort, forward: true };
    let one_more = list.limit.get() + 1;
    let page = |offset| bookmarks.page(account, &list.filter, list.sort, offset);
    let mut places = match page(offset) {
        Some(page) => bookmarks.read(&walk, page, snapshot.last_change, one_more)?,
        None => walk.skip(offset, one_more)?,
    };
    let more = places.len() > list.limit.get();
    places.truncate(list.limit.get());
    let next = page(offset.saturating_add(list.limit.get() as u64)).filter(|_| more);
    if let Some((next, last)) = next.zip(places.last()) {
        bookmarks.note(next, snapshot.last_change, last.clone());
    }
    Ok((places.into_iter().map(|place| place.id).collect(), more))
}

/// A page of end users and the one after it, ascending by identifier.
pub(crate) fn end_users(
    snapshot: &mut Snapshot<'_>,
    account: AccountId,
    page: PageRequest<EndUserId>,
) -> Result<Vec<Arc<User>>, StoreError> {
    let ids = user::end_users(snapshot.connection, account, page)?;
    snapshot.users(ids)
}

/// The user of a list in which there is one at most: who has a certain external id.
pub(super) fn the_one(
    connection: &Connection,
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
pub(crate) fn deleted_users(
    connection: &Connection,
    account: AccountId,
    list: &UserList,
) -> Result<UserPage, StoreError> {
    snapshot(connection, || {
        let source = Source::deleted(account);
        let (ids, more) = part(connection, &source, UserSort::ID, &list.start, list.limit)?;
        let load = |id| {
            let found = deleted_user::by_id(connection, account, id)?;
            found.map(Arc::new).ok_or_else(|| missing("deleted_user.user_id"))
        };
        Ok(UserPage { users: ids.into_iter().map(load).collect::<Result<_, _>>()?, more })
    })
}

/// Who is in a part of a list, in its order, and whether the list goes on in the direction in
/// which it was read.
fn part(
    connection: &Connection,
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

/// A user whom an index has.
pub(super) fn by_id(
    connection: &Connection,
    account: AccountId,
    id: UserId,
) -> Result<Arc<User>, StoreError> {
    let found = user::by_id(connection, account, id)?;
    found.map(Arc::new).ok_or_else(|| missing("user.user_id"))
}

/// An index has an entry for a row that is not there.
pub(super) fn missing(place: &str) -> StoreError {
    StoreError::Corrupt(place.to_owned())
}

/// Those of these users who are there, ascending by number.
pub(crate) fn users_by_id(
    snapshot: &mut Snapshot<'_>,
    ids: Vec<UserId>,
) -> Result<Vec<Arc<User>>, StoreError> {
    let ids: BTreeSet<UserId> = ids.into_iter().collect();
    ids.into_iter().filter_map(|id| snapshot.user(id).transpose()).collect()
}

/// Those who have one of these external ids, ascending by number.
pub(crate) fn users_by_external_id(
    connection: &Connection,
    account: AccountId,
    ids: &[ExternalId],
) -> Result<Vec<Arc<User>>, StoreError> {
    let load = |id| Ok(user::holder_of(connection, account, id)?.map(Arc::new));
    let found = snapshot(connection, || {
        ids.iter().filter_map(|id| load(id).transpose()).collect::<Result<Vec<_>, _>>()
    });
    let mut users = found?;
    users.sort_by_key(|user: &Arc<User>| user.user_id);
    users.dedup_by_key(|user| user.user_id);
    Ok(users)
}

/// The user who has claimed this address.
pub(crate) fn user_by_email(
    connection: &Connection,
    account: AccountId,
    email: &IdentityValue,
) -> Result<Option<Arc<User>>, StoreError> {
    snapshot(connection, || {
        let kind = IdentityKind::Email;
        let Some(holder) = identity::holder_of(connection, account, kind, email)? else {
            return Ok(None);
        };
        by_id(connection, account, holder.user_id).map(Some)
    })
}

/// The identities of these users, ascending by user, then by number.
pub(crate) fn identities(
    connection: &Connection,
    account: AccountId,
    users: Vec<UserId>,
) -> Result<Vec<Identity>, StoreError> {
    let users: BTreeSet<UserId> = users.into_iter().collect();
    snapshot(connection, || {
        let mut all = Vec::new();
        for user in users {
            let set = identity::of_user(connection, account, user)?;
            all.extend_from_slice(set.as_slice());
        }
        Ok(all)
    })
}
