//! End users: the rules of making, finding and changing them.

use std::sync::Arc;

use roster_directory::{
    Change, CreateEndUserError, Created, EndUserId, EndUserPatch, Event, EventSequence, ExternalId,
    IdentityId, IdentityKind, IdentityValue, NewEndUser, Page, PageLimit, PageRequest,
    PatchEndUserError, Role, SENSITIVE_KEYS_PER_USER, Timestamp, User, UserId,
};

use super::rows::{AccountRows, Numbers, page};

impl AccountRows {
    pub(super) fn create_end_user(
        &mut self,
        numbers: &mut Numbers,
        new: NewEndUser,
    ) -> Result<Created, CreateEndUserError> {
        if let Some(holder) = new.external_id.as_ref().and_then(|id| self.holder(id)) {
            // Ada's dialect does not see agents and admins, so it cannot be given one.
            return match holder.role {
                Role::EndUser => Ok(Created::Existing(Arc::clone(holder))),
                Role::Agent | Role::Admin => Err(CreateEndUserError::ExternalIdTaken),
            };
        }
        Ok(Created::New(self.insert_end_user(numbers, new)))
    }

    /// Only the role end-user is visible in Ada's dialect.
    pub(super) fn end_user(&self, id: EndUserId) -> Option<&Arc<User>> {
        self.users.get(&id).filter(|user| user.role == Role::EndUser)
    }

    pub(super) fn end_user_by_external_id(&self, id: &ExternalId) -> Option<&Arc<User>> {
        self.holder(id).filter(|user| user.role == Role::EndUser)
    }

    pub(super) fn end_users(&self, request: PageRequest<EndUserId>) -> Page<Arc<User>, EndUserId> {
        let end_users = self.users.values().filter(|user| user.role == Role::EndUser).cloned();
        page(end_users, request, |user| user.end_user_id)
    }

    /// The user of any role who has this external id.
    pub(super) fn holder(&self, id: &ExternalId) -> Option<&Arc<User>> {
        let folded = |user: &User| user.external_id.as_ref().map(|own| own.folded().to_owned());
        self.users.values().find(|user| folded(user).as_deref() == Some(id.folded()))
    }

    /// Keeps a new end user, whose external id nobody has.
    pub(super) fn insert_end_user(
        &mut self,
        numbers: &mut Numbers,
        mut new: NewEndUser,
    ) -> Arc<User> {
        let secrets = new.sensitive_metadata.take();
        let now = new.created_at;
        let user = new.into_user(UserId::from_stored(numbers.next()));
        let user = self.insert(user, now);
        self.follow_email(numbers, &user);
        if let Some(secrets) = secrets {
            self.write_secrets(user.end_user_id, secrets);
        }
        user
    }

    /// Gives a user who was just made or changed the address that they now have in Ada's dialect
    /// as their primary one, unless somebody else has claimed it.
    fn follow_email(&mut self, numbers: &mut Numbers, user: &User) {
        let email = user.profile.email.as_deref().and_then(|it| IdentityValue::claimed(it).ok());
        let is_free = |email: &IdentityValue| {
            let holder = self.identity_holder(IdentityKind::Email, email);
            holder.is_none_or(|holder| holder == user.user_id)
        };
        let mut set = self.identity_set(user.user_id);
        set.follow_email(email.filter(is_free), || IdentityId(numbers.next()), user.updated_at);
        self.identities.insert(user.user_id, set);
    }

    pub(super) fn patch_end_user(
        &mut self,
        numbers: &mut Numbers,
        id: EndUserId,
        patch: EndUserPatch,
        now: Timestamp,
    ) -> Result<Arc<User>, PatchEndUserError> {
        let user = Arc::clone(self.end_user(id).ok_or(PatchEndUserError::NotFound)?);
        let changed = patch.apply(&user, now)?;
        if let Change::Set(wanted) = &patch.external_id
            && self.holder(wanted).is_some_and(|holder| holder.end_user_id != id)
        {
            return Err(PatchEndUserError::ExternalIdTaken);
        }
        if let Some(secrets) = &patch.sensitive_metadata
            && self.secrets_after(id, secrets) > SENSITIVE_KEYS_PER_USER
        {
            return Err(PatchEndUserError::TooManySecrets);
        }
        // Secrets are no part of what can be seen: they are written without an event.
        if let Some(secrets) = patch.sensitive_metadata {
            self.write_secrets(id, secrets);
        }
        let Some(changed) = changed else { return Ok(user) };
        let changed = self.update(changed, now);
        if changed.profile.email != user.profile.email {
            self.follow_email(numbers, &changed);
        }
        Ok(changed)
    }

    pub(super) fn events_after(
        &self,
        after: Option<EventSequence>,
        limit: PageLimit,
    ) -> Vec<Event> {
        let later = |event: &&Event| after.is_none_or(|after| event.sequence > after);
        self.events.iter().filter(later).take(limit.get()).copied().collect()
    }
}
