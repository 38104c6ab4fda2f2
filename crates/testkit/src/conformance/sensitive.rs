//! Secrets.

use std::sync::Arc;
use std::time::Duration;

use roster_directory::{
    AccountId, Change, EndUserPatch, EventKind, NewEndUser, PatchEndUserError,
    SENSITIVE_KEYS_PER_USER, Sealed, SealedValue, SensitiveWrite, Store, Timestamp,
};

use crate::look;
use crate::sample::{self, at, end_user_id, sealed, secrets, sensitive_key, token_id};

async fn write(store: &dyn Store, account: AccountId, write: SensitiveWrite) {
    let patch = EndUserPatch { sensitive_metadata: Some(write), ..EndUserPatch::default() };
    store.patch_end_user(account, end_user_id(1), patch, at(1)).await.unwrap();
}

/// The secrets of end user 1 at a moment: name, value and when they go.
async fn read(store: &dyn Store, account: AccountId, now: Timestamp) -> Vec<SealedValue> {
    let read = store.read_sensitive_metadata(account, end_user_id(1), token_id(1), now).await;
    read.unwrap().unwrap()
}

fn value(name: &str, sealed: Sealed, expires_at: Timestamp) -> SealedValue {
    SealedValue { key: sensitive_key(name), sealed, expires_at }
}

/// Secrets come back by name, byte for byte, whether they came with the user or later.
pub async fn secrets_are_read_by_name(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let every_byte: Vec<u8> = (0..=255).collect();
    let first = secrets(&[("pin", Some(sealed(1, &every_byte))), ("b", None)], at(90));
    let new = NewEndUser { sensitive_metadata: Some(first), ..sample::new_end_user(1) };
    sample::end_user(&*store, account, new).await;
    let later = secrets(&[("Z", Some(sealed(2, b""))), ("a-1", Some(sealed(1, b"x")))], at(95));
    write(&*store, account, later).await;

    let expected = [
        value("Z", sealed(2, b""), at(95)),
        value("a-1", sealed(1, b"x"), at(95)),
        value("pin", sealed(1, &every_byte), at(90)),
    ];
    assert_eq!(read(&*store, account, at(2)).await, expected);
}

/// A user has so many secrets and no more; a write that would make them too many does nothing.
pub async fn secrets_are_bounded(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    sample::end_user(&*store, account, sample::new_end_user(1)).await;
    let names: Vec<String> = (0..=SENSITIVE_KEYS_PER_USER).map(|n| format!("k{n:03}")).collect();
    let set = |name: &String| secrets(&[(name, Some(sealed(1, b"x")))], at(90));
    for name in &names[1..] {
        write(&*store, account, set(name)).await;
    }
    let too_many = EndUserPatch {
        sensitive_metadata: Some(set(&names[0])),
        first_name: Change::Set(sample::text("Ada")),
        ..EndUserPatch::default()
    };
    let refused = store.patch_end_user(account, end_user_id(1), too_many.clone(), at(1)).await;
    assert_eq!(refused, Err(PatchEndUserError::TooManySecrets));
    let user = store.end_user(account, end_user_id(1)).await.unwrap().unwrap();
    assert_eq!(user.profile.first_name, None);
    assert_eq!(read(&*store, account, at(2)).await.len(), SENSITIVE_KEYS_PER_USER);

    write(&*store, account, set(&names[1])).await;
    write(&*store, account, secrets(&[(&names[1], None)], at(90))).await;
    store.patch_end_user(account, end_user_id(1), too_many, at(1)).await.unwrap();
    assert_eq!(read(&*store, account, at(2)).await.len(), SENSITIVE_KEYS_PER_USER);
}

/// Each secret stands for itself: a write replaces or removes those it names, and starts the
/// time of those it sets anew; the others keep their value and their time.
pub async fn each_secret_has_its_own_time(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    sample::end_user(&*store, account, sample::new_end_user(1)).await;
    let names = ["kept", "removed", "replaced"];
    let all = names.map(|name| (name, Some(sealed(1, b"first"))));
    write(&*store, account, secrets(&all, at(50))).await;
    let second = Some(sealed(2, b"second"));
    let change = [("removed", None), ("replaced", second), ("never-there", None)];
    write(&*store, account, secrets(&change, at(70))).await;

    let kept = value("kept", sealed(1, b"first"), at(50));
    let replaced = value("replaced", sealed(2, b"second"), at(70));
    assert_eq!(read(&*store, account, at(2)).await, [kept, replaced.clone()]);
    assert_eq!(read(&*store, account, at(50)).await, [replaced]);
}

/// A secret is gone from its moment on, swept or not.
pub async fn an_expired_secret_is_not_read(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    sample::end_user(&*store, account, sample::new_end_user(1)).await;
    write(&*store, account, secrets(&[("pin", Some(sealed(1, b"1234")))], at(50))).await;
    let just_before = at(49).after(Duration::from_micros(999_999));
    assert_eq!(read(&*store, account, just_before).await.len(), 1);
    assert_eq!(read(&*store, account, at(50)).await, []);
    assert_eq!(read(&*store, account, at(51)).await, []);
}

/// Every read of secrets leaves an event that names the reader, even when there were none.
pub async fn a_read_of_secrets_is_recorded(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let user = sample::end_user(&*store, account, sample::new_end_user(1)).await;
    let reader = token_id(9);
    for now in [at(3), at(4)] {
        let read = store.read_sensitive_metadata(account, user.end_user_id, reader, now).await;
        assert_eq!(read, Ok(Some(Vec::new())));
    }
    let events = look::events(&*store, account).await;
    assert_eq!(events.len(), 3);
    for (event, now) in events[1..].iter().zip([at(3), at(4)]) {
        assert_eq!((event.kind, event.at), (EventKind::SensitiveRead(reader), now));
        assert_eq!((event.user_id, event.end_user_id), (user.user_id, user.end_user_id));
    }
    assert_eq!(look::end_user(&*store, account, user.end_user_id).await, user);
}

/// Who is not there has no secrets, and looking for them is no event.
pub async fn a_stranger_has_no_secrets(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let read = store.read_sensitive_metadata(account, end_user_id(1), token_id(1), at(1)).await;
    assert_eq!(read, Ok(None));
    assert_eq!(look::history(&*store, account).await, []);
}

/// The secrets of one user are not those of another.
pub async fn secrets_belong_to_one_user(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    for number in [1_u32, 2] {
        let own = secrets(&[("pin", Some(sealed(1, &number.to_be_bytes())))], at(90));
        let new = NewEndUser { sensitive_metadata: Some(own), ..sample::new_end_user(number) };
        sample::end_user(&*store, account, new).await;
    }
    write(&*store, account, secrets(&[("pin", None)], at(90))).await;
    assert_eq!(read(&*store, account, at(2)).await, []);
    let other = store.read_sensitive_metadata(account, end_user_id(2), token_id(1), at(2)).await;
    let expected = value("pin", sealed(1, &2_u32.to_be_bytes()), at(90));
    assert_eq!(other, Ok(Some(vec![expected])));
}
