//! What belongs to one account does not exist for another.

use std::sync::Arc;

use roster_directory::{
    AccountId, Change, ConversationStatus, CreateConversationError, EndUserPatch, EventSequence,
    NewEndUser, PageLimit, Participant, PatchConversationError, PatchEndUserError, Store,
};

use crate::look::{self, page};
use crate::sample::{
    self, at, channel_id, conversation_id, end_user_id, external_id, metadata_patch, sealed,
    secrets, text, text_value, token_id,
};

/// Makes an account that has something of everything, and another that has nothing.
async fn rich_and_poor(store: &dyn Store) -> (AccountId, AccountId) {
    let rich = sample::account(store, "rich").await;
    let poor = sample::account(store, "poor").await;
    let new = NewEndUser {
        external_id: Some(external_id("crm-1")),
        sensitive_metadata: Some(secrets(&[("pin", Some(sealed(1, b"1234")))], at(90))),
        ..sample::new_end_user(1)
    };
    sample::end_user(store, rich, new).await;
    let channel = sample::channel(store, rich, 1).await;
    let talk = sample::new_conversation(1, channel, Participant::Existing(end_user_id(1)));
    store.create_conversation(rich, talk).await.unwrap();
    (rich, poor)
}

/// No read of one account finds what another has.
pub async fn reads_stay_in_their_account(store: Arc<dyn Store>) {
    let (_, poor) = rich_and_poor(&*store).await;
    assert_eq!(store.end_user(poor, end_user_id(1)).await, Ok(None));
    assert_eq!(store.end_user_by_external_id(poor, &external_id("crm-1")).await, Ok(None));
    assert_eq!(look::end_user_ids(&*store, poor).await, []);
    let from = page(Some(end_user_id(1)));
    assert_eq!(store.end_users(poor, from).await.unwrap().items, []);
    assert_eq!(store.events(poor, None, PageLimit::MAX).await, Ok(Vec::new()));
    let all = Some(EventSequence(0));
    assert_eq!(store.events(poor, all, PageLimit::MAX).await, Ok(Vec::new()));
    assert_eq!(store.channels(poor, None, page(None)).await.unwrap().items, []);
    assert_eq!(store.conversation(poor, conversation_id(1)).await, Ok(None));
    let secrets = store.read_sensitive_metadata(poor, end_user_id(1), token_id(1), at(1)).await;
    assert_eq!(secrets, Ok(None));
}

/// A user that was just read in their own account is still unknown in another.
pub async fn a_known_user_is_unknown_elsewhere(store: Arc<dyn Store>) {
    let (rich, poor) = rich_and_poor(&*store).await;
    for _ in 0..3 {
        assert!(store.end_user(rich, end_user_id(1)).await.unwrap().is_some());
        assert_eq!(store.end_user(poor, end_user_id(1)).await, Ok(None));
        let key = external_id("crm-1");
        assert!(store.end_user_by_external_id(rich, &key).await.unwrap().is_some());
        assert_eq!(store.end_user_by_external_id(poor, &key).await, Ok(None));
    }
}

/// No write of one account changes, uses or removes what another has.
pub async fn writes_stay_in_their_account(store: Arc<dyn Store>) {
    let (rich, poor) = rich_and_poor(&*store).await;
    let own_channel = sample::channel(&*store, poor, 2).await;
    let own_user = sample::end_user(&*store, poor, sample::new_end_user(2)).await.end_user_id;
    let users = look::end_users(&*store, rich).await;
    let log = look::events(&*store, rich).await;

    let patch = EndUserPatch {
        first_name: Change::Set(text("Eve")),
        sensitive_metadata: Some(secrets(&[("pin", None)], at(90))),
        ..EndUserPatch::default()
    };
    let answer = store.patch_end_user(poor, end_user_id(1), patch, at(2)).await;
    assert_eq!(answer, Err(PatchEndUserError::NotFound));
    let change = metadata_patch(&[("k", Some(text_value("v")))]);
    let answer = store.patch_conversation(poor, conversation_id(1), change, at(2)).await;
    assert_eq!(answer, Err(PatchConversationError::NotFound));
    assert_eq!(store.end_conversation(poor, conversation_id(1), at(2)).await, Ok(None));
    let theirs = sample::new_conversation(2, channel_id(1), Participant::Existing(own_user));
    let answer = store.create_conversation(poor, theirs).await;
    assert_eq!(answer, Err(CreateConversationError::ChannelNotFound));
    let theirs = sample::new_conversation(2, own_channel, Participant::Existing(end_user_id(1)));
    let answer = store.create_conversation(poor, theirs).await;
    assert_eq!(answer, Err(CreateConversationError::EndUserNotFound));

    assert_eq!(look::end_users(&*store, rich).await, users);
    assert_eq!(look::events(&*store, rich).await, log);
    let talk = store.conversation(rich, conversation_id(1)).await.unwrap().unwrap();
    assert_eq!((talk.status, talk.updated_at), (ConversationStatus::Active, sample::START));
    let kept = store.read_sensitive_metadata(rich, end_user_id(1), token_id(1), at(2)).await;
    assert_eq!(kept.unwrap().unwrap().len(), 1);
}

/// One external id names one user in each account.
pub async fn each_account_has_its_own_external_ids(store: Arc<dyn Store>) {
    let (rich, poor) = rich_and_poor(&*store).await;
    let key = external_id("CRM-1");
    let new = NewEndUser { external_id: Some(key.clone()), ..sample::new_end_user(2) };
    let second = sample::end_user(&*store, poor, new).await;
    let holder = async |account| {
        let found = store.end_user_by_external_id(account, &key).await.unwrap();
        found.map(|user| user.end_user_id)
    };
    assert_eq!(holder(rich).await, Some(end_user_id(1)));
    assert_eq!(holder(poor).await, Some(second.end_user_id));

    let third = sample::end_user(&*store, poor, sample::new_end_user(3)).await.end_user_id;
    let clear = EndUserPatch { external_id: Change::Clear, ..EndUserPatch::default() };
    store.patch_end_user(poor, second.end_user_id, clear, at(1)).await.unwrap();
    let take = EndUserPatch { external_id: Change::Set(key.clone()), ..EndUserPatch::default() };
    store.patch_end_user(poor, third, take, at(2)).await.unwrap();
    assert_eq!(holder(rich).await, Some(end_user_id(1)));
    assert_eq!(holder(poor).await, Some(third));
}
