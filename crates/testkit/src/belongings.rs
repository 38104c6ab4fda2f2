//! A store with something of everything in it, and all that can be seen of a store: to compare
//! one store with another that is to hold the same.

use roster_directory::{
    Account, AccountId, AccountSummary, Caller, Change, Channel, Conversation, EndUserPatch, Event,
    Job, JobId, LanguageTag, NewAccount, NewChannel, NewEndUser, NewToken, Participant, Profile,
    Scope, SealedValue, SealingKey, SearchQuery, Store, Token, User,
};

use crate::look::{self, Holdings, Outbox};
use crate::model::furnish;
use crate::sample::{
    self, HOLDER, at, attempt, attempted, conversation_id, deliver, end_user_id, external_id,
    metadata, new_channel, new_conversation, new_end_user, new_job, new_token, new_user, sealed,
    secrets, text, text_value, token_hash, token_id,
};

/// The names of the accounts.
const ACCOUNTS: [&str; 2] = ["acme", "Été & Co"];

/// The numbers of the end users whom Ada's dialect makes in each account.
const END_USERS: std::ops::Range<u32> = 100..140;

/// Makes something of everything in an empty store.
pub async fn fill(store: &dyn Store) {
    for key in 1..=2 {
        store.add_sealing_key(sealed(key, b"known")).await.unwrap();
    }
    for (number, name) in (0..).zip(ACCOUNTS) {
        let owner_email = Some(text("owner@example.org"));
        let new = NewAccount { owner_email, ..sample::new_account(name) };
        let account = store.create_account(new).await.unwrap().id;
        furnish(store, account).await;
        tokens(store, account, 10 * number).await;
        sample::lease(store, HOLDER).await;
        people(store, account).await;
        conversations(store, account).await;
        deliveries(store, account).await;
        removals(store, account).await;
        store.add_job(account, new_job(1)).await.unwrap();
    }
}

async fn tokens(store: &dyn Store, account: AccountId, first: u32) {
    for number in first..first + 3 {
        let scopes = if number == first {
            [Scope::UsersRead].into_iter().collect()
        } else {
            new_token(1).scopes
        };
        store.create_token(account, NewToken { scopes, ..new_token(number) }).await.unwrap();
    }
    store.revoke_token(token_id(first + 1), at(5)).await.unwrap();
}

/// End users with secrets, most of whom have changed once.
async fn people(store: &dyn Store, account: AccountId) {
    for number in END_USERS {
        let name = format!("Grâce \"{number}\" \\ 漢字 🙂");
        let profile = Profile {
            first_name: Some(text(&name)),
            email: Some(text(&format!("grace{number}@example.org"))),
            metadata: metadata(&[
                ("plan", text_value("a\u{1f}b\n\"c\"")),
                ("empty", text_value("")),
            ]),
            ..Profile::default()
        };
        let write = [("pin", Some(sealed(1, &[0, 255, 7]))), ("second", Some(sealed(2, b"")))];
        let write = &write[..=usize::from(number % 2 == 0)];
        let new = NewEndUser {
            external_id: Some(external_id(&format!("Ext-{number}"))),
            profile,
            sensitive_metadata: Some(secrets(write, at(100_000))),
            expires_at: (number % 4 == 0).then(|| at(1000)),
            created_at: at(number.into()),
            ..new_end_user(number)
        };
        sample::end_user(store, account, new).await;
        let patch = EndUserPatch {
            language: Change::Set(LanguageTag::new("fr").unwrap()),
            ..EndUserPatch::default()
        };
        if number % 3 == 0 {
            store.patch_end_user(account, end_user_id(number), patch, at(500)).await.unwrap();
        }
    }
}

async fn conversations(store: &dyn Store, account: AccountId) {
    let channel = sample::channel(store, account, 1).await;
    let new = NewChannel { description: text("Où?"), markdown: true, ..new_channel(2) };
    store.create_channel(account, new).await.unwrap();
    let whom =
        [Participant::Existing(end_user_id(100)), Participant::New(Box::new(new_end_user(200)))];
    for (number, participant) in (1..).zip(whom) {
        let new = new_conversation(number, channel, participant);
        store.create_conversation(account, new).await.unwrap();
    }
    store.end_conversation(account, conversation_id(2), at(600)).await.unwrap();
}

/// Messages that were delivered, have failed, and wait to be tried again.
async fn deliveries(store: &dyn Store, account: AccountId) {
    let endpoint = look::endpoints(store, account).await.remove(0).endpoint_id;
    sample::lease(store, HOLDER).await;
    let attempts = vec![
        attempted(1, attempt(700, 200), None),
        attempted(2, attempt(700, 500), Some(at(800))),
        attempted(3, attempt(700, 410), None),
    ];
    deliver(store, account, endpoint, attempts).await;
    for (seconds, next) in [(800, Some(at(900))), (900, Some(at(1000)))] {
        deliver(store, account, endpoint, vec![attempted(2, attempt(seconds, 500), next)]).await;
    }
    let rotated = store.rotate_endpoint_secret(account, endpoint, sealed(2, b"newer"), at(950));
    assert!(rotated.await.unwrap());
}

/// Users who were deleted, merged, erased and have expired.
async fn removals(store: &dyn Store, account: AccountId) {
    let mut made = Vec::new();
    for number in 300..305 {
        made.push(sample::user(store, account, new_user(number, "Gone Soon")).await.user_id);
    }
    store.delete_user(account, made[0], at(1000)).await.unwrap();
    store.delete_user(account, made[1], at(1000)).await.unwrap();
    store.erase_deleted_user(account, made[1], at(1001)).await.unwrap();
    store.merge_users(account, made[2], made[3], at(1002)).await.unwrap();
    let swept = store.expire(at(1500), 5).await.unwrap();
    assert_eq!(swept.end_users, 5, "more users expire than are swept");
}

/// All that can be seen of a store.
#[derive(Debug, PartialEq)]
pub struct Belongings {
    accounts: Vec<AccountSummary>,
    tokens: Vec<Token>,
    callers: Vec<Option<Caller>>,
    sealing_keys: Vec<SealingKey>,
    of_accounts: Vec<OfAccount>,
}

#[derive(Debug, PartialEq)]
struct OfAccount {
    holdings: Holdings,
    events: Vec<Event>,
    outboxes: Vec<Outbox>,
    channels: Vec<Channel>,
    conversations: Vec<Option<Conversation>>,
    job: Option<Job>,
    found: Vec<Vec<User>>,
    secrets: Vec<Option<Vec<SealedValue>>>,
}

/// Looks at all that was filled in. It reads secrets, of which the store keeps a record, so stores
/// that are to be the same are looked at equally often.
pub async fn look(store: &dyn Store) -> Belongings {
    let accounts = store.accounts().await.unwrap();
    let mut of_accounts = Vec::new();
    for AccountSummary { account: Account { id, .. }, .. } in &accounts {
        of_accounts.push(look_at_account(store, *id).await);
    }
    let mut callers = Vec::new();
    for number in 0..20 {
        callers.push(store.authenticate(&token_hash(number)).await.unwrap());
    }
    Belongings {
        accounts,
        tokens: store.tokens().await.unwrap(),
        callers,
        sealing_keys: store.sealing_keys().await.unwrap(),
        of_accounts,
    }
}

async fn look_at_account(store: &dyn Store, account: AccountId) -> OfAccount {
    let mut conversations = Vec::new();
    for number in 0..5 {
        conversations.push(store.conversation(account, conversation_id(number)).await.unwrap());
    }
    let mut found = Vec::new();
    for query in ["grâce", "role:agent", "alan*", "email:grace101@example.org", "soon"] {
        let page = store.search_users(account, SearchQuery::parse(query), 0, 100).await.unwrap();
        assert!(!page.users.is_empty(), "{query} finds nobody");
        found.push(page.users.iter().map(|user| User::clone(user)).collect());
    }
    let channels = store.channels(account, None, look::page(None)).await.unwrap().items;
    let (holdings, events) = look::everything(store, account).await;
    let outboxes = look::outboxes(store, account).await;
    let job = store.job(account, JobId([1; 16])).await.unwrap();
    let mut secrets = Vec::new();
    for number in END_USERS {
        let read =
            store.read_sensitive_metadata(account, end_user_id(number), token_id(2), at(900));
        secrets.push(read.await.unwrap());
    }
    OfAccount { holdings, events, outboxes, channels, conversations, job, found, secrets }
}
