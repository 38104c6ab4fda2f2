//! The keys that secrets are sealed with.

use std::sync::Arc;

use roster_directory::{EndUserPatch, NewEndUser, Sealed, SealingKey, Store};

use crate::sample::{self, at, end_user_id, sealed, secrets};

/// The ids of the keys that are in use, ascending.
async fn in_use(store: &dyn Store) -> Vec<u32> {
    let keys = store.sealing_keys().await.unwrap();
    let used = keys.iter().filter(|key| key.in_use);
    let mut ids: Vec<_> = used.map(|key| key.check.key_id.0).collect();
    ids.sort_unstable();
    ids
}

/// A key is remembered by the first text that it sealed, once.
pub async fn the_first_check_of_a_key_stays(store: Arc<dyn Store>) {
    assert_eq!(store.sealing_keys().await, Ok(Vec::new()));
    for check in [sealed(7, b"first"), sealed(7, b"second"), sealed(u32::MAX, b"third")] {
        store.add_sealing_key(check).await.unwrap();
    }
    let mut keys = store.sealing_keys().await.unwrap();
    keys.sort_by_key(|key| key.check.key_id);
    let unused = |check: Sealed| SealingKey { check, in_use: false };
    assert_eq!(keys, [unused(sealed(7, b"first")), unused(sealed(u32::MAX, b"third"))]);
}

/// A key is in use as long as the store holds a secret that it sealed: until the last one is
/// replaced, removed, swept, or goes with its user.
pub async fn a_key_is_in_use_while_it_has_secrets(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    for id in 1..=4 {
        store.add_sealing_key(sealed(id, b"check")).await.unwrap();
    }
    let all = [("replaced", 1), ("removed", 2), ("swept", 3)];
    let all = all.map(|(name, key)| (name, Some(sealed(key, b"x"))));
    let new =
        NewEndUser { sensitive_metadata: Some(secrets(&all, at(50))), ..sample::new_end_user(1) };
    sample::end_user(&*store, account, new).await;
    assert_eq!(in_use(&*store).await, [1, 2, 3]);

    let change = secrets(&[("replaced", Some(sealed(4, b"y"))), ("removed", None)], at(60));
    let patch = EndUserPatch { sensitive_metadata: Some(change), ..EndUserPatch::default() };
    store.patch_end_user(account, end_user_id(1), patch, at(1)).await.unwrap();
    assert_eq!(in_use(&*store).await, [3, 4]);
    store.expire(at(50), 10).await.unwrap();
    assert_eq!(in_use(&*store).await, [4]);
    store.expire(at(60), 10).await.unwrap();
    assert_eq!(in_use(&*store).await, []);
}

/// With a user their secrets go, whatever time those had left.
pub async fn secrets_go_with_their_user(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    store.add_sealing_key(sealed(1, b"check")).await.unwrap();
    let own = secrets(&[("pin", Some(sealed(1, b"x")))], at(9000));
    let expires_at = Some(at(10));
    let new = NewEndUser { sensitive_metadata: Some(own), expires_at, ..sample::new_end_user(1) };
    sample::end_user(&*store, account, new).await;
    assert_eq!(in_use(&*store).await, [1]);
    store.expire(at(10), 10).await.unwrap();
    assert_eq!(in_use(&*store).await, []);
}
