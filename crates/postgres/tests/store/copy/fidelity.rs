//! What is copied, and what a copy is then.

use roster_directory::{LeaseHolder, MessageNumber, UserId};
use roster_relational::copy::Copied;
use roster_testkit::postgres::Cluster;
use roster_testkit::{belongings, sample};

use super::{Place, copy_all, filled};

#[tokio::test(flavor = "multi_thread")]
async fn everything_comes_over_and_back() {
    let (_folder, first) = filled().await;
    let database = Cluster::shared().create_database().await;
    let second = Place::database(&database);
    let folder = tempfile::tempdir().unwrap();
    let third = Place::folder(folder.path());
    let over = copy_all(&first, &second).await;
    assert_eq!(copy_all(&second, &third).await, over);
    for Copied { table, sum } in &over {
        assert!(sum.rows > 0, "the test has nothing in {table}");
    }

    let stores = [first.open(), second.open(), third.open()];
    let expected = belongings::look(&*stores[0]).await;
    for store in &stores[1..] {
        assert_eq!(belongings::look(&**store).await, expected);
    }
    for store in stores {
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_go_on_where_they_were() {
    let (_folder, first) = filled().await;
    let (folder, database) =
        (tempfile::tempdir().unwrap(), Cluster::shared().create_database().await);
    let (second, third) = (Place::database(&database), Place::folder(folder.path()));
    copy_all(&first, &second).await;
    copy_all(&second, &third).await;
    let mut made: Vec<UserId> = Vec::new();
    for place in [first, third, second] {
        let store = place.open();
        let account = store.accounts().await.unwrap()[0].account.id;
        let user = sample::end_user(&*store, account, sample::new_end_user(9999)).await;
        made.push(user.user_id);
        let position = store.create_token(account, sample::new_token(99)).await.unwrap();
        assert_eq!(store.tokens().await.unwrap().last(), Some(&position));
        let id = sample::endpoint_id(7);
        store.create_endpoint(account, sample::new_endpoint(7, &[])).await.unwrap();
        let fresh = store.fresh_messages(account, id, MessageNumber::FIRST, 1000).await.unwrap();
        assert!(fresh.next > MessageNumber::FIRST);
        store.close().await;
    }
    assert_eq!(made[0], made[1]);
    assert!(made[2] >= made[0], "a database gives numbers by the block");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_holds_an_endpoint_of_a_copy() {
    let (_folder, first) = filled().await;
    let database = Cluster::shared().create_database().await;
    let second = Place::database(&database);
    copy_all(&first, &second).await;
    let store = second.open();
    // The first one is held for an hour.
    let leases = sample::lease(&*store, LeaseHolder(2)).await;
    assert!(!leases.is_empty());
    store.close().await;
}
