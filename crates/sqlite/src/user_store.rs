//! What the store does for users of every role.

use std::sync::Arc;

use async_trait::async_trait;
use roster_directory::{
    AccountId, DeleteUserError, ExportPosition, ExternalId, Identity, IdentityChange,
    IdentityError, IdentityId, IdentityValue, Job, JobId, MergeUsersError, NewIdentity, NewUser,
    SaveUserError, Saved, SearchPage, SearchQuery, StoreError, Timestamp, User, UserCounts,
    UserFilter, UserId, UserList, UserPage, UserPatch, UserStore,
};
use roster_relational::lists::{self, Bookmarks};
use roster_relational::operations::{identities, removal, users};
use roster_relational::tables::{account, deleted_user, job, user};

use crate::cache::CacheKey;
use crate::change_buffer::{Guess, Informed};
use crate::sql::SqliteConnection;
use crate::store::SqliteStore;

#[async_trait]
impl UserStore for SqliteStore {
    async fn user(&self, account: AccountId, id: UserId) -> Result<Option<Arc<User>>, StoreError> {
        let key = CacheKey::User(account, id);
        self.cached(key, |connection| user::by_id(connection, account, id))
    }

    async fn users_by_id(
        &self,
        account: AccountId,
        ids: Vec<UserId>,
    ) -> Result<Vec<Arc<User>>, StoreError> {
        self.list(account, move |snapshot| lists::users_by_id(snapshot, ids)).await
    }

    async fn users_by_external_id(
        &self,
        account: AccountId,
        ids: Vec<ExternalId>,
    ) -> Result<Vec<Arc<User>>, StoreError> {
        let read = move |connection: &SqliteConnection| {
            lists::users_by_external_id(connection, account, &ids)
        };
        self.readers.list(read).await
    }

    async fn user_by_email(
        &self,
        account: AccountId,
        email: &IdentityValue,
    ) -> Result<Option<Arc<User>>, StoreError> {
        let guess = Guess::of_email(self.unmerged.as_deref(), account, email);
        self.readers.read(|connection| {
            lists::user_by_email(&Informed { connection, guess }, account, email)
        })
    }

    async fn owner(&self, account: AccountId) -> Result<UserId, StoreError> {
        let owner = self.readers.read(|connection| account::owner(connection, account))?;
        owner.ok_or_else(|| StoreError::Unavailable(format!("there is no account {account}")))
    }

    async fn users(&self, account: AccountId, list: UserList) -> Result<UserPage, StoreError> {
        let bookmarks = Arc::clone(&self.bookmarks);
        let by_name = lists::reads_names(account, &list.filter, Some(list.sort));
        if by_name {
            self.merge_names().await?;
        }
        self.list(account, move |snapshot| {
            // Whoever was made since then may be missing. The next list by name has them, and yet
            // the account's last change is the same, by which bookmarks go.
            let is_complete = !by_name || snapshot.has_all_entries()?;
            let none = (!is_complete).then(Bookmarks::none);
            lists::users(snapshot, none.as_ref().unwrap_or(&bookmarks), account, &list)
        })
        .await
    }

    async fn count_users(&self, account: AccountId, filter: UserFilter) -> Result<u64, StoreError> {
        if lists::reads_names(account, &filter, None) {
            self.merge_names().await?;
        }
        let read =
            move |connection: &SqliteConnection| lists::count_users(connection, account, &filter);
        self.readers.short_list(read).await
    }

    async fn search_users(
        &self,
        account: AccountId,
        query: SearchQuery,
        offset: u64,
        limit: u64,
    ) -> Result<SearchPage, StoreError> {
        if let Some(search) = &self.search {
            return search.find(&self.cache, account, query, offset, limit).await;
        }
        let read = move |connection: &SqliteConnection| {
            lists::search(connection, account, &query, offset, limit)
        };
        self.readers.list(read).await
    }

    async fn create_user(
        &self,
        account: AccountId,
        user: NewUser,
    ) -> Result<Arc<User>, SaveUserError> {
        self.writer
            .write_once_checked(move |transaction| users::create(transaction, account, &user))
            .await
    }

    async fn create_or_update_user(
        &self,
        account: AccountId,
        user: NewUser,
    ) -> Result<Saved, SaveUserError> {
        self.writer
            .write(move |transaction| users::create_or_update(transaction, account, user))
            .await
    }

    async fn update_user(
        &self,
        account: AccountId,
        id: UserId,
        patch: UserPatch,
        now: Timestamp,
    ) -> Result<Arc<User>, SaveUserError> {
        self.writer
            .write(move |transaction| users::update(transaction, account, id, &patch, now))
            .await
    }

    async fn delete_user(
        &self,
        account: AccountId,
        id: UserId,
        now: Timestamp,
    ) -> Result<Arc<User>, DeleteUserError> {
        self.writer.write(move |transaction| removal::delete(transaction, account, id, now)).await
    }

    async fn merge_users(
        &self,
        account: AccountId,
        from: UserId,
        into: UserId,
        now: Timestamp,
    ) -> Result<Arc<User>, MergeUsersError> {
        self.writer
            .write(move |transaction| removal::merge(transaction, account, from, into, now))
            .await
    }

    async fn deleted_user(
        &self,
        account: AccountId,
        id: UserId,
    ) -> Result<Option<Arc<User>>, StoreError> {
        let found = self.readers.read(|connection| deleted_user::by_id(connection, account, id))?;
        Ok(found.map(Arc::new))
    }

    async fn deleted_users(
        &self,
        account: AccountId,
        list: UserList,
    ) -> Result<UserPage, StoreError> {
        self.readers.list(move |connection| lists::deleted_users(connection, account, &list)).await
    }

    async fn count_deleted_users(&self, account: AccountId) -> Result<UserCounts, StoreError> {
        self.readers.read(|connection| account::deleted_counts(connection, account))
    }

    async fn erase_deleted_user(
        &self,
        account: AccountId,
        id: UserId,
        now: Timestamp,
    ) -> Result<Option<Arc<User>>, StoreError> {
        self.writer.write(move |transaction| removal::erase(transaction, account, id, now)).await
    }

    async fn export_users(
        &self,
        account: AccountId,
        after: ExportPosition,
        limit: usize,
    ) -> Result<Vec<Arc<User>>, StoreError> {
        self.readers.list(move |connection| lists::export(connection, account, after, limit)).await
    }

    async fn identities(
        &self,
        account: AccountId,
        users: Vec<UserId>,
    ) -> Result<Vec<Identity>, StoreError> {
        let read =
            move |connection: &SqliteConnection| lists::identities(connection, account, users);
        self.readers.short_list(read).await
    }

    async fn create_identity(
        &self,
        account: AccountId,
        user: UserId,
        identity: NewIdentity,
        now: Timestamp,
    ) -> Result<Identity, IdentityError> {
        self.writer
            .write(move |transaction| identities::create(transaction, account, user, identity, now))
            .await
    }

    async fn change_identity(
        &self,
        account: AccountId,
        user: UserId,
        id: IdentityId,
        change: IdentityChange,
        now: Timestamp,
    ) -> Result<Identity, IdentityError> {
        self.writer
            .write(move |transaction| {
                identities::change(transaction, account, user, id, &change, now)
            })
            .await
    }

    async fn delete_identity(
        &self,
        account: AccountId,
        user: UserId,
        id: IdentityId,
        now: Timestamp,
    ) -> Result<(), IdentityError> {
        self.writer
            .write(move |transaction| identities::delete(transaction, account, user, id, now))
            .await
    }

    async fn add_job(&self, account: AccountId, job: Job) -> Result<(), StoreError> {
        self.writer
            .write(move |transaction| {
                transaction.require_account(account)?;
                job::insert(transaction.connection, account, &job)
            })
            .await
    }

    async fn job(&self, account: AccountId, id: JobId) -> Result<Option<Job>, StoreError> {
        self.readers.read(|connection| job::find(connection, account, id))
    }
}
