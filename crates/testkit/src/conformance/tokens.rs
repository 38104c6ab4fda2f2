//! Tokens: whom they speak for, and until when.

use std::sync::Arc;

use roster_directory::{
    Caller, CreateTokenError, NewAccount, NewEndUser, NewToken, Profile, Scope, Scopes, Store,
    Token, UserId,
};

use crate::sample::{self, at, text};

fn with_email(number: u32, email: &str) -> NewEndUser {
    let profile = Profile { email: Some(text(email)), ..Profile::default() };
    NewEndUser { profile, ..sample::new_end_user(number) }
}

fn token_of(number: u32, email: &str) -> NewToken {
    NewToken { user_email: Some(text(email)), ..sample::new_token(number) }
}

/// A token is kept as it was given, acts for the owner, and is found by its hash alone.
pub async fn a_token_acts_for_the_owner(store: Arc<dyn Store>) {
    let owner_email = Some(text("owner@acme.example"));
    let new = NewAccount { owner_email, ..sample::new_account("acme") };
    let account = store.create_account(new).await.unwrap().id;
    let scopes: Scopes = [Scope::UsersRead, Scope::Admin].into_iter().collect();
    let new = NewToken { label: text("ci \"1\""), scopes, ..sample::new_token(3) };
    let token = store.create_token(account, new).await.unwrap();
    let expected = Token {
        id: sample::token_id(3),
        account,
        user: UserId::FIRST,
        label: text("ci \"1\""),
        scopes,
        created_at: sample::START,
        revoked_at: None,
    };
    assert_eq!(token, expected);

    let caller = store.authenticate(&sample::token_hash(3)).await.unwrap();
    let expected = Caller { token: token.id, account, user: UserId::FIRST, scopes };
    assert_eq!(caller, Some(expected));
    assert_eq!(store.authenticate(&sample::token_hash(4)).await, Ok(None));

    let named = store.create_token(account, token_of(5, "owner@acme.example")).await.unwrap();
    assert_eq!(named.user, token.user);
}

/// A token made for an address acts for the user who has claimed it, in any case: of several who
/// were made with it, that is the first.
pub async fn a_token_acts_for_the_user_it_names(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    // The identifiers descend while the numbers ascend, so that the two cannot be mixed up.
    let grace = sample::end_user(&*store, account, with_email(9, "grace@acme.example")).await;
    sample::end_user(&*store, account, with_email(8, "grace@acme.example")).await;
    sample::end_user(&*store, account, with_email(7, "alan@acme.example")).await;

    for (number, email) in [(1, "grace@acme.example"), (2, " GRACE@acme.Example ")] {
        let token = store.create_token(account, token_of(number, email)).await.unwrap();
        assert_eq!(token.user, grace.user_id);
        let caller = store.authenticate(&sample::token_hash(number)).await.unwrap().unwrap();
        assert_eq!(caller.user, grace.user_id);
    }
}

/// A token cannot be made for somebody whom the account does not have, nor for an address that
/// nobody has claimed or that was given up.
pub async fn a_token_needs_a_user_of_its_account(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let other = sample::account(&*store, "other").await;
    sample::end_user(&*store, account, with_email(1, "grace@acme.example")).await;
    let gone = sample::end_user(&*store, account, with_email(2, "gone@acme.example")).await;
    store.delete_user(account, gone.user_id, at(1)).await.unwrap();

    for (account, email) in [
        (account, "alan@acme.example"),
        (account, "gone@acme.example"),
        (account, "%"),
        (account, ""),
        (other, "grace@acme.example"),
    ] {
        let made = store.create_token(account, token_of(1, email)).await;
        assert_eq!(made, Err(CreateTokenError::UserNotFound), "{email:?}");
    }
    assert_eq!(store.tokens().await, Ok(Vec::new()));
    assert_eq!(store.authenticate(&sample::token_hash(1)).await, Ok(None));
}

/// All tokens of all accounts are listed in the order in which they were made, revoked ones too.
pub async fn tokens_are_listed_in_the_order_of_making(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let other = sample::account(&*store, "other").await;
    let mut made = Vec::new();
    for (number, account) in [(5, account), (2, other), (9, account), (1, account)] {
        made.push(store.create_token(account, sample::new_token(number)).await.unwrap());
    }
    made[1] = store.revoke_token(sample::token_id(2), at(1)).await.unwrap().unwrap();
    assert_eq!(store.tokens().await, Ok(made));
}

/// A revoked token speaks for nobody from that moment; the others go on.
pub async fn a_revoked_token_speaks_for_nobody(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    for number in [1, 2] {
        store.create_token(account, sample::new_token(number)).await.unwrap();
        assert!(store.authenticate(&sample::token_hash(number)).await.unwrap().is_some());
    }
    let revoked = store.revoke_token(sample::token_id(1), at(3)).await.unwrap().unwrap();
    assert_eq!((revoked.id, revoked.revoked_at), (sample::token_id(1), Some(at(3))));
    assert_eq!(store.authenticate(&sample::token_hash(1)).await, Ok(None));
    assert!(store.authenticate(&sample::token_hash(2)).await.unwrap().is_some());
}

/// Revoking a token again changes nothing, not even the time; an unknown one cannot be revoked.
pub async fn revoking_again_changes_nothing(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    store.create_token(account, sample::new_token(1)).await.unwrap();
    let first = store.revoke_token(sample::token_id(1), at(3)).await.unwrap();
    assert!(first.is_some());
    assert_eq!(store.revoke_token(sample::token_id(1), at(4)).await.unwrap(), first);
    assert_eq!(store.tokens().await.unwrap()[0].revoked_at, Some(at(3)));
    assert_eq!(store.revoke_token(sample::token_id(2), at(4)).await, Ok(None));
}

/// A token may act for an end user; it stays valid, and in nobody's way, when they expire.
pub async fn a_token_outlives_its_user(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let new = NewEndUser { expires_at: Some(at(10)), ..with_email(1, "grace@acme.example") };
    let grace = sample::end_user(&*store, account, new).await;
    let token = store.create_token(account, token_of(1, "grace@acme.example")).await.unwrap();

    assert_eq!(store.expire(at(10), 10).await.unwrap().end_users, 1);
    assert_eq!(store.end_user(account, grace.end_user_id).await, Ok(None));
    assert_eq!(store.tokens().await, Ok(vec![token]));
    let caller = store.authenticate(&sample::token_hash(1)).await.unwrap();
    assert_eq!(caller.map(|caller| caller.user), Some(grace.user_id));
}
