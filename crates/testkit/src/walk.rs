//! Walks over lists of users: forth and back by places, and by offsets. Each of them must meet
//! the whole list in its order.

use std::cmp::Ordering;
use std::sync::Arc;

use roster_directory::{
    AccountId, NameKey, PageLimit, Segment, SortField, SortValue, Start, Store, Timestamp, User,
    UserFilter, UserId, UserKey, UserList, UserPage, UserSort,
};

use crate::look;

/// Every order there is.
pub(crate) const SORTS: [UserSort; 8] = [
    UserSort { field: SortField::Id, descending: false },
    UserSort { field: SortField::Id, descending: true },
    UserSort { field: SortField::Name, descending: false },
    UserSort { field: SortField::Name, descending: true },
    UserSort { field: SortField::CreatedAt, descending: false },
    UserSort { field: SortField::CreatedAt, descending: true },
    UserSort { field: SortField::UpdatedAt, descending: false },
    UserSort { field: SortField::UpdatedAt, descending: true },
];

/// A list of users, and how many of them are read at a time.
#[derive(Debug, Clone)]
pub(crate) struct Walk {
    pub(crate) filter: UserFilter,
    pub(crate) sort: UserSort,
    pub(crate) limit: PageLimit,
}

impl Walk {
    async fn page(&self, store: &dyn Store, account: AccountId, start: Start) -> UserPage {
        let Self { filter, sort, limit } = self.clone();
        let list = UserList { filter, sort, start, limit };
        let page = store.users(account, list.clone()).await.unwrap();
        checked(page, &list)
    }

    /// From the beginning, by the place of the last one met.
    pub(crate) async fn forth(&self, store: &dyn Store, account: AccountId) -> Vec<Arc<User>> {
        let mut met: Vec<Arc<User>> = Vec::new();
        let mut start = Start::Offset(0);
        loop {
            let page = self.page(store, account, start).await;
            met.extend(page.users);
            let Some(last) = met.last().filter(|_| page.more) else { return met };
            start = Start::After(self.sort.key(last));
        }
    }

    /// From the end, by the place of the first one met.
    pub(crate) async fn back(&self, store: &dyn Store, account: AccountId) -> Vec<Arc<User>> {
        let mut met: Vec<Arc<User>> = Vec::new();
        let mut start = Start::Before(end(self.sort));
        loop {
            let mut page = self.page(store, account, start).await;
            page.users.append(&mut met);
            met = page.users;
            let Some(first) = met.first().filter(|_| page.more) else { return met };
            start = Start::Before(self.sort.key(first));
        }
    }

    /// From the beginning, by how many were met.
    pub(crate) async fn by_offset(&self, store: &dyn Store, account: AccountId) -> Vec<Arc<User>> {
        let mut met: Vec<Arc<User>> = Vec::new();
        loop {
            let page = self.page(store, account, Start::Offset(met.len() as u64)).await;
            assert!(!page.users.iter().any(|user| met.contains(user)), "the list does not go on");
            met.extend(page.users);
            if !page.more {
                return met;
            }
        }
    }

    /// The whole list, as the export, the memberships and the definition of a list say it.
    pub(crate) async fn whole(&self, store: &dyn Store, account: AccountId) -> Vec<Arc<User>> {
        let mut users = look::exported(store, account, 100).await;
        if let Segment::Group(group) = self.filter.segment {
            let members = look::members_of(store, account, group).await;
            users.retain(|user| members.contains(&user.user_id));
        }
        users.retain(|user| self.filter.matches(user));
        users.sort_by(|one, other| self.sort.compare(&self.sort.key(one), &self.sort.key(other)));
        users
    }

    /// Walks in every way, and panics unless each meets the whole list, which is returned.
    pub(crate) async fn check(&self, store: &dyn Store, account: AccountId) -> Vec<Arc<User>> {
        let whole = self.whole(store, account).await;
        for (way, met) in [
            ("forth", self.forth(store, account).await),
            ("back", self.back(store, account).await),
            ("by offset", self.by_offset(store, account).await),
        ] {
            assert_eq!(ids(&met), ids(&whole), "{way}: {self:?}");
            assert_eq!(met, whole, "{way}: {self:?}");
        }
        let count = store.count_users(account, self.filter.clone()).await.unwrap();
        assert_eq!(count, whole.len() as u64, "the count of {:?}", self.filter);
        whole
    }
}

/// Every user who was deleted, from the beginning.
pub(crate) async fn deleted_forth(
    store: &dyn Store,
    account: AccountId,
    limit: PageLimit,
) -> Vec<Arc<User>> {
    let mut met: Vec<Arc<User>> = Vec::new();
    let mut start = Start::Offset(0);
    loop {
        let page = deleted_page(store, account, start, limit).await;
        met.extend(page.users);
        let Some(last) = met.last().filter(|_| page.more) else { return met };
        start = Start::After(UserSort::ID.key(last));
    }
}

/// A part of the list of the deleted. What it says of filter and sort does not matter.
pub(crate) async fn deleted_page(
    store: &dyn Store,
    account: AccountId,
    start: Start,
    limit: PageLimit,
) -> UserPage {
    let filter = UserFilter::all(Segment::Account);
    let list = UserList { filter, sort: UserSort::ID, start, limit };
    checked(store.deleted_users(account, list.clone()).await.unwrap(), &list)
}

/// The numbers of users.
pub(crate) fn ids(users: &[Arc<User>]) -> Vec<UserId> {
    users.iter().map(|user| user.user_id).collect()
}

/// A page that is not the last one is full, and it lies where it was asked for: so a walk ends.
fn checked(page: UserPage, list: &UserList) -> UserPage {
    let (count, limit) = (page.users.len(), list.limit.get());
    assert!(count <= limit, "{count} users, of at most {limit}");
    assert!(!page.more || count == limit, "the list goes on after {count} users of {limit}");
    for user in &page.users {
        let from = |place| list.sort.compare(&list.sort.key(user), place);
        assert!(match &list.start {
            Start::Offset(_) => true,
            Start::After(place) => from(place) == Ordering::Greater,
            Start::Before(place) => from(place) == Ordering::Less,
        });
    }
    page
}

/// A place after everybody's.
fn end(sort: UserSort) -> UserKey {
    let last = UserId::from_stored(i64::MAX);
    let moment = |micros| SortValue::Moment(Timestamp::from_micros(micros));
    let (value, id) = match (sort.field, sort.descending) {
        (SortField::Id, false) => (SortValue::Id, last),
        (SortField::Id, true) => (SortValue::Id, UserId::from_stored(0)),
        (SortField::Name, false) => {
            (SortValue::Name(NameKey::new(&"\u{10ffff}".repeat(NameKey::LIMIT))), last)
        }
        (SortField::Name, true) => (SortValue::Name(NameKey::new("")), last),
        (SortField::CreatedAt | SortField::UpdatedAt, false) => (moment(i64::MAX), last),
        (SortField::CreatedAt | SortField::UpdatedAt, true) => (moment(i64::MIN), last),
    };
    UserKey { value, id }
}
