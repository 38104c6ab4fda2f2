//! Identities of users.

use std::sync::Arc;

use roster_directory::{
    Identity, IdentityChange, IdentityError, IdentityId, IdentityKind, IdentitySet, IdentityValue,
    NewIdentity, Timestamp, UserId,
};

use super::rows::{AccountRows, Numbers};

impl AccountRows {
    /// The identities of a user who is there.
    pub(super) fn identity_set(&self, user: UserId) -> IdentitySet {
        let none = || IdentitySet::from_stored(user, Vec::new());
        self.identities.get(&user).cloned().unwrap_or_else(none)
    }

    /// Who has this identity.
    pub(super) fn identity_holder(
        &self,
        kind: IdentityKind,
        value: &IdentityValue,
    ) -> Option<UserId> {
        let mut sets = self.identities.iter();
        sets.find(|(_, set)| set.has(kind, value)).map(|(user, _)| *user)
    }

    pub(super) fn identities_of(&self, users: &[UserId]) -> Vec<Identity> {
        let sets = self.identities.iter().filter(|(user, _)| users.contains(user));
        sets.flat_map(|(_, set)| set.as_slice()).cloned().collect()
    }

    pub(super) fn create_identity(
        &mut self,
        numbers: &mut Numbers,
        user: UserId,
        new: NewIdentity,
        now: Timestamp,
    ) -> Result<Identity, IdentityError> {
        self.user(user).ok_or(IdentityError::NotFound)?;
        if self.identity_holder(new.kind, &new.value).is_some() {
            return Err(IdentityError::Taken(new.kind, new.value));
        }
        let id = IdentityId(numbers.next());
        let mut set = self.identity_set(user);
        set.add(id, new, self.moment(now));
        self.keep_identities(user, set.clone(), now);
        set.find(id).cloned().ok_or(IdentityError::NotFound)
    }

    pub(super) fn change_identity(
        &mut self,
        user: UserId,
        id: IdentityId,
        change: &IdentityChange,
        now: Timestamp,
    ) -> Result<Identity, IdentityError> {
        let mut set = self.identity_set(user);
        let kind = set.find(id).ok_or(IdentityError::NotFound)?.kind;
        if let IdentityChange::Edit { value: Some(value), .. } = change
            && self.is_of_another(id, kind, value)
        {
            return Err(IdentityError::Taken(kind, value.clone()));
        }
        set.change(id, change, self.moment(now));
        self.keep_identities(user, set.clone(), now);
        set.find(id).cloned().ok_or(IdentityError::NotFound)
    }

    pub(super) fn delete_identity(
        &mut self,
        user: UserId,
        id: IdentityId,
        now: Timestamp,
    ) -> Result<(), IdentityError> {
        let mut set = self.identity_set(user);
        if !set.remove(id) {
            return Err(IdentityError::NotFound);
        }
        self.keep_identities(user, set, now);
        Ok(())
    }

    /// Whether another identity, of the same user or of somebody else, has this value.
    fn is_of_another(&self, id: IdentityId, kind: IdentityKind, value: &IdentityValue) -> bool {
        let mut all = self.identities.values().flat_map(IdentitySet::as_slice);
        all.any(|it| it.id != id && it.kind == kind && it.value.folded() == value.folded())
    }

    /// Keeps the identities of a user as they are now, and the user as they are then; unless
    /// nothing changed.
    fn keep_identities(&mut self, user: UserId, after: IdentitySet, now: Timestamp) {
        let before = self.identity_set(user);
        let Some(user) = self.user(user).map(Arc::clone) else { return };
        let mut changed = (*user).clone();
        changed.follow(&before, &after);
        if changed != *user || after != before {
            self.identities.insert(user.user_id, after);
            self.update(changed, now);
        }
    }
}
