//! Deleting users, and what is left of them.

use std::sync::Arc;

use roster_directory::{
    AccountId, Change, DeleteUserError, EndUserPatch, EventKind, IdentityChange, IdentityError,
    IdentityId, MergeUsersError, NewEndUser, PageLimit, Participant, PatchEndUserError,
    RecordFilter, RemovalReason, Role, SaveUserError, SortValue, Start, Store, User, UserCounts,
    UserId, UserKey, UserPatch, UserState,
};

use crate::look;
use crate::sample::{
    self, at, email, end_user_id, external_id, new_email, new_user, sealed, secrets, text,
};
use crate::walk::{deleted_page, ids};

const DELETED: EventKind = EventKind::Deleted(RemovalReason::Deleted);

/// Makes end user 1, who has something of everything.
async fn grace(store: &dyn Store, account: AccountId) -> Arc<User> {
    let new = NewEndUser {
        external_id: Some(external_id("crm-1")),
        sensitive_metadata: Some(secrets(&[("pin", Some(sealed(1, b"x")))], at(9000))),
        expires_at: Some(at(5000)),
        ..sample::new_end_user(1)
    };
    let id = sample::end_user(store, account, new).await.user_id;
    store.create_identity(account, id, new_email("grace@example.org"), at(1)).await.unwrap();
    let mut patch = UserPatch { name: Change::Set(text("Grace")), ..UserPatch::default() };
    patch.support.notes = Change::Set(text("notes"));
    store.update_user(account, id, patch, at(2)).await.unwrap()
}

/// A deleted user is found by nothing that finds who is there, and is in no list.
pub async fn a_deleted_user_is_nowhere(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let user = grace(&*store, account).await;
    let (id, key, address) = (user.user_id, external_id("crm-1"), email("grace@example.org"));
    store.delete_user(account, id, at(7)).await.unwrap();

    assert_eq!(store.user(account, id).await, Ok(None));
    assert_eq!(store.users_by_id(account, vec![id]).await, Ok(vec![]));
    assert_eq!(store.users_by_external_id(account, vec![key.clone()]).await, Ok(vec![]));
    assert_eq!(store.user_by_email(account, &address).await, Ok(None));
    assert_eq!(store.end_user(account, user.end_user_id).await, Ok(None));
    assert_eq!(store.end_user_by_external_id(account, &key).await, Ok(None));
    assert_eq!(look::end_users(&*store, account).await, []);
    let owner = store.owner(account).await.unwrap();
    assert_eq!(ids(&look::people(&*store, account).await), [owner]);
    assert_eq!(look::counts(&*store, account).await.end_users, 0);
    assert_eq!(look::identities(&*store, account, id).await, []);
}

/// What is left tells who was deleted, with what was known of them, and when; it is an event.
pub async fn a_deleted_user_leaves_a_trace(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let user = grace(&*store, account).await;
    let gone = store.delete_user(account, user.user_id, at(7)).await.unwrap();
    let expected =
        User { state: UserState::Deleted, updated_at: at(7), expires_at: None, ..(*user).clone() };
    assert_eq!(*gone, expected);
    let found = store.deleted_user(account, user.user_id).await;
    assert_eq!(found, Ok(Some(Arc::clone(&gone))));
    assert_eq!(look::deleted(&*store, account).await, [gone]);
    let event = look::events(&*store, account).await.pop().unwrap();
    assert_eq!((event.kind, event.at), (DELETED, at(7)));
    assert_eq!((event.user_id, event.end_user_id), (user.user_id, user.end_user_id));
}

/// What a deleted user had is free, through either dialect. Their secrets are gone.
pub async fn what_the_deleted_had_is_free(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    store.add_sealing_key(sealed(1, b"check")).await.unwrap();
    let user = grace(&*store, account).await;
    assert!(store.sealing_keys().await.unwrap()[0].in_use);
    store.delete_user(account, user.user_id, at(7)).await.unwrap();
    assert!(!store.sealing_keys().await.unwrap()[0].in_use);

    let mut new = new_user(2, "Next");
    new.patch.external_id = Change::Set(external_id("CRM-1"));
    new.patch.identities = vec![new_email("Grace@example.org")];
    let next = sample::user(&*store, account, new).await;
    store.delete_user(account, next.user_id, at(8)).await.unwrap();
    let new = NewEndUser { external_id: Some(external_id("crm-1")), ..sample::new_end_user(3) };
    let third = sample::end_user(&*store, account, new).await.user_id;
    assert_eq!(ids(&look::deleted(&*store, account).await), [user.user_id, next.user_id]);
    assert_eq!(look::people(&*store, account).await.last().unwrap().user_id, third);
}

/// A member of the team who is deleted leaves their groups; their conversations, as those of
/// everybody, stay.
pub async fn a_deleted_member_leaves_their_groups(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let member = sample::member(&*store, account, 1, "Grace").await.user_id;
    let other = sample::member(&*store, account, 2, "Alan").await.user_id;
    let group = sample::group(&*store, account, "Support").await;
    for user in [member, other] {
        sample::membership(&*store, account, user, group).await;
    }
    store.delete_user(account, member, at(7)).await.unwrap();
    let members = look::members_of(&*store, account, group).await;
    assert_eq!(members.into_iter().collect::<Vec<_>>(), [other]);
    let filter = RecordFilter::MembershipsOf(member);
    assert_eq!(look::records(&*store, account, filter).await, []);

    let channel = sample::channel(&*store, account, 1).await;
    let user = sample::end_user(&*store, account, sample::new_end_user(3)).await;
    let talk = sample::new_conversation(1, channel, Participant::Existing(user.end_user_id));
    let talk = store.create_conversation(account, talk).await.unwrap();
    store.delete_user(account, user.user_id, at(8)).await.unwrap();
    assert_eq!(store.conversation(account, talk.conversation_id).await, Ok(Some(talk)));
}

/// The owner cannot be deleted, nor can who is not there, or not there any more.
pub async fn not_everybody_can_be_deleted(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let gone = grace(&*store, account).await.user_id;
    store.delete_user(account, gone, at(7)).await.unwrap();
    let owner = store.owner(account).await.unwrap();
    let before = look::everything(&*store, account).await;
    for (id, expected) in [
        (owner, DeleteUserError::Owner),
        (gone, DeleteUserError::NotFound),
        (UserId::from_stored(1), DeleteUserError::NotFound),
    ] {
        assert_eq!(store.delete_user(account, id, at(8)).await, Err(expected));
    }
    assert_eq!(look::everything(&*store, account).await, before);
}

/// Nothing changes the deleted, and nothing brings them back.
pub async fn the_deleted_stay_as_they_are(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let user = grace(&*store, account).await;
    let other = sample::user(&*store, account, new_user(2, "Alan")).await.user_id;
    let identity = look::identities(&*store, account, user.user_id).await[0].id;
    let id = user.user_id;
    store.delete_user(account, id, at(7)).await.unwrap();
    let before = look::everything(&*store, account).await;

    let patch = UserPatch { name: Change::Set(text("x")), ..UserPatch::default() };
    let answer = store.update_user(account, id, patch, at(8)).await;
    assert_eq!(answer, Err(SaveUserError::NotFound));
    let patch = EndUserPatch { first_name: Change::Set(text("x")), ..EndUserPatch::default() };
    let answer = store.patch_end_user(account, end_user_id(1), patch, at(8)).await;
    assert_eq!(answer, Err(PatchEndUserError::NotFound));
    let answer = store.merge_users(account, id, other, at(8)).await;
    assert_eq!(answer, Err(MergeUsersError::NotFound));
    let answer = store.merge_users(account, other, id, at(8)).await;
    assert_eq!(answer, Err(MergeUsersError::TargetNotFound));
    let answer = store.create_identity(account, id, new_email("x@example.org"), at(8)).await;
    assert_eq!(answer, Err(IdentityError::NotFound));
    let change = IdentityChange::MakePrimary;
    let answer = store.change_identity(account, id, identity, change, at(8)).await;
    assert_eq!(answer, Err(IdentityError::NotFound));
    let answer = store.delete_identity(account, id, IdentityId(identity.0), at(8)).await;
    assert_eq!(answer, Err(IdentityError::NotFound));
    assert_eq!(store.expire(at(6000), 10).await.unwrap().end_users, 0);
    assert_eq!(look::everything(&*store, account).await, before);
}

/// The deleted are listed by number, forth, back and by offset, whenever they were deleted.
pub async fn the_deleted_are_listed_by_number(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let mut made = Vec::new();
    for number in 1..=7 {
        made.push(sample::user(&*store, account, new_user(90 - number, "Grace")).await.user_id);
    }
    for place in [5, 1, 3, 0, 6] {
        store.delete_user(account, made[place], at(7)).await.unwrap();
    }
    let listed = [made[0], made[1], made[3], made[5], made[6]];
    let two = PageLimit::new(2).unwrap();
    let page = async |start| {
        let page = deleted_page(&*store, account, start, two).await;
        (ids(&page.users), page.more)
    };
    let place = |id| UserKey { value: SortValue::Id, id };
    assert_eq!(page(Start::Offset(0)).await, (listed[..2].to_vec(), true));
    assert_eq!(page(Start::Offset(3)).await, (listed[3..].to_vec(), false));
    assert_eq!(page(Start::Offset(9)).await, (Vec::new(), false));
    assert_eq!(page(Start::After(place(made[1]))).await, (listed[2..4].to_vec(), true));
    assert_eq!(page(Start::After(place(made[2]))).await, (listed[2..4].to_vec(), true));
    assert_eq!(page(Start::After(place(made[5]))).await, (listed[4..].to_vec(), false));
    assert_eq!(page(Start::Before(place(made[6]))).await, (listed[2..4].to_vec(), true));
    assert_eq!(page(Start::Before(place(made[2]))).await, (listed[..2].to_vec(), false));
    assert_eq!(page(Start::Before(place(made[0]))).await, (Vec::new(), false));
    assert_eq!(ids(&look::deleted(&*store, account).await), listed);
}

/// The deleted are counted by the role that they had, apart from who is there.
pub async fn the_deleted_are_counted_by_role(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let roles = [Role::EndUser, Role::Agent, Role::Agent, Role::Admin, Role::EndUser];
    for (number, role) in (1..).zip(roles) {
        let mut new = new_user(number, "Grace");
        new.patch.role = Some(role);
        let id = sample::user(&*store, account, new).await.user_id;
        if number < 5 {
            store.delete_user(account, id, at(7)).await.unwrap();
        }
    }
    let expected = UserCounts { end_users: 1, agents: 2, admins: 1 };
    assert_eq!(store.count_deleted_users(account).await, Ok(expected));
    let left = UserCounts { end_users: 1, agents: 0, admins: 1 };
    assert_eq!(look::counts(&*store, account).await, left);
}

/// Of an erased user nothing personal is left, for good. That is no event. Erasing again changes
/// nothing, and only the deleted are erased.
pub async fn the_erased_are_nobody(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let user = grace(&*store, account).await;
    let id = user.user_id;
    assert_eq!(store.erase_deleted_user(account, id, at(6)).await, Ok(None));
    assert_eq!(look::user(&*store, account, id).await, user);
    store.delete_user(account, id, at(7)).await.unwrap();
    let events = look::events(&*store, account).await;
    let erased = store.erase_deleted_user(account, id, at(8)).await.unwrap().unwrap();
    let expected = User {
        state: UserState::Erased,
        created_at: user.created_at,
        updated_at: at(8),
        ..User::blank(id, user.end_user_id, Role::EndUser, at(8))
    };
    assert_eq!(*erased, expected);
    for now in [8, 9] {
        let again = store.erase_deleted_user(account, id, at(now)).await;
        assert_eq!(again, Ok(Some(Arc::clone(&erased))));
    }
    let found = store.deleted_user(account, id).await;
    assert_eq!(found, Ok(Some(Arc::clone(&erased))));
    assert_eq!(look::deleted(&*store, account).await, [erased]);
    assert_eq!(look::events(&*store, account).await, events);
    assert_eq!(store.count_deleted_users(account).await.unwrap().end_users, 1);
    let nobody = UserId::from_stored(1);
    assert_eq!(store.erase_deleted_user(account, nobody, at(9)).await, Ok(None));
}

/// Of those who expire nothing is kept but that they were there. What they had is free.
pub async fn who_expires_is_erased(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let user = grace(&*store, account).await;
    assert_eq!(store.expire(at(6000), 10).await.unwrap().end_users, 1);
    let expected = User {
        state: UserState::Erased,
        created_at: user.created_at,
        updated_at: at(6000),
        ..User::blank(user.user_id, user.end_user_id, Role::EndUser, at(0))
    };
    let gone = look::deleted(&*store, account).await;
    assert_eq!(gone, [Arc::new(expected)]);
    assert_eq!(store.count_deleted_users(account).await.unwrap().end_users, 1);
    let mut new = new_user(2, "Next");
    new.patch.external_id = Change::Set(external_id("crm-1"));
    new.patch.identities = vec![new_email("grace@example.org")];
    sample::user(&*store, account, new).await;
}
