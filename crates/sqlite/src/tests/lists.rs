//! Lists against what the directory says that they are, and what reading them costs.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use roster_directory::{
    AccountId, CustomRoleId, EndUserId, GroupId, NameKey, ObjectId, OrganizationId, PageLimit,
    RecordPatch, Role, Roles, Segment, SortField, SortValue, Start, Timestamp, User, UserFilter,
    UserId, UserKey, UserList, UserPage, UserSort,
};
use roster_relational::lists::{
    Bookmarks, count_users, statements_of_deleted_users, statements_of_users, users,
};
use roster_relational::tables::{record, user};
use roster_testkit::sample;
use rusqlite::Connection;

use crate::cache::Cache;
use crate::change_buffer::merge;
use crate::migrate;
use crate::snapshot::Snapshot;
use crate::sql::SqliteConnection;

const FIELDS: [SortField; 4] =
    [SortField::Id, SortField::Name, SortField::CreatedAt, SortField::UpdatedAt];

fn account() -> AccountId {
    AccountId::from_stored(1)
}

pub(super) fn empty() -> SqliteConnection {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.db");
    let mut connection = SqliteConnection(Connection::open(&path).unwrap());
    migrate::migrate(&mut connection, Path::new("roster.db")).unwrap();
    // On Unix a file stays as long as it is open.
    connection
}

/// The same list twice: read, and read once more with the bookmarks that the first reading left.
fn list_users(connection: &SqliteConnection, list: &UserList) -> UserPage {
    let (cache, bookmarks) = (Cache::new(0), Bookmarks::new(0));
    let read = || {
        let mut snapshot = Snapshot::begin(connection, &cache, account()).unwrap();
        users(&mut snapshot, &bookmarks, account(), list).unwrap()
    };
    let page = read();
    assert_eq!(read(), page, "{list:?}");
    page
}

fn sorts() -> impl Iterator<Item = UserSort> {
    let both = |field| [false, true].map(|descending| UserSort { field, descending });
    FIELDS.into_iter().flat_map(both)
}

/// A user, with few different names and moments.
fn person(number: i64) -> User {
    let mut bytes = [0; 12];
    bytes[4..].copy_from_slice(&number.to_be_bytes());
    let moment = Timestamp::from_micros(number * 7 % 5);
    let role = [Role::EndUser, Role::EndUser, Role::Agent, Role::Admin]
        [usize::try_from(number % 4).unwrap()];
    let id = UserId::from_stored(number);
    let mut user = User::blank(id, EndUserId(ObjectId::from_bytes(bytes)), role, moment);
    user.updated_at = Timestamp::from_micros(number * 11 % 4);
    user.profile.display_name = Some(sample::text(
        ["Ada", "ada L", "Grace", "adb"][usize::try_from(number % 3 + number % 2).unwrap()],
    ));
    user.support.update(|support| {
        support.organization_id = (number % 3 != 0).then_some(OrganizationId(1));
        support.custom_role_id = (number % 8 == 2).then_some(CustomRoleId(1));
    });
    user
}

/// Whether a user is in the only group that there is.
fn is_member(user: &User) -> bool {
    user.role != Role::EndUser && user.user_id.get() % 6 != 2
}

/// Many users in one account, and one user of another.
fn crowd() -> (SqliteConnection, Vec<Arc<User>>) {
    let connection = empty();
    let people: Vec<_> = (1..=24).map(|number| Arc::new(person(number * 10))).collect();
    for person in &people {
        user::insert(&connection, account(), person).unwrap();
        if is_member(person) {
            let (user_id, group_id) = (person.user_id, GroupId(1));
            let membership = RecordPatch::Membership { user_id, group_id };
            let number = 1000 + person.user_id.get();
            let membership = membership.into_record(number, person.created_at).unwrap();
            record::insert(&connection, account(), &membership).unwrap();
        }
    }
    let stranger = User { support: people[0].support.clone(), ..person(15) };
    user::insert(&connection, AccountId::from_stored(2), &stranger).unwrap();
    merge::from_user(&connection, 0).unwrap();
    (connection, people)
}

fn filters() -> Vec<UserFilter> {
    let segments = [
        Segment::Account,
        Segment::Organization(OrganizationId(1)),
        Segment::Organization(OrganizationId(2)),
        Segment::Group(GroupId(1)),
        Segment::Group(GroupId(2)),
    ];
    let only = |role| Roles::NONE.with(role);
    let roles = [
        Roles::ALL,
        Roles::NONE,
        Roles::TEAM,
        only(Role::EndUser),
        only(Role::Admin),
        only(Role::EndUser).with(Role::Agent),
    ];
    let mut filters = Vec::new();
    for segment in segments {
        let all = UserFilter::all(segment);
        filters.extend(roles.map(|roles| UserFilter { roles, ..all.clone() }));
        let custom_role = Some(CustomRoleId(1));
        filters.push(UserFilter { custom_role, ..all.clone() });
        for prefix in ["ada", "x"] {
            let named = UserFilter { name_prefix: Some(NameKey::new(prefix)), ..all.clone() };
            filters.push(UserFilter { roles: Roles::TEAM, custom_role, ..named.clone() });
            filters.push(named);
        }
    }
    filters
}

/// Those of the crowd who are in a list.
fn listed(people: &[Arc<User>], filter: &UserFilter) -> Vec<Arc<User>> {
    let in_group = |user: &User| match filter.segment {
        Segment::Group(group) => group == GroupId(1) && is_member(user),
        Segment::Account | Segment::Organization(_) => true,
    };
    people.iter().filter(|user| filter.matches(user) && in_group(user)).cloned().collect()
}

/// Places to begin at: those of the crowd, and some that are nobody's.
fn starts(people: &[Arc<User>], sort: UserSort) -> Vec<Start> {
    let mut keys: Vec<_> = people.iter().step_by(2).map(|user| sort.key(user)).collect();
    let values = match sort.field {
        SortField::Id => vec![SortValue::Id],
        SortField::Name => {
            ["", "ada", "adaa", "z"].map(|name| SortValue::Name(NameKey::new(name))).to_vec()
        }
        SortField::CreatedAt | SortField::UpdatedAt => {
            [-1, 2, 9].map(|at| SortValue::Moment(Timestamp::from_micros(at))).to_vec()
        }
    };
    for value in values {
        for id in [i64::MIN, 115, i64::MAX] {
            keys.push(UserKey { value: value.clone(), id: UserId::from_stored(id) });
        }
    }
    let places = keys.into_iter().flat_map(|key| [Start::After(key.clone()), Start::Before(key)]);
    places.chain((0..26).map(Start::Offset)).collect()
}

#[test]
fn every_part_of_every_list_is_what_it_should_be() {
    let (connection, people) = crowd();
    for filter in filters() {
        let expected = listed(&people, &filter);
        for sort in sorts() {
            for (start, limit) in
                starts(&people, sort).into_iter().zip([1, 3, 100].into_iter().cycle())
            {
                let limit = PageLimit::new(limit).unwrap();
                let list = UserList { filter: filter.clone(), sort, start, limit };
                let page = list_users(&connection, &list);
                assert_eq!(page, list.select(expected.clone()), "{list:?}");
            }
        }
    }
}

#[test]
fn names_and_the_team_are_counted() {
    let (connection, people) = crowd();
    for filter in filters() {
        // The other counts are kept by the writes, which have not been here.
        let kept = filter.name_prefix.is_none() && !matches!(filter.segment, Segment::Group(_));
        if !kept {
            let expected = listed(&people, &filter).len();
            let count = count_users(&connection, account(), &filter).unwrap();
            assert_eq!(count, u64::try_from(expected).unwrap(), "{filter:?}");
        }
    }
}

/// Checks that a statement goes to a place in an index and reads on from there.
fn check_plan(connection: &SqliteConnection, sql: &str, covering: bool) {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    // What stands for the question marks is unknown, so that no plan can depend on it.
    let plan: Vec<String> =
        statement.raw_query().mapped(|row| row.get("detail")).collect::<Result<_, _>>().unwrap();
    for step in &plan {
        let reads_users = step.starts_with("SEARCH user") || step.starts_with("SEARCH deleted");
        let sound = if reads_users {
            !covering
                || step.contains("USING COVERING INDEX")
                || step.starts_with("SEARCH user_by_name USING PRIMARY KEY")
        } else {
            step.starts_with("SEARCH record USING COVERING INDEX")
                || step.starts_with("SEARCH record EXISTS USING COVERING INDEX")
                || step.starts_with("CORRELATED SCALAR SUBQUERY")
                // What was counted, which has a limit.
                || step.starts_with("CO-ROUTINE")
                || step.starts_with("SCAN part")
        };
        assert!(sound, "{sql}\n{plan:#?}");
    }
    assert!(!plan.is_empty());
}

#[test]
fn lists_read_an_index_from_the_place_where_they_begin() {
    let connection = empty();
    let check = |statements: Vec<String>, covering| {
        for sql in statements {
            check_plan(&connection, &sql, covering);
        }
    };
    for filter in filters() {
        for sort in sorts() {
            // By name a list is narrowed within the index; else each name has to be looked up.
            let covering = filter.name_prefix.is_none() || sort.field == SortField::Name;
            check(statements_of_users(&connection, account(), &filter, sort), covering);
        }
    }
    let updated = UserSort { field: SortField::UpdatedAt, descending: false };
    for sort in [UserSort::ID, updated] {
        check(statements_of_deleted_users(&connection, account(), sort), true);
    }
}

/// How many steps of SQLite's machine it takes to do something.
pub(super) fn cost(connection: &mut SqliteConnection, work: impl FnOnce(&SqliteConnection)) -> u64 {
    let steps = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&steps);
    let count = move || {
        counter.fetch_add(1, Ordering::Relaxed);
        false
    };
    connection.progress_handler(1, Some(count)).unwrap();
    work(connection);
    connection.progress_handler(0, None::<fn() -> bool>).unwrap();
    steps.load(Ordering::Relaxed)
}

#[test]
fn a_part_of_a_list_costs_the_same_at_any_depth() {
    let mut connection = empty();
    let count = 4000;
    connection.execute_batch("BEGIN").unwrap();
    for number in 1..=count {
        // Nearly everybody is the same in all that users are sorted by.
        let mut user = person(4 * number);
        let name = if number < 100 { format!("Zoe {number}") } else { "Ada".to_owned() };
        user.profile.display_name = Some(sample::text(&name));
        user.created_at = Timestamp::from_micros(if number < 100 { number } else { 1000 });
        user.updated_at = user.created_at;
        user::insert(&connection, account(), &user).unwrap();
    }
    merge::from_user(&connection, 0).unwrap();
    connection.execute_batch("COMMIT").unwrap();
    let middle = person(4 * 2000);
    for sort in sorts() {
        let mut key = sort.key(&middle);
        key.value = match key.value {
            SortValue::Name(_) => SortValue::Name(NameKey::new("ada")),
            SortValue::Moment(_) => SortValue::Moment(Timestamp::from_micros(1000)),
            SortValue::Id => SortValue::Id,
        };
        let offsets = [0, 50, 100, 110, 2000].map(Start::Offset);
        let starts = [Start::After(key.clone()), Start::Before(key)].into_iter().chain(offsets);
        for start in starts {
            let list = UserList {
                filter: UserFilter::all(Segment::Account),
                sort,
                start: start.clone(),
                limit: PageLimit::new(10).unwrap(),
            };
            let steps = cost(&mut connection, |connection| {
                let page = list_users(connection, &list);
                assert_eq!((page.users.len(), page.more), (10, true), "{list:?}");
            });
            // What is skipped is skipped within the index, at a few steps each, and may be
            // counted once more. A page takes about a thousand.
            let skipped = match start {
                Start::Offset(offset) => 20 * offset,
                Start::After(_) | Start::Before(_) => 0,
            };
            assert!(steps < 2000 + skipped, "{list:?} takes {steps} steps");
        }
    }
}
