//! Deleting and merging users, and those who were deleted.

use std::sync::Arc;

use roster_directory::{
    Content, DeleteUserError, EventKind, ExportPosition, MergeUsersError, RemovalReason, Role,
    Timestamp, User, UserId, UserList, UserPage, UserSort, UserState,
};

use super::rows::AccountRows;

impl AccountRows {
    pub(super) fn delete_user(
        &mut self,
        id: UserId,
        now: Timestamp,
    ) -> Result<Arc<User>, DeleteUserError> {
        let user = Arc::clone(self.user(id).ok_or(DeleteUserError::NotFound)?);
        if id == self.owner {
            return Err(DeleteUserError::Owner);
        }
        Ok(self.remove(&user, RemovalReason::Deleted, now))
    }

    /// Removes a user, with everything that is theirs. Of those who expire nothing is kept but
    /// that they were there.
    pub(super) fn remove(
        &mut self,
        user: &User,
        reason: RemovalReason,
        now: Timestamp,
    ) -> Arc<User> {
        let at = self.next_moment(now);
        let gone = match reason {
            RemovalReason::Expired => user.erased(at),
            RemovalReason::Deleted | RemovalReason::Merged => user.deleted(at),
        };
        let gone = Arc::new(User { updated_at: at, ..gone });
        self.users.remove(&user.end_user_id);
        self.identities.remove(&user.user_id);
        self.remove_memberships_of(user.user_id);
        self.secrets.retain(|(owner, _), _| *owner != user.end_user_id);
        self.deleted.insert(user.user_id, Arc::clone(&gone));
        self.record(at, EventKind::Deleted(reason), &gone);
        self.tell(at, user, Content::of_removal(user, reason));
        gone
    }

    pub(super) fn merge_users(
        &mut self,
        from: UserId,
        into: UserId,
        now: Timestamp,
    ) -> Result<Arc<User>, MergeUsersError> {
        let from = Arc::clone(self.user(from).ok_or(MergeUsersError::NotFound)?);
        let into = Arc::clone(self.user(into).ok_or(MergeUsersError::TargetNotFound)?);
        let is_end_user = |user: &User| user.role == Role::EndUser;
        if from.user_id == into.user_id || !is_end_user(&from) || !is_end_user(&into) {
            return Err(MergeUsersError::NotMergeable);
        }
        let before = self.identity_set(into.user_id);
        let mut after = before.clone();
        after.absorb(self.identity_set(from.user_id), self.moment(now));
        let mut merged = (*into).clone();
        merged.follow(&before, &after);
        // Whoever was tied to a conversation lives on, under whichever name.
        merged.expires_at = into.expires_at.filter(|_| from.expires_at.is_some());
        self.identities.insert(into.user_id, after);
        let merged = self.update(merged, now);
        self.remove(&from, RemovalReason::Merged, now);
        Ok(merged)
    }

    pub(super) fn erase_deleted_user(&mut self, id: UserId, now: Timestamp) -> Option<Arc<User>> {
        let user = Arc::clone(self.deleted.get(&id)?);
        if user.state == UserState::Erased {
            return Some(user);
        }
        let at = self.next_moment(now);
        let erased = Arc::new(User { updated_at: at, ..user.erased(at) });
        self.deleted.insert(id, Arc::clone(&erased));
        Some(erased)
    }

    pub(super) fn deleted_users(&self, list: UserList) -> UserPage {
        let by_id = UserList { sort: UserSort::ID, ..list };
        by_id.select(self.deleted.values().cloned().collect())
    }

    pub(super) fn export_users(&self, after: ExportPosition, limit: usize) -> Vec<Arc<User>> {
        let all = self.users.values().chain(self.deleted.values());
        let mut later: Vec<_> = all.filter(|user| ExportPosition::of(user) > after).collect();
        later.sort_by_key(|user| ExportPosition::of(user));
        later.into_iter().take(limit).cloned().collect()
    }
}
