//! Making, changing and removing what the team arranges its users by.

use roster_directory::{
    AccountId, Change, GroupId, Membership, Organization, OrganizationId, Record, RecordError,
    RecordFilter, RecordKey, RecordKind, RecordPatch, Role, StoreError, Timestamp,
};

use super::edit::keep;
use crate::tables::{record, record_list, user};
use crate::transaction::Transaction;

/// The most users that one unit takes out of an organization, so that others get their turn.
const ORGANIZATION_BATCH: usize = 500;

/// Makes a record.
pub fn create(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    patch: &RecordPatch,
    now: Timestamp,
) -> Result<Record, RecordError> {
    transaction.require_account(account)?;
    // Nothing has this number. What passes all checks gets another one.
    let nothing = patch.clone().into_record(0, now)?;
    if let Record::Membership(membership) = &nothing {
        check_membership(transaction, account, membership)?;
    }
    check(transaction, account, patch, &nothing)?;
    let new = patch.clone().into_record(transaction.next_number(), now)?;
    transaction.insert_record(account, &new)?;
    if let Record::Membership(membership) = &new {
        join_first_group(transaction, account, membership, now)?;
    }
    Ok(new)
}

fn check_membership(
    transaction: &Transaction<'_>,
    account: AccountId,
    membership: &Membership,
) -> Result<(), RecordError> {
    let user = user::by_id(transaction.connection, account, membership.user_id)?;
    if user.is_none_or(|user| user.role == Role::EndUser) {
        return Err(RecordError::NoTeamMember);
    }
    require_group(transaction, account, membership.group_id)
}

fn require_group(
    transaction: &Transaction<'_>,
    account: AccountId,
    id: GroupId,
) -> Result<(), RecordError> {
    if record::exists(transaction.connection, account, RecordKind::Group, id.0)? {
        Ok(())
    } else {
        Err(RecordError::NoGroup)
    }
}

/// Checks what a request sets against what the account has.
fn check(
    transaction: &Transaction<'_>,
    account: AccountId,
    patch: &RecordPatch,
    record: &Record,
) -> Result<(), RecordError> {
    if let RecordPatch::Organization(patch) = patch
        && let Change::Set(group) = patch.group_id
    {
        require_group(transaction, account, group)?;
    }
    let is_anothers = |key: RecordKey| -> Result<bool, StoreError> {
        let holder = record::find(transaction.connection, account, &key)?;
        Ok(holder.is_some_and(|holder| holder.id() != record.id()))
    };
    if let Some(key) = record.unique_key()
        && is_anothers(RecordKey::Unique(record.kind(), key))?
    {
        return Err(RecordError::Taken);
    }
    if let Some(id) = record.external_id()
        && is_anothers(RecordKey::OrganizationExternalId(id.clone()))?
    {
        return Err(RecordError::ExternalIdTaken);
    }
    Ok(())
}

/// Makes the group of a new membership the default one of a user who has none.
fn join_first_group(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    membership: &Membership,
    now: Timestamp,
) -> Result<(), StoreError> {
    let found = user::by_id(transaction.connection, account, membership.user_id)?;
    let Some(before) = found.filter(|user| user.support.default_group_id.is_none()) else {
        return Ok(());
    };
    let mut after = before.clone();
    after.support.update(|support| support.default_group_id = Some(membership.group_id));
    let stamp = transaction.next_stamp(account, now)?;
    keep(transaction, account, &before, after, stamp).map(|_| ())
}

/// Changes a record.
pub fn update(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    id: i64,
    patch: &RecordPatch,
    now: Timestamp,
) -> Result<Record, RecordError> {
    let before = find(transaction, account, patch.kind(), id)?;
    let after = before.apply(patch, now)?;
    check(transaction, account, patch, &after)?;
    if after != before {
        record::update(transaction.connection, account, &after)?;
    }
    Ok(after)
}

fn find(
    transaction: &Transaction<'_>,
    account: AccountId,
    kind: RecordKind,
    id: i64,
) -> Result<Record, RecordError> {
    let found = record::find(transaction.connection, account, &RecordKey::Id(kind, id))?;
    found.map(|record| transaction.with_members(account, record)).ok_or(RecordError::NotFound)
}

/// Removes a record, and what refers to it. `None` if that was too much for one unit, and there
/// is more to be done.
pub fn delete(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    kind: RecordKind,
    id: i64,
    now: Timestamp,
) -> Result<Option<Record>, RecordError> {
    let former = find(transaction, account, kind, id)?;
    match &former {
        Record::Organization(organization) => {
            if !empty_organization(transaction, account, organization.id, now)? {
                return Ok(None);
            }
            transaction.delete_record(account, &former)?;
        }
        Record::Group(group) => {
            transaction.delete_record(account, &former)?;
            leave_organizations(transaction, account, group.id, now)?;
            let filter = RecordFilter::MembershipsIn(group.id);
            let memberships = record_list::memberships(transaction.connection, account, filter)?;
            end_memberships(transaction, account, memberships, now)?;
        }
        Record::Membership(membership) => {
            end_memberships(transaction, account, vec![membership.clone()], now)?;
        }
        Record::CustomRole(role) => {
            if role.members > 0 {
                return Err(RecordError::InUse);
            }
            transaction.delete_record(account, &former)?;
        }
    }
    Ok(Some(former))
}

/// Takes users out of an organization, and says whether none is left.
fn empty_organization(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    id: OrganizationId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let connection = transaction.connection;
    let users = user::first_of_organization(connection, account, id, ORGANIZATION_BATCH)?;
    for before in &users {
        let mut after = before.clone();
        after.support.update(|support| support.organization_id = None);
        let stamp = transaction.next_stamp(account, now)?;
        keep(transaction, account, before, after, stamp)?;
    }
    Ok(users.len() < ORGANIZATION_BATCH)
}

/// Lets the organizations that a group works for go on without one.
fn leave_organizations(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    group: GroupId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let connection = transaction.connection;
    for record in record_list::organizations_of_group(connection, account, group)? {
        let Record::Organization(organization) = record else { continue };
        let updated_at = now.max(organization.updated_at);
        let after = Organization { group_id: None, updated_at, ..organization };
        record::update(connection, account, &Record::Organization(after))?;
    }
    Ok(())
}

/// Removes memberships in one group. Whose default group it was gets the one that they have been
/// in for longest, if any.
fn end_memberships(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    mut memberships: Vec<Membership>,
    now: Timestamp,
) -> Result<(), StoreError> {
    memberships.sort_by_key(|membership| membership.user_id);
    for membership in memberships {
        let (user, group) = (membership.user_id, membership.group_id);
        transaction.delete_record(account, &Record::Membership(membership))?;
        let found = user::by_id(transaction.connection, account, user)?;
        let found = found.filter(|user| user.support.default_group_id == Some(group));
        let Some(before) = found else { continue };
        let filter = RecordFilter::MembershipsOf(user);
        let others = record_list::memberships(transaction.connection, account, filter)?;
        let next = others.iter().min_by_key(|other| other.id).map(|other| other.group_id);
        let mut after = before.clone();
        after.support.update(|support| support.default_group_id = next);
        let stamp = transaction.next_stamp(account, now)?;
        keep(transaction, account, &before, after, stamp)?;
    }
    Ok(())
}
