//! Lists of users, of those who are there and of the deleted: in parts and as a whole.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use roster_directory::{
    CustomRoleId, NameKey, PageLimit, RecordKind, Role, Roles, Segment, Start, UserFilter, UserId,
    UserKey, UserList, UserSort,
};

use super::course::{Agreed, Course, Side};
use super::picks::{Pick, pick};
use super::records::{From, from};
use super::values::{EXTERNAL_IDS, account};
use crate::look;
use crate::sample::external_id;
use crate::walk::{SORTS, Walk};

#[derive(Debug, Clone)]
pub(super) enum Lists {
    Part {
        account: usize,
        filter: Filter,
        sort: UserSort,
        from: From,
        limit: u64,
    },
    Count {
        account: usize,
        filter: Filter,
    },
    /// Walks in every way, each of which must meet the whole list.
    Walk {
        account: usize,
        filter: Filter,
        sort: UserSort,
        limit: u64,
    },
    Deleted {
        account: usize,
        from: From,
        limit: u64,
    },
    CountDeleted {
        account: usize,
    },
}

/// Which users a list has.
#[derive(Debug, Clone)]
pub(super) struct Filter {
    segment: Where,
    roles: Roles,
    custom_role: Option<Pick>,
    external_id: Option<&'static str>,
    name_prefix: Option<&'static str>,
}

#[derive(Debug, Clone, Copy)]
enum Where {
    Account,
    Organization(Pick),
    Group(Pick),
}

fn filter() -> impl Strategy<Value = Filter> {
    let segment = prop_oneof![
        3 => Just(Where::Account),
        1 => pick().prop_map(Where::Organization),
        1 => pick().prop_map(Where::Group),
    ];
    let roles = prop_oneof![
        3 => Just(Roles::ALL),
        2 => select(&[Role::EndUser, Role::Agent, Role::Admin][..])
            .prop_map(|role| Roles::NONE.with(role)),
        1 => Just(Roles::TEAM),
        1 => Just(Roles::TEAM.with(Role::EndUser)),
    ];
    let parts = (
        segment,
        roles,
        option::weighted(0.1, pick()),
        option::weighted(0.1, select(EXTERNAL_IDS)),
        option::weighted(0.2, select(&["gra", "ALAN", "é", "", "zoë 50%"][..])),
    );
    parts.prop_map(|(segment, roles, custom_role, external_id, name_prefix)| Filter {
        segment,
        roles,
        custom_role,
        external_id,
        name_prefix,
    })
}

impl Lists {
    pub(super) fn any() -> impl Strategy<Value = Self> {
        let limit = || 1..4_u64;
        prop_oneof![
            3 => (account(), filter(), select(&SORTS[..]), from(), limit()).prop_map(
                |(account, filter, sort, from, limit)| {
                    Self::Part { account, filter, sort, from, limit }
                }
            ),
            2 => (account(), filter()).prop_map(|(account, filter)| Self::Count { account, filter }),
            3 => (account(), filter(), select(&SORTS[..]), limit()).prop_map(
                |(account, filter, sort, limit)| Self::Walk { account, filter, sort, limit }
            ),
            1 => (account(), from(), limit())
                .prop_map(|(account, from, limit)| Self::Deleted { account, from, limit }),
            1 => account().prop_map(|account| Self::CountDeleted { account }),
        ]
    }

    pub(super) async fn run(self, course: &Course) -> Agreed {
        match self {
            Self::Part { account, filter, sort, from, limit } => {
                let list = UserList {
                    filter: filter.resolve(course, account).await,
                    sort,
                    start: start(from, sort, course, account).await,
                    limit: PageLimit::new(limit).unwrap(),
                };
                let read = async |Side { store, accounts }: &Side| {
                    store.users(accounts[account], list.clone()).await
                };
                course.both(read).await
            }
            Self::Count { account, filter } => {
                let filter = filter.resolve(course, account).await;
                let count = async |Side { store, accounts }: &Side| {
                    store.count_users(accounts[account], filter.clone()).await
                };
                course.both(count).await
            }
            Self::Walk { account, filter, sort, limit } => {
                let filter = filter.resolve(course, account).await;
                let walk = Walk { filter, sort, limit: PageLimit::new(limit).unwrap() };
                let walk = async |Side { store, accounts }: &Side| {
                    walk.check(&**store, accounts[account]).await
                };
                course.both(walk).await
            }
            Self::Deleted { account, from, limit } => {
                let list = UserList {
                    filter: UserFilter::all(Segment::Account),
                    sort: UserSort::ID,
                    start: start(from, UserSort::ID, course, account).await,
                    limit: PageLimit::new(limit).unwrap(),
                };
                let read = async |Side { store, accounts }: &Side| {
                    store.deleted_users(accounts[account], list.clone()).await
                };
                course.both(read).await
            }
            Self::CountDeleted { account } => {
                let count = async |Side { store, accounts }: &Side| {
                    store.count_deleted_users(accounts[account]).await
                };
                course.both(count).await
            }
        }
    }
}

impl Filter {
    async fn resolve(&self, course: &Course, account: usize) -> UserFilter {
        let custom_role = match self.custom_role {
            None => None,
            Some(pick) => {
                Some(CustomRoleId(pick.record(course, account, RecordKind::CustomRole).await))
            }
        };
        UserFilter {
            segment: match self.segment {
                Where::Account => Segment::Account,
                Where::Organization(pick) => {
                    Segment::Organization(pick.organization(course, account).await)
                }
                Where::Group(pick) => Segment::Group(pick.group(course, account).await),
            },
            roles: self.roles,
            custom_role,
            external_id: self.external_id.map(external_id),
            name_prefix: self.name_prefix.map(NameKey::new),
        }
    }
}

/// The place of a user, who may have been deleted; before everybody's if there is nobody.
async fn place(pick: Pick, sort: UserSort, course: &Course, account: usize) -> UserKey {
    let id = pick.user(course, account).await;
    let side = course.model();
    let all = look::exported(&*side.store, side.accounts[account], 100).await;
    let user = all.iter().find(|user| user.user_id == id).or(all.first());
    let mut key = sort.key(user.unwrap());
    if let Pick::Any(place) = pick
        && place.is_multiple_of(2)
    {
        // Just before them, where nobody is.
        key.id = UserId::from_stored(key.id.get() - 1);
    }
    key
}

async fn start(from: From, sort: UserSort, course: &Course, account: usize) -> Start {
    match from {
        From::Offset(offset) => Start::Offset(offset),
        From::After(pick) => Start::After(place(pick, sort, course, account).await),
        From::Before(pick) => Start::Before(place(pick, sort, course, account).await),
    }
}
