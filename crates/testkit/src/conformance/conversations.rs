//! Channels and conversations.

use std::sync::Arc;

use roster_directory::{
    AccountId, CONVERSATION_METADATA_LIMIT, Channel, ChannelId, Conversation, ConversationStatus,
    CreateConversationError, EndUserPatch, EventKind, MetadataTooLarge, MetadataValue, Modality,
    NewConversation, NewEndUser, Participant, PatchConversationError, Store,
};

use crate::look::{self, page, page_of};
use crate::sample::{
    self, at, channel_id, conversation_id, end_user_id, external_id, metadata, metadata_patch,
    new_conversation, text, text_value,
};

/// Makes an account with a channel, and end user 1, who would expire later.
async fn account_with_channel(store: &dyn Store) -> (AccountId, ChannelId) {
    let account = sample::account(store, "acme").await;
    let channel = sample::channel(store, account, 1).await;
    let new = NewEndUser { expires_at: Some(at(50)), ..sample::new_end_user(1) };
    sample::end_user(store, account, new).await;
    (account, channel)
}

/// Starts conversation 1 with end user 1.
async fn talk(store: &dyn Store, account: AccountId, channel: ChannelId) -> Conversation {
    let new = new_conversation(1, channel, Participant::Existing(end_user_id(1)));
    let map = metadata(&[("a", MetadataValue::Integer(1)), ("b", text_value("x"))]);
    store.create_conversation(account, NewConversation { metadata: map, ..new }).await.unwrap()
}

/// A channel is kept as it was given, and channels are listed by identifier, page by page.
pub async fn channels_are_listed_by_identifier(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    assert_eq!(store.channels(account, None, page(None)).await.unwrap().items, []);
    let special = Channel {
        name: text("Télé \"phone\" 📞"),
        description: text("it's one"),
        modality: Modality::Voice,
        markdown: true,
        metadata: metadata(&[("n", MetadataValue::Integer(i64::MIN)), ("t", text_value("🙂"))]),
        created_at: at(9),
        ..sample::new_channel(2)
    };
    let [third, first] = [3, 1].map(sample::new_channel);
    for new in [&third, &first, &special] {
        assert_eq!(store.create_channel(account, new.clone()).await.as_ref(), Ok(new));
    }
    let whole = store.channels(account, None, page(None)).await.unwrap();
    assert_eq!((whole.items, whole.next), (vec![first.clone(), special.clone(), third], None));
    let start = store.channels(account, None, page_of(2, None)).await.unwrap();
    assert_eq!((start.items, start.next), (vec![first, special], Some(channel_id(3))));
    let rest = store.channels(account, None, page_of(2, start.next)).await.unwrap();
    assert_eq!((rest.items.len(), rest.next), (1, None));
}

/// Channels can be listed by modality; a page counts, and continues with, only those.
pub async fn channels_are_listed_by_modality(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let modalities = [Modality::Email, Modality::Sms, Modality::Messaging, Modality::Voice];
    for number in 1..=8 {
        let modality = modalities[number as usize % 4];
        let new = Channel { modality, ..sample::new_channel(number) };
        store.create_channel(account, new).await.unwrap();
    }
    for (modality, lower) in modalities.into_iter().zip([4, 1, 2, 3]) {
        let (first, second) = (channel_id(lower), channel_id(lower + 4));
        let start = store.channels(account, Some(modality), page_of(1, None)).await.unwrap();
        assert_eq!((start.items[0].channel_id, start.next), (first, Some(second)));
        let rest = store.channels(account, Some(modality), page_of(1, start.next)).await.unwrap();
        assert_eq!((rest.items[0].modality, rest.items[0].channel_id), (modality, second));
        assert_eq!(rest.next, None);
    }
}

/// A conversation is kept as it was given, begins active, and is read back.
pub async fn a_conversation_is_kept_as_given(store: Arc<dyn Store>) {
    let (account, channel) = account_with_channel(&*store).await;
    let map = metadata(&[("\"k\"", text_value("é\n")), ("n", MetadataValue::Integer(i64::MAX))]);
    let new = NewConversation {
        metadata: map.clone(),
        created_at: at(4),
        ..new_conversation(7, channel, Participant::Existing(end_user_id(1)))
    };
    let made = store.create_conversation(account, new).await.unwrap();
    let expected = Conversation {
        conversation_id: conversation_id(7),
        channel_id: channel,
        end_user_id: end_user_id(1),
        status: ConversationStatus::Active,
        metadata: map,
        created_at: at(4),
        updated_at: at(4),
    };
    assert_eq!(made, expected);
    assert_eq!(store.conversation(account, conversation_id(7)).await, Ok(Some(expected)));
    assert_eq!(store.conversation(account, conversation_id(8)).await, Ok(None));
}

/// A conversation keeps its end user from expiring, for good: nothing gives them a time again.
/// Of the user nothing else changes, so it is no event.
pub async fn a_conversation_keeps_its_end_user(store: Arc<dyn Store>) {
    let (account, channel) = account_with_channel(&*store).await;
    let before = look::end_user(&*store, account, end_user_id(1)).await;
    assert_eq!(before.expires_at, Some(at(50)));
    talk(&*store, account, channel).await;

    let after = look::end_user(&*store, account, end_user_id(1)).await;
    assert_eq!(after.expires_at, None);
    assert_eq!(after.updated_at, before.updated_at);
    assert_eq!(look::end_users(&*store, account).await, [Arc::clone(&after)]);
    assert_eq!(look::history(&*store, account).await, [(EventKind::Created, end_user_id(1))]);

    store.end_conversation(account, conversation_id(1), at(5)).await.unwrap();
    let patch = EndUserPatch {
        metadata: metadata_patch(&[("k", Some(MetadataValue::Bool(true)))]),
        ..EndUserPatch::default()
    };
    store.patch_end_user(account, end_user_id(1), patch, at(6)).await.unwrap();
    assert_eq!(store.expire(at(100), 10).await.unwrap().end_users, 0);
    assert_eq!(look::end_user(&*store, account, end_user_id(1)).await.expires_at, None);
}

/// An end user who is made with a conversation is made in the same step, with an event, and does
/// not expire, whatever was asked for.
pub async fn a_conversation_can_make_its_end_user(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let channel = sample::channel(&*store, account, 1).await;
    let guest = NewEndUser {
        external_id: Some(external_id("guest")),
        created_at: at(3),
        expires_at: Some(at(50)),
        ..sample::new_end_user(9)
    };
    let new = new_conversation(1, channel, Participant::New(Box::new(guest)));
    let made = store.create_conversation(account, new).await.unwrap();
    assert_eq!(made.end_user_id, end_user_id(9));

    let user = look::end_user(&*store, account, end_user_id(9)).await;
    assert_eq!((user.created_at, user.expires_at), (at(3), None));
    assert_eq!(look::end_users(&*store, account).await, [Arc::clone(&user)]);
    let found = store.end_user_by_external_id(account, &external_id("guest")).await;
    assert_eq!(found, Ok(Some(user)));
    let events = look::events(&*store, account).await;
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].kind, events[0].at), (EventKind::Created, at(3)));
    assert_eq!(store.expire(at(100), 10).await.unwrap().end_users, 0);
}

/// A conversation needs a channel, which is looked for first, and an end user. What is refused
/// leaves nothing behind.
pub async fn a_conversation_needs_channel_and_end_user(store: Arc<dyn Store>) {
    let (account, channel) = account_with_channel(&*store).await;
    let before = look::end_users(&*store, account).await;
    let strangers = [
        Participant::Existing(end_user_id(1)),
        Participant::Existing(end_user_id(2)),
        Participant::New(Box::new(sample::new_end_user(3))),
    ];
    for participant in strangers {
        let new = new_conversation(1, channel_id(99), participant);
        let answer = store.create_conversation(account, new).await;
        assert_eq!(answer, Err(CreateConversationError::ChannelNotFound));
    }
    let new = new_conversation(1, channel, Participant::Existing(end_user_id(2)));
    let answer = store.create_conversation(account, new).await;
    assert_eq!(answer, Err(CreateConversationError::EndUserNotFound));

    assert_eq!(store.conversation(account, conversation_id(1)).await, Ok(None));
    assert_eq!(look::end_users(&*store, account).await, before);
    assert_eq!(look::events(&*store, account).await.len(), 1);
}

/// Metadata is merged: keys are set and removed, the others stay. Without effect nothing changes.
pub async fn a_conversation_merges_metadata(store: Arc<dyn Store>) {
    let (account, channel) = account_with_channel(&*store).await;
    let before = talk(&*store, account, channel).await;
    let patch = |entries: &[(&str, Option<MetadataValue>)], now| {
        store.patch_conversation(account, conversation_id(1), metadata_patch(entries), at(now))
    };
    let same = [("b", Some(text_value("x"))), ("z", None)];
    assert_eq!(patch(&same, 4).await, Ok(before.clone()));
    let change = [("a", None), ("c", Some(MetadataValue::Bool(true)))];
    let expected = Conversation {
        metadata: metadata(&[("b", text_value("x")), ("c", MetadataValue::Bool(true))]),
        updated_at: at(5),
        ..before
    };
    assert_eq!(patch(&change, 5).await.as_ref(), Ok(&expected));
    assert_eq!(store.conversation(account, conversation_id(1)).await, Ok(Some(expected)));
    assert_eq!(look::events(&*store, account).await.len(), 1);
}

/// A conversation's metadata is limited as merged; what is refused changes nothing. One that is
/// not there cannot be changed.
pub async fn a_conversation_has_a_limit(store: Arc<dyn Store>) {
    let (account, channel) = account_with_channel(&*store).await;
    talk(&*store, account, channel).await;
    let half = Some(text_value(&"x".repeat(2500)));
    let patch = |number, key| {
        let change = metadata_patch(&[(key, half.clone())]);
        store.patch_conversation(account, conversation_id(number), change, at(5))
    };
    let once = patch(1, "one").await.unwrap();
    let too_large = MetadataTooLarge { limit: CONVERSATION_METADATA_LIMIT };
    let refused = patch(1, "two").await;
    assert_eq!(refused, Err(PatchConversationError::MetadataTooLarge(too_large)));
    assert_eq!(store.conversation(account, conversation_id(1)).await, Ok(Some(once)));
    assert_eq!(patch(2, "one").await, Err(PatchConversationError::NotFound));
}

/// A conversation ends once; ending it again changes nothing. One that is not there does not end.
pub async fn a_conversation_ends_once(store: Arc<dyn Store>) {
    let (account, channel) = account_with_channel(&*store).await;
    let before = talk(&*store, account, channel).await;
    let id = conversation_id(1);
    let ended = Conversation { status: ConversationStatus::Ended, updated_at: at(5), ..before };
    assert_eq!(store.end_conversation(account, id, at(5)).await, Ok(Some(ended.clone())));
    assert_eq!(store.end_conversation(account, id, at(6)).await, Ok(Some(ended.clone())));
    assert_eq!(store.conversation(account, id).await, Ok(Some(ended)));
    assert_eq!(store.end_conversation(account, conversation_id(2), at(6)).await, Ok(None));
}

/// An end user may be in many conversations, and each keeps its own state.
pub async fn an_end_user_has_many_conversations(store: Arc<dyn Store>) {
    let (account, channel) = account_with_channel(&*store).await;
    for number in [1, 2] {
        let new = new_conversation(number, channel, Participant::Existing(end_user_id(1)));
        store.create_conversation(account, new).await.unwrap();
    }
    store.end_conversation(account, conversation_id(1), at(5)).await.unwrap();
    let second = store.conversation(account, conversation_id(2)).await.unwrap().unwrap();
    assert_eq!(second.status, ConversationStatus::Active);
}
