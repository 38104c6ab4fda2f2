//! Merging one end user into another.

use std::sync::Arc;
use std::time::Duration;

use roster_directory::{
    AccountId, Change, EventKind, Identity, IdentityKind, MergeUsersError, NewEndUser, NewIdentity,
    RemovalReason, Role, Store, User, UserId, UserPatch, UserState,
};

use crate::look;
use crate::sample::{
    self, at, email, external_id, new_email, new_identity, new_user, sealed, secrets, text,
};

/// Makes an end user with these identities.
async fn make(
    store: &dyn Store,
    account: AccountId,
    number: u32,
    identities: Vec<NewIdentity>,
) -> Arc<User> {
    let mut new = new_user(number, "Grace");
    new.patch.external_id = Change::Set(external_id(&format!("crm-{number}")));
    new.patch.identities = identities;
    sample::user(store, account, new).await
}

/// The identities of the first become the other's, under the same numbers, and none of them the
/// primary one of a kind that has one. The other keeps everything else; the first is deleted.
pub async fn a_merge_moves_identities(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let theirs = vec![
        new_email("a@example.org"),
        new_identity(IdentityKind::PhoneNumber, "1"),
        new_identity(IdentityKind::Twitter, "t"),
    ];
    let from = make(&*store, account, 1, theirs).await;
    let into = make(&*store, account, 2, vec![new_email("b@example.org")]).await;
    let theirs = look::identities(&*store, account, from.user_id).await;
    let own = look::identities(&*store, account, into.user_id).await;

    let merged = store.merge_users(account, from.user_id, into.user_id, at(7)).await.unwrap();
    assert_eq!(*merged, User { updated_at: at(7), ..(*into).clone() });
    assert_eq!(look::user(&*store, account, into.user_id).await, merged);
    let moved = |identity: &Identity, primary| Identity {
        user_id: into.user_id,
        primary,
        updated_at: at(7),
        ..identity.clone()
    };
    let expected = [
        moved(&theirs[0], false),
        moved(&theirs[1], true),
        moved(&theirs[2], false),
        own[0].clone(),
    ];
    assert_eq!(look::identities(&*store, account, into.user_id).await, expected);
    assert_eq!(look::identities(&*store, account, from.user_id).await, []);
    let found = store.user_by_email(account, &email("A@example.org")).await;
    assert_eq!(found, Ok(Some(merged)));
}

/// The first leaves what a deleted user leaves, a moment after the other has changed. Each is an
/// event, in this order.
pub async fn who_is_merged_is_deleted(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    store.add_sealing_key(sealed(1, b"check")).await.unwrap();
    let new = NewEndUser {
        sensitive_metadata: Some(secrets(&[("pin", Some(sealed(1, b"x")))], at(9000))),
        external_id: Some(external_id("crm-1")),
        ..sample::new_end_user(1)
    };
    let from = sample::end_user(&*store, account, new).await;
    let into = make(&*store, account, 2, Vec::new()).await;
    store.merge_users(account, from.user_id, into.user_id, at(7)).await.unwrap();

    let later = at(7).after(Duration::from_micros(1));
    let gone = User { state: UserState::Deleted, updated_at: later, ..(*from).clone() };
    assert_eq!(look::deleted(&*store, account).await, [Arc::new(gone)]);
    assert_eq!(store.user(account, from.user_id).await, Ok(None));
    assert_eq!(store.end_user_by_external_id(account, &external_id("crm-1")).await, Ok(None));
    assert!(!store.sealing_keys().await.unwrap()[0].in_use);
    let events = look::events(&*store, account).await;
    let told: Vec<_> = events.iter().map(|it| (it.kind, it.at, it.user_id)).collect();
    let expected = [
        (EventKind::Updated, at(7), into.user_id),
        (EventKind::Deleted(RemovalReason::Merged), later, from.user_id),
    ];
    assert_eq!(told[2..], expected);
}

/// Whoever has no address gets that of the other as their primary one, and its verification.
pub async fn a_merge_gives_an_address(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let address = NewIdentity { verified: true, ..new_email("a@example.org") };
    let from = make(&*store, account, 1, vec![address]).await.user_id;
    let into = make(&*store, account, 2, Vec::new()).await.user_id;
    let merged = store.merge_users(account, from, into, at(7)).await.unwrap();
    assert_eq!(merged.profile.email, Some(text("a@example.org")));
    assert!(merged.support.verified);
    assert!(look::identities(&*store, account, into).await[0].primary);
}

/// A merge with nothing to move is a change all the same.
pub async fn a_merge_is_a_change(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let from = make(&*store, account, 1, Vec::new()).await.user_id;
    let into = make(&*store, account, 2, Vec::new()).await;
    let merged = store.merge_users(account, from, into.user_id, at(7)).await.unwrap();
    assert_eq!(*merged, User { updated_at: at(7), ..(*into).clone() });
    assert_eq!(look::events(&*store, account).await.len(), 4);
}

/// If either of them was not to expire, who is left does not.
pub async fn a_merge_saves_from_expiry(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let passing = async |number, expires: bool| {
        let expires_at = expires.then(|| at(50 + u64::from(number)));
        let new = NewEndUser { expires_at, ..sample::new_end_user(number) };
        sample::end_user(&*store, account, new).await.user_id
    };
    for (number, first, second, expected) in [
        (1, true, true, Some(at(52))),
        (3, false, true, None),
        (5, true, false, None),
        (7, false, false, None),
    ] {
        let from = passing(number, first).await;
        let into = passing(number + 1, second).await;
        let merged = store.merge_users(account, from, into, at(7)).await.unwrap();
        assert_eq!(merged.expires_at, expected, "{first} and {second}");
    }
    assert_eq!(store.expire(at(100), 10).await.unwrap().end_users, 1);
}

/// Only end users are merged, and not into themselves. What is refused changes nothing.
pub async fn only_end_users_are_merged(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let first = make(&*store, account, 1, vec![new_email("a@example.org")]).await.user_id;
    let second = make(&*store, account, 2, Vec::new()).await.user_id;
    let agent = sample::member(&*store, account, 3, "Alan").await.user_id;
    let nobody = UserId::from_stored(1);
    let before = look::everything(&*store, account).await;
    let owner = store.owner(account).await.unwrap();
    for (from, into, expected) in [
        (nobody, nobody, MergeUsersError::NotFound),
        (nobody, first, MergeUsersError::NotFound),
        (first, nobody, MergeUsersError::TargetNotFound),
        (agent, nobody, MergeUsersError::TargetNotFound),
        (first, first, MergeUsersError::NotMergeable),
        (first, agent, MergeUsersError::NotMergeable),
        (agent, first, MergeUsersError::NotMergeable),
        (owner, first, MergeUsersError::NotMergeable),
    ] {
        let refused = store.merge_users(account, from, into, at(7)).await;
        assert_eq!(refused, Err(expected), "{from} into {into}");
    }
    assert_eq!(look::everything(&*store, account).await, before);
    let patch = UserPatch { role: Some(Role::EndUser), ..UserPatch::default() };
    store.update_user(account, agent, patch, at(8)).await.unwrap();
    store.merge_users(account, agent, second, at(9)).await.unwrap();
}
