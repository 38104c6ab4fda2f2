//! Users of every role: the rules of making, finding and changing them.

use std::collections::BTreeSet;
use std::sync::Arc;

use roster_directory::{
    Change, ExternalId, IdentityId, IdentitySet, NewIdentity, NewUser, RecordKind, Role,
    SaveUserError, Saved, Timestamp, User, UserId, UserPatch,
};

use super::rows::{AccountRows, Numbers};

/// The number of a user who has none yet.
const NOBODY: UserId = UserId::from_stored(0);

impl AccountRows {
    /// One of those who are there.
    pub(super) fn user(&self, id: UserId) -> Option<&Arc<User>> {
        self.users.values().find(|user| user.user_id == id)
    }

    /// Those who are there and are among these, ascending by number.
    pub(super) fn users_by_id(&self, ids: Vec<UserId>) -> Vec<Arc<User>> {
        let ids: BTreeSet<_> = ids.into_iter().collect();
        ids.into_iter().filter_map(|id| self.user(id)).cloned().collect()
    }

    pub(super) fn users_by_external_id(&self, ids: &[ExternalId]) -> Vec<Arc<User>> {
        let holders = ids.iter().filter_map(|id| self.holder(id));
        self.users_by_id(holders.map(|user| user.user_id).collect())
    }

    pub(super) fn create_user(
        &mut self,
        numbers: &mut Numbers,
        new: NewUser,
    ) -> Result<Arc<User>, SaveUserError> {
        let NewUser { end_user_id, patch, created_at: now } = new;
        let moment = self.moment(now);
        let blank = User::blank(NOBODY, end_user_id, Role::EndUser, moment);
        let mut user = patch.apply(&blank)?;
        self.check(NOBODY, &patch)?;

        user.user_id = UserId::from_stored(numbers.next());
        let none = IdentitySet::from_stored(user.user_id, Vec::new());
        let set = with_new(&none, patch.identities, numbers, moment);
        user.follow(&none, &set);
        self.identities.insert(user.user_id, set);
        Ok(self.insert(user, now))
    }

    pub(super) fn update_user(
        &mut self,
        numbers: &mut Numbers,
        id: UserId,
        patch: UserPatch,
        now: Timestamp,
    ) -> Result<Arc<User>, SaveUserError> {
        let user = Arc::clone(self.user(id).ok_or(SaveUserError::NotFound)?);
        let mut changed = patch.apply(&user)?;
        if id == self.owner && changed.role != Role::Admin {
            return Err(SaveUserError::OwnerStaysAdmin);
        }
        self.check(id, &patch)?;

        let before = self.identity_set(id);
        let after = with_new(&before, patch.identities, numbers, self.moment(now));
        changed.follow(&before, &after);
        if changed == *user && after == before {
            return Ok(user);
        }
        if changed.role == Role::EndUser {
            self.remove_memberships_of(id);
        }
        self.identities.insert(id, after);
        Ok(self.update(changed, now))
    }

    pub(super) fn create_or_update_user(
        &mut self,
        numbers: &mut Numbers,
        mut new: NewUser,
    ) -> Result<Saved, SaveUserError> {
        let Some(id) = self.meant_by(&new.patch) else {
            return self.create_user(numbers, new).map(Saved::Created);
        };
        for identity in &mut new.patch.identities {
            identity.primary = false;
        }
        self.update_user(numbers, id, new.patch, new.created_at).map(Saved::Updated)
    }

    /// Who has the external id, or else the first of the identities that somebody has.
    fn meant_by(&self, patch: &UserPatch) -> Option<UserId> {
        let holder = match &patch.external_id {
            Change::Set(id) => self.holder(id).map(|user| user.user_id),
            Change::Keep | Change::Clear => None,
        };
        let mut identities = patch.identities.iter();
        holder.or_else(|| identities.find_map(|it| self.identity_holder(it.kind, &it.value)))
    }

    /// Whether a user may have what a patch sets.
    fn check(&self, user: UserId, patch: &UserPatch) -> Result<(), SaveUserError> {
        let somebody_else = |holder: UserId| holder != user;
        if let Change::Set(wanted) = &patch.external_id
            && self.holder(wanted).is_some_and(|holder| somebody_else(holder.user_id))
        {
            return Err(SaveUserError::ExternalIdTaken);
        }
        for NewIdentity { kind, value, .. } in &patch.identities {
            if self.identity_holder(*kind, value).is_some_and(somebody_else) {
                return Err(SaveUserError::IdentityTaken(*kind, value.clone()));
            }
        }
        let support = &patch.support;
        if let Change::Set(id) = support.organization_id
            && !self.has_record(RecordKind::Organization, id.0)
        {
            return Err(SaveUserError::NoOrganization);
        }
        if let Change::Set(id) = support.custom_role_id
            && !self.has_record(RecordKind::CustomRole, id.0)
        {
            return Err(SaveUserError::NoCustomRole);
        }
        if let Change::Set(id) = support.default_group_id
            && !self.groups_of(user).any(|group| group == id)
        {
            return Err(SaveUserError::NoGroup);
        }
        Ok(())
    }
}

/// The identities with those of `new` that are not among them yet.
fn with_new(
    set: &IdentitySet,
    new: Vec<NewIdentity>,
    numbers: &mut Numbers,
    moment: Timestamp,
) -> IdentitySet {
    let mut set = set.clone();
    for identity in new {
        if !set.has(identity.kind, &identity.value) {
            set.add(IdentityId(numbers.next()), identity, moment);
        }
    }
    set
}
