//! Samples of what Zendesk's dialect knows: users of every role, identities, records, jobs.

use std::sync::Arc;

use roster_directory::{
    AccountId, Change, CustomRoleId, CustomRolePatch, GroupId, GroupPatch, IdentityKind,
    IdentityValue, Job, JobId, JobKind, JobOutcome, MembershipId, NewIdentity, NewUser,
    OrganizationId, OrganizationPatch, Record, RecordName, RecordPatch, Role, Store, Tags, User,
    UserId, UserPatch,
};

use super::{START, end_user_id, text};

/// A user of that name, of whom nothing else is known: an end user.
#[must_use]
#[track_caller]
pub fn new_user(number: u32, name: &str) -> NewUser {
    NewUser {
        end_user_id: end_user_id(number),
        patch: UserPatch { name: Change::Set(text(name)), ..UserPatch::default() },
        created_at: START,
    }
}

/// Makes a user of any role in a store.
pub async fn user(store: &dyn Store, account: AccountId, user: NewUser) -> Arc<User> {
    store.create_user(account, user).await.unwrap()
}

/// Makes a member of the team, an agent, in a store.
pub async fn member(store: &dyn Store, account: AccountId, number: u32, name: &str) -> Arc<User> {
    let mut new = new_user(number, name);
    new.patch.role = Some(Role::Agent);
    user(store, account, new).await
}

/// The value of an identity of that kind.
#[must_use]
#[track_caller]
pub fn identity_value(kind: IdentityKind, value: &str) -> IdentityValue {
    IdentityValue::new(kind, value).unwrap()
}

/// An email address as the value of an identity.
#[must_use]
#[track_caller]
pub fn email(address: &str) -> IdentityValue {
    identity_value(IdentityKind::Email, address)
}

/// An identity that is neither verified nor asked to be the primary one.
#[must_use]
#[track_caller]
pub fn new_identity(kind: IdentityKind, value: &str) -> NewIdentity {
    NewIdentity { kind, value: identity_value(kind, value), verified: false, primary: false }
}

/// An email address that is neither verified nor asked to be the primary one.
#[must_use]
#[track_caller]
pub fn new_email(address: &str) -> NewIdentity {
    new_identity(IdentityKind::Email, address)
}

/// Labels.
#[must_use]
#[track_caller]
pub fn tags(tags: &[&str]) -> Tags {
    Tags::new(tags.iter().copied()).unwrap()
}

/// The name of a record.
#[must_use]
#[track_caller]
pub fn record_name(name: &str) -> RecordName {
    RecordName::new(name).unwrap()
}

/// An organization of that name.
#[must_use]
#[track_caller]
pub fn organization_patch(name: &str) -> OrganizationPatch {
    OrganizationPatch { name: Some(record_name(name)), ..OrganizationPatch::default() }
}

/// A group of that name.
#[must_use]
#[track_caller]
pub fn group_patch(name: &str) -> GroupPatch {
    GroupPatch { name: Some(record_name(name)), ..GroupPatch::default() }
}

/// A custom role of that name.
#[must_use]
#[track_caller]
pub fn custom_role_patch(name: &str) -> CustomRolePatch {
    CustomRolePatch { name: Some(record_name(name)), ..CustomRolePatch::default() }
}

/// Makes a record in a store.
pub async fn record(store: &dyn Store, account: AccountId, patch: RecordPatch) -> Record {
    store.create_record(account, patch, START).await.unwrap()
}

/// Makes an organization of that name in a store.
pub async fn organization(store: &dyn Store, account: AccountId, name: &str) -> OrganizationId {
    let patch = RecordPatch::Organization(organization_patch(name));
    OrganizationId(record(store, account, patch).await.id())
}

/// Makes a group of that name in a store.
pub async fn group(store: &dyn Store, account: AccountId, name: &str) -> GroupId {
    let patch = RecordPatch::Group(group_patch(name));
    GroupId(record(store, account, patch).await.id())
}

/// Makes a custom role of that name in a store.
pub async fn custom_role(store: &dyn Store, account: AccountId, name: &str) -> CustomRoleId {
    let patch = RecordPatch::CustomRole(custom_role_patch(name));
    CustomRoleId(record(store, account, patch).await.id())
}

/// Makes a member of the team a member of a group in a store.
pub async fn membership(
    store: &dyn Store,
    account: AccountId,
    user_id: UserId,
    group_id: GroupId,
) -> MembershipId {
    let patch = RecordPatch::Membership { user_id, group_id };
    MembershipId(record(store, account, patch).await.id())
}

/// A job that made one user, done when the tests begin.
#[must_use]
pub fn new_job(number: u8) -> Job {
    Job {
        id: JobId([number; 16]),
        kind: JobKind::Create,
        outcomes: vec![JobOutcome::Created(UserId::FIRST)],
        completed_at: START,
    }
}
