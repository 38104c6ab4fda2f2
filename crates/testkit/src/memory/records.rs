//! Records: the rules of making, finding, changing and removing them.

use std::collections::BTreeSet;
use std::sync::Arc;

use roster_directory::{
    Change, CustomRoleId, GroupId, Membership, OrganizationId, OrganizationPatch, Record,
    RecordError, RecordFilter, RecordKey, RecordKind, RecordPage, RecordPatch, RecordStart, Role,
    SupportProfile, Timestamp, User, UserId,
};

use super::rows::{AccountRows, Numbers};

impl AccountRows {
    pub(super) fn has_record(&self, kind: RecordKind, id: i64) -> bool {
        self.records.get(&id).is_some_and(|record| record.kind() == kind)
    }

    pub(super) fn record_with(&self, key: &RecordKey) -> Option<Record> {
        let is_it = |record: &&Record| match key {
            RecordKey::Id(kind, id) => record.kind() == *kind && record.id() == *id,
            RecordKey::Unique(kind, name) => {
                record.kind() == *kind && record.unique_key().as_ref() == Some(name)
            }
            RecordKey::OrganizationExternalId(id) => {
                record.external_id().is_some_and(|own| own.folded() == id.folded())
            }
        };
        self.records.values().find(is_it).map(|record| self.shown(record))
    }

    pub(super) fn records_by_id(&self, kind: RecordKind, ids: Vec<i64>) -> Vec<Record> {
        let ids: BTreeSet<_> = ids.into_iter().collect();
        ids.into_iter().filter_map(|id| self.record_with(&RecordKey::Id(kind, id))).collect()
    }

    pub(super) fn list_records(
        &self,
        filter: RecordFilter,
        start: RecordStart,
        limit: usize,
    ) -> RecordPage {
        let all: Vec<_> = self.records.values().filter(|record| filter.matches(record)).collect();
        let count = all.len() as u64;
        let from = match start {
            RecordStart::Offset(offset) => usize::try_from(offset).unwrap_or(usize::MAX),
            RecordStart::After(id) => all.partition_point(|record| record.id() <= id),
            RecordStart::Before(id) => {
                let end = all.partition_point(|record| record.id() < id);
                let first = end.saturating_sub(limit);
                let records = all[first..end].iter().map(|record| self.shown(record)).collect();
                return RecordPage { records, more: first > 0, count };
            }
        };
        let rest = &all[from.min(all.len())..];
        let records = rest.iter().take(limit).map(|record| self.shown(record)).collect();
        RecordPage { records, more: rest.len() > limit, count }
    }

    /// A record as it is read: how many users have a custom role is counted then.
    fn shown(&self, record: &Record) -> Record {
        let mut record = record.clone();
        if let Record::CustomRole(role) = &mut record {
            role.members = self.members_of(role.id);
        }
        record
    }

    fn members_of(&self, role: CustomRoleId) -> u64 {
        let has_it = |user: &&Arc<User>| user.support.custom_role_id == Some(role);
        self.users.values().filter(has_it).count() as u64
    }

    pub(super) fn create_record(
        &mut self,
        numbers: &mut Numbers,
        patch: RecordPatch,
        now: Timestamp,
    ) -> Result<Record, RecordError> {
        // Only what passes every check is given a number.
        let unnumbered = patch.clone().into_record(0, now)?;
        if let RecordPatch::Membership { user_id, group_id } = patch {
            let user = self.user(user_id).filter(|user| user.role != Role::EndUser);
            user.ok_or(RecordError::NoTeamMember)?;
            self.check_group(group_id)?;
        }
        self.check_record(&unnumbered, &patch)?;

        let record = patch.into_record(numbers.next(), now)?;
        self.records.insert(record.id(), record.clone());
        if let Record::Membership(Membership { user_id, group_id, .. }) = record {
            self.change_support(user_id, now, |support| {
                support.default_group_id.get_or_insert(group_id);
            });
        }
        Ok(record)
    }

    pub(super) fn update_record(
        &mut self,
        id: i64,
        patch: &RecordPatch,
        now: Timestamp,
    ) -> Result<Record, RecordError> {
        let record = self.records.get(&id).filter(|record| record.kind() == patch.kind());
        let changed = record.ok_or(RecordError::NotFound)?.apply(patch, now)?;
        self.check_record(&changed, patch)?;
        self.records.insert(id, changed.clone());
        Ok(self.shown(&changed))
    }

    /// Whether there may be this record, which a patch made of nothing or of another one.
    fn check_record(&self, record: &Record, patch: &RecordPatch) -> Result<(), RecordError> {
        if let RecordPatch::Organization(OrganizationPatch { group_id, .. }) = patch
            && let Change::Set(group) = group_id
        {
            self.check_group(*group)?;
        }
        let others = || self.records.values().filter(|other| other.id() != record.id());
        let key = record.unique_key();
        let same_key = |other: &Record| other.kind() == record.kind() && other.unique_key() == key;
        if key.is_some() && others().any(same_key) {
            return Err(RecordError::Taken);
        }
        let external_id = |record: &Record| record.external_id().map(|id| id.folded().to_owned());
        let own = external_id(record);
        if own.is_some() && others().any(|other| external_id(other) == own) {
            return Err(RecordError::ExternalIdTaken);
        }
        Ok(())
    }

    fn check_group(&self, id: GroupId) -> Result<(), RecordError> {
        let there = self.has_record(RecordKind::Group, id.0);
        if there { Ok(()) } else { Err(RecordError::NoGroup) }
    }

    pub(super) fn delete_record(
        &mut self,
        kind: RecordKind,
        id: i64,
        now: Timestamp,
    ) -> Result<Record, RecordError> {
        let record = self.record_with(&RecordKey::Id(kind, id)).ok_or(RecordError::NotFound)?;
        if let Record::CustomRole(role) = &record
            && role.members > 0
        {
            return Err(RecordError::InUse);
        }
        self.records.remove(&id);
        match &record {
            Record::Organization(organization) => self.leave_organization(organization.id, now),
            Record::Group(group) => self.leave_group(group.id, now),
            Record::Membership(own) => self.lose_group(own.user_id, own.group_id, now),
            Record::CustomRole(_) => {}
        }
        Ok(record)
    }

    fn leave_organization(&mut self, organization: OrganizationId, now: Timestamp) {
        for user in self.user_ids() {
            self.change_support(user, now, |support| {
                support.organization_id = support.organization_id.filter(|id| *id != organization);
            });
        }
    }

    fn leave_group(&mut self, group: GroupId, now: Timestamp) {
        self.records.retain(|_, record| !RecordFilter::MembershipsIn(group).matches(record));
        for user in self.user_ids() {
            self.lose_group(user, group, now);
        }
        let leave = RecordPatch::Organization(OrganizationPatch {
            group_id: Change::Clear,
            ..OrganizationPatch::default()
        });
        for record in self.records.values_mut() {
            if let Record::Organization(organization) = record
                && organization.group_id == Some(group)
                && let Ok(changed) = record.apply(&leave, now)
            {
                *record = changed;
            }
        }
    }

    /// Somebody is no member of a group any more. If it was their default one, the group that
    /// they have belonged to for longest takes its place.
    fn lose_group(&mut self, user: UserId, group: GroupId, now: Timestamp) {
        let next = self.groups_of(user).next();
        self.change_support(user, now, |support| {
            if support.default_group_id == Some(group) {
                support.default_group_id = next;
            }
        });
    }

    /// The groups that a user is a member of, the oldest membership first.
    pub(super) fn groups_of(&self, user: UserId) -> impl Iterator<Item = GroupId> {
        self.records.values().filter_map(move |record| match record {
            Record::Membership(own) if own.user_id == user => Some(own.group_id),
            _ => None,
        })
    }

    pub(super) fn remove_memberships_of(&mut self, user: UserId) {
        self.records.retain(|_, record| !RecordFilter::MembershipsOf(user).matches(record));
    }

    /// The numbers of those who are there, ascending.
    fn user_ids(&self) -> BTreeSet<UserId> {
        self.users.values().map(|user| user.user_id).collect()
    }

    fn change_support(
        &mut self,
        user: UserId,
        now: Timestamp,
        change: impl FnOnce(&mut SupportProfile),
    ) {
        let Some(user) = self.user(user).map(Arc::clone) else { return };
        let mut changed = (*user).clone();
        changed.support.update(change);
        if changed != *user {
            self.update(changed, now);
        }
    }
}
