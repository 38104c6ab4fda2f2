//! The part of the trait that is about users of every role, method by method.

use std::sync::Arc;

use async_trait::async_trait;
use roster_directory::{
    AccountId, DeleteUserError, ExportPosition, ExternalId, Identity, IdentityChange,
    IdentityError, IdentityId, IdentityKind, IdentityValue, Job, JobId, MergeUsersError,
    NewIdentity, NewUser, SaveUserError, Saved, SearchPage, SearchQuery, StoreError, Timestamp,
    User, UserCounts, UserFilter, UserId, UserList, UserPage, UserPatch, UserStore,
};

use super::MemoryStore;
use super::rows::counts;

#[async_trait]
impl UserStore for MemoryStore {
    async fn user(&self, account: AccountId, id: UserId) -> Result<Option<Arc<User>>, StoreError> {
        self.read(|rows| Ok(rows.account(account)?.user(id).cloned()))
    }

    async fn users_by_id(
        &self,
        account: AccountId,
        ids: Vec<UserId>,
    ) -> Result<Vec<Arc<User>>, StoreError> {
        self.read(|rows| Ok(rows.account(account)?.users_by_id(ids)))
    }

    async fn users_by_external_id(
        &self,
        account: AccountId,
        ids: Vec<ExternalId>,
    ) -> Result<Vec<Arc<User>>, StoreError> {
        self.read(|rows| Ok(rows.account(account)?.users_by_external_id(&ids)))
    }

    async fn user_by_email(
        &self,
        account: AccountId,
        email: &IdentityValue,
    ) -> Result<Option<Arc<User>>, StoreError> {
        self.read(|rows| {
            let rows = rows.account(account)?;
            let holder = rows.identity_holder(IdentityKind::Email, email);
            Ok(holder.and_then(|id| rows.user(id)).cloned())
        })
    }

    async fn owner(&self, account: AccountId) -> Result<UserId, StoreError> {
        self.read(|rows| Ok(rows.account(account)?.owner))
    }

    async fn users(&self, account: AccountId, list: UserList) -> Result<UserPage, StoreError> {
        self.read(|rows| Ok(rows.account(account)?.list(&list)))
    }

    async fn count_users(&self, account: AccountId, filter: UserFilter) -> Result<u64, StoreError> {
        self.read(|rows| Ok(rows.account(account)?.count(&filter)))
    }

    async fn search_users(
        &self,
        account: AccountId,
        query: SearchQuery,
        offset: u64,
        limit: u64,
    ) -> Result<SearchPage, StoreError> {
        self.read(|rows| Ok(rows.account(account)?.search(&query, offset, limit)))
    }

    async fn create_user(
        &self,
        account: AccountId,
        user: NewUser,
    ) -> Result<Arc<User>, SaveUserError> {
        self.write(|rows| {
            let (rows, numbers) = rows.account_and_numbers(account)?;
            rows.create_user(numbers, user)
        })
    }

    async fn create_or_update_user(
        &self,
        account: AccountId,
        user: NewUser,
    ) -> Result<Saved, SaveUserError> {
        self.write(|rows| {
            let (rows, numbers) = rows.account_and_numbers(account)?;
            rows.create_or_update_user(numbers, user)
        })
    }

    async fn update_user(
        &self,
        account: AccountId,
        id: UserId,
        patch: UserPatch,
        now: Timestamp,
    ) -> Result<Arc<User>, SaveUserError> {
        self.write(|rows| {
            let (rows, numbers) = rows.account_and_numbers(account)?;
            rows.update_user(numbers, id, patch, now)
        })
    }

    async fn delete_user(
        &self,
        account: AccountId,
        id: UserId,
        now: Timestamp,
    ) -> Result<Arc<User>, DeleteUserError> {
        self.write(|rows| rows.account_mut(account)?.delete_user(id, now))
    }

    async fn merge_users(
        &self,
        account: AccountId,
        from: UserId,
        into: UserId,
        now: Timestamp,
    ) -> Result<Arc<User>, MergeUsersError> {
        self.write(|rows| rows.account_mut(account)?.merge_users(from, into, now))
    }

    async fn deleted_user(
        &self,
        account: AccountId,
        id: UserId,
    ) -> Result<Option<Arc<User>>, StoreError> {
        self.read(|rows| Ok(rows.account(account)?.deleted.get(&id).cloned()))
    }

    async fn deleted_users(
        &self,
        account: AccountId,
        list: UserList,
    ) -> Result<UserPage, StoreError> {
        self.read(|rows| Ok(rows.account(account)?.deleted_users(list)))
    }

    async fn count_deleted_users(&self, account: AccountId) -> Result<UserCounts, StoreError> {
        self.read(|rows| Ok(counts(rows.account(account)?.deleted.values())))
    }

    async fn erase_deleted_user(
        &self,
        account: AccountId,
        id: UserId,
        now: Timestamp,
    ) -> Result<Option<Arc<User>>, StoreError> {
        self.write(|rows| Ok(rows.account_mut(account)?.erase_deleted_user(id, now)))
    }

    async fn export_users(
        &self,
        account: AccountId,
        after: ExportPosition,
        limit: usize,
    ) -> Result<Vec<Arc<User>>, StoreError> {
        self.read(|rows| Ok(rows.account(account)?.export_users(after, limit)))
    }

    async fn identities(
        &self,
        account: AccountId,
        users: Vec<UserId>,
    ) -> Result<Vec<Identity>, StoreError> {
        self.read(|rows| Ok(rows.account(account)?.identities_of(&users)))
    }

    async fn create_identity(
        &self,
        account: AccountId,
        user: UserId,
        identity: NewIdentity,
        now: Timestamp,
    ) -> Result<Identity, IdentityError> {
        self.write(|rows| {
            let (rows, numbers) = rows.account_and_numbers(account)?;
            rows.create_identity(numbers, user, identity, now)
        })
    }

    async fn change_identity(
        &self,
        account: AccountId,
        user: UserId,
        id: IdentityId,
        change: IdentityChange,
        now: Timestamp,
    ) -> Result<Identity, IdentityError> {
        self.write(|rows| rows.account_mut(account)?.change_identity(user, id, &change, now))
    }

    async fn delete_identity(
        &self,
        account: AccountId,
        user: UserId,
        id: IdentityId,
        now: Timestamp,
    ) -> Result<(), IdentityError> {
        self.write(|rows| rows.account_mut(account)?.delete_identity(user, id, now))
    }

    async fn add_job(&self, account: AccountId, job: Job) -> Result<(), StoreError> {
        self.write(|rows| {
            rows.account_mut(account)?.jobs.insert(job.id, job);
            Ok(())
        })
    }

    async fn job(&self, account: AccountId, id: JobId) -> Result<Option<Job>, StoreError> {
        self.read(|rows| Ok(rows.account(account)?.jobs.get(&id).cloned()))
    }
}
