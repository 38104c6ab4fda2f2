//! Reading end users one at a time.

use std::sync::Arc;

use roster_directory::{Change, EndUserPatch, MetadataValue, NewEndUser, Store};

use crate::look;
use crate::sample::{self, at, external_id, metadata, metadata_patch};

/// Nobody is found by an identifier that nobody has.
pub async fn strangers_are_not_found(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    sample::end_user(&*store, account, sample::new_end_user(2)).await;
    for number in [1, 3] {
        assert_eq!(store.end_user(account, sample::end_user_id(number)).await, Ok(None));
    }
    assert_eq!(store.end_user_by_external_id(account, &external_id("nobody")).await, Ok(None));
}

/// Somebody who was looked for in vain is found once they are there: "nobody" is not remembered.
pub async fn whoever_was_missing_is_found_once_made(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let (id, key) = (sample::end_user_id(1), external_id("crm-1"));
    assert_eq!(store.end_user(account, id).await, Ok(None));
    assert_eq!(store.end_user_by_external_id(account, &key).await, Ok(None));

    let new = NewEndUser { external_id: Some(key.clone()), ..sample::new_end_user(1) };
    let user = sample::end_user(&*store, account, new).await;
    assert_eq!(store.end_user(account, id).await, Ok(Some(Arc::clone(&user))));
    assert_eq!(store.end_user_by_external_id(account, &key).await, Ok(Some(user)));
}

/// Every way to read a user sees every write that returned before the read began.
pub async fn a_read_sees_every_write_before_it(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let (id, key) = (sample::end_user_id(1), external_id("crm-1"));
    let new = NewEndUser { external_id: Some(key.clone()), ..sample::new_end_user(1) };
    sample::end_user(&*store, account, new).await;

    for round in 1..=20 {
        let round_value = MetadataValue::Integer(round);
        let patch = EndUserPatch {
            metadata: metadata_patch(&[("round", Some(round_value.clone()))]),
            ..EndUserPatch::default()
        };
        let written = store.patch_end_user(account, id, patch, at(1)).await.unwrap();
        assert_eq!(written.profile.metadata, metadata(&[("round", round_value)]));
        assert_eq!(look::end_user(&*store, account, id).await, written);
        let found = store.end_user_by_external_id(account, &key).await;
        assert_eq!(found, Ok(Some(Arc::clone(&written))));
        assert_eq!(look::end_users(&*store, account).await, [written]);
    }
}

/// An end user is found by their external id only as long as it is theirs.
pub async fn a_former_external_id_finds_nobody(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let (old, new) = (external_id("old"), external_id("new"));
    let user = NewEndUser { external_id: Some(old.clone()), ..sample::new_end_user(1) };
    let id = sample::end_user(&*store, account, user).await.end_user_id;
    assert!(store.end_user_by_external_id(account, &old).await.unwrap().is_some());

    let patch = EndUserPatch { external_id: Change::Set(new.clone()), ..EndUserPatch::default() };
    let changed = store.patch_end_user(account, id, patch, at(1)).await.unwrap();
    assert_eq!(store.end_user_by_external_id(account, &old).await, Ok(None));
    assert_eq!(store.end_user_by_external_id(account, &new).await, Ok(Some(changed)));

    let patch = EndUserPatch { external_id: Change::Clear, ..EndUserPatch::default() };
    store.patch_end_user(account, id, patch, at(2)).await.unwrap();
    assert_eq!(store.end_user_by_external_id(account, &new).await, Ok(None));
    assert!(store.end_user(account, id).await.unwrap().is_some());
}
