//! Making users of every role, and finding them.

use std::sync::Arc;

use roster_directory::{
    Change, EventKind, ExternalId, Identity, IdentityId, IdentityKind, LanguageTag, MetadataValue,
    NewIdentity, NewUser, Profile, RecordPatch, Role, Store, SupportPatch, SupportProfile,
    TicketRestriction, User, UserId, UserPatch, UserState,
};

use crate::look;
use crate::sample::{
    self, at, email, end_user_id, external_id, identity_value, metadata, metadata_patch, new_email,
    new_identity, new_user, text, text_value,
};

/// A new user is kept field by field, and their making is an event. What is not asked for is
/// unset: they do not expire, whatever their role.
pub async fn a_new_user_is_kept_as_given(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let patch = UserPatch {
        name: Change::Set(text("Grace \"Amazing\" Hopper")),
        external_id: Change::Set(external_id(&"Ä".repeat(255))),
        role: Some(Role::Admin),
        language: Change::Set(LanguageTag::new("en-CA").unwrap()),
        avatar: Change::Set(text("https://img.example/g.png")),
        metadata: metadata_patch(&[("tier", Some(text_value("gold"))), ("gone", None)]),
        ..UserPatch::default()
    };
    let new = NewUser { end_user_id: end_user_id(7), patch, created_at: at(3) };
    let user = sample::user(&*store, account, new).await;
    let expected = User {
        external_id: Some(external_id(&"Ä".repeat(255))),
        profile: Profile {
            display_name: Some(text("Grace \"Amazing\" Hopper")),
            avatar: Some(text("https://img.example/g.png")),
            language: Some(LanguageTag::new("en-CA").unwrap()),
            metadata: metadata(&[("tier", text_value("gold"))]),
            ..Profile::default()
        },
        ..User::blank(user.user_id, end_user_id(7), Role::Admin, at(3))
    };
    assert_eq!(*user, expected);
    assert_eq!(look::user(&*store, account, user.user_id).await, user);
    let events = look::events(&*store, account).await;
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].kind, events[0].at), (EventKind::Created, at(3)));
    assert_eq!((events[0].user_id, events[0].end_user_id), (user.user_id, user.end_user_id));
}

/// What only this dialect knows of a user is kept field by field.
pub async fn every_support_field_survives(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let organization_id = sample::organization(&*store, account, "US Navy").await;
    let custom_role_id = sample::custom_role(&*store, account, "Light agent").await;
    let mut new = new_user(1, "Grace");
    new.patch.role = Some(Role::Agent);
    new.patch.support = SupportPatch {
        phone: Change::Set(text("+1 (555) 123-4567")),
        shared_phone_number: Some(true),
        alias: Change::Set(text("")),
        details: Change::Set(text("\"details\"\n")),
        notes: Change::Set(text("été 🙂")),
        signature: Change::Set(text("-- \nGrace")),
        time_zone: Change::Set(text("Eastern Time (US & Canada)")),
        tags: Some(sample::tags(&["b", "a", "été", "it's"])),
        organization_id: Change::Set(organization_id),
        custom_role_id: Change::Set(custom_role_id),
        default_group_id: Change::Clear,
        verified: Some(true),
        suspended: Some(true),
        only_private_comments: Some(true),
        moderator: Some(false),
        ticket_restriction: Change::Set(TicketRestriction::Organization),
    };
    let user = sample::user(&*store, account, new).await;
    let expected = SupportProfile {
        phone: Some(text("+1 (555) 123-4567")),
        shared_phone_number: true,
        alias: Some(text("")),
        details: Some(text("\"details\"\n")),
        notes: Some(text("été 🙂")),
        signature: Some(text("-- \nGrace")),
        time_zone: Some(text("Eastern Time (US & Canada)")),
        tags: sample::tags(&["b", "a", "été", "it's"]),
        organization_id: Some(organization_id),
        custom_role_id: Some(custom_role_id),
        default_group_id: None,
        verified: true,
        suspended: true,
        only_private_comments: true,
        moderator: Some(false),
        ticket_restriction: Some(TicketRestriction::Organization),
    };
    assert_eq!(*user.support, expected);
    assert_eq!(look::user(&*store, account, user.user_id).await, user);
}

/// Each restriction is kept as what it is, and so is none; as well as whether somebody may moderate.
pub async fn every_ticket_restriction_survives(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let all = [
        None,
        Some(TicketRestriction::Organization),
        Some(TicketRestriction::Groups),
        Some(TicketRestriction::Assigned),
        Some(TicketRestriction::Requested),
    ];
    for (number, restriction) in (1..).zip(all) {
        let mut new = new_user(number, "Grace");
        new.patch.role = Some(Role::Agent);
        new.patch.support.ticket_restriction = restriction.map_or(Change::Keep, Change::Set);
        new.patch.support.moderator = (number == 1).then_some(true);
        let id = sample::user(&*store, account, new).await.user_id;
        let user = look::user(&*store, account, id).await;
        assert_eq!(user.support.ticket_restriction, restriction);
        assert_eq!(user.support.moderator, (number == 1).then_some(true));
    }
}

/// A user of whom nothing is said but the name is an end user, and is there.
pub async fn a_user_without_a_role_is_an_end_user(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let user = sample::user(&*store, account, new_user(1, "Grace")).await;
    assert_eq!((user.role, user.state), (Role::EndUser, UserState::Active));
    assert!(user.support.is_empty());
    assert_eq!(look::identities(&*store, account, user.user_id).await, []);
}

/// Whoever is made with a custom role is a member of the team.
pub async fn a_custom_role_makes_a_member_of_the_team(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let role = sample::custom_role(&*store, account, "Light agent").await;
    let mut new = new_user(1, "Grace");
    new.patch.role = Some(Role::EndUser);
    new.patch.support.custom_role_id = Change::Set(role);
    let user = sample::user(&*store, account, new).await;
    assert_eq!((user.role, user.support.custom_role_id), (Role::Agent, Some(role)));
}

/// A user is made with their identities, in the order of the request, each once. The primary
/// address becomes the `email` of the profile, and one that is verified verifies the user.
pub async fn a_new_user_has_their_identities(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let mut new = NewUser { created_at: at(3), ..new_user(1, "Grace") };
    let primary = NewIdentity { verified: true, primary: true, ..new_email("Grace@Example.org") };
    new.patch.identities = vec![
        new_email("other@example.org"),
        new_email("OTHER@example.org"),
        primary,
        new_identity(IdentityKind::PhoneNumber, "+15551234567"),
        new_identity(IdentityKind::Twitter, "grace"),
    ];
    let user = sample::user(&*store, account, new).await;
    assert_eq!(user.profile.email, Some(text("Grace@Example.org")));
    assert!(user.support.verified);

    let identity = |place: i64, kind, value: &str, primary| Identity {
        id: IdentityId(user.user_id.get() + place),
        user_id: user.user_id,
        kind,
        value: identity_value(kind, value),
        verified: value == "Grace@Example.org",
        primary,
        created_at: at(3),
        updated_at: at(3),
    };
    let expected = [
        identity(1, IdentityKind::Email, "other@example.org", false),
        identity(2, IdentityKind::Email, "Grace@Example.org", true),
        identity(3, IdentityKind::PhoneNumber, "+15551234567", true),
        identity(4, IdentityKind::Twitter, "grace", false),
    ];
    assert_eq!(look::identities(&*store, account, user.user_id).await, expected);
}

/// Every kind of identity is kept as what it is.
pub async fn every_kind_of_identity_survives(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let mut new = new_user(1, "Grace");
    let value = |kind: IdentityKind| format!("{}@Example.org", kind.name());
    let all = IdentityKind::ALL.iter();
    new.patch.identities = all.map(|kind| new_identity(*kind, &value(*kind))).collect();
    let user = sample::user(&*store, account, new).await;
    let identities = look::identities(&*store, account, user.user_id).await;
    assert_eq!(identities.len(), IdentityKind::ALL.len());
    for (identity, kind) in identities.iter().zip(IdentityKind::ALL) {
        assert_eq!((identity.kind, identity.value.written()), (*kind, &*value(*kind)));
    }
}

/// Users, identities and records are numbered in one sequence. What is refused takes no number.
pub async fn numbers_are_one_sequence(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let first = store.owner(account).await.unwrap().get();
    assert_eq!(first, UserId::FIRST.get());
    let organization = RecordPatch::Organization(sample::organization_patch("US Navy"));
    assert_eq!(sample::record(&*store, account, organization.clone()).await.id(), first + 1);
    let mut new = new_user(1, "Grace");
    new.patch.identities = vec![new_email("grace@example.org")];
    let user = sample::user(&*store, account, new.clone()).await.user_id;
    assert_eq!(user.get(), first + 2);

    assert!(store.create_record(account, organization, at(1)).await.is_err());
    new.end_user_id = end_user_id(2);
    assert!(store.create_user(account, new.clone()).await.is_err());
    new.patch.identities.insert(0, new_email("free@example.org"));
    let patch = UserPatch { identities: new.patch.identities.clone(), ..UserPatch::default() };
    let owner = store.owner(account).await.unwrap();
    assert!(store.update_user(account, owner, patch, at(1)).await.is_err());
    let taken = new_email("grace@example.org");
    assert!(store.create_identity(account, owner, taken, at(1)).await.is_err());

    let free = new_email("free@example.org");
    let identity = store.create_identity(account, owner, free, at(1)).await.unwrap();
    assert_eq!(identity.id.0, first + 4);
    let other = sample::account(&*store, "other").await;
    let next = sample::end_user(&*store, other, sample::new_end_user(3)).await;
    assert_eq!(next.user_id.get(), first + 6);
}

/// Users are found by number, by external id and by address, one and many at a time: those who
/// are there, each once, ascending by number.
pub async fn users_are_found_by_what_they_have(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let mut users = Vec::new();
    for (number, name) in [(3, "alan"), (2, "Grace"), (1, "ÉMILIE")] {
        let mut new = new_user(number, name);
        new.patch.external_id = Change::Set(external_id(name));
        new.patch.role = (number == 2).then_some(Role::Agent);
        new.patch.identities = vec![new_email(&format!("{name}@example.org"))];
        users.push(sample::user(&*store, account, new).await);
    }
    let [alan, grace, emilie] = [&users[0], &users[1], &users[2]].map(Arc::clone);
    let nobody = UserId::from_stored(1);
    assert_eq!(store.user(account, nobody).await, Ok(None));

    let ids = vec![grace.user_id, nobody, alan.user_id, grace.user_id];
    let found = store.users_by_id(account, ids).await;
    assert_eq!(found, Ok(vec![Arc::clone(&alan), Arc::clone(&grace)]));
    let keys = ["émilie", "nobody", "ALAN", " Émilie"].map(external_id).to_vec();
    let found = store.users_by_external_id(account, keys).await;
    assert_eq!(found, Ok(vec![alan, Arc::clone(&emilie)]));
    assert_eq!(store.users_by_external_id(account, Vec::<ExternalId>::new()).await, Ok(vec![]));

    for (address, expected) in [
        ("émilie@EXAMPLE.org", Some(emilie)),
        ("grace@example.org", Some(grace)),
        ("nobody@example.org", None),
    ] {
        assert_eq!(store.user_by_email(account, &email(address)).await, Ok(expected));
    }
}

/// Metadata keeps its kinds, through this dialect too.
pub async fn a_new_user_keeps_metadata(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let all = [
        ("number", MetadataValue::Integer(i64::MIN)),
        ("text", text_value("1")),
        ("truth", MetadataValue::Bool(true)),
    ];
    let mut new = new_user(1, "Grace");
    new.patch.metadata = metadata_patch(&all.clone().map(|(key, value)| (key, Some(value))));
    let id = sample::user(&*store, account, new).await.user_id;
    assert_eq!(look::user(&*store, account, id).await.profile.metadata, metadata(&all));
}
