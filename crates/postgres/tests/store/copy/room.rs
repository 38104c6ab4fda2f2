//! Where a copy may be made, and from what.

use roster_postgres::{CopySource, CopyTarget, OpenError, PostgresStore};
use roster_testkit::postgres::Cluster;
use roster_testkit::{Store as _, sample};
use tokio::task::spawn_blocking;

use super::{Place, copy_all, filled, scalar};
use crate::common::{fresh, options};

#[tokio::test(flavor = "multi_thread")]
async fn a_database_with_accounts_is_left_alone() {
    let (store, database) = fresh().await;
    sample::account(&*store, "acme").await;
    let url = database.url().to_owned();
    let refused = spawn_blocking(move || CopyTarget::open(&url, false).err()).await.unwrap();
    assert!(matches!(refused, Some(OpenError::NotEmpty { .. })), "{refused:?}");
    assert_eq!(store.accounts().await.unwrap().len(), 1);
    // It opens as before.
    PostgresStore::open(&options(database.url())).unwrap().close().await;
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_with_accounts_is_left_alone() {
    let (folder, place) = filled().await;
    let path = folder.path().join("roster.db");
    let before = std::fs::read(&path).unwrap();
    let refused = roster_sqlite::CopyTarget::open(&path).err();
    let refused_rightly = matches!(refused, Some(roster_sqlite::OpenError::NotEmpty { .. }));
    assert!(refused_rightly, "{refused:?}");
    assert!(std::fs::read(&path).unwrap() == before, "the file has changed");
    place.open().close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_store_gives_way() {
    let (_folder, first) = filled().await;
    let (folder, database) =
        (tempfile::tempdir().unwrap(), Cluster::shared().create_database().await);
    for to in [Place::database(&database), Place::folder(folder.path())] {
        to.open().close().await;
        copy_all(&first, &to).await;
        let store = to.open();
        assert_eq!(store.accounts().await.unwrap().len(), 2);
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_without_data_is_no_source() {
    let database = Cluster::shared().create_database().await;
    let url = database.url().to_owned();
    let refused = spawn_blocking(move || CopySource::open(&url, false).err()).await.unwrap();
    assert!(matches!(refused, Some(OpenError::Nothing { .. })), "{refused:?}");
    let made = scalar(&database, "SELECT count(*) FROM pg_class WHERE relname = 'account'").await;
    assert_eq!(made, 0, "nothing was made there");
}
