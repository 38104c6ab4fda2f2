//! Copies that are interrupted, and two at once.

use std::sync::{Arc, Barrier};

use futures_util::future::join_all;
use roster_directory::{NewEndUser, Store};
use roster_relational::copy::{Copied, CopyError, Step, copy};
use roster_testkit::postgres::Cluster;
use roster_testkit::{belongings, sample};
use tokio::task::spawn_blocking;

use super::{Looking, Place, copied, filled, scalar};

/// Makes so many end users more that they do not come in one batch.
async fn crowd(store: &dyn Store) {
    let account = store.accounts().await.unwrap()[0].account.id;
    let make = |number: u32| {
        let external_id = Some(sample::external_id(&format!("crowd {number}")));
        let new = NewEndUser { external_id, ..sample::new_end_user(10_000 + number) };
        sample::end_user(store, account, new)
    };
    join_all((0..1500).map(make)).await;
}

/// Stops a copy after every few batches, and goes on until it is finished.
async fn stop_and_go(from: &Place, to: &Place) -> Vec<Copied> {
    let mut stops = 0;
    loop {
        let mut batches = 0;
        let look = move |step: Option<Step>| {
            batches += usize::from(step.is_none());
            batches < 4 || stops > 20
        };
        match copied(from, to, look).await {
            Ok(all) => {
                assert!(stops > 3, "it was stopped {stops} times only");
                return all;
            }
            Err(error) => assert_eq!(error, CopyError::Stopped),
        }
        assert!(to.is_unfinished());
        stops += 1;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_was_interrupted_goes_on() {
    let (_folder, first) = filled().await;
    let store = first.open();
    crowd(&*store).await;
    store.close().await;
    let (folder, database) =
        (tempfile::tempdir().unwrap(), Cluster::shared().create_database().await);
    let (second, third) = (Place::database(&database), Place::folder(folder.path()));
    let over = stop_and_go(&first, &second).await;
    assert_eq!(stop_and_go(&second, &third).await, over);
    let users = over.iter().find(|table| table.table == "user").unwrap().sum.rows;
    assert!(users > 1500);
    let searched: i64 = scalar(&database, "SELECT count(*) FROM searched").await;
    assert_eq!(u64::try_from(searched), Ok(users), "all users are indexed, and once");
    let stores = [first.open(), second.open(), third.open()];
    let expected = belongings::look(&*stores[0]).await;
    for store in &stores[1..] {
        assert!(belongings::look(&**store).await == expected, "the copies differ");
    }
    for store in stores {
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_copies_at_once_write_no_row_twice() {
    let (_folder, first) = filled().await;
    let store = first.open();
    crowd(&*store).await;
    store.close().await;
    let database = Cluster::shared().create_database().await;
    let both_open = Arc::new(Barrier::new(2));
    let runs = [(); 2].map(|()| {
        let (from, both_open) = (first.clone(), Arc::clone(&both_open));
        let to = Place::database(&database);
        spawn_blocking(move || {
            let (source, target) = (from.source(), to.target());
            both_open.wait();
            copy(&*source, &*target, &mut Looking(|_| true))
        })
    });
    let came_to: Vec<_> = join_all(runs).await.into_iter().map(Result::unwrap).collect();
    // The slower one has nothing to finish any more.
    let ([Ok(_), Err(slower)] | [Err(slower), Ok(_)]) = &came_to[..] else { panic!("{came_to:?}") };
    assert!(slower.to_string().contains("has been finished meanwhile"), "{slower}");
    let (expected, copied) = (first.open(), Place::database(&database).open());
    assert!(belongings::look(&*copied).await == belongings::look(&*expected).await);
    for store in [expected, copied] {
        store.close().await;
    }
}
