//! Who belongs where: memberships, default groups, custom roles, organizations; and what becomes
//! of it when one of these goes.

use std::sync::Arc;
use std::time::Duration;

use roster_directory::{
    AccountId, Change, CustomRoleId, EventKind, GroupId, Membership, MembershipId, NewUser,
    OrganizationPatch, PageLimit, Record, RecordError, RecordFilter, RecordKey, RecordKind,
    RecordPatch, RecordStart, Role, Store, User, UserId, UserPatch,
};

use crate::look;
use crate::sample::{self, at, new_user, organization_patch};

/// Makes groups, named by their places.
async fn groups<const COUNT: usize>(store: &dyn Store, account: AccountId) -> [GroupId; COUNT] {
    let mut made = [GroupId(0); COUNT];
    for (place, group) in made.iter_mut().enumerate() {
        *group = sample::group(store, account, &place.to_string()).await;
    }
    made
}

async fn default_group(store: &dyn Store, account: AccountId, user: UserId) -> Option<GroupId> {
    look::user(store, account, user).await.support.default_group_id
}

/// How many users have a custom role, as the role says itself.
async fn members(store: &dyn Store, account: AccountId, role: CustomRoleId) -> u64 {
    let key = RecordKey::Id(RecordKind::CustomRole, role.0);
    match store.record(account, key).await.unwrap() {
        Some(Record::CustomRole(role)) => role.members,
        other => unreachable!("{other:?}"),
    }
}

/// A membership is kept as given. The first one makes its group the default one of its user,
/// which changes them; further ones change nothing of the user.
pub async fn the_first_group_is_the_default_one(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let user = sample::member(&*store, account, 1, "Grace").await;
    let [first, second] = groups(&*store, account).await;
    let patch = |group_id| RecordPatch::Membership { user_id: user.user_id, group_id };
    let made = store.create_record(account, patch(first), at(3)).await.unwrap();
    let expected = Membership {
        id: MembershipId(made.id()),
        user_id: user.user_id,
        group_id: first,
        created_at: at(3),
        updated_at: at(3),
    };
    assert_eq!(made, Record::Membership(expected));
    let mut expected = User { updated_at: at(3), ..(*user).clone() };
    expected.support.update(|support| support.default_group_id = Some(first));
    assert_eq!(*look::user(&*store, account, user.user_id).await, expected);
    store.create_record(account, patch(second), at(4)).await.unwrap();
    assert_eq!(*look::user(&*store, account, user.user_id).await, expected);
    let history = look::history(&*store, account).await;
    let kinds: Vec<_> = history.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, [EventKind::Created, EventKind::Updated]);
}

/// Only members of the team belong to groups, to each once, and only to groups that there are.
/// What is refused changes nothing.
pub async fn a_membership_is_checked(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let agent = sample::member(&*store, account, 1, "Grace").await.user_id;
    let client = sample::user(&*store, account, new_user(2, "Alan")).await.user_id;
    let gone = sample::member(&*store, account, 3, "Ada").await.user_id;
    store.delete_user(account, gone, at(1)).await.unwrap();
    let [group] = groups(&*store, account).await;
    let organization = sample::organization(&*store, account, "US Navy").await;
    sample::membership(&*store, account, agent, group).await;
    let before = look::everything(&*store, account).await;
    let (nobody, no_group) = (UserId::from_stored(1), GroupId(organization.0));
    for (user_id, group_id, expected) in [
        (client, group, RecordError::NoTeamMember),
        (gone, group, RecordError::NoTeamMember),
        (nobody, no_group, RecordError::NoTeamMember),
        (agent, no_group, RecordError::NoGroup),
        (agent, group, RecordError::Taken),
    ] {
        let patch = RecordPatch::Membership { user_id, group_id };
        assert_eq!(store.create_record(account, patch, at(2)).await, Err(expected));
    }
    assert_eq!(look::everything(&*store, account).await, before);
    let owner = store.owner(account).await.unwrap();
    sample::membership(&*store, account, owner, group).await;
}

/// A membership is made and removed, but never changed.
pub async fn a_membership_is_never_changed(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let user = sample::member(&*store, account, 1, "Grace").await.user_id;
    let other = sample::member(&*store, account, 2, "Alan").await.user_id;
    let [first, second] = groups(&*store, account).await;
    let id = sample::membership(&*store, account, user, first).await;
    let before = look::everything(&*store, account).await;
    let patch = RecordPatch::Membership { user_id: other, group_id: second };
    let same = store.update_record(account, id.0, patch, at(5)).await.unwrap();
    let Record::Membership(same) = same else { unreachable!("{same:?}") };
    assert_eq!((same.user_id, same.group_id, same.updated_at), (user, first, at(0)));
    assert_eq!(look::everything(&*store, account).await, before);
}

/// Memberships are listed by user and by group, each with its own count.
pub async fn memberships_are_listed_from_both_sides(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let one = sample::member(&*store, account, 1, "Grace").await.user_id;
    let two = sample::member(&*store, account, 2, "Alan").await.user_id;
    let [first, second, third] = groups(&*store, account).await;
    let mut made = Vec::new();
    for (user, group) in [(two, second), (one, first), (two, first), (one, second), (one, third)] {
        made.push(sample::membership(&*store, account, user, group).await.0);
    }
    for (filter, expected) in [
        (RecordFilter::MembershipsOf(one), vec![made[1], made[3], made[4]]),
        (RecordFilter::MembershipsOf(two), vec![made[0], made[2]]),
        (RecordFilter::MembershipsIn(first), vec![made[1], made[2]]),
        (RecordFilter::MembershipsIn(second), vec![made[0], made[3]]),
        (RecordFilter::MembershipsIn(GroupId(one.get())), vec![]),
        (RecordFilter::All(RecordKind::Membership), made.clone()),
    ] {
        let one = PageLimit::new(1).unwrap();
        let (mut met, mut start) = (Vec::new(), RecordStart::Offset(0));
        loop {
            let page = store.records(account, filter, start, one).await.unwrap();
            assert_eq!(page.count, expected.len() as u64);
            met.extend(page.records.iter().map(Record::id));
            assert!(met.len() <= expected.len(), "the list does not end");
            if !page.more {
                break;
            }
            start = RecordStart::After(met[met.len() - 1]);
        }
        assert_eq!(met, expected, "{filter:?}");
    }
}

/// When a user leaves their default group, the group that they have belonged to for longest takes
/// its place, and in the end none. That changes them; leaving another group does not.
pub async fn the_default_group_has_a_successor(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let user = sample::member(&*store, account, 1, "Grace").await.user_id;
    let [first, second, third] = groups(&*store, account).await;
    let mut memberships = Vec::new();
    for group in [third, first, second] {
        memberships.push(sample::membership(&*store, account, user, group).await);
    }
    let leave = async |membership: MembershipId, now| {
        let kind = RecordKind::Membership;
        let gone = store.delete_record(account, kind, membership.0, at(now)).await.unwrap();
        assert_eq!(gone.id(), membership.0);
        let user = look::user(&*store, account, user).await;
        (user.support.default_group_id, user.updated_at)
    };
    let (before, made_at) = {
        let user = look::user(&*store, account, user).await;
        (user.support.default_group_id, user.updated_at)
    };
    assert_eq!(before, Some(third));
    assert_eq!(leave(memberships[1], 5).await, (Some(third), made_at));
    let again = sample::membership(&*store, account, user, first).await;
    assert_eq!(leave(memberships[0], 6).await, (Some(second), at(6)));
    assert_eq!(leave(memberships[2], 7).await, (Some(first), at(7)));
    assert_eq!(leave(again, 8).await, (None, at(8)));
    assert_eq!(look::events(&*store, account).await.len(), 5);
}

/// With a group its memberships go. Whose default group it was gets another one, each at a moment
/// of their own, ascending by number; organizations lose it.
pub async fn a_group_takes_its_memberships_along(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let [first, second] = groups(&*store, account).await;
    let mut users = Vec::new();
    for number in 1..=3 {
        // The identifiers descend while the numbers ascend.
        users.push(sample::member(&*store, account, 9 - number, "Grace").await.user_id);
    }
    for (user, group) in
        [(users[1], first), (users[0], first), (users[0], second), (users[2], second)]
    {
        sample::membership(&*store, account, user, group).await;
    }
    sample::membership(&*store, account, users[2], first).await;
    let group_id = Change::Set(first);
    let patch = OrganizationPatch { group_id, ..organization_patch("US Navy") };
    let organization = sample::record(&*store, account, RecordPatch::Organization(patch)).await;
    let events = look::events(&*store, account).await.len();

    let gone = store.delete_record(account, RecordKind::Group, first.0, at(7)).await.unwrap();
    assert_eq!(gone.id(), first.0);
    assert_eq!(look::members_of(&*store, account, first).await.len(), 0);
    assert_eq!(look::members_of(&*store, account, second).await.len(), 2);
    for (user, expected) in users.iter().zip([Some(second), None, Some(second)]) {
        assert_eq!(default_group(&*store, account, *user).await, expected);
    }
    let log = look::events(&*store, account).await;
    let told: Vec<_> = log[events..].iter().map(|it| (it.kind, it.user_id, it.at)).collect();
    let later = at(7).after(Duration::from_micros(1));
    let updated = EventKind::Updated;
    assert_eq!(told, [(updated, users[0], at(7)), (updated, users[1], later)]);
    let key = RecordKey::Id(RecordKind::Organization, organization.id());
    let Some(Record::Organization(left)) = store.record(account, key).await.unwrap() else {
        unreachable!("the organization stays")
    };
    assert_eq!((left.group_id, left.updated_at), (None, at(7)));
}

/// With an organization its users are without one, each at a moment of their own, ascending by
/// number. Others stay as they are, and so do the deleted.
pub async fn an_organization_leaves_its_users(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let organization = sample::organization(&*store, account, "US Navy").await;
    let other = sample::organization(&*store, account, "Bletchley").await;
    let mut users = Vec::new();
    for (number, organization) in
        [(9, organization), (8, other), (7, organization), (6, organization)]
    {
        let mut new = new_user(number, "Grace");
        new.patch.support.organization_id = Change::Set(organization);
        users.push(sample::user(&*store, account, new).await);
    }
    let gone = store.delete_user(account, users[3].user_id, at(1)).await.unwrap();
    let events = look::events(&*store, account).await.len();
    let kind = RecordKind::Organization;
    let record = store.delete_record(account, kind, organization.0, at(7)).await.unwrap();
    assert_eq!(record.id(), organization.0);
    assert_eq!(store.record(account, RecordKey::Id(kind, organization.0)).await, Ok(None));

    let without = |user: &User, now| {
        let mut user = User { updated_at: now, ..user.clone() };
        user.support.update(|support| support.organization_id = None);
        Arc::new(user)
    };
    let later = at(7).after(Duration::from_micros(1));
    let expected = [without(&users[0], at(7)), Arc::clone(&users[1]), without(&users[2], later)];
    let people = look::people(&*store, account).await;
    assert_eq!(people[1..], expected);
    assert_eq!(store.deleted_user(account, gone.user_id).await, Ok(Some(gone)));
    let log = look::events(&*store, account).await;
    let told: Vec<_> = log[events..].iter().map(|it| (it.kind, it.user_id, it.at)).collect();
    let (first, second) = (users[0].user_id, users[2].user_id);
    let updated = EventKind::Updated;
    assert_eq!(told, [(updated, first, at(7)), (updated, second, later)]);
}

/// An organization may have very many users, and all of them leave it.
pub async fn an_organization_may_have_many_users(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let organization = sample::organization(&*store, account, "US Navy").await;
    let makers: Vec<_> = (0..4)
        .map(|maker| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for number in 0..300 {
                    let mut new = new_user(maker * 1000 + number, "Grace");
                    new.patch.support.organization_id = Change::Set(organization);
                    sample::user(&*store, account, new).await;
                }
            })
        })
        .collect();
    for maker in makers {
        maker.await.unwrap();
    }
    let kind = RecordKind::Organization;
    store.delete_record(account, kind, organization.0, at(7)).await.unwrap();
    let people = look::people(&*store, account).await;
    assert_eq!(people.len(), 1201);
    assert!(people.iter().all(|user| user.support.organization_id.is_none()));
    let moments: Vec<_> = people[1..].iter().map(|user| user.updated_at).collect();
    assert!(moments.is_sorted_by(|one, next| one < next));
    assert_eq!(store.record(account, RecordKey::Id(kind, organization.0)).await, Ok(None));
    assert_eq!(look::events(&*store, account).await.len(), 2400);
}

/// A custom role says how many users have it, wherever it is read, and cannot go as long as
/// somebody does.
pub async fn a_custom_role_counts_its_members(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let role = sample::custom_role(&*store, account, "Light agent").await;
    let other = sample::custom_role(&*store, account, "Billing").await;
    let mut users = Vec::new();
    for number in 1..=3 {
        let mut new: NewUser = new_user(number, "Grace");
        new.patch.role = (number == 1).then_some(Role::Admin);
        new.patch.support.custom_role_id = Change::Set(role);
        users.push(sample::user(&*store, account, new).await.user_id);
    }
    assert_eq!(members(&*store, account, role).await, 3);
    let all = look::records(&*store, account, RecordFilter::All(RecordKind::CustomRole)).await;
    let ids = vec![role.0, other.0];
    let some = store.records_by_id(account, RecordKind::CustomRole, ids).await.unwrap();
    assert_eq!(all, some);
    let patch = RecordPatch::CustomRole(sample::custom_role_patch("Renamed"));
    let changed = store.update_record(account, role.0, patch, at(1)).await.unwrap();
    assert!(matches!(changed, Record::CustomRole(role) if role.members == 3));

    let delete = || store.delete_record(account, RecordKind::CustomRole, role.0, at(5));
    assert_eq!(delete().await, Err(RecordError::InUse));
    let mut patch = UserPatch::default();
    patch.support.custom_role_id = Change::Set(other);
    store.update_user(account, users[0], patch, at(1)).await.unwrap();
    let patch = UserPatch { role: Some(Role::EndUser), ..UserPatch::default() };
    store.update_user(account, users[1], patch, at(2)).await.unwrap();
    assert_eq!(members(&*store, account, role).await, 1);
    assert_eq!(members(&*store, account, other).await, 1);
    assert_eq!(delete().await, Err(RecordError::InUse));
    store.delete_user(account, users[2], at(3)).await.unwrap();
    assert_eq!(delete().await.unwrap().id(), role.0);
}
