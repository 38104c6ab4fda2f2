//! Opening a file that is new, old, foreign, damaged or out of reach.

use std::path::Path;
use std::sync::Barrier;

use crate::common::{account_of, everything, open, options};
use roster_directory::{Created, SearchQuery, Store, UserId, UserStore};
use roster_sqlite::{OpenError, SqliteStore};
use roster_testkit::sample;
use rusqlite::Connection;

fn refusal(path: &Path) -> OpenError {
    match SqliteStore::open(options(path)) {
        Ok(_) => panic!("{} was opened", path.display()),
        Err(error) => error,
    }
}

#[tokio::test]
async fn what_was_written_is_there_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let account = account_of(&store).await;
    let made = store.create_end_user(account, sample::new_end_user(1)).await.unwrap();
    let Created::New(made) = made else { panic!() };
    drop(store);

    let store = open(folder.path());
    assert_eq!(store.end_user(account, made.end_user_id).await, Ok(Some(made.clone())));
    let next = store.create_end_user(account, sample::new_end_user(2)).await.unwrap();
    let Created::New(next) = next else { panic!() };
    assert!(next.user_id > made.user_id);
}

#[tokio::test]
async fn what_was_answered_survives_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let account = account_of(&store).await;
    for number in 0..50 {
        store.create_end_user(account, sample::new_end_user(number)).await.unwrap();
    }
    // These are the files as a crash at this moment would leave them.
    let crashed = tempfile::tempdir().unwrap();
    for file in ["roster.db", "roster.db-wal"] {
        std::fs::copy(folder.path().join(file), crashed.path().join(file)).unwrap();
    }
    let store = open(crashed.path());
    for number in 0..50 {
        let id = sample::end_user_id(number);
        assert!(store.end_user(account, id).await.unwrap().is_some(), "{number}");
    }
}

#[tokio::test]
async fn closing_leaves_one_tidy_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let account = account_of(&store).await;
    store.create_end_user(account, sample::new_end_user(1)).await.unwrap();
    store.end_users(account, everything()).await.unwrap();
    store.close().await;
    assert!(!folder.path().join("roster.db-wal").exists());
    assert!(!folder.path().join("roster.db-search-wal").exists());
    store.close().await;
}

#[tokio::test]
async fn the_first_user_has_the_first_number() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let account = account_of(&store).await;
    let made = store.create_end_user(account, sample::new_end_user(1)).await.unwrap();
    let Created::New(made) = made else { panic!() };
    // The owner came first.
    assert_eq!(made.user_id.get(), UserId::FIRST.get() + 1);
}

#[test]
fn two_processes_may_make_the_same_file() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let start = Barrier::new(4);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    start.wait();
                    open(folder.path());
                });
            }
        });
    }
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let account = account_of(&store).await;
    // The files of the search index are made after the store was opened.
    store.search_users(account, SearchQuery::default(), 0, 1).await.unwrap();
    let mut files = 0;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", file.file_name());
        files += 1;
    }
    assert_eq!(files, 7);
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let path = folder.path().join("roster.db");
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 1000).unwrap();
    let error = refusal(&path);
    assert!(matches!(error, OpenError::Newer { found: 1000, known: 5, .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("roster.db") && text.contains("newer roster"), "{text}");
    let version: i64 = Connection::open(&path)
        .unwrap()
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .unwrap();
    assert_eq!(version, 1000);
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.db");
    let garbage = "not a database at all, but longer than the header of one\n".repeat(40);
    std::fs::write(&path, &garbage).unwrap();
    let error = refusal(&path);
    assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), garbage);
}

#[test]
fn a_database_cut_short_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let path = folder.path().join("roster.db");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..4096 + 100]).unwrap();
    let error = refusal(&path);
    assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
}

#[test]
fn the_database_of_another_program_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE song (title)").unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = refusal(&path);
    assert!(matches!(error, OpenError::Foreign { .. }), "{error:?}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_file_out_of_reach_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("roster.db")).unwrap();
    for path in [folder.path().join("nowhere/roster.db"), folder.path().join("roster.db")] {
        let error = refusal(&path);
        assert!(matches!(error, OpenError::Denied { .. }), "{error:?}");
        let place = path.parent().unwrap().to_str().unwrap();
        assert!(error.to_string().contains(place), "{error}");
    }
}
