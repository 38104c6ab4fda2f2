//! Looking at what Zendesk's dialect knows: users of every role and state, identities, records.

use std::collections::BTreeSet;
use std::sync::Arc;

use roster_directory::{
    AccountId, Event, ExportPosition, GroupId, Identity, PageLimit, Record, RecordFilter,
    RecordKind, RecordStart, Segment, Store, Timestamp, User, UserCounts, UserFilter, UserId,
    UserSort, UserState,
};

use crate::walk::{Walk, deleted_forth};

/// One user of any role, who must be there.
pub(crate) async fn user(store: &dyn Store, account: AccountId, id: UserId) -> Arc<User> {
    store.user(account, id).await.unwrap().unwrap()
}

/// Every user of any role who is there, ascending by number, as their list shows them.
pub(crate) async fn people(store: &dyn Store, account: AccountId) -> Vec<Arc<User>> {
    let filter = UserFilter::all(Segment::Account);
    Walk { filter, sort: UserSort::ID, limit: PageLimit::MAX }.forth(store, account).await
}

/// Every user who was deleted, ascending by number, as their list shows them.
pub(crate) async fn deleted(store: &dyn Store, account: AccountId) -> Vec<Arc<User>> {
    deleted_forth(store, account, PageLimit::MAX).await
}

/// Every user of any role and state, in the order of their last change, read so many at a time.
pub(crate) async fn exported(
    store: &dyn Store,
    account: AccountId,
    limit: usize,
) -> Vec<Arc<User>> {
    let mut all: Vec<Arc<User>> = Vec::new();
    let mut after = ExportPosition::before(Timestamp::from_micros(i64::MIN));
    loop {
        let more = store.export_users(account, after, limit).await.unwrap();
        assert!(more.len() <= limit, "{} users are more than {limit}", more.len());
        let Some(last) = more.last() else { return all };
        assert!(ExportPosition::of(last) > after, "the export does not go on");
        after = ExportPosition::of(last);
        all.extend(more);
    }
}

/// The identities of one user.
pub(crate) async fn identities(
    store: &dyn Store,
    account: AccountId,
    user: UserId,
) -> Vec<Identity> {
    store.identities(account, vec![user]).await.unwrap()
}

/// Every record of a list.
pub(crate) async fn records(
    store: &dyn Store,
    account: AccountId,
    filter: RecordFilter,
) -> Vec<Record> {
    let mut records: Vec<Record> = Vec::new();
    let mut start = RecordStart::Offset(0);
    loop {
        let page = store.records(account, filter, start, PageLimit::MAX).await.unwrap();
        records.extend(page.records);
        let ascends = records.is_sorted_by(|one, next| one.id() < next.id());
        assert!(ascends, "the list does not go on");
        let Some(last) = records.last().filter(|_| page.more) else { return records };
        start = RecordStart::After(last.id());
    }
}

/// Who belongs to a group, by the records of it.
pub(crate) async fn members_of(
    store: &dyn Store,
    account: AccountId,
    group: GroupId,
) -> BTreeSet<UserId> {
    let records = records(store, account, RecordFilter::MembershipsIn(group)).await;
    let user = |record: Record| match record {
        Record::Membership(membership) => membership.user_id,
        record => unreachable!("{record:?} is no membership"),
    };
    records.into_iter().map(user).collect()
}

/// All that an account has of users, identities and records.
#[derive(Debug, PartialEq)]
pub(crate) struct Holdings {
    people: Vec<Arc<User>>,
    deleted: Vec<Arc<User>>,
    exported: Vec<Arc<User>>,
    identities: Vec<Identity>,
    records: Vec<Vec<Record>>,
    counts: (UserCounts, UserCounts),
}

/// Looks at all that an account has of users, identities and records.
pub(crate) async fn holdings(store: &dyn Store, account: AccountId) -> Holdings {
    let exported = exported(store, account, 100).await;
    let there = exported.iter().filter(|user| user.state == UserState::Active);
    let ids = there.map(|user| user.user_id).collect();
    let mut records_of_kinds = Vec::new();
    for kind in [
        RecordKind::Organization,
        RecordKind::Group,
        RecordKind::Membership,
        RecordKind::CustomRole,
    ] {
        records_of_kinds.push(records(store, account, RecordFilter::All(kind)).await);
    }
    let deleted_count = store.count_deleted_users(account).await.unwrap();
    Holdings {
        people: people(store, account).await,
        deleted: deleted(store, account).await,
        exported,
        identities: store.identities(account, ids).await.unwrap(),
        records: records_of_kinds,
        counts: (super::counts(store, account).await, deleted_count),
    }
}

/// The same, with the log.
pub(crate) async fn everything(store: &dyn Store, account: AccountId) -> (Holdings, Vec<Event>) {
    (holdings(store, account).await, super::events(store, account).await)
}
