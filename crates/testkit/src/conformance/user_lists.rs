//! Lists of users of every role: which, in which order, which part.

use std::sync::Arc;
use std::time::Duration;

use roster_directory::{
    AccountId, Change, CustomRoleId, EndUserPatch, GroupId, NameKey, NewEndUser, OrganizationId,
    PageLimit, Profile, RecordKind, Role, Roles, Segment, SortField, SortValue, Start, Store, User,
    UserFilter, UserId, UserKey, UserList, UserPatch, UserSort,
};

use crate::look;
use crate::sample::{self, at, end_user_id, external_id, new_user, text};
use crate::walk::{SORTS, Walk, ids};

/// An account with all sorts of users.
struct Crowd {
    account: AccountId,
    organization: OrganizationId,
    group: GroupId,
    role: CustomRoleId,
}

impl Crowd {
    /// Makes it: of thirteen users some have the same name, some were deleted, and no two orders
    /// are the same.
    async fn gather(store: &dyn Store) -> Self {
        let account = sample::account(store, "acme").await;
        let organization = sample::organization(store, account, "US Navy").await;
        let group = sample::group(store, account, "Support").await;
        let role = sample::custom_role(store, account, "Light agent").await;
        let crowd = Self { account, organization, group, role };
        let names = ["same", "Same", "zoe", "alan", "SAME", "Bob", "bob", "émile"];
        let mut made = Vec::new();
        for (number, name) in (1..).zip(names) {
            let user = crowd.join(store, number, name).await;
            made.push(user.user_id);
        }
        for number in 20..24 {
            let profile = Profile { first_name: Some(text("Same")), ..Profile::default() };
            let new = NewEndUser { profile, ..sample::new_end_user(60 - number) };
            made.push(sample::end_user(store, account, new).await.user_id);
        }
        for place in [3, 9, 0, 6] {
            let mut patch = UserPatch::default();
            patch.support.notes = Change::Set(text("changed"));
            store.update_user(account, made[place], patch, at(9)).await.unwrap();
        }
        store.delete_user(account, made[4], at(9)).await.unwrap();
        store.delete_user(account, made[11], at(9)).await.unwrap();
        crowd
    }

    async fn join(&self, store: &dyn Store, number: u32, name: &str) -> Arc<User> {
        let mut new = new_user(number, name);
        new.patch.external_id = Change::Set(external_id(&format!("Key-{number}")));
        let support = &mut new.patch.support;
        if number.is_multiple_of(2) {
            support.organization_id = Change::Set(self.organization);
        }
        if number.is_multiple_of(3) {
            support.custom_role_id = Change::Set(self.role);
        }
        new.patch.role = match number % 4 {
            0 => Some(Role::Admin),
            1 => None,
            _ => Some(Role::Agent),
        };
        let user = sample::user(store, self.account, new).await;
        if user.role != Role::EndUser {
            sample::membership(store, self.account, user.user_id, self.group).await;
        }
        user
    }

    /// Every list that the crowd gives.
    fn filters(&self) -> Vec<UserFilter> {
        let segments = [
            Segment::Account,
            Segment::Organization(self.organization),
            Segment::Group(self.group),
            Segment::Organization(OrganizationId(7)),
            Segment::Group(GroupId(7)),
        ];
        let mut filters = Vec::new();
        for all in segments.map(UserFilter::all) {
            let one = |role| Roles::NONE.with(role);
            for roles in [
                one(Role::EndUser),
                one(Role::Agent),
                one(Role::Admin).with(Role::EndUser),
                Roles::TEAM,
                Roles::NONE,
            ] {
                filters.push(UserFilter { roles, ..all.clone() });
            }
            filters.push(UserFilter { custom_role: Some(self.role), ..all.clone() });
            filters.push(UserFilter { external_id: Some(external_id("KEY-2")), ..all.clone() });
            filters.push(UserFilter { name_prefix: Some(NameKey::new("SA")), ..all.clone() });
            let custom_role = Some(self.role);
            filters.push(UserFilter { custom_role, roles: Roles::TEAM, ..all.clone() });
            filters.push(all);
        }
        filters
    }
}

fn limit(limit: u64) -> PageLimit {
    PageLimit::new(limit).unwrap()
}

/// Every walk over every list in every order, forth, back and by offset, in pages of every size,
/// meets exactly those who are in the list, in its order. The count says how many they are.
pub async fn every_walk_meets_the_whole_list(store: Arc<dyn Store>) {
    let crowd = Crowd::gather(&*store).await;
    let mut longest = 0;
    for filter in crowd.filters() {
        for sort in SORTS {
            for size in [1, 2, 3, 100] {
                let walk = Walk { filter: filter.clone(), sort, limit: limit(size) };
                longest = longest.max(walk.check(&*store, crowd.account).await.len());
            }
        }
    }
    assert_eq!(longest, 11, "ten are left, and the owner");
}

/// Users with the same name ascend by number, in either direction.
pub async fn equal_names_ascend_by_number(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let mut made = Vec::new();
    for (number, name) in [(9, "same"), (5, "other"), (7, "SAME"), (1, " Same ")] {
        made.push(sample::user(&*store, account, new_user(number, name)).await.user_id);
    }
    let same = [made[0], made[2], made[3]];
    for descending in [false, true] {
        let filter = UserFilter {
            roles: Roles::NONE.with(Role::EndUser),
            ..UserFilter::all(Segment::Account)
        };
        let sort = UserSort { field: SortField::Name, descending };
        let walk = Walk { filter, sort, limit: limit(2) };
        let met = ids(&walk.check(&*store, account).await);
        let expected = if descending { [&same[..], &made[1..2]] } else { [&made[1..2], &same[..]] };
        assert_eq!(met, expected.concat());
    }
}

/// The place that a part begins at need not be anybody's: it may lie between two, before all or
/// after all, or have been that of somebody who left or changed.
pub async fn a_place_need_not_be_anybodys(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let mut made = Vec::new();
    for (number, name) in (1..).zip(["b", "d", "d", "f"]) {
        made.push(sample::user(&*store, account, new_user(number, name)).await.user_id);
    }
    let (before_all, after_all) = (UserId::from_stored(0), UserId::from_stored(i64::MAX));
    let sort = UserSort { field: SortField::Name, descending: false };
    let page = async |start: Start| {
        let filter = UserFilter {
            roles: Roles::NONE.with(Role::EndUser),
            ..UserFilter::all(Segment::Account)
        };
        let list = UserList { filter, sort, start, limit: limit(2) };
        let page = store.users(account, list).await.unwrap();
        (ids(&page.users), page.more)
    };
    let place = |name: &str, id| UserKey { value: SortValue::Name(NameKey::new(name)), id };
    assert_eq!(page(Start::After(place("", before_all))).await, (made[..2].to_vec(), true));
    assert_eq!(page(Start::After(place("c", after_all))).await, (made[1..3].to_vec(), true));
    assert_eq!(page(Start::After(place("d", made[1]))).await, (made[2..].to_vec(), false));
    assert_eq!(page(Start::After(place("d", after_all))).await, (made[3..].to_vec(), false));
    assert_eq!(page(Start::After(place("g", before_all))).await, (Vec::new(), false));
    assert_eq!(page(Start::Before(place("e", before_all))).await, (made[1..3].to_vec(), true));
    assert_eq!(page(Start::Before(place("d", made[2]))).await, (made[..2].to_vec(), false));
    assert_eq!(page(Start::Before(place("b", made[0]))).await, (Vec::new(), false));

    store.delete_user(account, made[1], at(1)).await.unwrap();
    assert_eq!(page(Start::After(place("d", made[1]))).await, (made[2..].to_vec(), false));
    let former = [made[0]].to_vec();
    assert_eq!(page(Start::Before(place("d", made[1]))).await, (former, false));
}

/// After more users than there are comes nobody.
pub async fn an_offset_may_lie_beyond_the_end(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    sample::user(&*store, account, new_user(1, "Grace")).await;
    for (offset, expected) in [(0, 2), (1, 1), (2, 0), (3, 0), (u64::MAX, 0)] {
        let filter = UserFilter::all(Segment::Account);
        let start = Start::Offset(offset);
        let list = UserList { filter, sort: UserSort::ID, start, limit: limit(5) };
        let page = store.users(account, list).await.unwrap();
        assert_eq!((page.users.len(), page.more), (expected, false), "{offset}");
    }
}

/// A user who changes moves to the end of the list that is sorted by change; one that is sorted
/// by making stays.
pub async fn a_change_moves_a_user(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let mut made = Vec::new();
    for number in 1..=3 {
        made.push(sample::user(&*store, account, new_user(number, "Grace")).await.user_id);
    }
    let patch = EndUserPatch { first_name: Change::Set(text("x")), ..EndUserPatch::default() };
    // The clock stands still; changes are in order all the same.
    store.patch_end_user(account, end_user_id(1), patch, at(0)).await.unwrap();
    let listed = async |field| {
        let filter = UserFilter {
            roles: Roles::NONE.with(Role::EndUser),
            ..UserFilter::all(Segment::Account)
        };
        let walk = Walk { filter, sort: UserSort { field, descending: false }, limit: limit(2) };
        ids(&walk.check(&*store, account).await)
    };
    assert_eq!(listed(SortField::UpdatedAt).await, [made[1], made[2], made[0]]);
    assert_eq!(listed(SortField::CreatedAt).await, made);
    let changed = look::user(&*store, account, made[0]).await;
    let former = look::user(&*store, account, made[2]).await;
    assert_eq!(changed.updated_at, former.updated_at.after(Duration::from_micros(1)));
}

/// Lists and counts follow their users: into an organization, a role, a custom role, a group, and
/// out of them.
pub async fn lists_follow_their_users(store: Arc<dyn Store>) {
    let crowd = Crowd::gather(&*store).await;
    let account = crowd.account;
    let user = sample::user(&*store, account, new_user(50, "Grace")).await.user_id;
    let has = async |filter: UserFilter| {
        let walk = Walk { filter, sort: UserSort::ID, limit: limit(3) };
        ids(&walk.check(&*store, account).await).contains(&user)
    };
    let everybody = UserFilter::all(Segment::Account);
    let lists = || {
        [
            UserFilter { roles: Roles::NONE.with(Role::EndUser), ..everybody.clone() },
            UserFilter { roles: Roles::NONE.with(Role::Agent), ..everybody.clone() },
            UserFilter { custom_role: Some(crowd.role), ..everybody.clone() },
            UserFilter::all(Segment::Organization(crowd.organization)),
            UserFilter::all(Segment::Group(crowd.group)),
        ]
    };
    let place = async || {
        let mut place = Vec::new();
        for list in lists() {
            place.push(has(list).await);
        }
        place
    };
    let update = async |change: fn(&mut UserPatch, &Crowd)| {
        let mut patch = UserPatch::default();
        change(&mut patch, &crowd);
        store.update_user(account, user, patch, at(1)).await.unwrap();
        place().await
    };
    assert_eq!(place().await, [true, false, false, false, false]);
    let joined = update(|patch, crowd| {
        patch.support.organization_id = Change::Set(crowd.organization);
        patch.support.custom_role_id = Change::Set(crowd.role);
    });
    assert_eq!(joined.await, [false, true, true, true, false]);
    let membership = sample::membership(&*store, account, user, crowd.group).await;
    assert_eq!(place().await, [false, true, true, true, true]);
    let kind = RecordKind::Membership;
    store.delete_record(account, kind, membership.0, at(2)).await.unwrap();
    let left = update(|patch, _| {
        patch.support.organization_id = Change::Clear;
        patch.role = Some(Role::EndUser);
    });
    assert_eq!(left.await, [true, false, false, false, false]);
    store.delete_user(account, user, at(3)).await.unwrap();
    assert_eq!(place().await, [false; 5]);
}

/// Far down a list, too, a page by number moves when somebody before it goes, comes or changes,
/// though it was read before.
pub async fn a_page_far_down_follows_every_change(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let mut made = Vec::new();
    for number in 0..230 {
        let new = new_user(number, &format!("m{number:03}"));
        made.push(sample::user(&*store, account, new).await.user_id);
    }
    let end_users =
        UserFilter { roles: Roles::NONE.with(Role::EndUser), ..UserFilter::all(Segment::Account) };
    let page = async |field, offset| {
        let sort = UserSort { field, descending: false };
        let (filter, start) = (end_users.clone(), Start::Offset(offset));
        let list = UserList { filter, sort, start, limit: limit(5) };
        ids(&store.users(account, list).await.unwrap().users)
    };
    for field in [SortField::Id, SortField::Name] {
        assert_eq!(page(field, 210).await, made[210..215]);
        assert_eq!(page(field, 215).await, made[215..220]);
        assert_eq!(page(field, 210).await, made[210..215]);
    }
    store.delete_user(account, made[7], at(1)).await.unwrap();
    for field in [SortField::Id, SortField::Name] {
        assert_eq!(page(field, 210).await, made[211..216]);
        assert_eq!(page(field, 215).await, made[216..221]);
    }
    let patch = UserPatch { name: Change::Set(text("a")), ..UserPatch::default() };
    store.update_user(account, made[225], patch, at(1)).await.unwrap();
    assert_eq!(page(SortField::Id, 210).await, made[211..216]);
    assert_eq!(page(SortField::Name, 210).await, made[210..215]);
    sample::user(&*store, account, new_user(500, "b")).await;
    assert_eq!(page(SortField::Name, 210).await, made[209..214]);
}
