//! The name that users are sorted by, which is not written down anywhere.

use std::sync::Arc;

use roster_directory::{
    AccountId, Change, EndUserPatch, NameKey, NewEndUser, PageLimit, Profile, Role, Roles, Segment,
    SortField, Store, User, UserFilter, UserId, UserPatch, UserSort,
};

use crate::look;
use crate::sample::{self, at, external_id, new_email, new_user, text};
use crate::walk::{Walk, ids};

const BY_NAME: UserSort = UserSort { field: SortField::Name, descending: false };

/// Everybody in the order of their names, but for the owner.
async fn by_name(store: &dyn Store, account: AccountId) -> Vec<Arc<User>> {
    let filter = UserFilter { roles: roles_of_clients(), ..UserFilter::all(Segment::Account) };
    Walk { filter, sort: BY_NAME, limit: PageLimit::MAX }.check(store, account).await
}

fn roles_of_clients() -> Roles {
    Roles::NONE.with(Role::EndUser).with(Role::Agent)
}

/// The names of everybody, in their order.
async fn names(store: &dyn Store, account: AccountId) -> Vec<String> {
    by_name(store, account).await.iter().map(|user| user.name().into_owned()).collect()
}

fn profile(first: Option<&str>, last: Option<&str>, display: Option<&str>) -> Profile {
    let [first_name, last_name, display_name] = [first, last, display].map(|it| it.map(text));
    Profile { first_name, last_name, display_name, ..Profile::default() }
}

/// Users are sorted by the name that is shown, wherever it comes from: display name, first and
/// last name, address, phone number, external id, identifier. Blank ones do not count.
pub async fn users_are_sorted_by_the_name_shown(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let with_email = Profile { email: Some(text("d@example.org")), ..profile(None, None, None) };
    let profiles = [
        profile(Some("First"), Some("Last"), Some("a display name")),
        profile(Some("B"), Some("Last"), Some("  ")),
        profile(None, Some("c last"), None),
        with_email,
        profile(Some("e first"), None, None),
        Profile::default(),
        Profile::default(),
    ];
    for (number, profile) in (1..).zip(profiles) {
        // In the reverse order, so that numbers do not give the order of names.
        let external_id = (number == 6).then(|| external_id("f external"));
        let new = NewEndUser { external_id, profile, ..sample::new_end_user(20 - number) };
        sample::end_user(&*store, account, new).await;
    }
    let mut phone = new_user(30, "");
    phone.patch.support.phone = Change::Set(text("555"));
    sample::user(&*store, account, phone).await;
    let expected = [
        "555".to_owned(),
        "a display name".to_owned(),
        "B Last".to_owned(),
        "c last".to_owned(),
        "d@example.org".to_owned(),
        "e first".to_owned(),
        format!("End user {}", sample::end_user_id(13)),
        "f external".to_owned(),
    ];
    assert_eq!(names(&*store, account).await, expected);
}

/// Names are sorted without regard to case, beyond ASCII too, by code points.
pub async fn names_are_sorted_without_case(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    for (number, name) in (1..).zip(["Zoë", "été", "alan", "Été 2", "ALAN B", "_", "  Bob  ", "🙂"])
    {
        sample::user(&*store, account, new_user(number, name)).await;
    }
    let expected = ["_", "alan", "ALAN B", "Bob", "Zoë", "été", "Été 2", "🙂"];
    assert_eq!(names(&*store, account).await, expected);
}

/// A name counts up to a certain length. Users whose names are the same up to there ascend by
/// number, in either direction.
pub async fn long_names_are_the_same(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let long = "é".repeat(NameKey::LIMIT);
    let mut made = Vec::new();
    for (number, end) in [(1, "z"), (2, "a"), (3, "")] {
        let new = new_user(number, &format!("{long}{end}"));
        made.push(sample::user(&*store, account, new).await.user_id);
    }
    assert_eq!(ids(&by_name(&*store, account).await), made);
    let filter = UserFilter { roles: roles_of_clients(), ..UserFilter::all(Segment::Account) };
    let sort = UserSort { descending: true, ..BY_NAME };
    let walk = Walk { filter, sort, limit: PageLimit::new(1).unwrap() };
    assert_eq!(ids(&walk.check(&*store, account).await), made);
}

/// The order follows every change that shows, through whichever dialect it is made.
pub async fn the_order_follows_the_names(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let middle = sample::user(&*store, account, new_user(1, "m")).await.user_id;
    let user = sample::end_user(&*store, account, sample::new_end_user(2)).await;
    let id = user.user_id;
    // An identifier is shown as "End user 6ab1…", which comes before "m".
    assert_eq!(ids(&by_name(&*store, account).await), [id, middle]);

    let update = async |patch: UserPatch| {
        store.update_user(account, id, patch, at(1)).await.unwrap();
        ids(&by_name(&*store, account).await)
    };
    let mut phone = UserPatch::default();
    phone.support.phone = Change::Set(text("z"));
    assert_eq!(update(phone).await, [middle, id]);
    let email = new_email("a@example.org");
    let email = store.create_identity(account, id, email, at(1)).await.unwrap();
    assert_eq!(ids(&by_name(&*store, account).await), [id, middle]);
    store.delete_identity(account, id, email.id, at(1)).await.unwrap();
    assert_eq!(ids(&by_name(&*store, account).await), [middle, id]);

    let patch = EndUserPatch { first_name: Change::Set(text("b")), ..EndUserPatch::default() };
    store.patch_end_user(account, user.end_user_id, patch, at(1)).await.unwrap();
    assert_eq!(ids(&by_name(&*store, account).await), [id, middle]);
    let name = UserPatch { name: Change::Set(text("Z")), ..UserPatch::default() };
    assert_eq!(update(name).await, [middle, id]);
    let name = UserPatch { name: Change::Clear, ..UserPatch::default() };
    assert_eq!(update(name).await, [id, middle]);
}

/// A list may have only those whose name begins in a certain way, in any case. Nothing in the
/// beginning of a name is special.
pub async fn names_are_found_by_their_beginning(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let names = ["Grace", "GRACE B", "gra", "Été", "a%b", "a_b", "axb", "a\"b", "a*b", "Ş", "İz"];
    let mut made = Vec::new();
    for (number, name) in (1..).zip(names) {
        made.push(sample::user(&*store, account, new_user(number, name)).await.user_id);
    }
    let found = async |beginning: &str| -> Vec<UserId> {
        let name_prefix = Some(NameKey::new(beginning));
        let filter = UserFilter {
            name_prefix,
            roles: roles_of_clients(),
            ..UserFilter::all(Segment::Account)
        };
        let walk = Walk { filter, sort: UserSort::ID, limit: PageLimit::new(2).unwrap() };
        ids(&walk.check(&*store, account).await)
    };
    assert_eq!(found("grace").await, [made[0], made[1]]);
    assert_eq!(found("GRA").await, [made[0], made[1], made[2]]);
    assert_eq!(found("éT").await, [made[3]]);
    assert_eq!(found("a%").await, [made[4]]);
    assert_eq!(found("a_").await, [made[5]]);
    assert_eq!(found("a\"").await, [made[7]]);
    assert_eq!(found("a*").await, [made[8]]);
    assert_eq!(found("İ").await, [made[10]]);
    assert_eq!(found("race").await, []);
    assert_eq!(found("\u{10ffff}").await, []);
    assert_eq!(found("").await, made);
    let first = look::user(&*store, account, made[0]).await;
    let name = UserPatch { name: Change::Set(text("Renamed")), ..UserPatch::default() };
    store.update_user(account, first.user_id, name, at(1)).await.unwrap();
    assert_eq!(found("grace").await, [made[1]]);
}
