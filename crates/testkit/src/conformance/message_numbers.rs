//! Whether anything is told at all, and under which number.

use std::sync::Arc;

use roster_directory::{
    EndpointPatch, EndpointStatus, EventType, EventTypes, MessageNumber, NewEndpoint, Participant,
    Store,
};

use crate::look;
use crate::sample::{
    self, at, end_user_id, endpoint_for, listening, new_conversation, new_endpoint,
};

fn enabled(enabled: bool) -> EndpointPatch {
    EndpointPatch { enabled: Some(enabled), ..EndpointPatch::default() }
}

/// What happens while there is no endpoint is not told, and takes no number.
pub async fn nothing_is_told_without_an_endpoint(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let other = sample::account(&*store, "other").await;
    // Nobody listens to another account.
    sample::endpoint(&*store, other, 9).await;
    sample::end_users_of(&*store, account, 1..=3).await;
    let endpoint = sample::endpoint(&*store, account, 1).await;
    assert_eq!(look::numbers(&*store, account, endpoint).await, []);
    sample::end_users_of(&*store, account, [4]).await;
    assert_eq!(look::numbers(&*store, account, endpoint).await, [1]);
    assert!(store.delete_endpoint(account, endpoint).await.unwrap());
    sample::end_users_of(&*store, account, [5]).await;
    let endpoint = sample::endpoint(&*store, account, 2).await;
    sample::end_users_of(&*store, account, [6]).await;
    let told = look::messages(&*store, account, endpoint).await;
    let told: Vec<_> = told.iter().map(|told| (told.number.0, told.end_user_id)).collect();
    assert_eq!(told, [(1, end_user_id(4)), (2, end_user_id(6))]);
}

/// What no endpoint asks for is not told: those that name nothing get new and changed end users
/// alone.
pub async fn what_nobody_asks_for_is_not_told(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let channel = sample::channel(&*store, account, 1).await;
    let usual = endpoint_for(&*store, account, 1, &[]).await;
    let silent = EventTypes::named(["v1.conversation.message"]).unwrap();
    let mut new = new_endpoint(2, &[]);
    new.endpoint.event_types = silent;
    let silent = store.create_endpoint(account, new).await.unwrap().endpoint_id;

    let guest = Participant::New(Box::new(sample::new_end_user(1)));
    store.create_conversation(account, new_conversation(1, channel, guest)).await.unwrap();
    store.end_conversation(account, sample::conversation_id(1), at(1)).await.unwrap();
    let user = look::end_user(&*store, account, end_user_id(1)).await.user_id;
    store.delete_user(account, user, at(2)).await.unwrap();
    sample::end_users_of(&*store, account, [2]).await;

    let told = look::told(&*store, account, usual).await;
    let created = EventType::EndUserCreated;
    assert_eq!(told, [(created, end_user_id(1)), (created, end_user_id(2))]);
    assert_eq!(look::numbers(&*store, account, usual).await, [1, 2]);
    assert_eq!(look::numbers(&*store, account, silent).await, []);
}

/// Each endpoint gets what it asks for, of what is told to any.
pub async fn each_endpoint_gets_what_it_asks_for(store: Arc<dyn Store>) {
    let (account, all) = listening(&*store).await;
    let channel = sample::channel(&*store, account, 1).await;
    let usual = endpoint_for(&*store, account, 2, &[]).await;
    let ends = [EventType::EndUserDeleted, EventType::ConversationEnded];
    let ends = endpoint_for(&*store, account, 3, &ends).await;

    let guest = Participant::New(Box::new(sample::new_end_user(1)));
    store.create_conversation(account, new_conversation(1, channel, guest)).await.unwrap();
    store.end_conversation(account, sample::conversation_id(1), at(1)).await.unwrap();
    let user = look::end_user(&*store, account, end_user_id(1)).await.user_id;
    store.delete_user(account, user, at(2)).await.unwrap();
    assert_eq!(look::numbers(&*store, account, all).await, [1, 2, 3, 4]);
    assert_eq!(look::numbers(&*store, account, usual).await, [1]);
    assert_eq!(look::numbers(&*store, account, ends).await, [3, 4]);
}

/// An endpoint that is not enabled is no reason to tell anything, whyever it is not.
pub async fn who_is_not_enabled_is_not_told(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let statuses = [EndpointStatus::Disabled, EndpointStatus::Failed, EndpointStatus::Gone];
    for (number, status) in (1..).zip(statuses) {
        let mut new = new_endpoint(number, EventType::ALL);
        new.endpoint.status = status;
        store.create_endpoint(account, new).await.unwrap();
    }
    sample::end_users_of(&*store, account, [1]).await;
    let id = sample::endpoint_id(1);
    store.patch_endpoint(account, id, enabled(true), at(2)).await.unwrap();
    sample::end_users_of(&*store, account, [3]).await;
    store.patch_endpoint(account, id, enabled(false), at(4)).await.unwrap();
    sample::end_users_of(&*store, account, [5]).await;
    let told = look::messages(&*store, account, id).await;
    let told: Vec<_> = told.iter().map(|told| (told.number.0, told.end_user_id)).collect();
    assert_eq!(told, [(1, end_user_id(3))]);
}

/// What an endpoint asks for can change: from then on it is told that.
pub async fn other_types_are_told_from_then_on(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let id = endpoint_for(&*store, account, 1, &[EventType::ConversationEnded]).await;
    sample::end_users_of(&*store, account, [1]).await;
    let types = sample::event_types(&[EventType::EndUserCreated]);
    let patch = EndpointPatch { event_types: Some(types), ..EndpointPatch::default() };
    store.patch_endpoint(account, id, patch, at(2)).await.unwrap();
    sample::end_users_of(&*store, account, [3]).await;
    let told = look::told(&*store, account, id).await;
    assert_eq!(told, [(EventType::EndUserCreated, end_user_id(3))]);
}

/// Each account counts its own messages.
pub async fn each_account_has_its_own_numbers(store: Arc<dyn Store>) {
    let (account, own) = listening(&*store).await;
    let other = sample::account(&*store, "other").await;
    let theirs = sample::endpoint(&*store, other, 2).await;
    sample::end_users_of(&*store, account, [1, 2]).await;
    sample::end_users_of(&*store, other, [3]).await;
    sample::end_users_of(&*store, account, [4]).await;
    sample::end_users_of(&*store, other, [5]).await;
    assert_eq!(look::numbers(&*store, account, own).await, [1, 2, 3]);
    assert_eq!(look::numbers(&*store, other, theirs).await, [1, 2]);
    let told = look::told(&*store, other, theirs).await;
    assert_eq!(told.iter().map(|(_, user)| *user).collect::<Vec<_>>(), [3, 5].map(end_user_id));
}

/// However many are made at once, each of them is told once, without a gap in the numbers, and in
/// the order of their moments.
pub async fn numbers_are_dense_in_a_crowd(store: Arc<dyn Store>) {
    let (account, endpoint) = listening(&*store).await;
    let mut tasks = Vec::new();
    for number in 1..=50 {
        let store = Arc::clone(&store);
        tasks.push(tokio::spawn(async move {
            sample::end_users_of(&*store, account, [number]).await;
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let told = look::messages(&*store, account, endpoint).await;
    let numbers: Vec<_> = told.iter().map(|message| message.number).collect();
    assert_eq!(numbers, (1..=50).map(MessageNumber).collect::<Vec<_>>());
    assert!(told.is_sorted_by(|one, next| one.at < next.at), "the moments are out of order");
    let mut users: Vec<_> = told.iter().map(|message| message.end_user_id).collect();
    users.sort_unstable();
    assert_eq!(users, (1..=50).map(end_user_id).collect::<Vec<_>>());
}

/// An endpoint that is made is given what is told after that, and nothing from before.
pub async fn a_new_endpoint_begins_with_what_comes(store: Arc<dyn Store>) {
    let (account, _) = listening(&*store).await;
    sample::end_users_of(&*store, account, [1, 2]).await;
    let NewEndpoint { endpoint, secret } = new_endpoint(2, EventType::ALL);
    let id = endpoint.endpoint_id;
    store.create_endpoint(account, NewEndpoint { endpoint, secret }).await.unwrap();
    sample::end_users_of(&*store, account, [3]).await;
    let leases = sample::lease(&*store, sample::HOLDER).await;
    let lease = leases.iter().find(|lease| lease.endpoint.endpoint_id == id).unwrap();
    assert_eq!(lease.cursor, MessageNumber(3));
    let fresh = look::fresh(&*store, account, id, lease.cursor, 10).await;
    assert_eq!(fresh.messages.len(), 1);
    assert_eq!(fresh.messages[0].end_user_id, end_user_id(3));
}
