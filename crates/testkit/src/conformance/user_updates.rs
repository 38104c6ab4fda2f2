//! Changing users of every role.

use std::sync::Arc;

use roster_directory::{
    AccountId, Change, EventKind, IdentityKind, LanguageTag, MetadataValue, NewIdentity, NewUser,
    Profile, RecordFilter, Role, Store, SupportPatch, SupportProfile, TicketRestriction, User,
    UserId, UserPatch,
};

use crate::look;
use crate::sample::{
    self, at, email, end_user_id, external_id, metadata, metadata_patch, new_email, new_identity,
    text, text_value,
};

/// What a full user has, as a patch.
fn full() -> UserPatch {
    UserPatch {
        name: Change::Set(text("Grace")),
        external_id: Change::Set(external_id("crm-1")),
        role: Some(Role::Agent),
        language: Change::Set(LanguageTag::new("en").unwrap()),
        avatar: Change::Set(text("g.png")),
        metadata: metadata_patch(&[("a", Some(MetadataValue::Integer(1)))]),
        support: SupportPatch {
            phone: Change::Set(text("555")),
            shared_phone_number: Some(true),
            alias: Change::Set(text("G")),
            details: Change::Set(text("details")),
            notes: Change::Set(text("notes")),
            signature: Change::Set(text("signature")),
            time_zone: Change::Set(text("UTC")),
            tags: Some(sample::tags(&["vip"])),
            verified: Some(true),
            suspended: Some(true),
            only_private_comments: Some(true),
            moderator: Some(true),
            ticket_restriction: Change::Set(TicketRestriction::Groups),
            ..SupportPatch::default()
        },
        identities: vec![new_email("grace@example.org")],
    }
}

async fn grace(store: &dyn Store, account: AccountId) -> Arc<User> {
    let new = NewUser { end_user_id: end_user_id(1), patch: full(), created_at: at(0) };
    sample::user(store, account, new).await
}

async fn update(
    store: &dyn Store,
    account: AccountId,
    id: UserId,
    patch: UserPatch,
    now: u64,
) -> Arc<User> {
    store.update_user(account, id, patch, at(now)).await.unwrap()
}

/// What an update sets is set; the rest of the user stays, but for `updated_at`. It is one event.
pub async fn an_update_sets_what_it_names(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let before = grace(&*store, account).await;
    let organization = sample::organization(&*store, account, "US Navy").await;
    let mut patch = UserPatch {
        name: Change::Set(text("Ada")),
        external_id: Change::Set(external_id("CRM-1")),
        role: Some(Role::Admin),
        language: Change::Set(LanguageTag::new("fr").unwrap()),
        metadata: metadata_patch(&[("b", Some(text_value("new")))]),
        ..UserPatch::default()
    };
    patch.support.notes = Change::Set(text("other"));
    patch.support.organization_id = Change::Set(organization);
    patch.support.suspended = Some(false);
    let after = update(&*store, account, before.user_id, patch, 7).await;
    let mut expected = User {
        external_id: Some(external_id("CRM-1")),
        role: Role::Admin,
        profile: Profile {
            display_name: Some(text("Ada")),
            language: Some(LanguageTag::new("fr").unwrap()),
            metadata: metadata(&[("a", MetadataValue::Integer(1)), ("b", text_value("new"))]),
            ..before.profile.clone()
        },
        updated_at: at(7),
        ..(*before).clone()
    };
    expected.support.update(|support| {
        support.notes = Some(text("other"));
        support.organization_id = Some(organization);
        support.suspended = false;
    });
    assert_eq!(*after, expected);
    assert_eq!(look::user(&*store, account, after.user_id).await, after);
    let events = look::events(&*store, account).await;
    assert_eq!(events.len(), 2);
    assert_eq!((events[1].kind, events[1].at), (EventKind::Updated, at(7)));
    assert_eq!((events[1].user_id, events[1].end_user_id), (after.user_id, after.end_user_id));
}

/// What an update clears is unset, in every field. A number that is not there is not shared.
pub async fn an_update_clears_what_it_nulls(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let before = grace(&*store, account).await;
    let patch = UserPatch {
        name: Change::Clear,
        external_id: Change::Clear,
        role: None,
        language: Change::Clear,
        avatar: Change::Clear,
        metadata: metadata_patch(&[("a", None), ("never there", None)]),
        support: SupportPatch {
            phone: Change::Clear,
            alias: Change::Clear,
            details: Change::Clear,
            notes: Change::Clear,
            signature: Change::Clear,
            time_zone: Change::Clear,
            tags: Some(sample::tags(&[])),
            organization_id: Change::Clear,
            custom_role_id: Change::Clear,
            default_group_id: Change::Clear,
            verified: Some(false),
            suspended: Some(false),
            only_private_comments: Some(false),
            moderator: Some(false),
            ticket_restriction: Change::Clear,
            shared_phone_number: None,
        },
        identities: Vec::new(),
    };
    update(&*store, account, before.user_id, patch, 7).await;
    let expected = User {
        external_id: None,
        profile: Profile { email: Some(text("grace@example.org")), ..Profile::default() },
        support: SupportProfile { moderator: Some(false), ..SupportProfile::default() }.into(),
        updated_at: at(7),
        ..(*before).clone()
    };
    assert_eq!(*look::user(&*store, account, before.user_id).await, expected);
}

/// An update that changes nothing leaves `updated_at` and records no event: not when it says
/// nothing, and not when it says what is so already.
pub async fn an_update_without_effect_is_no_event(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let user = grace(&*store, account).await;
    let before = look::everything(&*store, account).await;
    let mut same = full();
    same.identities.push(NewIdentity { verified: true, ..new_email("GRACE@example.org") });
    for patch in [UserPatch::default(), same] {
        assert_eq!(update(&*store, account, user.user_id, patch, 7).await, user);
    }
    assert_eq!(look::everything(&*store, account).await, before);
}

/// An update adds the identities that the user does not have yet, as they are given; those that
/// they have stay as they are.
pub async fn an_update_adds_identities(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let user = grace(&*store, account).await;
    let own = look::identities(&*store, account, user.user_id).await;
    let patch = UserPatch {
        identities: vec![
            NewIdentity { verified: true, ..new_email("Grace@Example.org") },
            new_email("second@example.org"),
            new_identity(IdentityKind::Twitter, "grace"),
            new_identity(IdentityKind::Twitter, "Grace"),
        ],
        ..UserPatch::default()
    };
    let after = update(&*store, account, user.user_id, patch, 7).await;
    assert_eq!(after.profile.email, Some(text("grace@example.org")));
    assert_eq!(after.updated_at, at(7));
    let identities = look::identities(&*store, account, user.user_id).await;
    assert_eq!(identities[..1], own);
    let added: Vec<_> =
        identities[1..].iter().map(|it| (it.value.written(), it.primary, it.created_at)).collect();
    assert_eq!(added, [("second@example.org", false, at(7)), ("grace", false, at(7))]);

    let primary = NewIdentity { verified: true, primary: true, ..new_email("third@example.org") };
    let patch = UserPatch { identities: vec![primary], ..UserPatch::default() };
    let after = update(&*store, account, user.user_id, patch, 8).await;
    assert_eq!(after.profile.email, Some(text("third@example.org")));
    let primary: Vec<_> = look::identities(&*store, account, user.user_id).await;
    let primary: Vec<_> = primary.iter().filter(|it| it.primary).map(|it| &it.value).collect();
    assert_eq!(primary, [&email("third@example.org")]);
}

/// Identities alone are a change, even where nothing of the user itself changes.
pub async fn identities_alone_are_a_change(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let user = grace(&*store, account).await;
    let identities = vec![new_identity(IdentityKind::Google, "grace")];
    let patch = UserPatch { identities, ..UserPatch::default() };
    let after = update(&*store, account, user.user_id, patch, 7).await;
    assert_eq!(*after, User { updated_at: at(7), ..(*user).clone() });
    assert_eq!(look::events(&*store, account).await.len(), 2);
}

/// Whoever becomes an end user leaves the team: what only members have is gone, their memberships
/// and their groups' lists too.
pub async fn who_becomes_an_end_user_leaves_the_team(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let user = grace(&*store, account).await;
    let other = sample::member(&*store, account, 2, "Alan").await;
    let role = sample::custom_role(&*store, account, "Light agent").await;
    let group = sample::group(&*store, account, "Support").await;
    for id in [user.user_id, other.user_id] {
        sample::membership(&*store, account, id, group).await;
        let mut patch = UserPatch::default();
        patch.support.custom_role_id = Change::Set(role);
        update(&*store, account, id, patch, 1).await;
    }
    let patch = UserPatch { role: Some(Role::EndUser), ..UserPatch::default() };
    let after = update(&*store, account, user.user_id, patch, 7).await;
    let mut expected = User { role: Role::EndUser, updated_at: at(7), ..(*user).clone() };
    expected.support.update(|support| {
        support.moderator = None;
        support.signature = None;
    });
    assert_eq!(*after, expected);
    let left = RecordFilter::MembershipsOf(user.user_id);
    assert_eq!(look::records(&*store, account, left).await, []);
    let members = look::members_of(&*store, account, group).await;
    assert_eq!(members.into_iter().collect::<Vec<_>>(), [other.user_id]);
}

/// A member of the team who changes role within it stays in their groups.
pub async fn who_stays_on_the_team_keeps_their_groups(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let user = grace(&*store, account).await;
    let group = sample::group(&*store, account, "Support").await;
    sample::membership(&*store, account, user.user_id, group).await;
    let patch = UserPatch { role: Some(Role::Admin), ..UserPatch::default() };
    let after = update(&*store, account, user.user_id, patch, 7).await;
    assert_eq!(after.support.default_group_id, Some(group));
    assert_eq!(look::members_of(&*store, account, group).await.len(), 1);
}
