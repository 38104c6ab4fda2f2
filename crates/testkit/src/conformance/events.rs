//! The log of an account.

use std::sync::Arc;
use std::time::Duration;

use roster_directory::{
    AccountId, Change, EndUserPatch, EventKind, NewEndUser, PageLimit, RemovalReason, Store,
};

use crate::look;
use crate::sample::{self, at, end_user_id, text, token_id};

async fn rename(store: &dyn Store, account: AccountId, number: u32, name: &str, now: u64) {
    let patch = EndUserPatch { first_name: Change::Set(text(name)), ..EndUserPatch::default() };
    store.patch_end_user(account, end_user_id(number), patch, at(now)).await.unwrap();
}

/// The log tells what happened, to whom and when, in the order in which it was committed. It
/// still tells of those who are gone.
pub async fn the_log_tells_what_happened(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let new = NewEndUser { expires_at: Some(at(50)), ..sample::new_end_user(2) };
    let second = sample::end_user(&*store, account, new).await;
    let first = sample::end_user(&*store, account, sample::new_end_user(1)).await;
    rename(&*store, account, 2, "Grace", 5).await;
    let reader = token_id(4);
    store.read_sensitive_metadata(account, end_user_id(1), reader, at(6)).await.unwrap();
    store.expire(at(60), 10).await.unwrap();
    rename(&*store, account, 1, "Ada", 70).await;

    let log = look::events(&*store, account).await;
    let told: Vec<_> = log.iter().map(|event| (event.kind, event.at, event.user_id)).collect();
    let expected = [
        (EventKind::Created, at(0), second.user_id),
        (EventKind::Created, at(0).after(Duration::from_micros(1)), first.user_id),
        (EventKind::Updated, at(5), second.user_id),
        (EventKind::SensitiveRead(reader), at(6), first.user_id),
        (EventKind::Deleted(RemovalReason::Expired), at(60), second.user_id),
        (EventKind::Updated, at(70), first.user_id),
    ];
    assert_eq!(told, expected);
    let ids: Vec<_> = log.iter().map(|event| event.end_user_id).collect();
    assert_eq!(ids, [2, 1, 2, 1, 2, 1].map(end_user_id));
}

/// Events committed later have larger numbers, and the log can be read on from any of them, so
/// many at a time.
pub async fn the_log_is_read_on_from_any_event(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let other = sample::account(&*store, "other").await;
    sample::end_user(&*store, account, sample::new_end_user(1)).await;
    for now in 1..=5 {
        rename(&*store, account, 1, &now.to_string(), now).await;
        sample::end_user(&*store, other, sample::new_end_user(100 + u32::try_from(now).unwrap()))
            .await;
    }
    let log = look::events(&*store, account).await;
    assert_eq!(log.len(), 6);
    assert!(log.is_sorted_by(|one, next| one.sequence < next.sequence), "{log:?}");

    let two = PageLimit::new(2).unwrap();
    assert_eq!(store.events(account, None, two).await.unwrap(), log[..2]);
    for (position, event) in log.iter().enumerate() {
        let after = Some(event.sequence);
        let rest = &log[position + 1..];
        assert_eq!(store.events(account, after, PageLimit::MAX).await.unwrap(), rest);
        let some = &rest[..rest.len().min(2)];
        assert_eq!(store.events(account, after, two).await.unwrap(), some);
    }
}

/// A page of the log has a hundred events at most.
pub async fn a_page_of_the_log_has_a_hundred_events(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    for number in 1..=101 {
        sample::end_user(&*store, account, sample::new_end_user(number)).await;
    }
    let first = store.events(account, None, PageLimit::MAX).await.unwrap();
    assert_eq!(first.len(), 100);
    let after = Some(first[99].sequence);
    let rest = store.events(account, after, PageLimit::MAX).await.unwrap();
    let ids: Vec<_> = rest.iter().map(|event| event.end_user_id).collect();
    assert_eq!(ids, [end_user_id(101)]);
}
