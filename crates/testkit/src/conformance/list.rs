//! Lists of end users, a page at a time.

use std::sync::Arc;

use roster_directory::{AccountId, EndUserId, NewEndUser, PageRequest, Store};

use crate::look::{self, page, page_of};
use crate::sample::{self, at, end_user_id};

async fn make(store: &dyn Store, account: AccountId, numbers: impl IntoIterator<Item = u32>) {
    for number in numbers {
        sample::end_user(store, account, sample::new_end_user(number)).await;
    }
}

/// The identifiers on one page, and where the next one starts.
async fn ids(
    store: &dyn Store,
    account: AccountId,
    request: PageRequest<EndUserId>,
) -> (Vec<EndUserId>, Option<EndUserId>) {
    let page = store.end_users(account, request).await.unwrap();
    (page.items.iter().map(|user| user.end_user_id).collect(), page.next)
}

fn numbered(numbers: impl IntoIterator<Item = u32>) -> Vec<EndUserId> {
    numbers.into_iter().map(end_user_id).collect()
}

/// End users are listed by identifier, whatever the order in which they were made, and each as
/// they are read alone.
pub async fn end_users_are_listed_by_identifier(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    assert_eq!(ids(&*store, account, page(None)).await, (Vec::new(), None));
    make(&*store, account, [5, 2, 70_000, 1, 300]).await;
    let users = look::end_users(&*store, account).await;
    let listed: Vec<_> = users.iter().map(|user| user.end_user_id).collect();
    assert_eq!(listed, numbered([1, 2, 5, 300, 70_000]));
    for user in users {
        assert_eq!(look::end_user(&*store, account, user.end_user_id).await, user);
    }
}

/// A page says where the next one starts, and the last page says that there is none: also when
/// it is exactly full.
pub async fn a_page_says_where_the_next_one_starts(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    make(&*store, account, 1..=4).await;
    let first = ids(&*store, account, page_of(2, None)).await;
    assert_eq!(first, (numbered([1, 2]), Some(end_user_id(3))));
    let second = ids(&*store, account, page_of(2, first.1)).await;
    assert_eq!(second, (numbered([3, 4]), None));
    assert_eq!(ids(&*store, account, page_of(4, None)).await, (numbered(1..=4), None));
    assert_eq!(ids(&*store, account, page_of(1, second.0.last().copied())).await.1, None);
}

/// The largest page has a hundred users.
pub async fn a_page_has_a_hundred_users_at_most(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    make(&*store, account, 1..=101).await;
    let first = ids(&*store, account, page(None)).await;
    assert_eq!(first, (numbered(1..=100), Some(end_user_id(101))));
    assert_eq!(ids(&*store, account, page(first.1)).await, (numbered([101]), None));
}

/// A cursor that nobody has, or has any more, starts at the next user there is.
pub async fn a_cursor_of_nobody_starts_at_the_next(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    make(&*store, account, [10, 30]).await;
    let passing = NewEndUser { expires_at: Some(at(1)), ..sample::new_end_user(20) };
    sample::end_user(&*store, account, passing).await;
    let from = |number| page(Some(end_user_id(number)));
    assert_eq!(ids(&*store, account, from(20)).await.0, numbered([20, 30]));

    store.expire(at(1), 10).await.unwrap();
    assert_eq!(ids(&*store, account, from(20)).await.0, numbered([30]));
    assert_eq!(ids(&*store, account, from(1)).await.0, numbered([10, 30]));
    assert_eq!(ids(&*store, account, from(11)).await.0, numbered([30]));
    assert_eq!(ids(&*store, account, from(31)).await, (Vec::new(), None));
}

/// Who is there from the first page to the last is met exactly once, whatever is made, changed
/// or removed in between.
pub async fn a_walk_neither_repeats_nor_skips(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    make(&*store, account, (10..=100).step_by(10)).await;
    let mut passing = 1000;
    let mut met = Vec::new();
    let mut request = page_of(3, None);
    loop {
        let (found, next) = ids(&*store, account, request).await;
        met.extend(found);
        let Some(next) = next else { break };
        request.from = Some(next);
        // One is made behind the walk, one where it goes on, and one ahead is made and removed.
        make(&*store, account, [passing, passing - 999]).await;
        let short = NewEndUser { expires_at: Some(at(1)), ..sample::new_end_user(passing - 500) };
        passing += 1;
        sample::end_user(&*store, account, short).await;
        store.expire(at(1), 10).await.unwrap();
        assert!(met.len() < 50, "the walk does not end");
    }
    let stayed: Vec<_> = met.iter().filter(|id| **id <= end_user_id(100)).copied().collect();
    assert_eq!(stayed, numbered((10..=100).step_by(10)));
    assert!(met.is_sorted_by(|one, next| one < next), "{met:?}");
}

/// When the user that the next page was to start at is removed, the walk goes on with the one
/// after them.
pub async fn a_walk_survives_the_removal_of_its_cursor(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    make(&*store, account, [1, 2, 4, 5]).await;
    let passing = NewEndUser { expires_at: Some(at(1)), ..sample::new_end_user(3) };
    sample::end_user(&*store, account, passing).await;
    let (_, next) = ids(&*store, account, page_of(2, None)).await;
    assert_eq!(next, Some(end_user_id(3)));
    store.expire(at(1), 10).await.unwrap();
    assert_eq!(ids(&*store, account, page_of(2, next)).await, (numbered([4, 5]), None));
}
