//! What endpoints are told of what is done through Ada's dialect.

use std::sync::Arc;

use roster_directory::{
    Change, Content, ConversationStatus, Created, Decimal, DeletionReason, EndUser, EndUserPatch,
    EventType, Message, MessageNumber, MetadataValue, NewConversation, NewEndUser, Participant,
    Profile, RemovalReason, Store,
};

use crate::look;
use crate::sample::{
    self, at, end_user_id, external_id, listening, metadata, metadata_patch, new_conversation,
    sealed, secrets, text, text_value, token_id,
};

/// A change of the first name.
fn first_name(name: &str) -> EndUserPatch {
    EndUserPatch { first_name: Change::Set(text(name)), ..EndUserPatch::default() }
}

/// A new end user is told with all that Ada's dialect shows of them, at the moment when they were
/// made.
pub async fn a_new_end_user_is_told(store: Arc<dyn Store>) {
    let (account, endpoint) = listening(&*store).await;
    let map = metadata(&[
        ("number", MetadataValue::Integer(i64::MAX)),
        ("one", MetadataValue::Decimal(Decimal::new(1.0).unwrap())),
        ("yes", MetadataValue::Bool(true)),
        ("text", text_value("\"\\\n🙂")),
    ]);
    let profile = Profile {
        first_name: Some(text("Été")),
        last_name: Some(text("")),
        email: Some(text("no address")),
        metadata: map,
        ..Profile::default()
    };
    let new = NewEndUser {
        external_id: Some(external_id("CRM-1")),
        profile,
        created_at: at(5),
        expires_at: Some(at(9)),
        ..sample::new_end_user(1)
    };
    let user = sample::end_user(&*store, account, new).await;
    let told = look::messages(&*store, account, endpoint).await;
    let expected = Message {
        number: MessageNumber::FIRST,
        at: at(5),
        end_user_id: user.end_user_id,
        content: Content::EndUserCreated(EndUser::from(&*user)),
    };
    assert_eq!(told, [expected]);
}

/// A change is told with the end user as they were after it, whatever becomes of them later. It
/// happened at their moment of change, whatever the clock said.
pub async fn a_change_is_told(store: Arc<dyn Store>) {
    let (account, endpoint) = listening(&*store).await;
    sample::end_users_of(&*store, account, [1]).await;
    let mut users = Vec::new();
    for (name, seconds) in [("Grace", 9), ("Alan", 3), ("", 12)] {
        let patch = first_name(name);
        users.push(store.patch_end_user(account, end_user_id(1), patch, at(seconds)).await);
    }
    let told = look::messages(&*store, account, endpoint).await;
    assert_eq!(told.len(), 4);
    for (message, user) in told[1..].iter().zip(users) {
        let user = user.unwrap();
        assert_eq!((message.at, message.end_user_id), (user.updated_at, user.end_user_id));
        assert_eq!(message.content, Content::EndUserUpdated(EndUser::from(&*user)));
    }
    assert!(told.is_sorted_by(|one, next| one.at < next.at));
}

/// An external id or metadata that changes is told, and so is one that is removed.
pub async fn every_change_that_ada_shows_is_told(store: Arc<dyn Store>) {
    let (account, endpoint) = listening(&*store).await;
    sample::end_users_of(&*store, account, [1]).await;
    let entry = |value| EndUserPatch {
        metadata: metadata_patch(&[("plan", value)]),
        ..EndUserPatch::default()
    };
    let key = |external_id| EndUserPatch { external_id, ..EndUserPatch::default() };
    for (seconds, patch) in (10..).zip([
        entry(Some(text_value("free"))),
        entry(None),
        key(Change::Set(external_id("crm-1"))),
        key(Change::Clear),
        EndUserPatch { email: Change::Set(text("a@example.org")), ..EndUserPatch::default() },
        EndUserPatch { email: Change::Clear, ..EndUserPatch::default() },
    ]) {
        store.patch_end_user(account, end_user_id(1), patch, at(seconds)).await.unwrap();
    }
    let told = look::told(&*store, account, endpoint).await;
    assert_eq!(told[1..], [(EventType::EndUserUpdated, end_user_id(1)); 6]);
}

/// Nothing is told when Ada's dialect shows no difference: of a patch without effect, of an
/// external id that is written otherwise, of secrets, and of one that was there already.
pub async fn what_is_not_seen_is_not_told(store: Arc<dyn Store>) {
    let (account, endpoint) = listening(&*store).await;
    let key = Some(external_id("crm-1"));
    let new = NewEndUser { external_id: key.clone(), ..sample::new_end_user(1) };
    sample::end_user(&*store, account, new).await;
    let again = NewEndUser { external_id: key, ..sample::new_end_user(2) };
    let again = store.create_end_user(account, again).await.unwrap();
    assert!(matches!(again, Created::Existing(_)));

    let written = Change::Set(external_id("CRM-1"));
    let pin = secrets(&[("pin", Some(sealed(1, b"1234")))], at(90));
    for (seconds, patch) in (1..).zip([
        EndUserPatch::default(),
        EndUserPatch { external_id: written, ..EndUserPatch::default() },
        EndUserPatch { first_name: Change::Clear, ..EndUserPatch::default() },
        EndUserPatch { sensitive_metadata: Some(pin), ..EndUserPatch::default() },
    ]) {
        store.patch_end_user(account, end_user_id(1), patch, at(seconds)).await.unwrap();
    }
    store.read_sensitive_metadata(account, end_user_id(1), token_id(1), at(5)).await.unwrap();
    store.expire(at(100), 10).await.unwrap();
    assert_eq!(look::numbers(&*store, account, endpoint).await, [1]);
}

/// Nothing is told of what is refused, and no number is taken.
pub async fn refusals_are_not_told(store: Arc<dyn Store>) {
    let (account, endpoint) = listening(&*store).await;
    let key = external_id("crm-1");
    let new = NewEndUser { external_id: Some(key.clone()), ..sample::new_end_user(1) };
    sample::end_user(&*store, account, new).await;
    sample::end_users_of(&*store, account, [2]).await;

    let take = EndUserPatch { external_id: Change::Set(key), ..first_name("Eve") };
    assert!(store.patch_end_user(account, end_user_id(2), take, at(3)).await.is_err());
    let huge = metadata_patch(&[("huge", Some(text_value(&"x".repeat(100_000))))]);
    let huge = EndUserPatch { metadata: huge, ..first_name("Eve") };
    assert!(store.patch_end_user(account, end_user_id(2), huge, at(3)).await.is_err());
    let stranger = store.patch_end_user(account, end_user_id(9), first_name("Eve"), at(3)).await;
    assert!(stranger.is_err());
    let guest = Participant::New(Box::new(sample::new_end_user(3)));
    let talk = new_conversation(1, sample::channel_id(9), guest);
    assert!(store.create_conversation(account, talk).await.is_err());

    sample::end_users_of(&*store, account, [4]).await;
    let told = look::messages(&*store, account, endpoint).await;
    let told: Vec<_> = told.iter().map(|told| (told.number.0, told.end_user_id)).collect();
    assert_eq!(told, [(1, end_user_id(1)), (2, end_user_id(2)), (3, end_user_id(4))]);
}

/// The end of an end user whose time has come is told with their key and nothing personal.
pub async fn who_expires_is_told(store: Arc<dyn Store>) {
    let (account, endpoint) = listening(&*store).await;
    let key = Some(external_id("crm-1"));
    let new =
        NewEndUser { external_id: key.clone(), expires_at: Some(at(9)), ..sample::new_end_user(1) };
    sample::end_user(&*store, account, new).await;
    let new = NewEndUser { expires_at: Some(at(8)), ..sample::new_end_user(2) };
    sample::end_user(&*store, account, new).await;
    store.expire(at(20), 10).await.unwrap();
    let gone = look::deleted(&*store, account).await;

    let told = look::messages(&*store, account, endpoint).await;
    let reason = DeletionReason::Removed(RemovalReason::Expired);
    let expected = |number, at, user, external_id| Message {
        number: MessageNumber(number),
        at,
        end_user_id: end_user_id(user),
        content: Content::EndUserDeleted { external_id, reason },
    };
    // Whoever was due first goes first.
    let first = expected(3, gone[1].updated_at, 2, None);
    assert_eq!(told[2..], [first, expected(4, gone[0].updated_at, 1, key)]);
}

/// A conversation is told with whom it is with, after the end user who was made for it. That an
/// end user lives on is not told.
pub async fn a_conversation_is_told(store: Arc<dyn Store>) {
    let (account, endpoint) = listening(&*store).await;
    let channel = sample::channel(&*store, account, 1).await;
    let new = NewEndUser { expires_at: Some(at(99)), ..sample::new_end_user(1) };
    sample::end_user(&*store, account, new).await;
    let talk = NewConversation {
        metadata: metadata(&[("topic", text_value("tea"))]),
        created_at: at(4),
        ..new_conversation(1, channel, Participant::Existing(end_user_id(1)))
    };
    let first = store.create_conversation(account, talk).await.unwrap();
    let guest = Participant::New(Box::new(sample::new_end_user(2)));
    let talk = NewConversation { created_at: at(3), ..new_conversation(2, channel, guest) };
    let second = store.create_conversation(account, talk).await.unwrap();

    let told = look::messages(&*store, account, endpoint).await;
    let guest = look::end_user(&*store, account, end_user_id(2)).await;
    let told: Vec<_> =
        told[1..].iter().map(|it| (it.at, it.end_user_id, it.content.clone())).collect();
    let expected = [
        (at(4), end_user_id(1), Content::ConversationCreated(first)),
        (guest.created_at, end_user_id(2), Content::EndUserCreated(EndUser::from(&*guest))),
        (at(3), end_user_id(2), Content::ConversationCreated(second)),
    ];
    assert_eq!(told, expected);
}

/// The end of a conversation is told once, at the moment when it was last changed. A change of its
/// metadata is not.
pub async fn the_end_of_a_conversation_is_told(store: Arc<dyn Store>) {
    let (account, endpoint) = listening(&*store).await;
    let channel = sample::channel(&*store, account, 1).await;
    sample::end_users_of(&*store, account, [1]).await;
    let talk = new_conversation(1, channel, Participant::Existing(end_user_id(1)));
    let id = store.create_conversation(account, talk).await.unwrap().conversation_id;
    let topic = metadata_patch(&[("topic", Some(text_value("tea")))]);
    store.patch_conversation(account, id, topic, at(9)).await.unwrap();
    let ended = store.end_conversation(account, id, at(7)).await.unwrap().unwrap();
    assert_eq!((ended.status, ended.updated_at), (ConversationStatus::Ended, at(9)));
    store.end_conversation(account, id, at(20)).await.unwrap();

    let told = look::messages(&*store, account, endpoint).await;
    assert_eq!(told.len(), 3);
    let expected = Message {
        number: MessageNumber(3),
        at: at(9),
        end_user_id: end_user_id(1),
        content: Content::ConversationEnded(ended),
    };
    assert_eq!(told[2], expected);
}
