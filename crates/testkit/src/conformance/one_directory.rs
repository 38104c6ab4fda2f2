//! Both dialects keep one directory: what one of them does, the other sees, as far as it is meant
//! to.

use std::sync::Arc;

use roster_directory::{
    AccountId, Change, CreateConversationError, CreateEndUserError, Created, EndUserPatch,
    NewEndUser, Participant, PatchEndUserError, Profile, Role, Store, User, UserPatch,
};

use crate::look;
use crate::sample::{self, at, email, end_user_id, external_id, new_email, new_user, text};

/// Makes an end user through Ada's dialect.
async fn grace(store: &dyn Store, account: AccountId) -> Arc<User> {
    let new = NewEndUser {
        external_id: Some(external_id("Crm-1")),
        profile: Profile {
            first_name: Some(text("Grace")),
            last_name: Some(text("Hopper")),
            email: Some(text("grace@example.org")),
            ..Profile::default()
        },
        expires_at: Some(at(5000)),
        ..sample::new_end_user(1)
    };
    sample::end_user(store, account, new).await
}

/// An end user of Ada's dialect is one of the users, as they are, and may be changed as one.
pub async fn an_end_user_of_ada_is_a_user(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let user = grace(&*store, account).await;
    let found = || Ok(Some(Arc::clone(&user)));
    assert_eq!(store.user(account, user.user_id).await, found());
    assert_eq!(store.user_by_email(account, &email("Grace@example.org")).await, found());
    let key = vec![external_id("crm-1")];
    let listed = store.users_by_external_id(account, key).await;
    assert_eq!(listed, Ok(vec![Arc::clone(&user)]));
    assert_eq!(look::people(&*store, account).await[1..], [Arc::clone(&user)]);
    assert_eq!(&*user.name(), "Grace Hopper");

    let patch = UserPatch { name: Change::Set(text("Amazing")), ..UserPatch::default() };
    let changed = store.update_user(account, user.user_id, patch, at(3)).await.unwrap();
    let mut expected = User { updated_at: at(3), ..(*user).clone() };
    expected.profile.display_name = Some(text("Amazing"));
    assert_eq!(*changed, expected);
    assert_eq!(look::end_user(&*store, account, user.end_user_id).await, changed);
    assert_eq!(look::end_users(&*store, account).await, [changed]);
}

/// An end user of Zendesk's dialect is one of Ada's: they are found, listed, met again, changed,
/// and may be talked with.
pub async fn an_end_user_of_zendesk_is_one_of_adas(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let channel = sample::channel(&*store, account, 1).await;
    let mut new = new_user(7, "Grace");
    new.patch.external_id = Change::Set(external_id("Crm-1"));
    new.patch.identities = vec![new_email("grace@example.org")];
    let user = sample::user(&*store, account, new).await;
    let found = || Ok(Some(Arc::clone(&user)));
    assert_eq!(store.end_user(account, end_user_id(7)).await, found());
    assert_eq!(store.end_user_by_external_id(account, &external_id("crm-1")).await, found());
    assert_eq!(look::end_users(&*store, account).await, [Arc::clone(&user)]);
    let again = NewEndUser { external_id: Some(external_id("CRM-1")), ..sample::new_end_user(8) };
    let met = store.create_end_user(account, again).await;
    assert_eq!(met, Ok(Created::Existing(Arc::clone(&user))));

    let patch = EndUserPatch { email: Change::Set(text("new")), ..EndUserPatch::default() };
    let changed = store.patch_end_user(account, end_user_id(7), patch, at(3)).await.unwrap();
    assert_eq!(changed.profile.email, Some(text("new")));
    assert_eq!(look::user(&*store, account, user.user_id).await, changed);
    let identities = look::identities(&*store, account, user.user_id).await;
    assert_eq!(identities.iter().map(|it| it.value.written()).collect::<Vec<_>>(), ["new"]);
    let talk = sample::new_conversation(1, channel, Participant::Existing(end_user_id(7)));
    store.create_conversation(account, talk).await.unwrap();
}

/// Ada's dialect does not see the team: not one by one, not in a list, not to change, not to talk
/// with, and an external id of theirs cannot be had.
pub async fn ada_does_not_see_the_team(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let channel = sample::channel(&*store, account, 1).await;
    for (number, role) in [(1, Role::Agent), (2, Role::Admin)] {
        let mut new = new_user(number, "Grace");
        let key = external_id(&format!("team-{number}"));
        new.patch.external_id = Change::Set(key.clone());
        new.patch.role = Some(role);
        sample::user(&*store, account, new).await;
        let before = look::everything(&*store, account).await;
        let id = end_user_id(number);
        assert_eq!(store.end_user(account, id).await, Ok(None));
        assert_eq!(store.end_user_by_external_id(account, &key).await, Ok(None));
        assert_eq!(look::end_users(&*store, account).await, []);
        let patched = store.patch_end_user(account, id, EndUserPatch::default(), at(1)).await;
        assert_eq!(patched, Err(PatchEndUserError::NotFound));
        let reader = sample::token_id(1);
        let secrets = store.read_sensitive_metadata(account, id, reader, at(1)).await;
        assert_eq!(secrets, Ok(None));
        let talk = sample::new_conversation(1, channel, Participant::Existing(id));
        let talk = store.create_conversation(account, talk).await;
        assert_eq!(talk, Err(CreateConversationError::EndUserNotFound));
        let new = NewEndUser { external_id: Some(key), ..sample::new_end_user(9) };
        let taken = store.create_end_user(account, new).await;
        assert_eq!(taken, Err(CreateEndUserError::ExternalIdTaken));
        assert_eq!(look::everything(&*store, account).await, before);
    }
    let counts = look::counts(&*store, account).await;
    assert_eq!((counts.end_users, counts.agents, counts.admins), (0, 1, 2));
}

/// Nor can a patch of Ada's dialect take the external id of a member of the team.
pub async fn ada_cannot_take_from_the_team(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let mut new = new_user(2, "Alan");
    new.patch.external_id = Change::Set(external_id("team"));
    new.patch.role = Some(Role::Agent);
    new.patch.identities = vec![new_email("alan@example.org")];
    let member = sample::user(&*store, account, new).await;
    grace(&*store, account).await;
    let taken = Change::Set(external_id("TEAM"));
    let patch = EndUserPatch { external_id: taken, ..EndUserPatch::default() };
    let refused = store.patch_end_user(account, end_user_id(1), patch, at(1)).await;
    assert_eq!(refused, Err(PatchEndUserError::ExternalIdTaken));
    let address = Change::Set(text("alan@example.org"));
    let patch = EndUserPatch { email: address, ..EndUserPatch::default() };
    store.patch_end_user(account, end_user_id(1), patch, at(1)).await.unwrap();
    let holder = store.user_by_email(account, &email("alan@example.org")).await;
    assert_eq!(holder, Ok(Some(member)));
}

/// Whoever joins the team leaves Ada's dialect, and comes back under the same identifiers when
/// they are an end user again; by then they do not expire any more.
pub async fn a_role_moves_a_user_in_and_out(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let user = grace(&*store, account).await;
    let become_one = async |role, now| {
        let patch = UserPatch { role: Some(role), ..UserPatch::default() };
        store.update_user(account, user.user_id, patch, at(now)).await.unwrap()
    };
    let agent = become_one(Role::Agent, 3).await;
    assert_eq!(agent.expires_at, None);
    assert_eq!(store.end_user(account, user.end_user_id).await, Ok(None));
    let key = external_id("crm-1");
    assert_eq!(store.end_user_by_external_id(account, &key).await, Ok(None));
    assert_eq!(look::end_users(&*store, account).await, []);
    assert_eq!(look::user(&*store, account, user.user_id).await, agent);
    assert_eq!(store.expire(at(6000), 10).await.unwrap().end_users, 0);
    let counts = look::counts(&*store, account).await;
    assert_eq!((counts.end_users, counts.agents), (0, 1));

    let back = become_one(Role::EndUser, 7000).await;
    let expected = User { updated_at: at(7000), expires_at: None, ..(*user).clone() };
    assert_eq!(*back, expected);
    assert_eq!(look::end_user(&*store, account, user.end_user_id).await, back);
    let found = store.end_user_by_external_id(account, &key).await;
    assert_eq!(found, Ok(Some(Arc::clone(&back))));
    assert_eq!(look::end_users(&*store, account).await, [back]);
    assert_eq!(store.expire(at(9000), 10).await.unwrap().end_users, 0);
    let counts = look::counts(&*store, account).await;
    assert_eq!((counts.end_users, counts.agents), (1, 0));
}
