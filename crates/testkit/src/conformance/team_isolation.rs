//! What belongs to one account does not exist for another: users of every role, identities,
//! records, jobs.

use std::sync::Arc;

use roster_directory::{
    AccountId, Change, DeleteUserError, ExportPosition, GroupId, IdentityChange, IdentityError,
    IdentityId, JobId, MergeUsersError, OrganizationId, PageLimit, RecordError, RecordFilter,
    RecordKey, RecordKind, RecordPatch, RecordStart, Role, SaveUserError, Saved, SearchQuery,
    Segment, Store, Timestamp, UserCounts, UserFilter, UserId, UserPatch, UserSort,
};

use crate::look;
use crate::sample::{
    self, at, custom_role_patch, email, external_id, group_patch, new_email, new_job, new_user,
    organization_patch, text,
};
use crate::walk::{Walk, ids};

/// An account that has something of everything, and another that has nothing.
struct Two {
    rich: AccountId,
    poor: AccountId,
    agent: UserId,
    client: UserId,
    gone: UserId,
    identity: IdentityId,
    records: Vec<(RecordKind, i64)>,
}

impl Two {
    async fn new(store: &dyn Store) -> Self {
        let rich = sample::account(store, "rich").await;
        let poor = sample::account(store, "poor").await;
        let organization = sample::organization(store, rich, "US Navy").await;
        let group = sample::group(store, rich, "Support").await;
        let role = sample::custom_role(store, rich, "Light agent").await;
        let mut new = new_user(1, "Grace");
        new.patch.external_id = Change::Set(external_id("crm-1"));
        new.patch.identities = vec![new_email("grace@example.org")];
        new.patch.support.organization_id = Change::Set(organization);
        new.patch.support.custom_role_id = Change::Set(role);
        let agent = sample::user(store, rich, new).await.user_id;
        let membership = sample::membership(store, rich, agent, group).await;
        let client = sample::user(store, rich, new_user(2, "Grace too")).await.user_id;
        let gone = sample::user(store, rich, new_user(3, "Gone")).await.user_id;
        store.delete_user(rich, gone, at(1)).await.unwrap();
        store.add_job(rich, new_job(1)).await.unwrap();
        let identity = look::identities(store, rich, agent).await[0].id;
        let records = vec![
            (RecordKind::Organization, organization.0),
            (RecordKind::Group, group.0),
            (RecordKind::Membership, membership.0),
            (RecordKind::CustomRole, role.0),
        ];
        Self { rich, poor, agent, client, gone, identity, records }
    }
}

/// No read of one account finds a user of another.
pub async fn reads_of_users_stay_in_their_account(store: Arc<dyn Store>) {
    let Two { poor, agent, client, gone, records, .. } = Two::new(&*store).await;
    let owner = store.owner(poor).await.unwrap();
    let everybody = vec![agent, client, gone];
    for id in &everybody {
        assert_eq!(store.user(poor, *id).await, Ok(None));
        assert_eq!(store.deleted_user(poor, *id).await, Ok(None));
    }
    assert_eq!(store.users_by_id(poor, everybody.clone()).await, Ok(vec![]));
    let keys = vec![external_id("crm-1")];
    assert_eq!(store.users_by_external_id(poor, keys).await, Ok(vec![]));
    assert_eq!(store.user_by_email(poor, &email("grace@example.org")).await, Ok(None));
    assert_eq!(store.identities(poor, everybody).await, Ok(vec![]));
    assert_eq!(look::deleted(&*store, poor).await, []);
    assert_eq!(store.count_deleted_users(poor).await, Ok(UserCounts::default()));
    let beginning = ExportPosition::before(Timestamp::from_micros(0));
    assert_eq!(ids(&store.export_users(poor, beginning, 10).await.unwrap()), [owner]);
    assert_eq!(store.job(poor, JobId([1; 16])).await, Ok(None));
    let search = SearchQuery::parse("grace");
    assert_eq!(store.search_users(poor, search, 0, 10).await.unwrap().count, 0);
    let all = store.search_users(poor, SearchQuery::default(), 0, 10).await.unwrap();
    assert_eq!(ids(&all.users), [owner]);
    let (organization, group) = (OrganizationId(records[0].1), GroupId(records[1].1));
    for (segment, expected) in [
        (Segment::Account, vec![owner]),
        (Segment::Organization(organization), vec![]),
        (Segment::Group(group), vec![]),
    ] {
        let filter = UserFilter::all(segment);
        let walk = Walk { filter, sort: UserSort::ID, limit: PageLimit::MAX };
        assert_eq!(ids(&walk.check(&*store, poor).await), expected);
    }
}

/// No read of one account finds a record of another.
pub async fn reads_of_records_stay_in_their_account(store: Arc<dyn Store>) {
    let Two { poor, agent, records, .. } = Two::new(&*store).await;
    for (kind, id) in &records {
        assert_eq!(store.record(poor, RecordKey::Id(*kind, *id)).await, Ok(None));
        assert_eq!(store.records_by_id(poor, *kind, vec![*id]).await, Ok(vec![]));
        let filter = RecordFilter::All(*kind);
        let limit = PageLimit::MAX;
        let page = store.records(poor, filter, RecordStart::Offset(0), limit).await.unwrap();
        assert_eq!((page.records, page.count), (vec![], 0));
    }
    assert_eq!(store.record(poor, RecordKey::organization_named("us navy")).await, Ok(None));
    let group = GroupId(records[1].1);
    for filter in [RecordFilter::MembershipsOf(agent), RecordFilter::MembershipsIn(group)] {
        assert_eq!(look::records(&*store, poor, filter).await, []);
    }
}

/// No write of one account changes, uses or removes a user of another.
pub async fn writes_of_users_stay_in_their_account(store: Arc<dyn Store>) {
    let Two { rich, poor, agent, client, gone, identity, .. } = Two::new(&*store).await;
    let own = sample::user(&*store, poor, new_user(10, "Alan")).await.user_id;
    let before = (look::everything(&*store, rich).await, look::everything(&*store, poor).await);
    let patch = UserPatch { name: Change::Set(text("Eve")), ..UserPatch::default() };
    let answer = store.update_user(poor, agent, patch, at(2)).await;
    assert_eq!(answer, Err(SaveUserError::NotFound));
    let owner = store.owner(rich).await.unwrap();
    for id in [agent, client, owner] {
        let answer = store.delete_user(poor, id, at(2)).await;
        assert_eq!(answer, Err(DeleteUserError::NotFound));
    }
    let answer = store.merge_users(poor, client, own, at(2)).await;
    assert_eq!(answer, Err(MergeUsersError::NotFound));
    let answer = store.merge_users(poor, own, client, at(2)).await;
    assert_eq!(answer, Err(MergeUsersError::TargetNotFound));
    assert_eq!(store.erase_deleted_user(poor, gone, at(2)).await, Ok(None));
    let answer = store.create_identity(poor, agent, new_email("x@example.org"), at(2)).await;
    assert_eq!(answer, Err(IdentityError::NotFound));
    for user in [agent, own] {
        let change = IdentityChange::Edit { value: None, verified: Some(true) };
        let answer = store.change_identity(poor, user, identity, change, at(2)).await;
        assert_eq!(answer, Err(IdentityError::NotFound));
        let answer = store.delete_identity(poor, user, identity, at(2)).await;
        assert_eq!(answer, Err(IdentityError::NotFound));
    }
    let after = (look::everything(&*store, rich).await, look::everything(&*store, poor).await);
    assert_eq!(after, before);
}

/// No write of one account changes, uses or removes a record of another.
pub async fn writes_of_records_stay_in_their_account(store: Arc<dyn Store>) {
    let two = Two::new(&*store).await;
    let Two { rich, poor, agent, records, .. } = &two;
    let own = sample::member(&*store, *poor, 10, "Alan").await.user_id;
    let own_group = sample::group(&*store, *poor, "Own").await;
    let before = (look::everything(&*store, *rich).await, look::everything(&*store, *poor).await);
    let patches = [
        RecordPatch::Organization(organization_patch("x")),
        RecordPatch::Group(group_patch("x")),
        RecordPatch::Membership { user_id: own, group_id: own_group },
        RecordPatch::CustomRole(custom_role_patch("x")),
    ];
    for ((kind, id), patch) in records.iter().zip(patches) {
        let answer = store.update_record(*poor, *id, patch, at(2)).await;
        assert_eq!(answer, Err(RecordError::NotFound));
        let answer = store.delete_record(*poor, *kind, *id, at(2)).await;
        assert_eq!(answer, Err(RecordError::NotFound));
    }
    let group_id = GroupId(records[1].1);
    let theirs = RecordPatch::Membership { user_id: own, group_id };
    assert_eq!(store.create_record(*poor, theirs, at(2)).await, Err(RecordError::NoGroup));
    let theirs = RecordPatch::Membership { user_id: *agent, group_id: own_group };
    assert_eq!(store.create_record(*poor, theirs, at(2)).await, Err(RecordError::NoTeamMember));
    let mut theirs = organization_patch("y");
    theirs.group_id = Change::Set(group_id);
    let theirs = RecordPatch::Organization(theirs);
    assert_eq!(store.create_record(*poor, theirs, at(2)).await, Err(RecordError::NoGroup));
    let mut patch = UserPatch::default();
    patch.support.organization_id = Change::Set(OrganizationId(records[0].1));
    let answer = store.update_user(*poor, own, patch, at(2)).await;
    assert_eq!(answer, Err(SaveUserError::NoOrganization));
    let after = (look::everything(&*store, *rich).await, look::everything(&*store, *poor).await);
    assert_eq!(after, before);
}

/// External ids, addresses and names are unique in each account on its own.
pub async fn each_account_has_its_own_names(store: Arc<dyn Store>) {
    let Two { rich, poor, agent, .. } = Two::new(&*store).await;
    sample::organization(&*store, poor, "US Navy").await;
    sample::custom_role(&*store, poor, "Light agent").await;
    let mut new = new_user(10, "Grace");
    new.patch.role = Some(Role::Agent);
    new.patch.external_id = Change::Set(external_id("crm-1"));
    new.patch.identities = vec![new_email("grace@example.org")];
    let saved = store.create_or_update_user(poor, new).await.unwrap();
    let Saved::Created(own) = saved else { unreachable!("{saved:?}") };
    for (account, expected) in [(rich, agent), (poor, own.user_id)] {
        let found = store.user_by_email(account, &email("grace@example.org")).await.unwrap();
        assert_eq!(found.map(|user| user.user_id), Some(expected));
        let keys = vec![external_id("crm-1")];
        let found = store.users_by_external_id(account, keys).await.unwrap();
        assert_eq!(ids(&found), [expected]);
    }
}
