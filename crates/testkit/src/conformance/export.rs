//! The incremental export: everybody, in the order in which they last changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use roster_directory::{
    AccountId, Change, EndUserPatch, ExportPosition, IdentityChange, NewConversation, NewEndUser,
    NewUser, Participant, RecordKind, RecordPatch, Role, Store, Swept, Timestamp, User, UserId,
    UserPatch, UserState,
};

use crate::look;
use crate::sample::{self, at, end_user_id, new_email, new_user, text};
use crate::walk::ids;

fn rename(name: &str) -> UserPatch {
    UserPatch { name: Change::Set(text(name)), ..UserPatch::default() }
}

/// Changes somebody in every way there is, while the clock goes back. Each returns the moment of
/// the change.
async fn change_in_every_way(store: &dyn Store, account: AccountId) -> Vec<Timestamp> {
    let mut moments = Vec::new();
    let organization = sample::organization(store, account, "US Navy").await;
    let group = sample::group(store, account, "Support").await;
    let ada = sample::end_user(store, account, sample::new_end_user(1)).await;
    let mut new = new_user(2, "Grace");
    new.patch.role = Some(Role::Agent);
    new.patch.support.organization_id = Change::Set(organization);
    let grace = sample::user(store, account, new).await;
    moments.extend([ada.updated_at, grace.updated_at]);
    let id = grace.user_id;
    let moment = async |id| look::user(store, account, id).await.updated_at;

    let patch = EndUserPatch { first_name: Change::Set(text("x")), ..EndUserPatch::default() };
    let patched = store.patch_end_user(account, end_user_id(1), patch, at(0)).await.unwrap();
    moments.push(patched.updated_at);
    let updated = store.update_user(account, id, rename("x"), at(0)).await.unwrap();
    moments.push(updated.updated_at);
    let email = new_email("a@example.org");
    let identity = store.create_identity(account, id, email, at(0)).await.unwrap().id;
    moments.push(moment(id).await);
    let verify = IdentityChange::Edit { value: None, verified: Some(true) };
    store.change_identity(account, id, identity, verify, at(0)).await.unwrap();
    moments.push(moment(id).await);
    store.delete_identity(account, id, identity, at(0)).await.unwrap();
    moments.push(moment(id).await);
    sample::membership(store, account, id, group).await;
    moments.push(moment(id).await);
    store.delete_record(account, RecordKind::Group, group.0, at(0)).await.unwrap();
    moments.push(moment(id).await);
    let kind = RecordKind::Organization;
    store.delete_record(account, kind, organization.0, at(0)).await.unwrap();
    moments.push(moment(id).await);
    let other = sample::user(store, account, new_user(3, "Alan")).await;
    moments.push(other.updated_at);
    let into = store.merge_users(account, other.user_id, ada.user_id, at(0)).await.unwrap();
    let from = store.deleted_user(account, other.user_id).await.unwrap().unwrap();
    moments.extend([into.updated_at, from.updated_at]);
    moments.push(store.delete_user(account, id, at(0)).await.unwrap().updated_at);
    let erased = store.erase_deleted_user(account, id, at(0)).await.unwrap().unwrap();
    moments.push(erased.updated_at);
    moments
}

/// Every change has a later moment than the one before it in the same account, in whichever way
/// it is made, even if the clock stands still or goes back. The moment of a change is that of its
/// event.
pub async fn moments_of_change_strictly_ascend(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let first = NewEndUser { created_at: at(50), ..sample::new_end_user(9) };
    assert_eq!(sample::end_user(&*store, account, first).await.updated_at, at(50));
    let moments = change_in_every_way(&*store, account).await;
    let step = |place: usize| at(50).after(Duration::from_micros(place as u64 + 1));
    let expected: Vec<_> = (0..moments.len()).map(step).collect();
    assert_eq!(moments, expected);
    // All but the erasure are events.
    let events = look::events(&*store, account).await;
    let told: Vec<_> = events[1..].iter().map(|event| event.at).collect();
    assert_eq!(told, moments[..moments.len() - 1]);
}

/// Those who expire have moments of their own, too. They go in the order in which their time
/// came.
pub async fn who_expires_has_a_moment(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let mut made = Vec::new();
    for (number, expires) in [(1, 3), (2, 2)] {
        let expires_at = Some(at(expires));
        let new = NewEndUser { created_at: at(60), expires_at, ..sample::new_end_user(number) };
        made.push(sample::end_user(&*store, account, new).await.user_id);
    }
    store.expire(at(5), 10).await.unwrap();
    let gone = look::exported(&*store, account, 10).await.split_off(1);
    assert_eq!(ids(&gone), [made[1], made[0]]);
    let moments: Vec<_> = gone.iter().map(|user| user.updated_at).collect();
    let after = |micros| at(60).after(Duration::from_micros(micros));
    assert_eq!(moments, [after(2), after(3)]);
}

/// What happens in one account leaves the moments of another alone. The owner is made at the
/// account's own moment, and the first change may happen before it.
pub async fn each_account_has_its_own_moments(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let other = sample::account(&*store, "other").await;
    for (number, account) in [(1, account), (2, other)] {
        let owner = store.owner(account).await.unwrap();
        assert_eq!(look::user(&*store, account, owner).await.updated_at, at(0));
        let user = sample::user(&*store, account, new_user(number, "Grace")).await;
        assert_eq!((user.created_at, user.updated_at), (at(0), at(0)));
    }
    let early = sample::account(&*store, "early").await;
    let before = Timestamp::from_micros(at(0).as_micros() - 1);
    let new = NewUser { created_at: before, ..new_user(3, "Grace") };
    assert_eq!(sample::user(&*store, early, new).await.updated_at, before);
}

/// What changes nobody takes no moment, however late it is: a change after it may still have an
/// earlier one.
pub async fn what_changes_nobody_takes_no_moment(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let channel = sample::channel(&*store, account, 1).await;
    let new = NewEndUser { expires_at: Some(at(9000)), ..sample::new_end_user(1) };
    let user = sample::end_user(&*store, account, new).await;
    let id = user.user_id;
    let address = new_email("a@example.org");
    let identity = store.create_identity(account, id, address.clone(), at(1)).await.unwrap().id;
    let gone = sample::user(&*store, account, new_user(2, "Gone")).await.user_id;
    store.delete_user(account, gone, at(2)).await.unwrap();
    store.erase_deleted_user(account, gone, at(3)).await.unwrap();

    let late = at(5000);
    let reader = sample::token_id(1);
    store.read_sensitive_metadata(account, end_user_id(1), reader, late).await.unwrap();
    let patch = EndUserPatch::default();
    store.patch_end_user(account, end_user_id(1), patch, late).await.unwrap();
    store.update_user(account, id, UserPatch::default(), late).await.unwrap();
    let change = IdentityChange::MakePrimary;
    store.change_identity(account, id, identity, change, late).await.unwrap();
    assert!(store.create_identity(account, id, address, late).await.is_err());
    assert!(store.merge_users(account, id, id, late).await.is_err());
    assert!(store.delete_user(account, gone, late).await.is_err());
    store.erase_deleted_user(account, gone, late).await.unwrap();
    let group = RecordPatch::Group(sample::group_patch("Support"));
    let group = store.create_record(account, group, late).await.unwrap();
    store.delete_record(account, RecordKind::Group, group.id(), late).await.unwrap();
    let talk = sample::new_conversation(1, channel, Participant::Existing(end_user_id(1)));
    let talk = NewConversation { created_at: late, ..talk };
    store.create_conversation(account, talk).await.unwrap();
    assert_eq!(store.expire(late, 10).await, Ok(Swept::default()));

    let updated = store.update_user(account, id, rename("x"), at(4)).await.unwrap();
    assert_eq!(updated.updated_at, at(4));
}

/// The export tells of everybody, of every role and state, once, in the order of their last
/// change, in parts of any size.
pub async fn the_export_tells_of_everybody(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let owner = store.owner(account).await.unwrap();
    let mut made = Vec::new();
    for number in 1..=6 {
        let mut new = new_user(number, "Grace");
        new.patch.role = (number == 3).then_some(Role::Agent);
        made.push(sample::user(&*store, account, new).await.user_id);
    }
    store.update_user(account, made[1], rename("x"), at(1)).await.unwrap();
    store.delete_user(account, made[0], at(2)).await.unwrap();
    store.delete_user(account, made[4], at(3)).await.unwrap();
    store.erase_deleted_user(account, made[4], at(4)).await.unwrap();
    let expected = [owner, made[2], made[3], made[5], made[1], made[0], made[4]];
    for limit in 1..=8 {
        assert_eq!(ids(&look::exported(&*store, account, limit).await), expected, "{limit}");
    }
    let all = look::exported(&*store, account, 100).await;
    let states: Vec<_> = all[4..].iter().map(|user| user.state).collect();
    assert_eq!(states, [UserState::Active, UserState::Deleted, UserState::Erased]);
    assert_eq!(look::user(&*store, account, made[1]).await, all[4]);
}

/// The export begins with those who changed at a moment, or later.
pub async fn the_export_begins_at_a_moment(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let mut made: Vec<Arc<User>> = Vec::new();
    for number in 1..=4 {
        let user = sample::user(&*store, account, new_user(number, "Grace")).await;
        made.push(user);
    }
    for (place, user) in made.iter().enumerate().skip(1) {
        let after = ExportPosition::before(user.updated_at);
        let told = store.export_users(account, after, 10).await.unwrap();
        assert_eq!(told, made[place..]);
        let after = ExportPosition::of(user);
        let told = store.export_users(account, after, 10).await.unwrap();
        assert_eq!(told, made[place + 1..]);
    }
    assert_eq!(store.export_users(account, ExportPosition::before(at(0)), 0).await, Ok(vec![]));
}

/// Whoever reads the export on from where they stopped misses no change that was made in the
/// meantime, even at the same time by the clock.
pub async fn the_export_misses_nothing(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let mut made = Vec::new();
    for number in 1..=9 {
        made.push(sample::user(&*store, account, new_user(number, "0")).await.user_id);
    }
    let mut known = BTreeMap::new();
    let mut after = ExportPosition::before(at(0));
    for round in 0.. {
        let part = store.export_users(account, after, 2).await.unwrap();
        let Some(last) = part.last() else { break };
        assert!(ExportPosition::of(last) > after, "the export does not go on");
        after = ExportPosition::of(last);
        known.extend(part.into_iter().map(|user| (user.user_id, user)));
        // For a while, one changes who was told of already, and one who may not have been.
        if round < 12 {
            for place in [round % 3, 8 - round % 4] {
                let patch = rename(&format!("{round}"));
                store.update_user(account, made[place], patch, at(0)).await.ok();
            }
        }
        if round == 5 {
            store.delete_user(account, made[1], at(0)).await.unwrap();
        }
    }
    let owner = store.owner(account).await.unwrap();
    let told: BTreeSet<UserId> = known.keys().copied().collect();
    let everybody: BTreeSet<UserId> = made.iter().copied().chain([owner]).collect();
    assert_eq!(told, everybody);
    for user in look::exported(&*store, account, 100).await {
        assert_eq!(known[&user.user_id], user);
    }
}
