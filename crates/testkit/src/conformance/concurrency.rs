//! Many at once.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use roster_directory::{
    AccountId, Change, Created, EndUserPatch, EventKind, MetadataValue, NewAccount, NewEndUser,
    PatchEndUserError, Store, StoreError,
};

use crate::look;
use crate::sample::{self, at, end_user_id, external_id, metadata_patch, new_email, new_user};

/// Runs `task` for each number on its own, all at the same time.
async fn all<T, F>(numbers: impl IntoIterator<Item = u32>, task: impl Fn(u32) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let tasks: Vec<_> = numbers.into_iter().map(|number| tokio::spawn(task(number))).collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

fn set_metadata(key: &str, value: i64) -> EndUserPatch {
    let metadata = metadata_patch(&[(key, Some(MetadataValue::Integer(value)))]);
    EndUserPatch { metadata, ..EndUserPatch::default() }
}

/// Of fifty who make the user of one external id at once, one makes them and all get the same.
pub async fn one_of_many_makes_the_user(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let answers = all(1..=50, |number| {
        let store = Arc::clone(&store);
        let key = Some(external_id(if number % 2 == 0 { "CRM-1" } else { "crm-1" }));
        let new = NewEndUser { external_id: key, ..sample::new_end_user(number) };
        async move { store.create_end_user(account, new).await.unwrap() }
    })
    .await;
    let (mut made, mut met) = (0, Vec::new());
    for answer in answers {
        match answer {
            Created::New(user) => {
                made += 1;
                met.push(user);
            }
            Created::Existing(user) => met.push(user),
        }
    }
    assert_eq!(made, 1);
    assert!(met.iter().all(|user| *user == met[0]));
    assert_eq!(look::end_users(&*store, account).await, met[..1]);
    let history = look::history(&*store, account).await;
    assert_eq!(history, [(EventKind::Created, met[0].end_user_id)]);
}

/// Different users who are made at once are all there, each with a number of their own.
pub async fn nobody_is_lost_in_a_crowd(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let numbers = all(1..=200, |number| {
        let store = Arc::clone(&store);
        async move {
            sample::end_user(&*store, account, sample::new_end_user(number)).await.user_id
        }
    })
    .await;
    assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), 200);
    let everyone: Vec<_> = (1..=200).map(end_user_id).collect();
    assert_eq!(look::end_user_ids(&*store, account).await, everyone);
    assert_eq!(look::counts(&*store, account).await.end_users, 200);
    assert_eq!(look::events(&*store, account).await.len(), 200);
}

/// Patches of one user at once are all applied: none overwrites another.
pub async fn no_patch_is_lost(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let id = sample::end_user(&*store, account, sample::new_end_user(1)).await.end_user_id;
    all(1..=50, |number| {
        let store = Arc::clone(&store);
        let patch = set_metadata(&format!("key-{number}"), number.into());
        async move { store.patch_end_user(account, id, patch, at(1)).await.unwrap() }
    })
    .await;
    assert_eq!(look::end_user(&*store, account, id).await.profile.metadata.len(), 50);
    assert_eq!(look::events(&*store, account).await.len(), 51);
}

/// Of many who want one external id at once, one gets it.
pub async fn one_of_many_gets_the_external_id(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    for number in 1..=20 {
        sample::end_user(&*store, account, sample::new_end_user(number)).await;
    }
    let answers = all(1..=20, |number| {
        let store = Arc::clone(&store);
        let wanted = Change::Set(external_id("crm-1"));
        let patch = EndUserPatch { external_id: wanted, ..EndUserPatch::default() };
        async move { store.patch_end_user(account, end_user_id(number), patch, at(1)).await }
    })
    .await;
    let refused =
        answers.iter().filter(|answer| **answer == Err(PatchEndUserError::ExternalIdTaken));
    assert_eq!(refused.count(), 19);
    let winner = answers.iter().find_map(|answer| answer.as_ref().ok()).unwrap();
    let holder = store.end_user_by_external_id(account, &external_id("crm-1")).await.unwrap();
    assert_eq!(holder.as_ref(), Some(winner));
}

/// Of many who want one address at once, one gets it.
pub async fn one_of_many_gets_the_address(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let mut users = Vec::new();
    for number in 0..20 {
        users.push(sample::user(&*store, account, new_user(number, "Grace")).await.user_id);
    }
    let answers = all(0..20, |number| {
        let (store, user) = (Arc::clone(&store), users[number as usize]);
        let address = new_email("grace@example.org");
        async move { store.create_identity(account, user, address, at(1)).await }
    })
    .await;
    let identities = store.identities(account, users).await.unwrap();
    assert_eq!(identities.len(), 1);
    let got: Vec<_> = answers.into_iter().filter_map(Result::ok).collect();
    assert_eq!(got, identities);
}

/// Changes that are made at once, through either dialect, have moments of their own, in the order
/// of their events, and the export tells of everybody at the last of them.
pub async fn moments_are_distinct_in_a_crowd(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    all(1..=60, |number| {
        let store = Arc::clone(&store);
        async move {
            if number % 2 == 0 {
                sample::end_user(&*store, account, sample::new_end_user(number)).await;
            } else {
                sample::user(&*store, account, new_user(number, "Grace")).await;
            }
            let patch = set_metadata("round", 1);
            store.patch_end_user(account, end_user_id(number), patch, at(0)).await.unwrap();
        }
    })
    .await;
    let events = look::events(&*store, account).await;
    assert_eq!(events.len(), 120);
    assert!(events.is_sorted_by(|one, next| one.at < next.at));
    let exported = look::exported(&*store, account, 7).await;
    assert_eq!(exported.len(), 61);
    let moments: BTreeSet<_> = exported[1..].iter().map(|user| user.updated_at).collect();
    assert_eq!(moments.len(), 60);
}

/// Of many who make the account of one name, or the first account, at once, one makes it.
pub async fn one_of_many_makes_the_account(store: Arc<dyn Store>) {
    let new = |name, number| {
        let owner_end_user_id = end_user_id(number);
        NewAccount { owner_end_user_id, ..sample::new_account(name) }
    };
    let first = all(1..=10, |number| {
        let (store, account) = (Arc::clone(&store), new("default", number));
        async move { store.create_first_account(account, sample::new_token(number)).await.unwrap() }
    })
    .await;
    assert_eq!(first.iter().flatten().count(), 1);
    assert_eq!(store.tokens().await.unwrap().len(), 1);
    let named = all(11..=20, |number| {
        let (store, account) = (Arc::clone(&store), new("acme", number));
        async move { store.create_account(account).await.is_ok() }
    })
    .await;
    assert_eq!(named.iter().filter(|made| **made).count(), 1);
    assert_eq!(store.accounts().await.unwrap().len(), 2);
}

/// While one user is written again and again, no reader sees less than what was acknowledged
/// before the read began, and what a reader has seen is never taken back.
pub async fn readers_never_see_the_past(store: Arc<dyn Store>) {
    const WRITES: i64 = 100;
    let account = sample::account(&*store, "acme").await;
    let id = sample::end_user(&*store, account, sample::new_end_user(1)).await.end_user_id;
    let acknowledged = Arc::new(AtomicI64::new(0));
    let done = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (store, acknowledged) = (Arc::clone(&store), Arc::clone(&acknowledged));
            let done = Arc::clone(&done);
            tokio::spawn(async move {
                let mut seen = 0;
                while !done.load(Ordering::SeqCst) {
                    let least = seen.max(acknowledged.load(Ordering::SeqCst));
                    seen = round(&*store, account).await;
                    assert!(seen >= least, "saw {seen} after {least} was acknowledged");
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for value in 1..=WRITES {
        let patch = set_metadata("round", value);
        store.patch_end_user(account, id, patch, at(1)).await.unwrap();
        acknowledged.store(value, Ordering::SeqCst);
    }
    done.store(true, Ordering::SeqCst);
    for reader in readers {
        reader.await.unwrap();
    }
    assert_eq!(round(&*store, account).await, WRITES);
}

/// What end user 1 says in `round`; 0 if nothing yet.
async fn round(store: &dyn Store, account: AccountId) -> i64 {
    let user = look::end_user(store, account, end_user_id(1)).await;
    let value = user.profile.metadata.iter().find(|(key, _)| &***key == "round");
    match value {
        Some((_, MetadataValue::Integer(round))) => *round,
        _ => 0,
    }
}

/// While a store closes, each write is either done or refused as busy, and none hangs.
pub async fn closing_answers_everybody(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let closer = Arc::clone(&store);
    let closing = tokio::spawn(async move { closer.close().await });
    let answers = all(1..=50, |number| {
        let store = Arc::clone(&store);
        async move { store.create_end_user(account, sample::new_end_user(number)).await }
    })
    .await;
    closing.await.unwrap();
    for answer in answers {
        if let Err(error) = answer {
            assert_eq!(error, StoreError::Busy.into());
        }
    }
    let late = store.create_end_user(account, sample::new_end_user(51)).await;
    assert_eq!(late, Err(StoreError::Busy.into()));
}
