//! What endpoints are told of what is done through Zendesk's dialect: of end users the same as of
//! Ada's, and of the team nothing.

use std::sync::Arc;

use roster_directory::{
    AccountId, Change, Content, DeletionReason, EndUser, EventType, IdentityChange, IdentityKind,
    MessageNumber, NewUser, RecordKind, RemovalReason, Role, Saved, Store, Timestamp, User,
    UserPatch,
};

use crate::look;
use crate::sample::{
    self, at, end_user_id, external_id, listening, metadata_patch, new_email, new_identity,
    new_user, text, text_value,
};

/// Makes an end user with a key, whose making is message 1.
async fn grace(store: &dyn Store, account: AccountId) -> Arc<User> {
    let mut new = new_user(1, "Grace");
    new.patch.external_id = Change::Set(external_id("crm-1"));
    sample::user(store, account, new).await
}

/// The moments and contents of the messages after the first `skip` ones.
async fn told_after(
    skip: usize,
    store: &dyn Store,
    account: AccountId,
) -> Vec<(Timestamp, Content)> {
    let messages = look::messages(store, account, sample::endpoint_id(1)).await;
    messages.into_iter().skip(skip).map(|message| (message.at, message.content)).collect()
}

fn created(user: &User) -> (Timestamp, Content) {
    (user.updated_at, Content::EndUserCreated(EndUser::from(user)))
}

fn updated(user: &User) -> (Timestamp, Content) {
    (user.updated_at, Content::EndUserUpdated(EndUser::from(user)))
}

fn removed(at: Timestamp, key: Option<&str>, reason: RemovalReason) -> (Timestamp, Content) {
    let reason = DeletionReason::Removed(reason);
    (at, Content::EndUserDeleted { external_id: key.map(external_id), reason })
}

/// An end user who is made or changed through Zendesk's dialect is told as they are then, with the
/// address that came with them.
pub async fn end_users_of_zendesk_are_told(store: Arc<dyn Store>) {
    let (account, endpoint) = listening(&*store).await;
    let mut new = new_user(1, "Grace");
    new.patch.identities = vec![new_email("grace@example.org")];
    let made = sample::user(&*store, account, new).await;
    let patch = UserPatch {
        name: Change::Set(text("Grace Hopper")),
        metadata: metadata_patch(&[("plan", Some(text_value("free")))]),
        ..UserPatch::default()
    };
    let changed = store.update_user(account, made.user_id, patch, at(3)).await.unwrap();
    assert_eq!(changed.profile.email, Some(text("grace@example.org")));
    assert_eq!(told_after(0, &*store, account).await, [created(&made), updated(&changed)]);
    assert_eq!(look::numbers(&*store, account, endpoint).await, [1, 2]);
}

/// Whoever is made or updated is told as what became of them; if nothing changed, nothing is.
pub async fn create_or_update_tells_what_it_did(store: Arc<dyn Store>) {
    let (account, _) = listening(&*store).await;
    let save = async |name: &str, seconds| {
        let mut new = NewUser { created_at: at(seconds), ..new_user(1, name) };
        new.patch.external_id = Change::Set(external_id("crm-1"));
        match store.create_or_update_user(account, new).await.unwrap() {
            Saved::Created(user) | Saved::Updated(user) => user,
        }
    };
    let made = save("Grace", 1).await;
    save("Grace", 2).await;
    let changed = save("Alan", 3).await;
    assert_eq!(told_after(0, &*store, account).await, [created(&made), updated(&changed)]);
}

/// What only Zendesk's dialect knows of an end user is not told, and neither is what happens to
/// their organization.
pub async fn what_only_zendesk_knows_is_not_told(store: Arc<dyn Store>) {
    let (account, _) = listening(&*store).await;
    let user = grace(&*store, account).await.user_id;
    let organization = sample::organization(&*store, account, "US Navy").await;
    let mut patch = UserPatch::default();
    patch.support.notes = Change::Set(text("likes tea"));
    patch.support.suspended = Some(true);
    patch.support.organization_id = Change::Set(organization);
    let changed = store.update_user(account, user, patch, at(3)).await.unwrap();
    assert_eq!(changed.updated_at, at(3));
    let kind = RecordKind::Organization;
    store.delete_record(account, kind, organization.0, at(4)).await.unwrap();
    assert_eq!(look::user(&*store, account, user).await.updated_at, at(4));
    assert_eq!(told_after(1, &*store, account).await, []);
}

/// Of identities that is told which changes the address in the profile.
pub async fn addresses_are_told(store: Arc<dyn Store>) {
    let (account, _) = listening(&*store).await;
    let user = grace(&*store, account).await.user_id;
    let add = async |identity, seconds| {
        store.create_identity(account, user, identity, at(seconds)).await.unwrap().id
    };
    let now = async || look::user(&*store, account, user).await;
    let first = add(new_email("a@example.org"), 1).await;
    let with_first = now().await;
    let second = add(new_email("b@example.org"), 2).await;
    add(new_identity(IdentityKind::PhoneNumber, "+1555"), 3).await;
    let verify = IdentityChange::Edit { value: None, verified: Some(true) };
    store.change_identity(account, user, second, verify, at(4)).await.unwrap();
    let primary = IdentityChange::MakePrimary;
    store.change_identity(account, user, second, primary, at(5)).await.unwrap();
    let with_second = now().await;
    store.delete_identity(account, user, second, at(6)).await.unwrap();
    let without_second = now().await;
    store.delete_identity(account, user, first, at(7)).await.unwrap();

    let expected =
        [&with_first, &with_second, &without_second, &now().await].map(|user| updated(user));
    assert_eq!(told_after(1, &*store, account).await, expected);
}

/// Who is deleted is told with their key; that they are erased is not told.
pub async fn a_deletion_is_told(store: Arc<dyn Store>) {
    let (account, endpoint) = listening(&*store).await;
    let user = grace(&*store, account).await.user_id;
    store.delete_user(account, user, at(3)).await.unwrap();
    store.erase_deleted_user(account, user, at(4)).await.unwrap();
    let expected = removed(at(3), Some("crm-1"), RemovalReason::Deleted);
    assert_eq!(told_after(1, &*store, account).await, [expected]);
    let told = look::told(&*store, account, endpoint).await;
    assert_eq!(told[1], (EventType::EndUserDeleted, end_user_id(1)));
}

/// Of a merge the change of the one is told, if there is one that shows, and then the end of the
/// other.
pub async fn a_merge_is_told(store: Arc<dyn Store>) {
    let (account, endpoint) = listening(&*store).await;
    let into = grace(&*store, account).await.user_id;
    let mut merged = Vec::new();
    for number in [2, 3] {
        let mut new = new_user(number, "Grace");
        new.patch.identities = vec![new_email(&format!("{number}@example.org"))];
        let from = sample::user(&*store, account, new).await.user_id;
        merged.push(store.merge_users(account, from, into, at(5)).await.unwrap());
    }
    let gone = look::deleted(&*store, account).await;
    let messages = look::messages(&*store, account, endpoint).await;
    let told: Vec<_> = messages
        .into_iter()
        .filter(|message| message.content.event_type() != EventType::EndUserCreated)
        .map(|message| (message.number, message.end_user_id, message.at, message.content))
        .collect();
    let told_of = |number, user, (at, content)| (MessageNumber(number), user, at, content);
    let end = |number: usize| removed(gone[number].updated_at, None, RemovalReason::Merged);
    // The first one brought an address to one who had none.
    let expected = [
        told_of(3, end_user_id(1), updated(&merged[0])),
        told_of(4, end_user_id(2), end(0)),
        told_of(6, end_user_id(3), end(1)),
    ];
    assert_eq!(told, expected);
}

/// Whoever joins the team is gone, with the key that they had; whoever leaves it is new.
pub async fn a_role_is_told_as_coming_and_going(store: Arc<dyn Store>) {
    let (account, _) = listening(&*store).await;
    let user = grace(&*store, account).await.user_id;
    let change = async |role, key: &str, seconds| {
        let external_id = Change::Set(external_id(key));
        let patch = UserPatch { role: Some(role), external_id, ..UserPatch::default() };
        store.update_user(account, user, patch, at(seconds)).await.unwrap()
    };
    change(Role::Agent, "crm-2", 3).await;
    change(Role::Admin, "crm-3", 4).await;
    let back = change(Role::EndUser, "crm-4", 5).await;
    let key = Some(external_id("crm-1"));
    let reason = DeletionReason::JoinedTeam;
    let left = (at(3), Content::EndUserDeleted { external_id: key, reason });
    assert_eq!(told_after(1, &*store, account).await, [left, created(&back)]);
}

/// Nothing is ever told of the team: not of new agents, nor of their changes, groups, roles and
/// identities, nor of their end.
pub async fn the_team_is_not_told_of(store: Arc<dyn Store>) {
    let (account, endpoint) = listening(&*store).await;
    let owner = store.owner(account).await.unwrap();
    let member = sample::member(&*store, account, 1, "Alan").await.user_id;
    let group = sample::group(&*store, account, "Support").await;
    sample::membership(&*store, account, member, group).await;
    let role = sample::custom_role(&*store, account, "Light agent").await;
    for (seconds, user) in (1..).zip([owner, member]) {
        let mut patch = UserPatch {
            name: Change::Set(text("Grace")),
            external_id: Change::Set(external_id(&format!("team-{seconds}"))),
            identities: vec![new_email(&format!("{seconds}@example.org"))],
            ..UserPatch::default()
        };
        patch.support.custom_role_id = Change::Set(role);
        store.update_user(account, user, patch, at(seconds)).await.unwrap();
        let more = new_email(&format!("more-{seconds}@example.org"));
        store.create_identity(account, user, more, at(seconds)).await.unwrap();
    }
    store.delete_record(account, RecordKind::Group, group.0, at(3)).await.unwrap();
    store.delete_user(account, member, at(4)).await.unwrap();
    sample::end_users_of(&*store, account, [9]).await;
    let told = look::messages(&*store, account, endpoint).await;
    let told: Vec<_> = told.iter().map(|told| (told.number.0, told.end_user_id)).collect();
    assert_eq!(told, [(1, end_user_id(9))]);
}

/// Nothing is told of what is refused.
pub async fn refusals_of_zendesk_are_not_told(store: Arc<dyn Store>) {
    let (account, endpoint) = listening(&*store).await;
    let user = grace(&*store, account).await.user_id;
    let owner = store.owner(account).await.unwrap();
    let mut taken = new_user(2, "Eve");
    taken.patch.external_id = Change::Set(external_id("CRM-1"));
    assert!(store.create_user(account, taken).await.is_err());
    let mut patch = UserPatch { name: Change::Set(text("Eve")), ..UserPatch::default() };
    patch.support.default_group_id = Change::Set(roster_directory::GroupId(1));
    assert!(store.update_user(account, user, patch, at(2)).await.is_err());
    assert!(store.merge_users(account, user, owner, at(2)).await.is_err());
    assert!(store.merge_users(account, user, user, at(2)).await.is_err());
    assert!(store.delete_user(account, owner, at(2)).await.is_err());
    sample::end_users_of(&*store, account, [9]).await;
    assert_eq!(look::numbers(&*store, account, endpoint).await, [1, 2]);
}
