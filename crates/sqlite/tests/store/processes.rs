//! Two stores over one file, as a server and a command have it.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::common::{account_of, open, open_for_command};
use roster_directory::{AccountId, Created, ExportPosition, Store, UserId, UserStore};
use roster_sqlite::SqliteStore;
use roster_testkit::sample;

async fn number_of_new_user(store: &SqliteStore, account: AccountId, number: u32) -> UserId {
    match store.create_end_user(account, sample::new_end_user(number)).await.unwrap() {
        Created::New(user) => user.user_id,
        Created::Existing(user) => panic!("{user:?}"),
    }
}

#[tokio::test]
async fn a_revoked_token_is_refused_at_once_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let server = open(folder.path());
    let account = account_of(&server).await;
    for number in 0..20 {
        let token = sample::new_token(number);
        // The server knows that there is no such token, and then there is one.
        assert_eq!(server.authenticate(&token.hash).await, Ok(None));
        let command = open_for_command(folder.path());
        command.create_token(account, token.clone()).await.unwrap();
        let caller = server.authenticate(&token.hash).await.unwrap().unwrap();
        assert_eq!((caller.token, caller.account), (token.id, account));
        assert_eq!(server.authenticate(&token.hash).await, Ok(Some(caller)));

        command.revoke_token(token.id, sample::at(0)).await.unwrap().unwrap();
        assert_eq!(server.authenticate(&token.hash).await, Ok(None));
        command.close().await;
    }
}

#[tokio::test]
async fn tokens_are_checked_even_when_the_signal_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let server = open(folder.path());
    let account = account_of(&server).await;
    let token = sample::new_token(1);
    server.create_token(account, token.clone()).await.unwrap();
    assert!(server.authenticate(&token.hash).await.unwrap().is_some());
    let command = open_for_command(folder.path());
    std::fs::remove_file(folder.path().join("tokens.changed")).unwrap();
    assert!(server.authenticate(&token.hash).await.unwrap().is_some());
    command.revoke_token(token.id, sample::at(0)).await.unwrap().unwrap();
    assert_eq!(server.authenticate(&token.hash).await, Ok(None));
}

#[tokio::test]
async fn numbers_of_users_are_never_given_out_twice() {
    let folder = tempfile::tempdir().unwrap();
    let server = open(folder.path());
    let account = account_of(&server).await;
    let mut numbers = HashSet::new();
    for number in 0..10 {
        assert!(numbers.insert(number_of_new_user(&server, account, number).await));
        let command = open_for_command(folder.path());
        let other = command
            .create_account(sample::new_account(&format!("account {number}")))
            .await
            .unwrap();
        let token = sample::new_token(number);
        // The owner's number is the one that a token of the account stands for.
        let owner = command.create_token(other.id, token).await.unwrap().user;
        assert!(numbers.insert(owner), "{owner:?} was given out before");
        assert!(numbers.insert(number_of_new_user(&command, other.id, number).await));
    }
}

#[tokio::test]
async fn changes_of_two_processes_never_share_a_moment() {
    let folder = tempfile::tempdir().unwrap();
    let server = open(folder.path());
    let account = account_of(&server).await;
    let command = open_for_command(folder.path());
    let mut made = Vec::new();
    for number in 0..10 {
        made.push(number_of_new_user(&server, account, 2 * number).await);
        made.push(number_of_new_user(&command, account, 2 * number + 1).await);
    }
    let after = ExportPosition::before(sample::START);
    let exported = server.export_users(account, after, 100).await.unwrap();
    // The owner was made at the same moment as the first user, but before.
    let changed: Vec<_> = exported.iter().map(|user| user.user_id).skip(1).collect();
    assert_eq!(changed, made);
    let moments: HashSet<_> = exported[1..].iter().map(|user| user.updated_at).collect();
    assert_eq!(moments.len(), made.len());
}

/// A command gets its turn beside a server that never rests.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_gets_its_turn() {
    let folder = tempfile::tempdir().unwrap();
    let server = Arc::new(open(folder.path()));
    let account = account_of(&server).await;
    let done = Arc::new(AtomicBool::new(false));
    let mut busy = Vec::new();
    for worker in 0..8 {
        let (server, done) = (Arc::clone(&server), Arc::clone(&done));
        busy.push(tokio::spawn(async move {
            let mut number = worker;
            while !done.load(Ordering::Relaxed) {
                number += 8;
                server.create_end_user(account, sample::new_end_user(number)).await.unwrap();
            }
        }));
    }
    let command = open_for_command(folder.path());
    for number in 0..10 {
        command.create_token(account, sample::new_token(number)).await.unwrap();
    }
    command.close().await;
    done.store(true, Ordering::Relaxed);
    for worker in busy {
        worker.await.unwrap();
    }
}
