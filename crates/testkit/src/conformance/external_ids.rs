//! External ids: one user each, compared without case, free again when given up.

use std::sync::Arc;

use roster_directory::{
    AccountId, Change, Created, EndUserId, EndUserPatch, ExternalId, NewEndUser, PatchEndUserError,
    Store, User,
};

use crate::look;
use crate::sample::{self, at, end_user_id, external_id};

fn with_key(number: u32, key: &str) -> NewEndUser {
    NewEndUser { external_id: Some(external_id(key)), ..sample::new_end_user(number) }
}

fn set(key: &str) -> EndUserPatch {
    EndUserPatch { external_id: Change::Set(external_id(key)), ..EndUserPatch::default() }
}

/// The identifier of the end user with that external id.
async fn holder(store: &dyn Store, account: AccountId, key: &str) -> Option<EndUserId> {
    let found = store.end_user_by_external_id(account, &external_id(key)).await.unwrap();
    found.map(|user: Arc<User>| user.end_user_id)
}

/// External ids are compared folded, beyond ASCII too: on look-up, on making, on patching.
pub async fn external_ids_are_compared_folded(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    // Each pair folds to one form; in the last, the lower case is longer than the upper.
    let pairs = [("Crm-1", " cRM-1\t"), ("ÉTÉ", "été"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("İ", "i\u{307}")];
    for (number, (written, other)) in (1..).zip(pairs) {
        let user = sample::end_user(&*store, account, with_key(number, written)).await;
        assert_eq!(holder(&*store, account, other).await, Some(user.end_user_id), "{other}");
        let again = store.create_end_user(account, with_key(99, other)).await;
        assert_eq!(again, Ok(Created::Existing(user)), "{other}");
    }
    let other = sample::end_user(&*store, account, sample::new_end_user(50)).await;
    let taken = store.patch_end_user(account, other.end_user_id, set("Été"), at(1)).await;
    assert_eq!(taken, Err(PatchEndUserError::ExternalIdTaken));
}

/// An external id is kept as it was written, and what folding does not make equal is different.
pub async fn external_ids_are_kept_as_written(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let keys = ["Crm-Ä", "crm-a", "crm_Ä", "CRM%", "it's", "a\"b\\", "🙂", "é", "e\u{301}", "null"];
    for (number, key) in (1..).zip(keys) {
        sample::end_user(&*store, account, with_key(number, key)).await;
    }
    for (number, key) in (1..).zip(keys) {
        let user = look::end_user(&*store, account, end_user_id(number)).await;
        assert_eq!(user.external_id.as_ref().map(ExternalId::written), Some(key));
        assert_eq!(holder(&*store, account, key).await, Some(end_user_id(number)), "{key}");
    }
}

/// A user may be given their own external id again; a change of case is a change of how it is
/// written, and the id stays theirs.
pub async fn a_user_may_keep_their_own(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let user = sample::end_user(&*store, account, with_key(1, "crm-1")).await;
    let same = store.patch_end_user(account, user.end_user_id, set("crm-1"), at(1)).await;
    assert_eq!(same, Ok(Arc::clone(&user)));
    let upper = store.patch_end_user(account, user.end_user_id, set("CRM-1"), at(2)).await.unwrap();
    assert_eq!(upper.external_id, Some(external_id("CRM-1")));
    assert_eq!(upper.updated_at, at(2));
    assert_eq!(look::end_user(&*store, account, user.end_user_id).await, upper);
    assert_eq!(holder(&*store, account, "crm-1").await, Some(user.end_user_id));
    let again = store.create_end_user(account, with_key(2, "crm-1")).await;
    assert_eq!(again, Ok(Created::Existing(upper)));
}

/// Another user's external id cannot be had.
pub async fn an_external_id_has_one_user(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    sample::end_user(&*store, account, with_key(1, "crm-1")).await;
    let second = sample::end_user(&*store, account, with_key(2, "crm-2")).await.end_user_id;
    let taken = store.patch_end_user(account, second, set("CRM-1"), at(1)).await;
    assert_eq!(taken, Err(PatchEndUserError::ExternalIdTaken));
    assert_eq!(holder(&*store, account, "crm-1").await, Some(end_user_id(1)));
    assert_eq!(holder(&*store, account, "crm-2").await, Some(end_user_id(2)));
}

/// An external id that is cleared, changed or left behind by somebody who expires is free for the
/// next user, and finds nobody in between.
pub async fn what_is_given_up_is_free_again(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    for (number, key) in [(1, "cleared"), (2, "changed")] {
        sample::end_user(&*store, account, with_key(number, key)).await;
    }
    let passing = NewEndUser { expires_at: Some(at(1)), ..with_key(3, "expired") };
    sample::end_user(&*store, account, passing).await;
    assert_eq!(holder(&*store, account, "expired").await, Some(end_user_id(3)));

    let clear = EndUserPatch { external_id: Change::Clear, ..EndUserPatch::default() };
    store.patch_end_user(account, end_user_id(1), clear, at(1)).await.unwrap();
    store.patch_end_user(account, end_user_id(2), set("other"), at(1)).await.unwrap();
    store.expire(at(1), 10).await.unwrap();
    for (number, key) in [(11, "Cleared"), (12, "Changed"), (13, "Expired")] {
        assert_eq!(holder(&*store, account, key).await, None);
        sample::end_user(&*store, account, with_key(number, key)).await;
        assert_eq!(holder(&*store, account, key).await, Some(end_user_id(number)));
    }
    assert_eq!(holder(&*store, account, "other").await, Some(end_user_id(2)));
}

/// A user can take over what another gave up, by a patch.
pub async fn a_patch_takes_what_is_free(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    sample::end_user(&*store, account, with_key(1, "crm-1")).await;
    let second = sample::end_user(&*store, account, sample::new_end_user(2)).await.end_user_id;
    store.patch_end_user(account, end_user_id(1), set("crm-9"), at(1)).await.unwrap();
    store.patch_end_user(account, second, set("crm-1"), at(2)).await.unwrap();
    assert_eq!(holder(&*store, account, "crm-1").await, Some(second));
    assert_eq!(holder(&*store, account, "crm-9").await, Some(end_user_id(1)));
}
