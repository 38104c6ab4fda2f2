//! Files that earlier versions have written.

use std::path::Path;

use crate::common::open;
use crate::webhooks::new_endpoint;
use roster_directory::{
    AccountId, Backlog, Created, EndpointId, EndpointPatch, ExportPosition, Identity, IdentityKind,
    MessageNumber, ObjectId, PageLimit, Role, Segment, SortField, Start, Store, Timestamp, User,
    UserCounts, UserFilter, UserId, UserList, UserSort, UserStore, WebhookStore,
};
use roster_sqlite::SqliteStore;
use roster_testkit::sample;
use rusqlite::{Connection, params};

/// What the first schema had of a user.
#[derive(Default)]
struct Former {
    account: i64,
    id: i64,
    role: i64,
    external_id: Option<&'static str>,
    first_name: Option<&'static str>,
    display_name: Option<&'static str>,
    email: Option<&'static str>,
    updated_at: i64,
}

/// Users as the first schema kept them, in two accounts.
fn former_users() -> Vec<Former> {
    let owner = |account, id, email| Former {
        account,
        id,
        role: 2,
        email,
        updated_at: 10,
        ..Former::default()
    };
    let user =
        |account, id, email| Former { account, id, email, updated_at: id, ..owner(1, 0, None) };
    vec![
        owner(1, 101, Some("Owner@example.org")),
        owner(2, 102, None),
        Former { role: 0, first_name: Some("grace"), ..user(1, 103, Some(" Grace@Example.org ")) },
        // Grace has it already, but nobody in the other account has.
        Former { role: 0, display_name: Some("Ada"), ..user(1, 104, Some("grace@example.org")) },
        Former { role: 0, external_id: Some("Zed"), ..user(2, 105, Some("grace@example.org")) },
        Former { role: 0, ..user(1, 106, Some("   ")) },
        Former {
            role: 0,
            display_name: Some("Ada"),
            updated_at: 9_000_000_000_000_000,
            ..user(1, 107, None)
        },
        Former { role: 1, display_name: Some("Bob"), ..user(1, 108, None) },
    ]
}

/// A file as the first version left it.
fn first_version(path: &Path) {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch(include_str!("../../migrations/0001_directory.sql")).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA application_id = 0x72737472;
             PRAGMA user_version = 1; UPDATE allocation SET next_user_id = 109;
             INSERT INTO account VALUES (1, 'one', 101, 4, 1, 1, 7, 10), (2, 'two', 102, 1, 0, 1, 2, 10)",
        )
        .unwrap();
    let sql = "INSERT INTO user (account_id, user_id, end_user_id, role, external_id, external_key, \
               first_name, display_name, email, metadata, created_at, updated_at) \
               VALUES (?1, ?2, ?3, ?4, ?5, lower(?5), ?6, ?7, ?8, '{\"a\":1}', ?2, ?9)";
    for user in former_users() {
        let mut end_user_id = [0; 12];
        end_user_id[4..].copy_from_slice(&user.id.to_be_bytes());
        let Former { account, id, role, external_id, first_name, display_name, email, updated_at } =
            user;
        connection
            .execute(
                sql,
                params![
                    account,
                    id,
                    end_user_id,
                    role,
                    external_id,
                    first_name,
                    display_name,
                    email,
                    updated_at
                ],
            )
            .unwrap();
    }
}

fn account(number: i64) -> AccountId {
    AccountId::from_stored(number)
}

fn id(number: i64) -> UserId {
    UserId::from_stored(number)
}

/// The numbers of an account's users, in an order.
async fn listed(store: &SqliteStore, number: i64, field: SortField) -> Vec<i64> {
    let list = UserList {
        filter: UserFilter::all(Segment::Account),
        sort: UserSort { field, descending: false },
        start: Start::Offset(0),
        limit: PageLimit::MAX,
    };
    let page = store.users(account(number), list).await.unwrap();
    page.users.iter().map(|user| user.user_id.get()).collect()
}

async fn identities(store: &SqliteStore, number: i64) -> Vec<Identity> {
    let everybody = (101..=108).map(id).collect();
    store.identities(account(number), everybody).await.unwrap()
}

#[tokio::test]
async fn users_get_their_place_in_every_order() {
    let folder = tempfile::tempdir().unwrap();
    first_version(&folder.path().join("roster.db"));
    let store = open(folder.path());
    assert_eq!(listed(&store, 1, SortField::Id).await, [101, 103, 104, 106, 107, 108]);
    // Ada, Ada, Bob, "End user …", grace, the owner by their address.
    assert_eq!(listed(&store, 1, SortField::Name).await, [104, 107, 108, 106, 103, 101]);
    assert_eq!(listed(&store, 1, SortField::CreatedAt).await, [101, 103, 104, 106, 107, 108]);
    assert_eq!(listed(&store, 1, SortField::UpdatedAt).await, [101, 103, 104, 106, 108, 107]);
    assert_eq!(listed(&store, 2, SortField::Name).await, [102, 105]);
    let team =
        UserFilter { roles: roster_directory::Roles::TEAM, ..UserFilter::all(Segment::Account) };
    assert_eq!(store.count_users(account(1), team).await, Ok(2));
    let kept = store.user(account(2), id(105)).await.unwrap().unwrap();
    assert_eq!(kept.external_id.as_ref().unwrap().written(), "Zed");
    assert_eq!(kept.profile.metadata.len(), 1);
    assert_eq!(kept.role, Role::EndUser);
}

#[tokio::test]
async fn whoever_came_first_has_claimed_an_address() {
    let folder = tempfile::tempdir().unwrap();
    first_version(&folder.path().join("roster.db"));
    let store = open(folder.path());
    let one = identities(&store, 1).await;
    let claims: Vec<_> = one
        .iter()
        .map(|own| (own.user_id.get(), own.value.written(), own.verified, own.primary))
        .collect();
    assert_eq!(
        claims,
        [(101, "Owner@example.org", true, true), (103, "Grace@Example.org", false, true)]
    );
    assert!(one.iter().all(|own| own.kind == IdentityKind::Email));
    assert!(one.iter().all(|own| own.created_at.as_micros() == own.user_id.get()));
    let two = identities(&store, 2).await;
    assert_eq!(two.iter().map(|own| own.user_id.get()).collect::<Vec<_>>(), [105]);
    let owner = store.user(account(1), id(101)).await.unwrap().unwrap();
    assert!(owner.support.verified);
    let claimed = store.user_by_email(account(1), &sample::email("GRACE@example.org")).await;
    assert_eq!(claimed.unwrap().map(|user| user.user_id), Some(id(103)));
}

#[tokio::test]
async fn what_comes_then_comes_after_all_that_was() {
    let folder = tempfile::tempdir().unwrap();
    first_version(&folder.path().join("roster.db"));
    let store = open(folder.path());
    let taken: Vec<i64> = [identities(&store, 1).await, identities(&store, 2).await]
        .concat()
        .iter()
        .map(|own| own.id.0)
        .collect();
    let made = store.create_end_user(account(1), sample::new_end_user(1)).await.unwrap();
    let Created::New(made) = made else { panic!() };
    assert!(taken.iter().all(|number| *number > 108 && made.user_id.get() > *number));
    // User 107 changed later than the clock says that it is.
    assert_eq!(made.updated_at, Timestamp::from_micros(9_000_000_000_000_001));
    let after = ExportPosition::before(Timestamp::from_micros(106));
    let exported = store.export_users(account(1), after, 100).await.unwrap();
    let numbers: Vec<_> = exported.iter().map(|user: &std::sync::Arc<User>| user.user_id).collect();
    assert_eq!(numbers, [id(106), id(108), id(107), made.user_id]);
    let summary = &store.accounts().await.unwrap()[0];
    assert_eq!(summary.users, UserCounts { end_users: 5, agents: 1, admins: 1 });
}

#[tokio::test]
async fn a_migrated_file_and_a_new_one_have_the_same_schema() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (folder.path().join("old"), folder.path().join("new"));
    std::fs::create_dir(&old).unwrap();
    std::fs::create_dir(&new).unwrap();
    first_version(&old.join("roster.db"));
    let schema = |folder: &Path| -> Vec<String> {
        drop(open(folder));
        let connection = Connection::open(folder.join("roster.db")).unwrap();
        let mut statement = connection
            .prepare("SELECT sql FROM sqlite_schema WHERE sql NOT NULL ORDER BY sql")
            .unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    assert_eq!(schema(&old), schema(&new));
    // Opening it again changes nothing.
    assert_eq!(schema(&old), schema(&new));
}

/// A file as the second version left it.
fn second_version(path: &Path) {
    first_version(path);
    let connection = Connection::open(path).unwrap();
    for step in [
        include_str!("../../migrations/0002_a_tables.sql"),
        include_str!("../../migrations/0002_b_indexes.sql"),
        "PRAGMA user_version = 2",
    ] {
        connection.execute_batch(step).unwrap();
    }
}

#[tokio::test]
async fn accounts_from_before_there_were_webhooks_can_be_told_of_changes() {
    let folder = tempfile::tempdir().unwrap();
    second_version(&folder.path().join("roster.db"));
    let store = open(folder.path());
    store.create_end_user(account(1), sample::new_end_user(1)).await.unwrap();
    let endpoint = store.create_endpoint(account(1), new_endpoint()).await.unwrap();
    assert_eq!(store.webhook_backlog().await, Ok(Backlog::default()));
    store.create_end_user(account(1), sample::new_end_user(2)).await.unwrap();
    let id = endpoint.endpoint_id;
    let fresh = store.fresh_messages(account(1), id, MessageNumber::FIRST, 10).await.unwrap();
    let told: Vec<_> = fresh.messages.iter().map(|told| (told.number, told.end_user_id)).collect();
    assert_eq!(told, [(MessageNumber::FIRST, sample::end_user_id(2))]);
}

/// A file as the third version left it, with endpoints of which one is disabled and one fails.
fn third_version(path: &Path) {
    second_version(path);
    let connection = Connection::open(path).unwrap();
    connection.execute_batch(include_str!("../../migrations/0003_webhooks.sql")).unwrap();
    connection
        .execute_batch(
            "PRAGMA user_version = 3; UPDATE account SET next_message = 8, message_types = 31;
             INSERT INTO endpoint (account_id, endpoint_id, url, description, event_types, status,
             failing_since, key_id, sealed, next_message, created_at, updated_at) VALUES
             (1, x'010101010101010101010101', 'https://a.example/', '', '', 1, NULL, 1, x'00', 3, 5, 5),
             (1, x'020202020202020202020202', 'https://b.example/', '', '', 0, 77, 1, x'00', 4, 5, 5);
             INSERT INTO message SELECT 1, number, number, 2, x'000000000000000000000067',
             '{\"reason\":\"expired\"}' FROM (SELECT 3 AS number UNION SELECT 7);",
        )
        .unwrap();
}

#[tokio::test]
async fn endpoints_from_before_gaps_begin_as_they_were_promised() {
    let folder = tempfile::tempdir().unwrap();
    third_version(&folder.path().join("roster.db"));
    let store = open(folder.path());
    let [disabled, failing] = [1, 2].map(|byte| EndpointId(ObjectId::from_bytes([byte; 12])));
    let patch = EndpointPatch { enabled: Some(true), ..EndpointPatch::default() };
    let now = Timestamp::from_micros(90);
    store.patch_endpoint(account(1), disabled, patch, now).await.unwrap();
    store.create_end_user(account(1), sample::new_end_user(1)).await.unwrap();
    let numbers = async |id| {
        let fresh = store.fresh_messages(account(1), id, MessageNumber::FIRST, 10).await.unwrap();
        fresh.messages.iter().map(|told| told.number.0).collect::<Vec<_>>()
    };
    // The messages of before are of a type that neither asks for by name.
    assert_eq!((numbers(disabled).await, numbers(failing).await), (vec![8], vec![8]));
    let waiting = store.webhook_backlog().await.unwrap().waiting;
    assert_eq!(waiting, 1 + 5, "one of the first endpoint's, from 4 to 8 of the other one's");
    let failing = store.endpoint(account(1), failing).await.unwrap().unwrap();
    let since = Some(Timestamp::from_micros(77));
    assert_eq!((failing.failing_since, failing.last_failed_at), (since, since));
}

#[tokio::test]
async fn a_migration_that_fails_leaves_the_file_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.db");
    first_version(&path);
    // A table of that name is in the way.
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE job (title)").unwrap();
    let opened = SqliteStore::open(crate::common::options(&path));
    assert!(opened.is_err());
    let connection = Connection::open(&path).unwrap();
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    let columns: i64 = connection
        .query_row("SELECT count(*) FROM pragma_table_info('user')", [], |row| row.get(0))
        .unwrap();
    assert_eq!((version, columns), (1, 16));
    connection.execute_batch("DROP TABLE job").unwrap();
    drop(connection);
    assert_eq!(listed(&open(folder.path()), 2, SortField::Id).await, [102, 105]);
}
