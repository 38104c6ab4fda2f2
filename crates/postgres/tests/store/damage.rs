//! A row that is damaged fails for whoever asks for it, and for nobody who is served along with
//! them.

use std::sync::Arc;

use futures_util::future::join_all;
use roster_directory::{
    AccountId, Change, CreateEndUserError, EndUserPatch, NewEndUser, PatchEndUserError, Store,
    StoreError,
};
use roster_testkit::postgres::Database;
use roster_testkit::sample::{self, end_user_id, external_id, new_end_user};

use crate::common::fresh;

const COUNT: u32 = 24;
const DAMAGED: u32 = 9;

/// End users with external ids, one of whom is damaged.
async fn damaged() -> (Arc<dyn Store>, Database, AccountId) {
    let (store, database) = fresh().await;
    let account = sample::account(&*store, "acme").await;
    for number in 0..COUNT {
        store.create_end_user(account, known(number)).await.unwrap();
    }
    let damage = format!("UPDATE \"user\" SET metadata = '{{' WHERE external_id = 'id-{DAMAGED}'");
    database.connect().await.batch_execute(&damage).await.unwrap();
    (store, database, account)
}

/// A new end user with an external id.
fn known(number: u32) -> NewEndUser {
    let external_id = Some(external_id(&format!("id-{number}")));
    NewEndUser { external_id, ..new_end_user(number) }
}

fn corrupt() -> StoreError {
    StoreError::Corrupt("user.metadata".to_owned())
}

#[tokio::test]
async fn who_reads_others_at_the_same_time_reads_them() {
    let (store, _database, account) = damaged().await;
    let ids: Vec<_> = (0..COUNT).map(end_user_id).collect();
    let read = join_all(ids.iter().map(|id| store.end_user(account, *id))).await;
    for (number, (found, id)) in (0..).zip(read.into_iter().zip(&ids)) {
        if number == DAMAGED {
            assert_eq!(found, Err(corrupt()));
        } else {
            assert_eq!(found.unwrap().unwrap().end_user_id, *id);
        }
    }
}

#[tokio::test]
async fn who_changes_others_at_the_same_time_changes_them() {
    let (store, _database, account) = damaged().await;
    let patch = |number: u32| {
        let first_name = Change::Set(sample::text(&format!("New {number}")));
        let patch = EndUserPatch { first_name, ..EndUserPatch::default() };
        store.patch_end_user(account, end_user_id(number), patch, sample::at(1))
    };
    let changed = join_all((0..COUNT).map(patch)).await;
    for (number, answer) in (0..).zip(changed) {
        match answer {
            Err(PatchEndUserError::Store(error)) => {
                assert_eq!((number, error), (DAMAGED, corrupt()));
            }
            answer => assert!(answer.is_ok() && number != DAMAGED, "{number}: {answer:?}"),
        }
    }
}

#[tokio::test]
async fn who_makes_others_at_the_same_time_makes_them() {
    let (store, _database, account) = damaged().await;
    let make = |number: u32| {
        // Only the damaged one is there already.
        let number = if number == DAMAGED { number } else { number + COUNT };
        store.create_end_user(account, known(number))
    };
    let made = join_all((0..COUNT).map(make)).await;
    for (number, answer) in (0..).zip(made) {
        match answer {
            Err(CreateEndUserError::Store(error)) => {
                assert_eq!((number, error), (DAMAGED, corrupt()));
            }
            answer => assert!(answer.is_ok() && number != DAMAGED, "{number}: {answer:?}"),
        }
    }
}
