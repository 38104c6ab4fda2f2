//! Accounts and their owners.

use std::sync::Arc;

use roster_directory::{
    CreateAccountError, CreateConversationError, EndUserPatch, IdentityChange, NewAccount,
    NewEndUser, NewToken, Participant, PatchEndUserError, RecordKind, RecordPatch, Role, Store,
    StoreError, UserCounts, UserPatch,
};

use crate::look;
use crate::sample::{self, at, text};

/// An account is made as it was given, and is born with one user, its owner. That is no event.
pub async fn an_account_is_born_with_its_owner(store: Arc<dyn Store>) {
    let new = NewAccount { created_at: at(5), ..sample::new_account("Käse & Söhne 🧀") };
    let account = store.create_account(new.clone()).await.unwrap();
    assert_eq!((&account.name, account.created_at), (&new.name, at(5)));

    let accounts = store.accounts().await.unwrap();
    assert_eq!(accounts.len(), 1);
    assert_eq!(accounts[0].account, account);
    assert_eq!(accounts[0].users, UserCounts { end_users: 0, agents: 0, admins: 1 });
    assert_eq!(look::history(&*store, account.id).await, []);

    let owner = store.owner(account.id).await.unwrap();
    let owner = look::user(&*store, account.id, owner).await;
    assert_eq!((&*owner.name(), owner.role, owner.support.verified), ("Owner", Role::Admin, true));
    assert_eq!((owner.created_at, owner.updated_at), (at(5), at(5)));
}

/// The owner is an admin: nothing that reads or changes end users finds them.
pub async fn an_owner_is_no_end_user(store: Arc<dyn Store>) {
    let new = sample::new_account("acme");
    let owner = new.owner_end_user_id;
    let account = store.create_account(new).await.unwrap().id;
    let channel = sample::channel(&*store, account, 1).await;

    assert_eq!(store.end_user(account, owner).await, Ok(None));
    assert_eq!(look::end_user_ids(&*store, account).await, []);
    let patch = EndUserPatch::default();
    let patched = store.patch_end_user(account, owner, patch, at(1)).await;
    assert_eq!(patched, Err(PatchEndUserError::NotFound));
    let reader = sample::token_id(1);
    let secrets = store.read_sensitive_metadata(account, owner, reader, at(1)).await;
    assert_eq!(secrets, Ok(None));
    let talk = sample::new_conversation(1, channel, Participant::Existing(owner));
    let talk = store.create_conversation(account, talk).await;
    assert_eq!(talk, Err(CreateConversationError::EndUserNotFound));
    assert_eq!(look::history(&*store, account).await, []);
}

/// Accounts are listed by name, whatever the order in which they were made.
pub async fn accounts_are_listed_by_name(store: Arc<dyn Store>) {
    for name in ["delta", "alpha", "charlie", "bravo"] {
        sample::account(&*store, name).await;
    }
    let accounts = store.accounts().await.unwrap();
    let names: Vec<_> = accounts.iter().map(|summary| summary.account.name.as_str()).collect();
    assert_eq!(names, ["alpha", "bravo", "charlie", "delta"]);
}

/// There is one account of a name. What is refused leaves nothing behind.
pub async fn an_account_name_is_taken_once(store: Arc<dyn Store>) {
    sample::account(&*store, "acme").await;
    let owner_end_user_id = sample::end_user_id(77);
    let again = NewAccount { owner_end_user_id, ..sample::new_account("acme") };
    assert_eq!(store.create_account(again).await, Err(CreateAccountError::NameTaken));
    sample::account(&*store, "other").await;
    assert_eq!(store.accounts().await.unwrap().len(), 2);
}

/// The first account is made with its token, in one step.
pub async fn the_first_account_comes_with_a_token(store: Arc<dyn Store>) {
    let new = sample::new_account("default");
    let token = NewToken { label: text("first"), ..sample::new_token(1) };
    let account = store.create_first_account(new.clone(), token).await.unwrap().unwrap();
    assert_eq!(account.name, new.name);
    assert_eq!(look::counts(&*store, account.id).await.admins, 1);

    let caller = store.authenticate(&sample::token_hash(1)).await.unwrap().unwrap();
    assert_eq!((caller.account, caller.token), (account.id, sample::token_id(1)));
    let tokens = store.tokens().await.unwrap();
    assert_eq!(tokens.len(), 1);
    assert_eq!((&*tokens[0].label, tokens[0].user), ("first", caller.user));
    assert_eq!(look::history(&*store, account.id).await, []);
}

/// A store that has an account, however it was made, gets no first one, and no token either.
pub async fn the_first_account_is_made_once(store: Arc<dyn Store>) {
    sample::account(&*store, "acme").await;
    let (new, token) = (sample::new_account("default"), sample::new_token(1));
    assert_eq!(store.create_first_account(new, token).await, Ok(None));
    assert_eq!(store.accounts().await.unwrap().len(), 1);
    assert_eq!(store.tokens().await, Ok(Vec::new()));
    assert_eq!(store.authenticate(&sample::token_hash(1)).await, Ok(None));
}

/// The number of users follows every way in which one is made or removed, in their account only.
pub async fn counts_follow_the_users(store: Arc<dyn Store>) {
    let (account, other) =
        (sample::account(&*store, "acme").await, sample::account(&*store, "other").await);
    for number in 1..=3 {
        let expires_at = (number > 1).then(|| at(10));
        let new = NewEndUser { expires_at, ..sample::new_end_user(number) };
        sample::end_user(&*store, account, new).await;
    }
    let channel = sample::channel(&*store, account, 1).await;
    let guest = Participant::New(Box::new(sample::new_end_user(4)));
    let talk = sample::new_conversation(1, channel, guest);
    store.create_conversation(account, talk).await.unwrap();
    assert_eq!(look::counts(&*store, account).await.end_users, 4);

    store.expire(at(10), 100).await.unwrap();
    let expected = UserCounts { end_users: 2, agents: 0, admins: 1 };
    assert_eq!(look::counts(&*store, account).await, expected);
    assert_eq!(look::counts(&*store, other).await.end_users, 0);
}

/// An open store says that it can be used, and counts what it commits.
pub async fn an_open_store_counts_its_writes(store: Arc<dyn Store>) {
    assert_eq!(store.check().await, Ok(()));
    let before = store.stats().committed;
    let account = sample::account(&*store, "acme").await;
    sample::end_user(&*store, account, sample::new_end_user(1)).await;
    let stats = store.stats();
    assert_eq!(stats.committed, before + 2);
    assert_eq!(stats.queue_depth, 0);
}

/// A closed store accepts no write of any kind, and says that it cannot be used.
pub async fn a_closed_store_refuses_writes(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let id = sample::end_user(&*store, account, sample::new_end_user(1)).await.end_user_id;
    let busy = StoreError::Busy;
    store.close().await;
    store.close().await;

    let made = store.create_account(sample::new_account("other")).await;
    assert_eq!(made, Err(CreateAccountError::Store(busy.clone())));
    let (first, token) = (sample::new_account("first"), sample::new_token(1));
    assert_eq!(store.create_first_account(first, token.clone()).await, Err(busy.clone()));
    assert_eq!(store.create_token(account, token).await, Err(busy.clone().into()));
    assert_eq!(store.revoke_token(sample::token_id(1), at(1)).await, Err(busy.clone()));
    let made = store.create_end_user(account, sample::new_end_user(2)).await;
    assert_eq!(made, Err(busy.clone().into()));
    let patched = store.patch_end_user(account, id, EndUserPatch::default(), at(1)).await;
    assert_eq!(patched, Err(busy.clone().into()));
    let read = store.read_sensitive_metadata(account, id, sample::token_id(1), at(1)).await;
    assert_eq!(read, Err(busy.clone()));
    assert_eq!(store.create_channel(account, sample::new_channel(1)).await, Err(busy.clone()));
    let (talk, channel) = (sample::conversation_id(1), sample::channel_id(1));
    let new = sample::new_conversation(1, channel, Participant::Existing(id));
    assert_eq!(store.create_conversation(account, new).await, Err(busy.clone().into()));
    let patch = sample::metadata_patch(&[]);
    let patched = store.patch_conversation(account, talk, patch, at(1)).await;
    assert_eq!(patched, Err(busy.clone().into()));
    assert_eq!(store.end_conversation(account, talk, at(1)).await, Err(busy.clone()));
    assert_eq!(store.expire(at(1), 1).await, Err(busy.clone()));
    assert_eq!(store.add_sealing_key(sample::sealed(1, b"check")).await, Err(busy));
    assert!(store.check().await.is_err());
}

/// Nor does a closed store change a user of whatever role, an identity or a record, or keep a job.
pub async fn a_closed_store_changes_nobody(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let one = sample::user(&*store, account, sample::new_user(1, "Grace")).await.user_id;
    let two = sample::user(&*store, account, sample::new_user(2, "Alan")).await.user_id;
    let group = sample::group(&*store, account, "Support").await;
    let email = sample::new_email("grace@example.org");
    let identity = store.create_identity(account, one, email.clone(), at(0)).await.unwrap().id;
    let busy = StoreError::Busy;
    store.close().await;

    let new = sample::new_user(3, "Ada");
    let made = store.create_user(account, new.clone()).await;
    assert_eq!(made, Err(busy.clone().into()));
    assert_eq!(store.create_or_update_user(account, new).await, Err(busy.clone().into()));
    let patch = UserPatch::default();
    assert_eq!(store.update_user(account, one, patch, at(1)).await, Err(busy.clone().into()));
    assert_eq!(store.delete_user(account, one, at(1)).await, Err(busy.clone().into()));
    assert_eq!(store.merge_users(account, one, two, at(1)).await, Err(busy.clone().into()));
    assert_eq!(store.erase_deleted_user(account, one, at(1)).await, Err(busy.clone()));
    let made = store.create_identity(account, two, email, at(1)).await;
    assert_eq!(made, Err(busy.clone().into()));
    let change = IdentityChange::MakePrimary;
    let changed = store.change_identity(account, one, identity, change, at(1)).await;
    assert_eq!(changed, Err(busy.clone().into()));
    let removed = store.delete_identity(account, one, identity, at(1)).await;
    assert_eq!(removed, Err(busy.clone().into()));
    assert_eq!(store.add_job(account, sample::new_job(1)).await, Err(busy.clone()));
    let patch = RecordPatch::Group(sample::group_patch("x"));
    let made = store.create_record(account, patch.clone(), at(1)).await;
    assert_eq!(made, Err(busy.clone().into()));
    let changed = store.update_record(account, group.0, patch, at(1)).await;
    assert_eq!(changed, Err(busy.clone().into()));
    let removed = store.delete_record(account, RecordKind::Group, group.0, at(1)).await;
    assert_eq!(removed, Err(busy.into()));
}
