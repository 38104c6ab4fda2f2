//! Identities: whose they are, which is the primary one, and what the profile shows of it.

use std::sync::Arc;

use roster_directory::{
    AccountId, EventKind, Identity, IdentityChange, IdentityError, IdentityId, IdentityKind,
    NewIdentity, Store, User, UserId,
};

use crate::look;
use crate::sample::{self, at, email, identity_value, new_email, new_identity, new_user, text};

async fn add(
    store: &dyn Store,
    account: AccountId,
    user: UserId,
    new: NewIdentity,
    now: u64,
) -> Identity {
    store.create_identity(account, user, new, at(now)).await.unwrap()
}

/// Gives an identity another value.
fn value(address: &str) -> IdentityChange {
    IdentityChange::Edit { value: Some(email(address)), verified: None }
}

fn verified(verified: bool) -> IdentityChange {
    IdentityChange::Edit { value: None, verified: Some(verified) }
}

async fn change(
    store: &dyn Store,
    account: AccountId,
    identity: &Identity,
    change: IdentityChange,
    now: u64,
) -> Identity {
    let (user, id) = (identity.user_id, identity.id);
    store.change_identity(account, user, id, change, at(now)).await.unwrap()
}

async fn shown_email(store: &dyn Store, account: AccountId, user: UserId) -> Option<String> {
    let user = look::user(store, account, user).await;
    user.profile.email.as_ref().map(ToString::to_string)
}

async fn account_and_user(store: &dyn Store) -> (AccountId, Arc<User>) {
    let account = sample::account(store, "acme").await;
    let user = sample::user(store, account, new_user(1, "Grace")).await;
    (account, user)
}

/// A new identity is kept as given and changes its user, which is an event. Identities are read
/// in the order in which they were made.
pub async fn an_identity_is_kept_as_given(store: Arc<dyn Store>) {
    let (account, user) = account_and_user(&*store).await;
    let new =
        NewIdentity { verified: true, ..new_identity(IdentityKind::Foreign, "Étrange 🙂") };
    let made = add(&*store, account, user.user_id, new, 3).await;
    let expected = Identity {
        id: made.id,
        user_id: user.user_id,
        kind: IdentityKind::Foreign,
        value: identity_value(IdentityKind::Foreign, "Étrange 🙂"),
        verified: true,
        primary: false,
        created_at: at(3),
        updated_at: at(3),
    };
    assert_eq!(made, expected);
    let second = add(&*store, account, user.user_id, new_email("a@example.org"), 4).await;
    assert_eq!(look::identities(&*store, account, user.user_id).await, [made, second]);
    assert_eq!(look::user(&*store, account, user.user_id).await.updated_at, at(4));
    let events = look::events(&*store, account).await;
    let told: Vec<_> = events.iter().map(|event| (event.kind, event.at)).collect();
    let updated = EventKind::Updated;
    assert_eq!(told, [(EventKind::Created, at(0)), (updated, at(3)), (updated, at(4))]);
}

/// The first address and the first telephone number are the primary ones; of other kinds none is
/// unless it is made so. A further one is asked for.
pub async fn the_first_address_is_the_primary_one(store: Arc<dyn Store>) {
    let (account, user) = account_and_user(&*store).await;
    let primary = |new: NewIdentity| NewIdentity { primary: true, ..new };
    let mut made = Vec::new();
    for new in [
        new_email("a@example.org"),
        new_email("b@example.org"),
        new_identity(IdentityKind::PhoneNumber, "1"),
        new_identity(IdentityKind::PhoneNumber, "2"),
        new_identity(IdentityKind::Twitter, "t"),
        primary(new_identity(IdentityKind::Google, "g")),
        primary(new_email("c@example.org")),
    ] {
        made.push(add(&*store, account, user.user_id, new, 1).await);
    }
    let told: Vec<_> = made.iter().map(|identity| identity.primary).collect();
    assert_eq!(told, [true, false, true, false, false, true, true]);
    let kept = look::identities(&*store, account, user.user_id).await;
    let kept: Vec<_> = kept.iter().map(|identity| identity.primary).collect();
    assert_eq!(kept, [false, false, true, false, false, true, true]);
    assert_eq!(shown_email(&*store, account, user.user_id).await.as_deref(), Some("c@example.org"));
}

/// The address of the profile is the primary one, whatever is done to identities.
pub async fn the_profile_follows_the_primary_address(store: Arc<dyn Store>) {
    let (account, user) = account_and_user(&*store).await;
    let id = user.user_id;
    let shown = async || shown_email(&*store, account, id).await.unwrap_or_default();
    let first = add(&*store, account, id, new_email("a@example.org"), 1).await;
    assert_eq!(shown().await, "a@example.org");
    let second = add(&*store, account, id, new_email("b@example.org"), 2).await;
    assert_eq!(shown().await, "a@example.org");
    let first = change(&*store, account, &first, value("A@example.org"), 3).await;
    assert_eq!(shown().await, "A@example.org");
    let second = change(&*store, account, &second, IdentityChange::MakePrimary, 4).await;
    assert!(second.primary);
    assert_eq!(shown().await, "b@example.org");
    change(&*store, account, &first, value("c@example.org"), 5).await;
    assert_eq!(shown().await, "b@example.org");
    store.delete_identity(account, id, second.id, at(6)).await.unwrap();
    assert_eq!(shown().await, "c@example.org");
    assert!(look::identities(&*store, account, id).await[0].primary);
    store.delete_identity(account, id, first.id, at(7)).await.unwrap();
    assert_eq!(look::user(&*store, account, id).await.profile.email, None);
    assert_eq!(look::user(&*store, account, id).await.updated_at, at(7));
    assert_eq!(look::identities(&*store, account, id).await, []);
}

/// When another becomes the primary one, both say that they changed.
pub async fn both_change_when_another_becomes_primary(store: Arc<dyn Store>) {
    let (account, user) = account_and_user(&*store).await;
    let first = add(&*store, account, user.user_id, new_email("a@example.org"), 1).await;
    let second = add(&*store, account, user.user_id, new_email("b@example.org"), 2).await;
    let third = add(&*store, account, user.user_id, new_email("c@example.org"), 3).await;
    change(&*store, account, &third, IdentityChange::MakePrimary, 9).await;
    let expected = [
        Identity { primary: false, updated_at: at(9), ..first },
        second,
        Identity { primary: true, updated_at: at(9), ..third },
    ];
    assert_eq!(look::identities(&*store, account, user.user_id).await, expected);
}

/// Whoever has a primary identity that is verified is verified, and stays so.
pub async fn a_verified_primary_identity_verifies_the_user(store: Arc<dyn Store>) {
    let (account, user) = account_and_user(&*store).await;
    let id = user.user_id;
    let is_verified = async || look::user(&*store, account, id).await.support.verified;
    add(&*store, account, id, new_email("a@example.org"), 1).await;
    let second = NewIdentity { verified: true, ..new_email("b@example.org") };
    let second = add(&*store, account, id, second, 2).await;
    assert!(!is_verified().await);
    let second = change(&*store, account, &second, IdentityChange::MakePrimary, 3).await;
    assert!(is_verified().await);
    let second = change(&*store, account, &second, verified(false), 4).await;
    assert!(!second.verified);
    assert!(is_verified().await);
    store.delete_identity(account, id, second.id, at(5)).await.unwrap();
    assert!(is_verified().await);
}

/// An identity has one user: nobody else can have it, and the user not twice, in any case. Another
/// kind of the same value is another identity. What is refused changes nothing.
pub async fn an_identity_has_one_user(store: Arc<dyn Store>) {
    let (account, user) = account_and_user(&*store).await;
    let other = sample::user(&*store, account, new_user(2, "Alan")).await;
    add(&*store, account, user.user_id, new_email("été@example.org"), 1).await;
    let second = add(&*store, account, user.user_id, new_email("b@example.org"), 2).await;
    let theirs = add(&*store, account, other.user_id, new_email("c@example.org"), 3).await;
    let before = look::everything(&*store, account).await;

    let taken = |address| IdentityError::Taken(IdentityKind::Email, email(address));
    for id in [user.user_id, other.user_id] {
        let new = new_email("ÉTÉ@example.org");
        let refused = store.create_identity(account, id, new, at(4)).await;
        assert_eq!(refused, Err(taken("ÉTÉ@example.org")));
    }
    for identity in [&second, &theirs] {
        let (user, id) = (identity.user_id, identity.id);
        let edit = value("Été@example.org");
        let refused = store.change_identity(account, user, id, edit, at(4)).await;
        assert_eq!(refused, Err(taken("Été@example.org")));
    }
    assert_eq!(look::everything(&*store, account).await, before);
    let same = new_identity(IdentityKind::Google, "été@example.org");
    add(&*store, account, other.user_id, same, 5).await;
}

/// What somebody gave up is free: by a change, by removal.
pub async fn a_free_identity_can_be_had(store: Arc<dyn Store>) {
    let (account, user) = account_and_user(&*store).await;
    let other = sample::user(&*store, account, new_user(2, "Alan")).await;
    let own = add(&*store, account, user.user_id, new_email("a@example.org"), 1).await;
    let own = change(&*store, account, &own, value("b@example.org"), 2).await;
    let found = store.user_by_email(account, &email("a@example.org")).await;
    assert_eq!(found, Ok(None));
    let theirs = add(&*store, account, other.user_id, new_email("A@example.org"), 3).await;
    store.delete_identity(account, user.user_id, own.id, at(4)).await.unwrap();
    change(&*store, account, &theirs, value("B@example.org"), 5).await;
    let found = store.user_by_email(account, &email("b@example.org")).await.unwrap();
    assert_eq!(found.map(|user| user.user_id), Some(other.user_id));
}

/// A change that changes nothing is none: neither the identity nor its user say that it was, and
/// there is no event.
pub async fn a_change_without_effect_is_none(store: Arc<dyn Store>) {
    let (account, user) = account_and_user(&*store).await;
    let own = add(&*store, account, user.user_id, new_email("a@example.org"), 1).await;
    let before = look::everything(&*store, account).await;
    let nothing = IdentityChange::Edit { value: None, verified: None };
    for none in [nothing, value("a@example.org"), verified(false), IdentityChange::MakePrimary] {
        assert_eq!(change(&*store, account, &own, none, 9).await, own);
    }
    assert_eq!(look::everything(&*store, account).await, before);
    let written = change(&*store, account, &own, value("A@example.org"), 9).await;
    let expected = Identity { value: email("A@example.org"), updated_at: at(9), ..own };
    assert_eq!(written, expected);
}

/// Who is not there has no identities, and cannot get one; an identity is reached through its own
/// user alone.
pub async fn a_stranger_has_no_identities(store: Arc<dyn Store>) {
    let (account, user) = account_and_user(&*store).await;
    let own = add(&*store, account, user.user_id, new_email("a@example.org"), 1).await;
    let other = sample::user(&*store, account, new_user(2, "Alan")).await.user_id;
    let before = look::everything(&*store, account).await;
    let nobody = UserId::from_stored(1);
    let added = store.create_identity(account, nobody, new_email("x@example.org"), at(2)).await;
    assert_eq!(added, Err(IdentityError::NotFound));
    for (user, id) in [(other, own.id), (nobody, own.id), (user.user_id, IdentityId(1))] {
        let changed = store.change_identity(account, user, id, verified(true), at(2)).await;
        assert_eq!(changed, Err(IdentityError::NotFound));
        let edit = value("a@example.org");
        let changed = store.change_identity(account, user, id, edit, at(2)).await;
        assert_eq!(changed, Err(IdentityError::NotFound));
        let removed = store.delete_identity(account, user, id, at(2)).await;
        assert_eq!(removed, Err(IdentityError::NotFound));
    }
    assert_eq!(look::everything(&*store, account).await, before);
}

/// The identities of many users are read at once: by user, then by number, each once.
pub async fn identities_of_many_are_read_at_once(store: Arc<dyn Store>) {
    let (account, first) = account_and_user(&*store).await;
    let second = sample::user(&*store, account, new_user(2, "Alan")).await.user_id;
    let third = sample::user(&*store, account, new_user(3, "Ada")).await.user_id;
    let mut made = Vec::new();
    for (user, address) in
        [(third, "a"), (first.user_id, "b"), (second, "c"), (third, "d"), (first.user_id, "e")]
    {
        let new = new_email(&format!("{address}@example.org"));
        made.push(add(&*store, account, user, new, 1).await.id);
    }
    let ids = async |users: &[UserId]| -> Vec<IdentityId> {
        let identities = store.identities(account, users.to_vec()).await.unwrap();
        identities.iter().map(|identity| identity.id).collect()
    };
    let nobody = UserId::from_stored(1);
    let all = ids(&[third, nobody, first.user_id, second, third]).await;
    assert_eq!(all, [made[1], made[4], made[2], made[0], made[3]]);
    assert_eq!(ids(&[second]).await, [made[2]]);
    assert_eq!(ids(&[]).await, []);
    store.delete_user(account, first.user_id, at(2)).await.unwrap();
    assert_eq!(ids(&[second, first.user_id]).await, [made[2]]);
    assert_eq!(
        shown_email(&*store, account, second).await.map(|it| text(&it)),
        Some(text("c@example.org"))
    );
}
