//! What a user cannot be given, and that a refusal changes nothing.

use std::sync::Arc;

use roster_directory::{
    AccountId, Change, CustomRoleId, END_USER_METADATA_LIMIT, GroupId, IdentityKind,
    MetadataTooLarge, NewUser, OrganizationId, Role, SaveUserError, Store, UserId, UserPatch,
};

use crate::look;
use crate::sample::{
    self, at, email, end_user_id, external_id, metadata_patch, new_email, new_identity, new_user,
    text, text_value,
};

/// A number that no record has.
const NOTHING: i64 = 7;

/// An error, and how to correct what it is about.
type Mistake = (SaveUserError, fn(&mut UserPatch));

/// What is told of a patch in which all is wrong, in this order.
fn mistakes() -> [Mistake; 6] {
    let limit = END_USER_METADATA_LIMIT;
    let address = email("grace@example.org");
    [
        (MetadataTooLarge { limit }.into(), |patch| patch.metadata.clear()),
        (SaveUserError::ExternalIdTaken, |patch| patch.external_id = Change::Keep),
        (SaveUserError::IdentityTaken(IdentityKind::Email, address), |patch| {
            patch.identities.retain(|identity| identity.kind != IdentityKind::Email);
        }),
        (SaveUserError::NoOrganization, |patch| patch.support.organization_id = Change::Clear),
        (SaveUserError::NoCustomRole, |patch| patch.support.custom_role_id = Change::Clear),
        (SaveUserError::NoGroup, |patch| patch.support.default_group_id = Change::Clear),
    ]
}

/// A patch in which all is wrong.
fn all_wrong() -> UserPatch {
    let huge = text_value(&"x".repeat(END_USER_METADATA_LIMIT));
    let mut patch = UserPatch {
        name: Change::Set(text("Eve")),
        role: Some(Role::Agent),
        external_id: Change::Set(external_id("CRM-1")),
        metadata: metadata_patch(&[("k", Some(huge))]),
        identities: vec![
            new_identity(IdentityKind::Twitter, "grace"),
            new_email("grace@example.org"),
            new_email("free@example.org"),
        ],
        ..UserPatch::default()
    };
    patch.support.organization_id = Change::Set(OrganizationId(NOTHING));
    patch.support.custom_role_id = Change::Set(CustomRoleId(NOTHING));
    patch.support.default_group_id = Change::Set(GroupId(NOTHING));
    patch
}

/// Makes Grace, who has what others may not be given.
async fn grace(store: &dyn Store, account: AccountId) -> UserId {
    let mut new = new_user(1, "Grace");
    new.patch.external_id = Change::Set(external_id("crm-1"));
    new.patch.identities = vec![new_email("Grace@Example.org")];
    sample::user(store, account, new).await.user_id
}

/// A user is checked in a certain order before they are made. What is refused leaves nothing
/// behind.
pub async fn a_new_user_is_checked(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    grace(&*store, account).await;
    let before = look::everything(&*store, account).await;
    let mut patch = all_wrong();
    for (expected, correct) in mistakes() {
        let new = NewUser { end_user_id: end_user_id(2), patch: patch.clone(), created_at: at(1) };
        assert_eq!(store.create_user(account, new).await, Err(expected));
        assert_eq!(look::everything(&*store, account).await, before);
        correct(&mut patch);
    }
    let new = NewUser { end_user_id: end_user_id(2), patch, created_at: at(1) };
    sample::user(&*store, account, new).await;
}

/// A user is checked in the same order before they are changed. What is refused leaves nothing
/// behind.
pub async fn an_update_is_checked(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    grace(&*store, account).await;
    let id = sample::user(&*store, account, new_user(2, "Alan")).await.user_id;
    let before = look::everything(&*store, account).await;
    let mut patch = all_wrong();
    for (expected, correct) in mistakes() {
        let refused = store.update_user(account, id, patch.clone(), at(1)).await;
        assert_eq!(refused, Err(expected));
        assert_eq!(look::everything(&*store, account).await, before);
        correct(&mut patch);
    }
    store.update_user(account, id, patch, at(1)).await.unwrap();
}

/// The owner of an account stays an admin, which is looked at after the size of the metadata and
/// before everything else. Anything else of the owner may change.
pub async fn the_owner_stays_an_admin(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let owner = store.owner(account).await.unwrap();
    grace(&*store, account).await;
    let before = look::everything(&*store, account).await;
    let mut patch = all_wrong();
    let limit = END_USER_METADATA_LIMIT;
    for expected in [MetadataTooLarge { limit }.into(), SaveUserError::OwnerStaysAdmin] {
        let refused = store.update_user(account, owner, patch.clone(), at(1)).await;
        assert_eq!(refused, Err(expected));
        patch.metadata.clear();
    }
    assert_eq!(look::everything(&*store, account).await, before);

    let role = sample::custom_role(&*store, account, "Billing").await;
    let mut patch = UserPatch { name: Change::Set(text("Boss")), ..UserPatch::default() };
    patch.support.custom_role_id = Change::Set(role);
    let changed = store.update_user(account, owner, patch.clone(), at(1)).await.unwrap();
    assert_eq!((changed.role, &*changed.name()), (Role::Admin, "Boss"));
    let mut new = NewUser { patch, ..new_user(2, "Alan") };
    new.patch.role = Some(Role::Admin);
    let other = sample::user(&*store, account, new).await.user_id;
    let patch = UserPatch { role: Some(Role::EndUser), ..UserPatch::default() };
    assert!(store.update_user(account, other, patch, at(2)).await.is_ok());
}

/// A record stands only for what it is: a group is no organization, an organization no custom
/// role, a custom role no group.
pub async fn a_record_of_another_kind_is_none(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let organization = sample::organization(&*store, account, "One").await.0;
    let group = sample::group(&*store, account, "Two").await.0;
    let role = sample::custom_role(&*store, account, "Three").await.0;
    let user = sample::member(&*store, account, 1, "Grace").await.user_id;
    let mut patches = [UserPatch::default(), UserPatch::default(), UserPatch::default()];
    patches[0].support.organization_id = Change::Set(OrganizationId(group));
    patches[1].support.custom_role_id = Change::Set(CustomRoleId(organization));
    patches[2].support.default_group_id = Change::Set(GroupId(role));
    let errors =
        [SaveUserError::NoOrganization, SaveUserError::NoCustomRole, SaveUserError::NoGroup];
    for (patch, error) in patches.into_iter().zip(errors) {
        assert_eq!(store.update_user(account, user, patch, at(1)).await, Err(error));
    }
}

/// The default group of a user is one that they are a member of.
pub async fn a_default_group_is_one_of_the_users_own(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let user = sample::member(&*store, account, 1, "Grace").await.user_id;
    let first = sample::group(&*store, account, "First").await;
    let second = sample::group(&*store, account, "Second").await;
    let choose = |group| {
        let mut patch = UserPatch::default();
        patch.support.default_group_id = Change::Set(group);
        store.update_user(account, user, patch, at(1))
    };
    assert_eq!(choose(second).await, Err(SaveUserError::NoGroup));
    for group in [first, second] {
        sample::membership(&*store, account, user, group).await;
    }
    let changed = choose(second).await.unwrap();
    assert_eq!(changed.support.default_group_id, Some(second));
    let mut new = new_user(2, "Alan");
    new.patch.role = Some(Role::Agent);
    new.patch.support.default_group_id = Change::Set(first);
    assert_eq!(store.create_user(account, new).await, Err(SaveUserError::NoGroup));
}

/// Nobody is changed who is not there: not somebody who never was, and not somebody deleted.
pub async fn a_stranger_cannot_be_updated(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let gone = grace(&*store, account).await;
    store.delete_user(account, gone, at(1)).await.unwrap();
    let before = look::everything(&*store, account).await;
    for id in [gone, UserId::from_stored(1), UserId::from_stored(gone.get() + 1)] {
        let answer = store.update_user(account, id, all_wrong(), at(2)).await;
        assert_eq!(answer, Err(SaveUserError::NotFound));
    }
    assert_eq!(look::everything(&*store, account).await, before);
}
