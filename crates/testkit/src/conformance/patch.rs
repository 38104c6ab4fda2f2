//! Changing end users.

use std::sync::Arc;
use std::time::Duration;

use roster_directory::{
    AccountId, Change, END_USER_METADATA_LIMIT, EndUserPatch, EventKind, LanguageTag, Metadata,
    MetadataTooLarge, MetadataValue, NewEndUser, PatchEndUserError, Profile, Store, User,
};

use crate::look;
use crate::sample::{
    self, at, end_user_id, external_id, metadata, metadata_patch, sealed, secrets, text, text_value,
};

fn full_profile() -> Profile {
    Profile {
        first_name: Some(text("Grace")),
        last_name: Some(text("Hopper")),
        display_name: Some(text("Amazing Grace")),
        avatar: Some(text("https://img.example/g.png")),
        email: Some(text("grace@example.org")),
        language: Some(LanguageTag::new("en").unwrap()),
        metadata: metadata(&[("a", MetadataValue::Integer(1)), ("b", MetadataValue::Bool(true))]),
    }
}

/// Makes end user 1 with a full profile, who would expire later.
async fn grace(store: &dyn Store, account: AccountId) -> Arc<User> {
    let new = NewEndUser {
        external_id: Some(external_id("crm-1")),
        profile: full_profile(),
        expires_at: Some(at(1000)),
        ..sample::new_end_user(1)
    };
    sample::end_user(store, account, new).await
}

async fn patch(
    store: &dyn Store,
    account: AccountId,
    patch: EndUserPatch,
    now: u64,
) -> Result<Arc<User>, PatchEndUserError> {
    store.patch_end_user(account, end_user_id(1), patch, at(now)).await
}

fn set_metadata(entries: &[(&str, Option<MetadataValue>)]) -> EndUserPatch {
    EndUserPatch { metadata: metadata_patch(entries), ..EndUserPatch::default() }
}

/// What a patch sets is set, in every field; the rest of the user stays, but for `updated_at`.
/// It is one event.
pub async fn a_patch_sets_what_it_names(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let before = grace(&*store, account).await;
    let all = EndUserPatch {
        external_id: Change::Set(external_id("crm-2")),
        first_name: Change::Set(text("Ada")),
        last_name: Change::Set(text("Lovelace")),
        display_name: Change::Set(text("")),
        avatar: Change::Set(text("a.png")),
        email: Change::Set(text("ada@example.org")),
        language: Change::Set(LanguageTag::new("en-GB").unwrap()),
        metadata: metadata_patch(&[("c", Some(text_value("new")))]),
        sensitive_metadata: None,
    };
    let after = patch(&*store, account, all, 7).await.unwrap();
    let expected = User {
        external_id: Some(external_id("crm-2")),
        profile: Profile {
            first_name: Some(text("Ada")),
            last_name: Some(text("Lovelace")),
            display_name: Some(text("")),
            avatar: Some(text("a.png")),
            email: Some(text("ada@example.org")),
            language: Some(LanguageTag::new("en-GB").unwrap()),
            metadata: metadata(&[
                ("a", MetadataValue::Integer(1)),
                ("b", MetadataValue::Bool(true)),
                ("c", text_value("new")),
            ]),
        },
        updated_at: at(7),
        ..(*before).clone()
    };
    assert_eq!(*after, expected);
    assert_eq!(look::end_user(&*store, account, end_user_id(1)).await, after);
    let events = look::events(&*store, account).await;
    assert_eq!(events.len(), 2);
    assert_eq!((events[1].kind, events[1].at), (EventKind::Updated, at(7)));
    assert_eq!((events[1].user_id, events[1].end_user_id), (after.user_id, after.end_user_id));
}

/// What a patch clears is unset, in every field.
pub async fn a_patch_clears_what_it_nulls(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let before = grace(&*store, account).await;
    let all = EndUserPatch {
        external_id: Change::Clear,
        first_name: Change::Clear,
        last_name: Change::Clear,
        display_name: Change::Clear,
        avatar: Change::Clear,
        email: Change::Clear,
        language: Change::Clear,
        metadata: metadata_patch(&[("a", None), ("b", None), ("never there", None)]),
        sensitive_metadata: None,
    };
    patch(&*store, account, all, 7).await.unwrap();
    let expected = User {
        external_id: None,
        profile: Profile::default(),
        updated_at: at(7),
        ..(*before).clone()
    };
    assert_eq!(*look::end_user(&*store, account, end_user_id(1)).await, expected);
}

/// What a patch does not name stays: one field and one key change alone.
pub async fn a_patch_keeps_what_it_does_not_name(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let before = grace(&*store, account).await;
    let first_name = EndUserPatch { first_name: Change::Clear, ..EndUserPatch::default() };
    patch(&*store, account, first_name, 1).await.unwrap();
    patch(&*store, account, set_metadata(&[("b", Some(text_value("text")))]), 2).await.unwrap();
    let map = metadata(&[("a", MetadataValue::Integer(1)), ("b", text_value("text"))]);
    let profile = Profile { first_name: None, metadata: map, ..full_profile() };
    let expected = User { profile, updated_at: at(2), ..(*before).clone() };
    assert_eq!(*look::end_user(&*store, account, end_user_id(1)).await, expected);
}

/// A patch that changes nothing that can be seen leaves `updated_at` and records no event.
pub async fn a_patch_without_effect_is_no_event(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let before = grace(&*store, account).await;
    let same = EndUserPatch {
        external_id: Change::Set(external_id("crm-1")),
        first_name: Change::Set(text("Grace")),
        metadata: metadata_patch(&[("a", Some(MetadataValue::Integer(1))), ("z", None)]),
        ..EndUserPatch::default()
    };
    for nothing in [EndUserPatch::default(), same] {
        assert_eq!(patch(&*store, account, nothing, 7).await, Ok(Arc::clone(&before)));
    }
    assert_eq!(look::end_user(&*store, account, end_user_id(1)).await, before);
    assert_eq!(look::events(&*store, account).await.len(), 1);
}

/// A value that only changes its kind has changed.
pub async fn a_change_of_kind_is_a_change(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    grace(&*store, account).await;
    let one = set_metadata(&[("a", Some(text_value("1")))]);
    assert_eq!(patch(&*store, account, one, 7).await.unwrap().updated_at, at(7));
    assert_eq!(look::events(&*store, account).await.len(), 2);
}

/// Secrets are written even when nothing else changes, and that cannot be seen: `updated_at`
/// stays, and there is no event.
pub async fn secrets_alone_are_written_unseen(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let before = grace(&*store, account).await;
    let write = secrets(&[("pin", Some(sealed(1, b"1234")))], at(90));
    let alone = EndUserPatch { sensitive_metadata: Some(write), ..EndUserPatch::default() };
    assert_eq!(patch(&*store, account, alone, 7).await, Ok(before));
    assert_eq!(look::events(&*store, account).await.len(), 1);
    let reader = sample::token_id(1);
    let kept = store.read_sensitive_metadata(account, end_user_id(1), reader, at(8)).await;
    assert_eq!(kept.unwrap().unwrap()[0].sealed, sealed(1, b"1234"));
}

/// `updated_at` never goes back, whatever the clock does, and every change has its own.
pub async fn updated_at_never_goes_back(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    grace(&*store, account).await;
    patch(&*store, account, set_metadata(&[("a", None)]), 9).await.unwrap();
    let later = patch(&*store, account, set_metadata(&[("b", None)]), 5).await.unwrap();
    assert_eq!(later.updated_at, at(9).after(Duration::from_micros(1)));
    assert_eq!(later.profile.metadata, Metadata::default());
}

/// Nobody is changed who is not there, and nobody is made by it.
pub async fn a_stranger_cannot_be_patched(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let huge = text_value(&"x".repeat(END_USER_METADATA_LIMIT));
    for change in [EndUserPatch::default(), set_metadata(&[("k", Some(huge))])] {
        let answer = patch(&*store, account, change, 1).await;
        assert_eq!(answer, Err(PatchEndUserError::NotFound));
    }
    assert_eq!(look::end_user_ids(&*store, account).await, []);
    assert_eq!(look::history(&*store, account).await, []);
}

/// The limit of metadata is that of the map that results: two halves do not fit together, and
/// fit once the first one goes.
pub async fn the_limit_is_that_of_the_merged_map(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    sample::end_user(&*store, account, sample::new_end_user(1)).await;
    let half = text_value(&"é".repeat(3000));
    let first = set_metadata(&[("one", Some(half.clone()))]);
    patch(&*store, account, first, 1).await.unwrap();
    let refused = patch(&*store, account, set_metadata(&[("two", Some(half.clone()))]), 2).await;
    let too_large = MetadataTooLarge { limit: END_USER_METADATA_LIMIT };
    assert_eq!(refused, Err(PatchEndUserError::MetadataTooLarge(too_large)));
    let both = set_metadata(&[("one", None), ("two", Some(half.clone()))]);
    patch(&*store, account, both, 3).await.unwrap();
    let user = look::end_user(&*store, account, end_user_id(1)).await;
    assert_eq!(user.profile.metadata, metadata(&[("two", half)]));
}

/// A patch that is refused leaves nothing behind: no field, no secret, no event. Metadata is
/// checked before the external id.
pub async fn a_refused_patch_changes_nothing(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let before = grace(&*store, account).await;
    let other = NewEndUser { external_id: Some(external_id("crm-2")), ..sample::new_end_user(2) };
    sample::end_user(&*store, account, other).await;

    let taken = EndUserPatch {
        external_id: Change::Set(external_id("crm-2")),
        first_name: Change::Set(text("Eve")),
        metadata: metadata_patch(&[("a", None)]),
        sensitive_metadata: Some(secrets(&[("pin", Some(sealed(1, b"1234")))], at(90))),
        ..EndUserPatch::default()
    };
    let huge = text_value(&"x".repeat(END_USER_METADATA_LIMIT));
    let large = EndUserPatch { metadata: metadata_patch(&[("k", Some(huge))]), ..taken.clone() };
    let too_large = MetadataTooLarge { limit: END_USER_METADATA_LIMIT };
    let refused = patch(&*store, account, taken, 3).await;
    assert_eq!(refused, Err(PatchEndUserError::ExternalIdTaken));
    let refused = patch(&*store, account, large, 3).await;
    assert_eq!(refused, Err(PatchEndUserError::MetadataTooLarge(too_large)));

    assert_eq!(look::end_user(&*store, account, end_user_id(1)).await, before);
    assert_eq!(look::events(&*store, account).await.len(), 2);
    let reader = sample::token_id(1);
    let kept = store.read_sensitive_metadata(account, end_user_id(1), reader, at(8)).await;
    assert_eq!(kept, Ok(Some(Vec::new())));
}
