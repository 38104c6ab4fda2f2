//! Waiting until there is something to be delivered.

use std::sync::Arc;
use std::time::Duration;

use roster_directory::{EndpointPatch, MessageNumber, Store};

use crate::sample::{self, at, attempt, attempted, deliver, listening};

/// Waits for news, which must come.
async fn news(store: &dyn Store, of: &str) {
    let waited = tokio::time::timeout(Duration::from_secs(20), store.await_messages()).await;
    assert!(waited.is_ok(), "nobody told of {of}");
}

/// Whatever may make something deliverable wakes who waits, or lets them not wait at all.
pub async fn there_is_news_of_whatever_can_be_delivered(store: Arc<dyn Store>) {
    let (account, id) = listening(&*store).await;
    news(&*store, "a new endpoint").await;
    sample::end_users_of(&*store, account, [1]).await;
    news(&*store, "a message").await;
    let channel = sample::channel(&*store, account, 1).await;
    let guest = roster_directory::Participant::Existing(sample::end_user_id(1));
    let talk = sample::new_conversation(1, channel, guest);
    store.create_conversation(account, talk).await.unwrap();
    news(&*store, "a conversation").await;
    deliver(&*store, account, id, vec![attempted(1, attempt(5, 500), None)]).await;
    store.replay(account, id, MessageNumber(1), at(6)).await.unwrap();
    news(&*store, "a replay").await;
    deliver(&*store, account, id, vec![attempted(1, attempt(7, 500), None)]).await;
    store.replay_failed(account, id, at(0), at(8)).await.unwrap();
    news(&*store, "a replay of what failed").await;
    for enabled in [false, true] {
        let patch = EndpointPatch { enabled: Some(enabled), ..EndpointPatch::default() };
        store.patch_endpoint(account, id, patch, at(9)).await.unwrap();
        news(&*store, "a changed endpoint").await;
    }
}

/// Who waits already is woken.
pub async fn who_waits_for_news_is_woken(store: Arc<dyn Store>) {
    let (account, _) = listening(&*store).await;
    for number in 1..=20 {
        let waiter = Arc::clone(&store);
        let waiting = tokio::spawn(async move { news(&*waiter, "a message").await });
        tokio::task::yield_now().await;
        sample::end_users_of(&*store, account, [number]).await;
        waiting.await.unwrap();
    }
}
