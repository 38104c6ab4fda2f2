//! Making a user, or changing the one who is there already.

use std::sync::Arc;

use roster_directory::{
    AccountId, Change, IdentityKind, NewIdentity, NewUser, Role, SaveUserError, Saved, Store, User,
    UserPatch,
};

use crate::look;
use crate::sample::{self, at, email, end_user_id, external_id, new_email, new_identity, text};

/// A request that names a user by what it says.
fn request(external: Option<&str>, addresses: &[&str]) -> NewUser {
    let patch = UserPatch {
        name: Change::Set(text("Renamed")),
        external_id: external.map(external_id).map_or(Change::Keep, Change::Set),
        identities: addresses.iter().map(|address| new_email(address)).collect(),
        ..UserPatch::default()
    };
    NewUser { end_user_id: end_user_id(99), patch, created_at: at(7) }
}

/// Makes a user with this external id and these addresses.
async fn known(
    store: &dyn Store,
    account: AccountId,
    number: u32,
    external: Option<&str>,
    addresses: &[&str],
) -> Arc<User> {
    let new = NewUser { created_at: at(0), ..request(external, addresses) };
    sample::user(store, account, NewUser { end_user_id: end_user_id(number), ..new }).await
}

/// Somebody of whom nothing is known yet is made as any new user.
pub async fn nobody_known_is_made(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    known(&*store, account, 1, Some("crm-1"), &["one@example.org"]).await;
    let new = request(Some("crm-2"), &["two@example.org"]);
    let saved = store.create_or_update_user(account, new).await.unwrap();
    let Saved::Created(user) = saved else { unreachable!("{saved:?}") };
    assert_eq!((user.end_user_id, user.created_at), (end_user_id(99), at(7)));
    assert_eq!(user.profile.email, Some(text("two@example.org")));
    let nameless = NewUser { end_user_id: end_user_id(98), ..request(None, &[]) };
    let saved = store.create_or_update_user(account, nameless).await.unwrap();
    assert!(matches!(saved, Saved::Created(_)), "{saved:?}");
    assert_eq!(look::counts(&*store, account).await.end_users, 3);
}

/// The external id names the user to change, in any case, and is kept as it is written now.
pub async fn the_external_id_names_the_user(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let user = known(&*store, account, 1, Some("crm-1"), &[]).await;
    let new = request(Some("CRM-1"), &["one@example.org"]);
    let saved = store.create_or_update_user(account, new).await.unwrap();
    let mut expected =
        User { external_id: Some(external_id("CRM-1")), updated_at: at(7), ..(*user).clone() };
    expected.profile.email = Some(text("one@example.org"));
    assert_eq!(saved, Saved::Updated(Arc::new(expected)));
    assert_eq!(look::counts(&*store, account).await.end_users, 1);
}

/// If nobody has the external id, the first identity that somebody has names the user.
pub async fn an_identity_names_the_user(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let user = known(&*store, account, 1, None, &["one@example.org"]).await;
    let new = request(Some("crm-1"), &["new@example.org", "ONE@example.org"]);
    let saved = store.create_or_update_user(account, new).await.unwrap();
    let Saved::Updated(changed) = saved else { unreachable!("{saved:?}") };
    assert_eq!(changed.user_id, user.user_id);
    assert_eq!(changed.external_id, Some(external_id("crm-1")));
    let identities = look::identities(&*store, account, user.user_id).await;
    let values: Vec<_> = identities.iter().map(|it| it.value.written()).collect();
    assert_eq!(values, ["one@example.org", "new@example.org"]);

    let mut phone = request(None, &[]);
    phone.patch.identities = vec![new_identity(IdentityKind::PhoneNumber, "one@example.org")];
    let saved = store.create_or_update_user(account, phone).await.unwrap();
    assert!(matches!(saved, Saved::Created(_)), "another kind is another identity: {saved:?}");
}

/// Who has the external id comes first. The identities of somebody else are refused then.
pub async fn the_external_id_comes_first(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let first = known(&*store, account, 1, Some("crm-1"), &["one@example.org"]).await;
    let second = known(&*store, account, 2, Some("crm-2"), &["two@example.org"]).await;
    let before = look::everything(&*store, account).await;
    let new = request(Some("crm-2"), &["one@example.org"]);
    let refused = store.create_or_update_user(account, new).await;
    let taken = SaveUserError::IdentityTaken(IdentityKind::Email, email("one@example.org"));
    assert_eq!(refused, Err(taken));
    // Of two users' addresses the first one names the user.
    let new = request(None, &["two@example.org", "one@example.org"]);
    let refused = store.create_or_update_user(account, new).await;
    let taken = SaveUserError::IdentityTaken(IdentityKind::Email, email("one@example.org"));
    assert_eq!(refused, Err(taken));
    assert_eq!(look::everything(&*store, account).await, before);

    let new = request(Some("crm-1"), &["three@example.org"]);
    let saved = store.create_or_update_user(account, new).await.unwrap();
    let Saved::Updated(changed) = saved else { unreachable!("{saved:?}") };
    assert_eq!(changed.user_id, first.user_id);
    assert_eq!(look::user(&*store, account, second.user_id).await, second);
}

/// A user who is changed keeps their primary address; one who is made gets the one asked for.
pub async fn a_known_user_keeps_their_primary_address(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    known(&*store, account, 1, Some("crm-1"), &["one@example.org"]).await;
    let mut new = request(Some("crm-1"), &["second@example.org"]);
    new.patch.identities.push(NewIdentity { primary: true, ..new_email("new@example.org") });
    let saved = store.create_or_update_user(account, new.clone()).await.unwrap();
    let Saved::Updated(changed) = saved else { unreachable!("{saved:?}") };
    assert_eq!(changed.profile.email, Some(text("one@example.org")));

    let other = sample::account(&*store, "other").await;
    let saved = store.create_or_update_user(other, new).await.unwrap();
    let Saved::Created(made) = saved else { unreachable!("{saved:?}") };
    assert_eq!(made.profile.email, Some(text("new@example.org")));
}

/// A request that changes nothing of a known user is no event, and still says whom it met.
pub async fn what_is_so_already_is_no_event(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let user = known(&*store, account, 1, Some("crm-1"), &["one@example.org"]).await;
    let before = look::everything(&*store, account).await;
    let new = request(Some("crm-1"), &["one@example.org"]);
    let saved = store.create_or_update_user(account, new).await;
    assert_eq!(saved, Ok(Saved::Updated(user)));
    assert_eq!(look::everything(&*store, account).await, before);
}

/// The deleted are not known: their external id and their addresses make a new user.
pub async fn the_deleted_are_not_known(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let gone = known(&*store, account, 1, Some("crm-1"), &["one@example.org"]).await;
    store.delete_user(account, gone.user_id, at(1)).await.unwrap();
    let new = request(Some("crm-1"), &["one@example.org"]);
    let saved = store.create_or_update_user(account, new).await.unwrap();
    let Saved::Created(made) = saved else { unreachable!("{saved:?}") };
    assert!(made.user_id > gone.user_id);
}

/// The owner is known like everybody else, and stays an admin.
pub async fn the_owner_is_known(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let owner = store.owner(account).await.unwrap();
    let own = new_email("owner@example.org");
    store.create_identity(account, owner, own, at(1)).await.unwrap();
    let mut new = request(None, &["owner@example.org"]);
    new.patch.role = Some(Role::Agent);
    let refused = store.create_or_update_user(account, new).await;
    assert_eq!(refused, Err(SaveUserError::OwnerStaysAdmin));
    let saved = store.create_or_update_user(account, request(None, &["owner@example.org"])).await;
    assert!(matches!(saved, Ok(Saved::Updated(user)) if user.user_id == owner));
}

/// A user may come with hundreds of identities, in whatever way, and be given hundreds more.
pub async fn many_identities_come_at_once(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let addresses = |from: usize| (from..from + 200).map(|number| format!("a{number}@example.org"));
    let request = |external: &str, from| {
        let addresses: Vec<String> = addresses(from).collect();
        request(Some(external), &addresses.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let first = store.create_user(account, request("one", 0)).await.unwrap();
    let other = NewUser { end_user_id: end_user_id(98), ..request("two", 200) };
    let saved = store.create_or_update_user(account, other).await.unwrap();
    let Saved::Created(second) = saved else { unreachable!("{saved:?}") };
    let known = NewUser { end_user_id: end_user_id(97), ..request("two", 400) };
    let saved = store.create_or_update_user(account, known).await.unwrap();
    assert!(matches!(saved, Saved::Updated(_)), "{saved:?}");
    let patch = UserPatch { external_id: Change::Keep, ..request("one", 600).patch };
    store.update_user(account, first.user_id, patch, at(8)).await.unwrap();
    for user in [first, second] {
        let identities = store.identities(account, vec![user.user_id]).await.unwrap();
        assert_eq!(identities.len(), 400);
    }
}
