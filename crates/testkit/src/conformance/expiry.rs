//! The removal of users and secrets whose time has come.

use std::sync::Arc;
use std::time::Duration;

use roster_directory::{
    AccountId, EventKind, NewEndUser, Participant, RemovalReason, Store, Swept,
};

use crate::look;
use crate::sample::{self, at, end_user_id, external_id, sealed, secrets, token_id};

const EXPIRED: EventKind = EventKind::Deleted(RemovalReason::Expired);

/// Makes an end user who expires after so many seconds.
async fn passing(store: &dyn Store, account: AccountId, number: u32, seconds: u64) {
    let new = NewEndUser { expires_at: Some(at(seconds)), ..sample::new_end_user(number) };
    sample::end_user(store, account, new).await;
}

/// Gives an end user who stays secrets that are gone after so many seconds.
async fn keeper(store: &dyn Store, account: AccountId, number: u32, names: &[&str], seconds: u64) {
    let entries: Vec<_> = names.iter().map(|name| (*name, Some(sealed(1, b"x")))).collect();
    let own = Some(secrets(&entries, at(seconds)));
    let new = NewEndUser { sensitive_metadata: own, ..sample::new_end_user(number) };
    sample::end_user(store, account, new).await;
}

fn swept(end_users: usize, sensitive_values: usize) -> Swept {
    Swept { end_users, sensitive_values }
}

/// A user whose time has come is removed from every list and look-up, with an event; whoever has
/// time left, or is not to expire, stays.
pub async fn users_go_when_their_time_has_come(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let key = external_id("crm-1");
    let new = NewEndUser {
        external_id: Some(key.clone()),
        expires_at: Some(at(10)),
        ..sample::new_end_user(1)
    };
    let user = sample::end_user(&*store, account, new).await;
    passing(&*store, account, 2, 11).await;
    sample::end_user(&*store, account, sample::new_end_user(3)).await;

    let just_before = at(9).after(Duration::from_micros(999_999));
    assert_eq!(store.expire(just_before, 10).await, Ok(swept(0, 0)));
    // Until the sweep they are there, even if their time has come.
    assert_eq!(look::end_user(&*store, account, end_user_id(1)).await, user);
    assert_eq!(store.expire(at(10), 10).await, Ok(swept(1, 0)));
    assert_eq!(store.end_user(account, end_user_id(1)).await, Ok(None));
    assert_eq!(store.end_user_by_external_id(account, &key).await, Ok(None));
    let left = [end_user_id(2), end_user_id(3)];
    assert_eq!(look::end_user_ids(&*store, account).await, left);

    let event = look::events(&*store, account).await.pop().unwrap();
    assert_eq!((event.kind, event.at), (EXPIRED, at(10)));
    assert_eq!((event.user_id, event.end_user_id), (user.user_id, user.end_user_id));
    assert_eq!(store.expire(at(10), 10).await, Ok(swept(0, 0)));
}

/// A sweep removes so many users at most, of all accounts together, the longest due first.
pub async fn a_sweep_takes_the_longest_due_first(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let other = sample::account(&*store, "other").await;
    passing(&*store, account, 1, 14).await;
    passing(&*store, account, 2, 12).await;
    passing(&*store, other, 3, 11).await;
    passing(&*store, other, 4, 13).await;

    assert_eq!(store.expire(at(20), 0).await, Ok(swept(0, 0)));
    assert_eq!(store.expire(at(20), 3).await, Ok(swept(3, 0)));
    assert_eq!(look::end_user_ids(&*store, account).await, [end_user_id(1)]);
    assert_eq!(look::end_user_ids(&*store, other).await, []);
    let removed = look::history(&*store, other).await;
    assert_eq!(removed[2..], [(EXPIRED, end_user_id(3)), (EXPIRED, end_user_id(4))]);
    assert_eq!(store.expire(at(20), 3).await, Ok(swept(1, 0)));
    assert_eq!(look::end_user_ids(&*store, account).await, []);
}

/// Secrets are swept on their own, so many at most, the longest due first. That is no event, and
/// their user stays as they are.
pub async fn secrets_are_swept_on_their_own(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    store.add_sealing_key(sealed(1, b"check")).await.unwrap();
    keeper(&*store, account, 1, &["late"], 12).await;
    keeper(&*store, account, 2, &["early", "early-too"], 11).await;
    keeper(&*store, account, 3, &["later"], 99).await;
    let before = look::end_users(&*store, account).await;

    assert_eq!(store.expire(at(20), 2).await, Ok(swept(0, 2)));
    assert_eq!(store.expire(at(20), 2).await, Ok(swept(0, 1)));
    assert_eq!(store.expire(at(20), 2).await, Ok(swept(0, 0)));
    assert_eq!(look::end_users(&*store, account).await, before);
    assert_eq!(look::events(&*store, account).await.len(), 3);
    let left = store.read_sensitive_metadata(account, end_user_id(3), token_id(1), at(20)).await;
    assert_eq!(left.unwrap().unwrap().len(), 1);
}

/// The longest due secrets go first: those of a smaller limit are gone, the others are kept.
pub async fn the_longest_due_secrets_go_first(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    for (number, key, seconds) in [(1, 1, 13), (2, 2, 11), (3, 3, 12)] {
        store.add_sealing_key(sealed(key, b"check")).await.unwrap();
        let own = Some(secrets(&[("pin", Some(sealed(key, b"x")))], at(seconds)));
        let new = NewEndUser { sensitive_metadata: own, ..sample::new_end_user(number) };
        sample::end_user(&*store, account, new).await;
    }
    assert_eq!(store.expire(at(20), 2).await, Ok(swept(0, 2)));
    let keys = store.sealing_keys().await.unwrap();
    let in_use: Vec<_> =
        keys.iter().filter(|key| key.in_use).map(|key| key.check.key_id.0).collect();
    assert_eq!(in_use, [1]);
}

/// The limit holds for users and for secrets, each for itself; secrets that go with their user
/// count for neither.
pub async fn the_limit_holds_for_each_kind(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    for number in [1, 2, 3] {
        let own = secrets(
            &[("a", Some(sealed(1, b"x"))), ("b", Some(sealed(1, b"x")))],
            at(5 + u64::from(number)),
        );
        let expires_at = Some(at(10 + u64::from(number)));
        let new = NewEndUser {
            sensitive_metadata: Some(own),
            expires_at,
            ..sample::new_end_user(number)
        };
        sample::end_user(&*store, account, new).await;
    }
    keeper(&*store, account, 4, &["c"], 15).await;
    // Two users go with two secrets each; of the three that are left, two are swept.
    assert_eq!(store.expire(at(20), 2).await, Ok(swept(2, 2)));
    assert_eq!(store.expire(at(20), 2).await, Ok(swept(1, 1)));
    assert_eq!(look::end_user_ids(&*store, account).await, [end_user_id(4)]);
}

/// A user to whom a conversation was tied before the sweep stays, even if their time had come.
pub async fn a_conversation_before_the_sweep_saves(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let channel = sample::channel(&*store, account, 1).await;
    passing(&*store, account, 1, 10).await;
    passing(&*store, account, 2, 10).await;
    let talk = sample::new_conversation(1, channel, Participant::Existing(end_user_id(1)));
    store.create_conversation(account, talk).await.unwrap();
    assert_eq!(store.expire(at(10_000), 10).await, Ok(swept(1, 0)));
    assert_eq!(look::end_user_ids(&*store, account).await, [end_user_id(1)]);
}
