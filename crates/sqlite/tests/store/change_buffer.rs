//! Index entries that are held back: nobody misses them, and nothing loses them.

use std::path::Path;
use std::sync::Arc;

use crate::common::{account_of, open, open_for_command, options};
use roster_directory::{
    AccountId, Created, IdentityKind, IdentityValue, NameKey, NewEndUser, NewIdentity, NewToken,
    PageLimit, Profile, Role, Roles, Segment, SortField, Start, Store, User, UserFilter, UserList,
    UserSort, UserStore,
};
use roster_sqlite::{SqliteOptions, SqliteStore};
use roster_testkit::sample;
use rusqlite::Connection;

/// Few enough for several batches to be merged while a test runs.
const FEW: usize = 8;

fn open_holding(folder: &Path, held_back: usize) -> SqliteStore {
    let options = options(&folder.join("roster.db"));
    SqliteStore::open(SqliteOptions { held_back, ..options }).unwrap()
}

fn address(number: u32) -> String {
    format!("Grace.{:08x}@example.org", number.wrapping_mul(0x9e37_79b9))
}

/// Makes a user with an address of their own, whose name is the number in another order.
async fn grace(store: &SqliteStore, account: AccountId, number: u32) -> Arc<User> {
    let profile = Profile {
        display_name: Some(sample::text(&format!("{:08x}", number.wrapping_mul(0x85eb_ca6b)))),
        email: Some(sample::text(&address(number))),
        ..Profile::default()
    };
    let new = NewEndUser { profile, ..sample::new_end_user(number) };
    match store.create_end_user(account, new).await.unwrap() {
        Created::New(user) => user,
        Created::Existing(user) => panic!("{user:?}"),
    }
}

async fn holder(store: &SqliteStore, account: AccountId, number: u32) -> Option<Arc<User>> {
    let address: IdentityValue = sample::identity_value(IdentityKind::Email, &address(number));
    store.user_by_email(account, &address).await.unwrap()
}

/// Everybody in the account but its owner, by name.
async fn by_name(store: &SqliteStore, account: AccountId) -> Vec<String> {
    let list = UserList {
        filter: UserFilter {
            roles: Roles::NONE.with(Role::EndUser),
            ..UserFilter::all(Segment::Account)
        },
        sort: UserSort { field: SortField::Name, descending: false },
        start: Start::Offset(0),
        limit: PageLimit::MAX,
    };
    let page = store.users(account, list).await.unwrap();
    page.users.iter().map(|user| user.name().into_owned()).collect()
}

/// How many rows have no entry in the indexes, and entries no row, in the file.
fn missing(folder: &Path) -> i64 {
    let connection = Connection::open(folder.join("roster.db")).unwrap();
    let entries = "SELECT account_id, name_key, user_id, role FROM user_by_name";
    let rows = "SELECT account_id, name_key, user_id, role FROM user";
    let values = "SELECT account_id, kind, value_key, identity_id, user_id FROM identity_by_value";
    let identities = "SELECT account_id, kind, value_key, identity_id, user_id FROM identity";
    let differences =
        [(rows, entries), (entries, rows), (identities, values), (values, identities)];
    let count = |(these, those)| {
        let sql = format!("SELECT count(*) FROM ({these} EXCEPT {those})");
        connection.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    differences.into_iter().map(count).sum()
}

#[tokio::test]
async fn who_was_made_is_known_by_name_and_address_at_once() {
    for held_back in [FEW, SqliteOptions::HELD_BACK] {
        let folder = tempfile::tempdir().unwrap();
        let store = open_holding(folder.path(), held_back);
        let account = account_of(&store).await;
        let mut names = Vec::new();
        for number in 0..100 {
            let user = grace(&store, account, number).await;
            names.push(user.name().into_owned());
            assert_eq!(holder(&store, account, number).await, Some(user));
            if number % 9 == 0 {
                names.sort();
                assert_eq!(by_name(&store, account).await, names[..names.len().min(100)]);
            }
        }
        for number in 0..100 {
            assert!(holder(&store, account, number).await.is_some(), "{number}");
        }
    }
}

#[tokio::test]
async fn a_close_holds_nothing_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let account = account_of(&store).await;
    for number in 0..10 {
        grace(&store, account, number).await;
    }
    store.close().await;
    assert_eq!(missing(folder.path()), 0);
}

#[tokio::test]
async fn a_batch_is_merged_while_users_are_made() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_holding(folder.path(), FEW);
    let account = account_of(&store).await;
    for number in 0..200 {
        grace(&store, account, number).await;
        // A batch that is being merged, and one that is not full.
        assert!(missing(folder.path()) <= 3 * i64::try_from(FEW).unwrap());
    }
}

#[tokio::test]
async fn a_kill_loses_no_entry() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_holding(folder.path(), FEW);
    let account = account_of(&store).await;
    let mut names = Vec::new();
    for number in 0..90 {
        names.push(grace(&store, account, number).await.name().into_owned());
        if number % 4 != 0 {
            continue;
        }
        // These are the files as a kill at this moment would leave them.
        let killed = tempfile::tempdir().unwrap();
        for file in ["roster.db", "roster.db-wal"] {
            std::fs::copy(folder.path().join(file), killed.path().join(file)).unwrap();
        }
        names.sort();
        // A command that comes first finds who was made last, though no server is there to ask.
        let command = open_for_command(killed.path());
        for number in 0..=number {
            assert!(holder(&command, account, number).await.is_some(), "{number}");
        }
        let token = sample::new_token(number);
        let user_email = Some(sample::text(&address(number)));
        let token = NewToken { user_email, ..token };
        command.create_token(account, token).await.unwrap();
        command.close().await;

        let store = open(killed.path());
        assert_eq!(missing(killed.path()), 0);
        assert_eq!(by_name(&store, account).await, names);
        assert!(holder(&store, account, number).await.is_some());
    }
}

#[tokio::test]
async fn what_a_user_gets_later_is_not_held_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let account = account_of(&store).await;
    let user = grace(&store, account, 1).await.user_id;
    store.close().await;
    assert_eq!(missing(folder.path()), 0);
    // From the file alone nobody could tell that something is missing of a user so old.
    let store = open(folder.path());
    let (kind, value) = (IdentityKind::Email, IdentityValue::claimed("late@example.org").unwrap());
    let identity = NewIdentity { kind, value, verified: false, primary: false };
    store.create_identity(account, user, identity, sample::at(1)).await.unwrap();
    assert_eq!(missing(folder.path()), 0);
}

#[tokio::test]
async fn an_address_has_one_holder_however_many_have_had_it() {
    for held_back in [FEW, SqliteOptions::HELD_BACK] {
        let folder = tempfile::tempdir().unwrap();
        let store = open_holding(folder.path(), held_back);
        let account = account_of(&store).await;
        for round in 0..20 {
            let number = 1000 * round;
            let email = || Some(sample::text("one@example.org"));
            let value = sample::identity_value(IdentityKind::Email, "one@example.org");
            let with_it = |number| NewEndUser {
                profile: Profile { email: email(), ..Profile::default() },
                ..sample::new_end_user(number)
            };
            let first = sample::end_user(&store, account, with_it(number)).await;
            let second = sample::end_user(&store, account, with_it(number + 1)).await;
            let held = || async { store.user_by_email(account, &value).await.unwrap() };
            assert_eq!(held().await, Some(Arc::clone(&first)));
            store.delete_user(account, first.user_id, sample::at(1)).await.unwrap();
            assert_eq!(held().await, None);
            let third = sample::end_user(&store, account, with_it(number + 2)).await;
            assert_eq!(held().await, Some(Arc::clone(&third)));
            for number in number + 3..number + 3 + u32::try_from(FEW).unwrap() {
                grace(&store, account, number).await;
            }
            assert_eq!(held().await, Some(Arc::clone(&third)));
            for user in [second, third] {
                store.delete_user(account, user.user_id, sample::at(2)).await.unwrap();
            }
        }
        store.close().await;
        assert_eq!(missing(folder.path()), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_is_missed_while_entries_are_merged() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open_holding(folder.path(), FEW));
    let account = account_of(&store).await;
    let makers: Vec<_> = (0..4)
        .map(|task| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for number in task * 1000..task * 1000 + 150 {
                    let user = grace(&store, account, number).await;
                    // Others make users meanwhile, and so have this one's entries merged.
                    for _ in 0..20 {
                        let found = holder(&store, account, number).await;
                        assert_eq!(found.as_ref(), Some(&user), "{number}");
                    }
                    let list = UserList {
                        filter: UserFilter {
                            name_prefix: Some(NameKey::new(&user.name())),
                            ..UserFilter::all(Segment::Account)
                        },
                        sort: UserSort { field: SortField::Name, descending: true },
                        start: Start::Offset(0),
                        limit: PageLimit::MAX,
                    };
                    let page = store.users(account, list).await.unwrap();
                    assert_eq!(page.users, [user], "{number}");
                }
            })
        })
        .collect();
    for maker in makers {
        maker.await.unwrap();
    }
    store.close().await;
    assert_eq!(missing(folder.path()), 0);
}

#[tokio::test]
async fn a_command_writes_its_entries_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = open(folder.path());
    let account = account_of(&server).await;
    grace(&server, account, 1).await;
    let command = open_for_command(folder.path());
    let other = command.create_account(sample::new_account("other")).await.unwrap().id;
    let made = grace(&command, other, 2).await;
    command.close().await;
    assert_eq!(holder(&server, other, 2).await, Some(made));
    assert_eq!(by_name(&server, other).await.len(), 1);
    server.close().await;
    assert_eq!(missing(folder.path()), 0);
}

#[tokio::test]
async fn a_command_does_not_take_an_address_that_a_server_has_given() {
    let folder = tempfile::tempdir().unwrap();
    let server = open(folder.path());
    let account = account_of(&server).await;
    let held = grace(&server, account, 1).await;
    let command = open_for_command(folder.path());
    let same = NewEndUser {
        profile: Profile { email: Some(sample::text(&address(1))), ..Profile::default() },
        ..sample::new_end_user(2)
    };
    let other = sample::end_user(&command, account, same).await;
    assert_eq!(command.identities(account, vec![other.user_id]).await.unwrap(), []);
    command.close().await;
    assert_eq!(holder(&server, account, 1).await, Some(held));
    // The server has read before, and finds who was made elsewhere since then.
    assert_eq!(server.end_user(account, other.end_user_id).await.unwrap(), Some(other));
}

#[tokio::test]
async fn a_page_by_name_begins_where_it_should_although_users_are_made() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open(folder.path()));
    let account = account_of(&store).await;
    let mut names = Vec::new();
    for number in 0..500 {
        names.push(grace(&store, account, number).await.name().into_owned());
    }
    for number in 500..520 {
        let page = |offset: u64| UserList {
            filter: UserFilter {
                roles: Roles::NONE.with(Role::EndUser),
                ..UserFilter::all(Segment::Account)
            },
            sort: UserSort { field: SortField::Name, descending: false },
            start: Start::Offset(offset),
            limit: PageLimit::MAX,
        };
        let maker = {
            let store = Arc::clone(&store);
            tokio::spawn(async move { grace(&store, account, number).await })
        };
        // These pages may be of before or after; the next ones are of after.
        for offset in [300, 400] {
            store.users(account, page(offset)).await.unwrap();
        }
        names.push(maker.await.unwrap().name().into_owned());
        names.sort();
        for offset in [300_u64, 400] {
            let listed = store.users(account, page(offset)).await.unwrap().users;
            let listed: Vec<_> = listed.iter().map(|user| user.name().into_owned()).collect();
            let begin = usize::try_from(offset).unwrap();
            let expected: Vec<_> = names.iter().skip(begin).take(100).cloned().collect();
            assert_eq!(listed, expected, "{number}");
        }
    }
}
