//! Looking at all of something, a page at a time.

mod desk;
mod webhooks;

use std::sync::Arc;

use roster_directory::{
    AccountId, EndUserId, Event, EventKind, PageLimit, PageRequest, Store, User, UserCounts,
};

pub(crate) use desk::{
    Holdings, deleted, everything, exported, holdings, identities, members_of, people, records,
    user,
};
pub(crate) use webhooks::{
    Outbox, deliveries, due, endpoint, endpoints, fresh, messages, numbers, outboxes, told,
};

/// The largest page, from the beginning or from `from`.
pub(crate) fn page<Id>(from: Option<Id>) -> PageRequest<Id> {
    PageRequest { from, limit: PageLimit::MAX }
}

/// A page of so many.
pub(crate) fn page_of<Id>(limit: u64, from: Option<Id>) -> PageRequest<Id> {
    PageRequest { from, limit: PageLimit::new(limit).unwrap() }
}

/// Every end user of an account, as its list shows them.
pub(crate) async fn end_users(store: &dyn Store, account: AccountId) -> Vec<Arc<User>> {
    let mut users = Vec::new();
    let mut request = page(None);
    loop {
        let page = store.end_users(account, request).await.unwrap();
        users.extend(page.items);
        if page.next.is_none() {
            return users;
        }
        assert!(page.next > request.from, "the list does not go on");
        request.from = page.next;
    }
}

/// The identifiers of every end user of an account, in the order of its list.
pub(crate) async fn end_user_ids(store: &dyn Store, account: AccountId) -> Vec<EndUserId> {
    end_users(store, account).await.iter().map(|user| user.end_user_id).collect()
}

/// One end user, who must be there.
pub(crate) async fn end_user(store: &dyn Store, account: AccountId, id: EndUserId) -> Arc<User> {
    store.end_user(account, id).await.unwrap().unwrap()
}

/// The whole log of an account.
pub(crate) async fn events(store: &dyn Store, account: AccountId) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    loop {
        let after = events.last().map(|event| event.sequence);
        let more = store.events(account, after, PageLimit::MAX).await.unwrap();
        let Some(last) = more.last() else { return events };
        assert!(Some(last.sequence) > after, "the log does not go on");
        events.extend(more);
    }
}

/// What happened in an account and to whom, oldest first.
pub(crate) async fn history(store: &dyn Store, account: AccountId) -> Vec<(EventKind, EndUserId)> {
    events(store, account).await.iter().map(|event| (event.kind, event.end_user_id)).collect()
}

/// How many users an account has.
pub(crate) async fn counts(store: &dyn Store, account: AccountId) -> UserCounts {
    let accounts = store.accounts().await.unwrap();
    accounts.iter().find(|summary| summary.account.id == account).unwrap().users
}
