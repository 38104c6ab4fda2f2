//! End users: the rules of making, finding and changing them.

use std::sync::Arc;

use roster_directory::{
    AccountId, Change, CreateEndUserError, Created, EndUserId, EndUserPatch, Event, EventKind,
    EventSequence, ExternalId, NewEndUser, Page, PageLimit, PageRequest, PatchEndUserError, Role,
    SENSITIVE_KEYS_PER_USER, Timestamp, User, UserId,
};

use super::rows::{AccountRows, Rows, page};

impl Rows {
    pub(super) fn create_end_user(
        &mut self,
        account: AccountId,
        new: NewEndUser,
    ) -> Result<Created, CreateEndUserError> {
        let rows = self.account_mut(account)?;
        if let Some(holder) = new.external_id.as_ref().and_then(|id| rows.holder(id)) {
            // Ada's dialect does not see agents and admins, so it cannot be given one.
            return match holder.role {
                Role::EndUser => Ok(Created::Existing(Arc::clone(holder))),
                Role::Agent | Role::Admin => Err(CreateEndUserError::ExternalIdTaken),
            };
        }
        let user_id = self.next_user_id();
        Ok(Created::New(self.account_mut(account)?.insert_end_user(user_id, new)))
    }
}

impl AccountRows {
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
    pub(super) fn insert_end_user(&mut self, user_id: UserId, mut new: NewEndUser) -> Arc<User> {
        let secrets = new.sensitive_metadata.take();
        let user = Arc::new(new.into_user(user_id));
        if let Some(secrets) = secrets {
            self.write_secrets(user.end_user_id, secrets);
        }
        self.users.insert(user.end_user_id, Arc::clone(&user));
        self.record(user.created_at, EventKind::Created, &user);
        user
    }

    pub(super) fn patch_end_user(
        &mut self,
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
        let Some(changed) = changed.map(Arc::new) else { return Ok(user) };
        self.users.insert(id, Arc::clone(&changed));
        self.record(now, EventKind::Updated, &changed);
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
