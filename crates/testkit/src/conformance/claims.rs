//! Email addresses that come with an account or through Ada's dialect, and whose they are.

use std::sync::Arc;
use std::time::Duration;

use roster_directory::{
    AccountId, Change, EndUserPatch, Identity, IdentityId, IdentityKind, NewAccount, NewEndUser,
    NewIdentity, Participant, Profile, Store, User, UserId,
};

use crate::look;
use crate::sample::{self, at, email, end_user_id, new_email, new_user, text};

fn with_email(number: u32, address: &str) -> NewEndUser {
    let profile = Profile { email: Some(text(address)), ..Profile::default() };
    NewEndUser { profile, ..sample::new_end_user(number) }
}

async fn patch_email(
    store: &dyn Store,
    account: AccountId,
    number: u32,
    email: Change<&str>,
    now: u64,
) -> Arc<User> {
    let email = match email {
        Change::Keep => Change::Keep,
        Change::Clear => Change::Clear,
        Change::Set(address) => Change::Set(text(address)),
    };
    let patch = EndUserPatch { email, ..EndUserPatch::default() };
    store.patch_end_user(account, end_user_id(number), patch, at(now)).await.unwrap()
}

/// The addresses that a user has claimed, the primary one with a star.
async fn claimed(store: &dyn Store, account: AccountId, user: UserId) -> Vec<String> {
    let identities = look::identities(store, account, user).await;
    let star = |primary| if primary { "*" } else { "" };
    let of_email = identities.iter().filter(|identity| identity.kind == IdentityKind::Email);
    of_email.map(|it| format!("{}{}", it.value.written(), star(it.primary))).collect()
}

/// The owner's address is theirs, primary and verified, from the beginning.
pub async fn the_owner_has_claimed_their_address(store: Arc<dyn Store>) {
    let owner_email = Some(text("Owner@Acme.example"));
    let new = NewAccount { owner_email, created_at: at(5), ..sample::new_account("acme") };
    let account = store.create_account(new).await.unwrap().id;
    let owner = store.owner(account).await.unwrap();
    let expected = Identity {
        id: IdentityId(owner.get() + 1),
        user_id: owner,
        kind: IdentityKind::Email,
        value: email("Owner@Acme.example"),
        verified: true,
        primary: true,
        created_at: at(5),
        updated_at: at(5),
    };
    assert_eq!(look::identities(&*store, account, owner).await, [expected]);
    let user = look::user(&*store, account, owner).await;
    assert!(user.support.verified);
    assert_eq!((user.created_at, user.updated_at), (at(5), at(5)));
    let found = store.user_by_email(account, &email("owner@acme.example")).await;
    assert_eq!(found, Ok(Some(user)));

    let other = sample::account(&*store, "other").await;
    let owner = store.owner(other).await.unwrap();
    assert_eq!(look::identities(&*store, other, owner).await, []);
    assert!(look::user(&*store, other, owner).await.support.verified);
}

/// The address of a new end user is theirs, primary but not verified, in whichever way they are
/// made. It need not look like an address.
pub async fn an_end_users_address_is_claimed(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let new = NewEndUser { created_at: at(4), ..with_email(1, " no Address ") };
    let user = sample::end_user(&*store, account, new).await;
    assert_eq!(user.profile.email, Some(text(" no Address ")));
    assert!(!user.support.verified);
    let identities = look::identities(&*store, account, user.user_id).await;
    let told: Vec<_> = identities
        .iter()
        .map(|it| (it.id.0, it.value.written(), it.verified, it.primary, it.created_at))
        .collect();
    assert_eq!(told, [(user.user_id.get() + 1, "no Address", false, true, at(4))]);

    let channel = sample::channel(&*store, account, 1).await;
    let guest = Participant::New(Box::new(with_email(2, "guest@example.org")));
    store.create_conversation(account, sample::new_conversation(1, channel, guest)).await.unwrap();
    let guest = look::end_user(&*store, account, end_user_id(2)).await;
    assert_eq!(claimed(&*store, account, guest.user_id).await, ["guest@example.org*"]);
}

/// An address that somebody has already claimed, in any case, or that cannot be claimed, stays in
/// the profile alone.
pub async fn a_taken_address_stays_in_the_profile(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let first = sample::end_user(&*store, account, with_email(1, "same@example.org")).await;
    for (number, address) in [(2, "SAME@example.org"), (3, ""), (4, "  "), (5, &*"x".repeat(256))] {
        let user = sample::end_user(&*store, account, with_email(number, address)).await;
        assert_eq!(user.profile.email, Some(text(address)));
        assert_eq!(look::identities(&*store, account, user.user_id).await, [], "{address}");
    }
    let found = store.user_by_email(account, &email("same@example.org")).await;
    assert_eq!(found, Ok(Some(Arc::clone(&first))));

    // What the first one gives up is nobody's until somebody claims it: not who has it in the
    // profile, whatever else of them changes.
    patch_email(&*store, account, 1, Change::Clear, 1).await;
    let name = Change::Set(text("Grace"));
    let patch = EndUserPatch { first_name: name, ..EndUserPatch::default() };
    store.patch_end_user(account, end_user_id(2), patch, at(2)).await.unwrap();
    let found = store.user_by_email(account, &email("same@example.org")).await;
    assert_eq!(found, Ok(None));
}

/// When Ada's dialect changes the address, the former one is given up, and the new one is the
/// user's primary one, made at that moment. An address that stays is left alone.
pub async fn a_patch_moves_the_claim(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let user = sample::end_user(&*store, account, with_email(1, "a@example.org")).await.user_id;
    let before = look::identities(&*store, account, user).await;
    patch_email(&*store, account, 1, Change::Keep, 1).await;
    patch_email(&*store, account, 1, Change::Set("a@example.org"), 2).await;
    assert_eq!(look::identities(&*store, account, user).await, before);

    let changed = patch_email(&*store, account, 1, Change::Set("b@example.org"), 3).await;
    assert_eq!(changed.profile.email, Some(text("b@example.org")));
    let identities = look::identities(&*store, account, user).await;
    assert_eq!(claimed(&*store, account, user).await, ["b@example.org*"]);
    assert_eq!((identities[0].created_at, identities[0].verified), (at(3), false));
    assert!(identities[0].id > before[0].id);
    let found = store.user_by_email(account, &email("a@example.org")).await;
    assert_eq!(found, Ok(None));

    patch_email(&*store, account, 1, Change::Clear, 4).await;
    assert_eq!(claimed(&*store, account, user).await, Vec::<String>::new());
}

/// An address that the user has claimed already becomes the primary one; their other ones stay.
/// A verified one then does not verify the user, who did not prove anything.
pub async fn a_patch_can_choose_an_own_address(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let user = sample::end_user(&*store, account, with_email(1, "a@example.org")).await.user_id;
    for (address, verified) in [("b@example.org", true), ("c@example.org", false)] {
        let new = NewIdentity { verified, ..new_email(address) };
        store.create_identity(account, user, new, at(1)).await.unwrap();
    }
    let changed = patch_email(&*store, account, 1, Change::Set("B@example.org"), 3).await;
    assert_eq!(changed.profile.email, Some(text("B@example.org")));
    assert!(!changed.support.verified);
    assert_eq!(claimed(&*store, account, user).await, ["b@example.org*", "c@example.org"]);
}

/// An address that somebody else has is not claimed by a patch, and the former one is given up
/// all the same.
pub async fn a_patch_cannot_take_an_address(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let first = sample::end_user(&*store, account, with_email(1, "a@example.org")).await;
    let second = sample::end_user(&*store, account, with_email(2, "b@example.org")).await;
    let changed = patch_email(&*store, account, 2, Change::Set("A@example.org"), 3).await;
    assert_eq!(changed.profile.email, Some(text("A@example.org")));
    assert_eq!(claimed(&*store, account, first.user_id).await, ["a@example.org*"]);
    assert_eq!(claimed(&*store, account, second.user_id).await, Vec::<String>::new());
}

/// Each address that is claimed takes a number, and one that is not takes none.
pub async fn only_a_claim_takes_a_number(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let first = sample::end_user(&*store, account, with_email(1, "a@example.org")).await.user_id;
    sample::end_user(&*store, account, with_email(2, "A@example.org")).await;
    patch_email(&*store, account, 2, Change::Set(" a@example.org"), 1).await;
    patch_email(&*store, account, 1, Change::Set("A@example.org"), 2).await;
    patch_email(&*store, account, 1, Change::Set("c@example.org"), 3).await;
    let next = sample::user(&*store, account, new_user(3, "Grace")).await;
    assert_eq!(next.user_id.get(), first.get() + 4);
}

/// Through whichever dialect, each change of an account's users has a moment of its own.
pub async fn a_claim_is_made_at_the_users_moment(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    for number in 1..=3 {
        let new = with_email(number, &format!("{number}@example.org"));
        let user = sample::end_user(&*store, account, new).await;
        let expected = at(0).after(Duration::from_micros(u64::from(number) - 1));
        assert_eq!((user.created_at, user.updated_at), (expected, expected));
        let identity = look::identities(&*store, account, user.user_id).await.remove(0);
        assert_eq!((identity.created_at, identity.updated_at), (expected, expected));
    }
}
