//! The index without its thread. Its blocks are so small here that there are several.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use roster_directory::{
    AccountId, EndUserId, EventSequence, ExternalId, ObjectId, OrganizationId, Role, SearchQuery,
    Tags, Text, Timestamp, User, UserId,
};
use roster_relational::tables::searched::{self, Change, Log};
use roster_testkit::sample;
use rusqlite::Connection;

use super::expression::{Expression, Organizations};
use super::follower::{Run, follow_logs, walk};
use super::index::{Fault, Index};
use super::place::count_blocks;
use super::unsearched::Unsearched;
use super::{file, searcher};
use crate::readers::Readers;
use crate::sql::SqliteConnection;
use crate::{OpenMode, SqliteOptions, SqliteStore};

const ACCOUNT: AccountId = AccountId::from_stored(1);

/// Words that begin alike, in several scripts, some with marks of their own.
const WORDS: &[&str] = &[
    "grace",
    "graceful",
    "Hopper",
    "größe",
    "GRÖSSER",
    "李",
    "李明",
    "e\u{301}te\u{301}",
    "İzmir",
    "a",
    "ab",
    "12",
    "123",
    "x.y@z",
    "O'Neil",
    "नमस्ते",
];

fn words(most: usize) -> impl Strategy<Value = String> {
    let word = proptest::sample::select(WORDS);
    let gap = proptest::sample::select(vec![" ", "-", " / "]);
    (proptest::collection::vec(word, 1..=most), gap).prop_map(|(words, gap)| words.join(gap))
}

fn maybe<T: std::fmt::Debug>(
    strategy: impl Strategy<Value = T>,
) -> impl Strategy<Value = Option<T>> {
    proptest::option::weighted(0.5, strategy)
}

/// Somebody, but for their number.
fn person() -> impl Strategy<Value = User> {
    let role = proptest::sample::select(vec![Role::EndUser, Role::Agent, Role::Admin]);
    let phone = maybe(proptest::sample::select(vec!["+1 (555) 12", "555 12", "none at all"]));
    let organization = maybe(7_i64..9);
    let texts = (maybe(words(3)), maybe(words(3)), maybe(words(4)), maybe(words(4)));
    let others = (maybe(words(2)), words(3), phone, organization);
    (role, texts, others).prop_map(|(role, texts, (external_id, tags, phone, organization))| {
        let id = EndUserId(ObjectId::from_bytes([1; 12]));
        let now = Timestamp::from_micros(0);
        let mut user = User::blank(UserId::FIRST, id, role, now);
        let text = |text: Option<String>| text.and_then(|text| Text::new(text).ok());
        user.profile.display_name = text(texts.0);
        user.profile.email = text(texts.1);
        user.external_id = external_id.and_then(|id| ExternalId::new(&id).ok());
        user.support.update(|support| {
            support.notes = text(texts.2);
            support.details = text(texts.3);
            support.tags = Tags::new([tags.as_str()]).unwrap_or_default();
            support.phone = phone.and_then(|phone| Text::new(phone).ok());
            support.organization_id = organization.map(OrganizationId);
        });
        user
    })
}

fn item() -> impl Strategy<Value = String> {
    let field = proptest::sample::select(vec![
        "name",
        "email",
        "phone",
        "external_id",
        "notes",
        "details",
        "tags",
        "user",
        "odd",
    ]);
    let quoted = words(3).prop_map(|words| format!("\"{words}\""));
    let number = proptest::sample::select(vec!["+1555", "\"555 12\"", "phone:55512", "gr", "12"]);
    let other = proptest::sample::select(vec![
        "role:agent",
        "role:end-user",
        "role:nobody",
        "organization:navy",
        "organization:8",
        "organization:none",
        "type:user",
    ]);
    let plain = words(2).prop_map(|words| words.replace(' ', ""));
    let value = prop_oneof![quoted, plain, number.prop_map(str::to_owned)];
    let item = prop_oneof![
        value.clone(),
        (field, value).prop_map(|(field, value)| format!("{field}:{value}")),
        other.prop_map(str::to_owned),
    ];
    (any::<bool>(), item)
        .prop_map(|(negated, item)| if negated { format!("-{item}") } else { item })
}

fn query() -> impl Strategy<Value = String> {
    proptest::collection::vec(item(), 0..4).prop_map(|items| items.join(" "))
}

/// An index in a folder, with one account.
fn index_in(folder: &Path) -> (Index, SqliteConnection) {
    let path = folder.join("index");
    let mut index = Index::load(file::open(&path).unwrap()).unwrap();
    let owner = UserId::FIRST;
    let log = Log { account: ACCOUNT, created_at: Timestamp::from_micros(0), owner, next_event: 1 };
    let add = |index: &mut Index| {
        index.add_account(&log);
        Ok(())
    };
    index.transact(add).unwrap();
    (index, SqliteConnection(Connection::open(path).unwrap()))
}

fn put(index: &mut Index, users: &[User]) {
    let put = |index: &mut Index| {
        users.iter().try_for_each(|user| index.put(ACCOUNT, user)).unwrap();
        Ok(())
    };
    index.transact(put).unwrap();
}

fn remove(index: &mut Index, user_id: UserId) {
    let at = Timestamp::from_micros(0);
    let gone = Change { sequence: 1, at, only_read: false, user_id, user: None };
    index.transact(|index| index.apply(ACCOUNT, vec![gone]).map_err(Fault::Index)).unwrap();
}

fn organizations() -> Organizations {
    [("navy", 7), ("8", 8)].map(|(name, id)| (name.into(), OrganizationId(id))).into()
}

fn found(connection: &SqliteConnection, query: &SearchQuery) -> (Vec<i64>, u64) {
    found_in(connection, ACCOUNT, query)
}

fn found_in(
    connection: &SqliteConnection,
    account: AccountId,
    query: &SearchQuery,
) -> (Vec<i64>, u64) {
    let Some(expression) = Expression::of(query, &organizations()) else { return (vec![], 0) };
    let found = searcher::search(connection, account, &expression, 0, 1000).unwrap();
    (found.users.into_iter().map(UserId::get).collect(), found.count)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn the_index_finds_what_the_definition_says(
        made in proptest::collection::vec(person(), 0..60),
        changed in proptest::collection::vec((any::<proptest::sample::Index>(), maybe(person())), 0..20),
        queries in proptest::collection::vec(query(), 20),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (mut index, connection) = index_in(folder.path());
        let mut users = BTreeMap::new();
        for (number, mut user) in (1..).zip(made) {
            user.user_id = UserId::from_stored(number);
            users.insert(number, user);
        }
        put(&mut index, &users.values().cloned().collect::<Vec<_>>());
        for (place, change) in changed {
            if users.is_empty() { break }
            let number = *place.get(&users.keys().collect::<Vec<_>>());
            let (number, user_id) = (*number, UserId::from_stored(*number));
            if let Some(user) = change {
                let user = User { user_id, ..user };
                put(&mut index, std::slice::from_ref(&user));
                users.insert(number, user);
            } else {
                remove(&mut index, user_id);
                users.remove(&number);
            }
        }
        let organizations = organizations();
        for text in queries {
            let query = SearchQuery::parse(&text);
            let matches = |user: &User| query.matches(user, |name| organizations.get(name).copied());
            let expected: Vec<_> = users.values().filter(|user| matches(user)).collect();
            let expected: Vec<_> = expected.iter().map(|user| user.user_id.get()).collect();
            let count = expected.len() as u64;
            prop_assert_eq!(found(&connection, &query), (expected, count), "{}", text);
        }
    }
}

fn numbered(number: i64, name: &str) -> User {
    let id = EndUserId(ObjectId::from_bytes([1; 12]));
    let mut user =
        User::blank(UserId::from_stored(number), id, Role::EndUser, Timestamp::from_micros(0));
    user.profile.display_name = Text::new(name).ok();
    user
}

#[test]
fn who_comes_later_is_in_a_later_block() {
    let folder = tempfile::tempdir().unwrap();
    let (mut index, connection) = index_in(folder.path());
    let users: Vec<_> = (1..=60).map(|number| numbered(number, "Grace")).collect();
    put(&mut index, &users);
    // 8, 16, 32, and the rest.
    assert_eq!(count_blocks(&connection, ACCOUNT), Ok(4));
    let all = (1..=60).collect::<Vec<_>>();
    assert_eq!(found(&connection, &SearchQuery::parse("grace")), (all, 60));
    // Whoever changes stays where they are, also after the file was opened again.
    drop(index);
    let connection = file::open(&folder.path().join("index")).unwrap();
    let mut index = Index::load(connection).unwrap();
    put(&mut index, &[numbered(3, "Ada"), numbered(61, "Ada"), numbered(20, "Ada")]);
    let connection = SqliteConnection(Connection::open(folder.path().join("index")).unwrap());
    assert_eq!(count_blocks(&connection, ACCOUNT), Ok(4));
    assert_eq!(found(&connection, &SearchQuery::parse("ada")), (vec![3, 20, 61], 3));
    let users: Vec<_> = (62..=121).map(|number| numbered(number, "Alan")).collect();
    put(&mut index, &users);
    assert_eq!(count_blocks(&connection, ACCOUNT), Ok(5));
    assert_eq!(found(&connection, &SearchQuery::parse("alan")), ((62..=121).collect(), 60));
}

#[test]
fn a_part_of_what_is_found_goes_over_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let (mut index, connection) = index_in(folder.path());
    let users: Vec<_> = (1..=60).map(|number| numbered(number, "Grace")).collect();
    put(&mut index, &users);
    let expression = Expression::of(&SearchQuery::parse("gra"), &organizations()).unwrap();
    let found = searcher::search(&connection, ACCOUNT, &expression, 5, 20).unwrap();
    let numbers: Vec<_> = found.users.into_iter().map(UserId::get).collect();
    assert_eq!((numbers, found.count), ((6..=25).collect(), 60));
}

#[test]
fn what_commits_leave_is_merged_and_found_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let (mut index, connection) = index_in(folder.path());
    for number in 1..=6 {
        put(&mut index, &[numbered(number, "Grace")]);
    }
    let runs = || {
        let sql = "SELECT count(DISTINCT segid) FROM term_idx";
        connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(runs(), 6);
    while index.merge_some().unwrap() {}
    assert!(runs() < 4, "{}", runs());
    assert_eq!(found(&connection, &SearchQuery::parse("grace")), ((1..=6).collect(), 6));
}

#[tokio::test]
async fn what_is_made_during_the_walk_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.db");
    let options = SqliteOptions {
        path: path.clone(),
        cache_bytes: 0,
        queue_limit: 8,
        held_back: SqliteOptions::HELD_BACK,
        mode: OpenMode::Command,
    };
    let store = SqliteStore::open(options).unwrap();
    let database = Readers::new(path);
    let first = sample::account(&store, "first").await;
    for number in 0..5 {
        sample::user(&store, first, sample::new_user(number, "Grace")).await;
    }
    let mut index = Index::load(file::open(&folder.path().join("index")).unwrap()).unwrap();
    assert_eq!(walk(&mut index, &database), Ok(Run::More));
    assert!(index.walk().is_some());
    let second = sample::account(&store, "second").await;
    for (number, account) in [(10, second), (11, first), (12, second)] {
        sample::user(&store, account, sample::new_user(number, "Grace")).await;
    }
    while index.walk().is_some() {
        walk(&mut index, &database).unwrap();
    }
    let mut turn = first;
    let nothing = Unsearched::default();
    while follow_logs(&mut index, &database, &nothing, &mut turn) == Ok(Run::More) {}
    let connection = SqliteConnection(Connection::open(folder.path().join("index")).unwrap());
    for (account, graces) in [(first, 6), (second, 2)] {
        let count = |query| found_in(&connection, account, &SearchQuery::parse(query)).1;
        assert_eq!((count("grace"), count("role:admin")), (graces, 1));
    }
}

#[tokio::test]
async fn what_the_index_may_pass_over_it_passes_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.db");
    let options = SqliteOptions {
        path: path.clone(),
        cache_bytes: 0,
        queue_limit: 8,
        held_back: SqliteOptions::HELD_BACK,
        mode: OpenMode::Command,
    };
    let store = SqliteStore::open(options).unwrap();
    let database = Readers::new(path);
    let account = sample::account(&store, "first").await;
    let mut index = Index::load(file::open(&folder.path().join("index")).unwrap()).unwrap();
    while index.walk().is_some() {
        walk(&mut index, &database).unwrap();
    }
    let unsearched = Unsearched::default();
    for (number, name) in [(1, "Grace"), (2, "Ada"), (3, "Mary")] {
        sample::user(&store, account, sample::new_user(number, name)).await;
        let log = database.read(|connection| searched::log(connection, account)).unwrap().unwrap();
        if name == "Ada" {
            unsearched.add(vec![(account, EventSequence(log.next_event - 1))]);
        }
    }
    let mut turn = account;
    while follow_logs(&mut index, &database, &unsearched, &mut turn) == Ok(Run::More) {}
    let connection = SqliteConnection(Connection::open(folder.path().join("index")).unwrap());
    let counts = ["grace", "ada", "mary"]
        .map(|query| found_in(&connection, account, &SearchQuery::parse(query)).1);
    assert_eq!(counts, [1, 0, 1]);
}

#[test]
fn no_query_is_too_large_for_the_index() {
    let folder = tempfile::tempdir().unwrap();
    let (mut index, connection) = index_in(folder.path());
    let long = "ß".repeat(4096);
    put(&mut index, &[numbered(1, &long), numbered(2, &"a ".repeat(2048))]);
    for (query, expected) in [
        (long.clone(), vec![1]),
        (format!("\"{}\"", "a ".repeat(2048)), vec![2]),
        (format!("\"{}\"", "a ".repeat(2049)), vec![]),
        ("a ".repeat(32), vec![2]),
        ("-b ".repeat(32), vec![1, 2]),
        (format!("\"{}\"", "b ".repeat(20_000)), vec![]),
        ("c".repeat(100_000), vec![]),
    ] {
        let count = expected.len() as u64;
        let start: String = query.chars().take(20).collect();
        assert_eq!(found(&connection, &SearchQuery::parse(&query)), (expected, count), "{start}");
    }
}
