//! The search index: what becomes of it when the server ends, and when its file does.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::common::{account_of, open, open_for_command};
use roster_directory::{
    AccountId, Change, NewUser, PageLimit, SearchQuery, Store, StoreError, UserId, UserPatch,
    UserStore,
};
use roster_sqlite::SqliteStore;
use roster_testkit::sample::{self, at, new_user, text};
use rusqlite::Connection;
use tokio::task::JoinSet;

const INDEX: &str = "roster.db-search";

/// Whom a query finds.
async fn found(store: &SqliteStore, account: AccountId, query: &str) -> Vec<UserId> {
    let page = store.search_users(account, SearchQuery::parse(query), 0, 1000).await.unwrap();
    assert_eq!(page.count, page.users.len() as u64);
    page.users.iter().map(|user| user.user_id).collect()
}

async fn make(store: &SqliteStore, account: AccountId, user: NewUser) -> UserId {
    sample::user(store, account, user).await.user_id
}

/// Makes so many users whose name is Grace and a number.
async fn graces(
    store: &SqliteStore,
    account: AccountId,
    numbers: std::ops::Range<u32>,
) -> Vec<UserId> {
    let mut made = Vec::new();
    for number in numbers {
        made.push(make(store, account, new_user(number, &format!("Grace {number}"))).await);
    }
    made
}

/// A closed store with some users.
async fn closed_store(folder: &Path, users: u32) -> (AccountId, Vec<UserId>) {
    let store = open(folder);
    let account = account_of(&store).await;
    let made = graces(&store, account, 0..users).await;
    let page = store.search_users(account, SearchQuery::parse("grace"), 0, 0).await.unwrap();
    assert_eq!(page.count, u64::from(users));
    store.close().await;
    (account, made)
}

/// Marks the file of the index, whose store is closed.
fn mark(folder: &Path) {
    let index = Connection::open(folder.join(INDEX)).unwrap();
    index.execute_batch("CREATE TABLE mark (mark)").unwrap();
}

/// Whether the file of the index is the one that was marked.
fn is_marked(folder: &Path) -> bool {
    Connection::open(folder.join(INDEX)).unwrap().table_exists(None, "mark").unwrap()
}

#[tokio::test]
async fn everything_that_was_answered_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open(folder.path()));
    let account = account_of(&store).await;
    let mut made = Vec::new();
    for number in 0..20 {
        made.push(make(&store, account, new_user(number, "Grace")).await);
        assert_eq!(found(&store, account, "grace").await, made);
    }
    let mut tasks = JoinSet::new();
    for number in 100..200 {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            let name = format!("Ada{number}");
            let id = make(&store, account, new_user(number, &name)).await;
            assert_eq!(found(&store, account, &name).await, [id]);
            let patch = UserPatch { name: Change::Set(text("Nobody")), ..UserPatch::default() };
            store.update_user(account, id, patch, at(1)).await.unwrap();
            assert_eq!(found(&store, account, &name).await, []);
        });
    }
    tasks.join_all().await;
    assert_eq!(found(&store, account, "ada").await, []);
    assert_eq!(found(&store, account, "nobody").await.len(), 100);
}

#[tokio::test]
async fn a_restart_goes_on_with_the_index() {
    let folder = tempfile::tempdir().unwrap();
    let (account, mut made) = closed_store(folder.path(), 50).await;
    mark(folder.path());
    let store = open(folder.path());
    assert_eq!(found(&store, account, "grace").await, made);
    made.extend(graces(&store, account, 100..110).await);
    assert_eq!(found(&store, account, "grace").await, made);
    drop(store);

    let store = open(folder.path());
    assert_eq!(found(&store, account, "grace").await, made);
    assert!(is_marked(folder.path()));
}

#[tokio::test]
async fn a_kill_at_any_moment_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let account = account_of(&store).await;
    let mut made = graces(&store, account, 0..50).await;
    assert_eq!(found(&store, account, "grace").await, made);
    for round in 1..10 {
        let numbers = round * 100..round * 100 + 20;
        made.extend(graces(&store, account, numbers).await);
        // These are the files as a kill at this moment would leave them: the index has come
        // anywhere.
        let killed = tempfile::tempdir().unwrap();
        for file in [INDEX, "roster.db-search-wal", "roster.db", "roster.db-wal"] {
            std::fs::copy(folder.path().join(file), killed.path().join(file)).unwrap();
        }
        let index = Connection::open(killed.path().join(INDEX)).unwrap();
        index.execute_batch("CREATE TABLE mark (mark)").unwrap();
        drop(index);
        let store = open(killed.path());
        assert_eq!(found(&store, account, "grace").await, made);
        assert!(is_marked(killed.path()));
    }
}

#[tokio::test]
async fn an_index_that_is_gone_or_damaged_is_made_anew() {
    let damages: [fn(&Path); 6] = [
        |index| std::fs::remove_file(index).unwrap(),
        |index| std::fs::write(index, "no database at all\n".repeat(1000)).unwrap(),
        |index| std::fs::write(index, "").unwrap(),
        |index| overwrite(index, 1),
        |index| {
            let bytes = std::fs::read(index).unwrap();
            std::fs::write(index, &bytes[..bytes.len() / 2]).unwrap();
        },
        |index| Connection::open(index).unwrap().pragma_update(None, "user_version", 77).unwrap(),
    ];
    for (number, damage) in damages.into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let (account, mut made) = closed_store(folder.path(), 300).await;
        mark(folder.path());
        damage(&folder.path().join(INDEX));
        let store = open(folder.path());
        assert_eq!(found(&store, account, "grace").await, made, "{number}");
        made.extend(graces(&store, account, 1000..1010).await);
        assert_eq!(found(&store, account, "grace").await, made, "{number}");
        store.close().await;
        assert!(!is_marked(folder.path()), "{number}");
    }
}

/// Makes nonsense of all pages of a file but the first ones.
fn overwrite(file: &Path, kept: usize) {
    let mut bytes = std::fs::read(file).unwrap();
    bytes[4096 * kept..].fill(0xa5);
    std::fs::write(file, &bytes).unwrap();
}

#[tokio::test]
async fn damage_that_a_search_meets_is_mended_too() {
    let folder = tempfile::tempdir().unwrap();
    let (account, made) = closed_store(folder.path(), 300).await;
    let index = Connection::open(folder.path().join(INDEX)).unwrap();
    // Where the index stands is sound, but not what it knows.
    index.execute_batch("UPDATE term_data SET block = zeroblob(50) WHERE id > 10").unwrap();
    drop(index);
    mark(folder.path());
    let store = open(folder.path());
    let search = async || store.search_users(account, SearchQuery::parse("grace"), 0, 1).await;
    // Whoever meets the damage is told to come again.
    let mended = async { while search().await == Err(StoreError::Busy) {} };
    tokio::time::timeout(Duration::from_secs(20), mended).await.unwrap();
    assert_eq!(found(&store, account, "grace").await, made);
    assert!(!is_marked(folder.path()));
}

#[tokio::test]
async fn an_older_database_beside_a_newer_index_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let (account, made) = set_back(folder.path()).await;
    let store = open(folder.path());
    assert_eq!(found(&store, account, "grace").await, made);
    assert_eq!(found(&store, account, "109").await, []);
}

#[tokio::test]
async fn an_older_database_that_has_gone_another_way_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let (account, made) = set_back(folder.path()).await;
    let command = open_for_command(folder.path());
    let mut others = Vec::new();
    for number in 200..220 {
        let new = NewUser { created_at: at(1000), ..new_user(number, "Other") };
        others.push(make(&command, account, new).await);
    }
    command.close().await;
    // The log is longer than that which the index has read, but tells of something else.
    let store = open(folder.path());
    assert_eq!(found(&store, account, "other").await, others);
    assert_eq!(found(&store, account, "grace").await, made);
}

/// A closed store whose database was set back to an earlier state, but not its index.
async fn set_back(folder: &Path) -> (AccountId, Vec<UserId>) {
    let (account, made) = closed_store(folder, 20).await;
    let (database, backup) = (folder.join("roster.db"), folder.join("backup"));
    std::fs::copy(&database, &backup).unwrap();
    let store = open(folder);
    let lost = graces(&store, account, 100..110).await;
    assert_eq!(found(&store, account, "grace").await, [&*made, &*lost].concat());
    store.close().await;
    std::fs::copy(&backup, &database).unwrap();
    (account, made)
}

#[tokio::test]
async fn the_index_of_another_database_is_noticed() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (account, made) = closed_store(folder.path(), 20).await;
    let store = open(other.path());
    let theirs = account_of(&store).await;
    for number in 0..30 {
        let new = NewUser { created_at: at(1000), ..new_user(number, "Other") };
        make(&store, theirs, new).await;
    }
    assert_eq!(found(&store, theirs, "other").await.len(), 30);
    store.close().await;
    std::fs::copy(other.path().join(INDEX), folder.path().join(INDEX)).unwrap();
    let store = open(folder.path());
    assert_eq!(found(&store, account, "grace").await, made);
    assert_eq!(found(&store, account, "other").await, []);
}

#[tokio::test]
async fn accounts_are_apart() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut expected = Vec::new();
    // Their numbers begin alike, and so do those of their blocks.
    for number in 0..12 {
        let account = sample::account(&store, &format!("account {number}")).await;
        let made = make(&store, account, new_user(number, "Grace Hopper")).await;
        expected.push((account, made));
    }
    for (account, made) in &expected {
        for query in ["grace", "\"grace hopper\"", "role:end-user", "-role:admin"] {
            assert_eq!(found(&store, *account, query).await, [*made], "{query}");
        }
        assert_eq!(found(&store, *account, "").await.len(), 2);
    }
    store.close().await;
    let store = open(folder.path());
    for (account, made) in &expected {
        assert_eq!(found(&store, *account, "grace").await, [*made]);
    }
    let nobody = AccountId::from_stored(999);
    assert_eq!(found(&store, nobody, "grace").await, []);
}

#[tokio::test]
async fn words_of_every_script_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let account = account_of(&store).await;
    let mut made = Vec::new();
    for (number, name) in (0..).zip(["Größe", "李明", "नमस्ते", "e\u{301}te\u{301}", "Ⅷ"])
    {
        made.push(make(&store, account, new_user(number, name)).await);
    }
    for (place, queries) in [
        (0, ["größe", "GRÖSSE größ", "grö"].as_slice()),
        (1, &["李", "李明", "\"李明\""]),
        (2, &["नमस्ते", "नम"]),
        (3, &["e\u{301}te\u{301}", "te"]),
        (4, &["ⅷ"]),
    ] {
        for query in queries {
            let expected = if *query == "GRÖSSE größ" { &[][..] } else { &made[place..=place] };
            assert_eq!(found(&store, account, query).await, expected, "{query}");
        }
    }
    assert_eq!(found(&store, account, "grosse").await, []);
}

#[tokio::test]
async fn the_index_follows_without_being_asked() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let account = account_of(&store).await;
    assert_eq!(found(&store, account, "").await.len(), 1);
    let index = Connection::open(folder.path().join(INDEX)).unwrap();
    for round in 1..4 {
        graces(&store, account, round * 10..round * 10 + 5).await;
        let last = store.events(account, None, PageLimit::MAX).await.unwrap().pop().unwrap();
        let end = last.sequence.0 + 1;
        let followed = async {
            let sql = "SELECT next_event FROM account WHERE account_id = ?1";
            while index.query_one(sql, [account.get()], |row| row.get::<_, i64>(0)).unwrap() < end {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), followed).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_made_while_the_index_is_made_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let (account, mut made) = closed_store(folder.path(), 1500).await;
    std::fs::remove_file(folder.path().join(INDEX)).unwrap();
    let store = open(folder.path());
    let mut others = Vec::new();
    for number in 5000..5020 {
        made.extend(graces(&store, account, number..number + 1).await);
        let other = sample::account(&store, &format!("other {number}")).await;
        others.push((other, graces(&store, other, 0..2).await));
    }
    let page = store.search_users(account, SearchQuery::parse("grace"), 1500, 100).await.unwrap();
    assert_eq!(page.count, 1520);
    let last: Vec<_> = page.users.iter().map(|user| user.user_id).collect();
    assert_eq!(last, made[1500..]);
    for (other, theirs) in others {
        assert_eq!(found(&store, other, "grace").await, theirs);
        assert_eq!(found(&store, other, "role:admin").await.len(), 1);
    }
}

#[tokio::test]
async fn a_command_searches_without_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let command = open_for_command(folder.path());
    let account = account_of(&command).await;
    let made = graces(&command, account, 0..3).await;
    assert_eq!(found(&command, account, "grace").await, made);
    assert!(!folder.path().join(INDEX).exists());
}

#[tokio::test]
async fn a_command_beside_a_server_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let server = open(folder.path());
    let account = account_of(&server).await;
    let command = open_for_command(folder.path());
    let made = graces(&command, account, 0..3).await;
    assert_eq!(found(&server, account, "grace").await, made);
    let other = sample::account(&command, "other").await;
    assert_eq!(found(&server, other, "role:admin").await.len(), 1);
}

#[tokio::test]
async fn without_its_file_nothing_but_the_search_fails() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(INDEX)).unwrap();
    let store = open(folder.path());
    let account = account_of(&store).await;
    let made = graces(&store, account, 0..3).await;
    let query = SearchQuery::parse("grace");
    let refused = store.search_users(account, query, 0, 10).await;
    assert_eq!(refused, Err(StoreError::Busy));
    std::fs::remove_dir(folder.path().join(INDEX)).unwrap();
    assert_eq!(found(&store, account, "grace").await, made);
    store.close().await;
}
