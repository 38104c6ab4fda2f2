//! The part of the seam that is about users of every role, as Zendesk's dialect needs them.

use std::sync::Arc;

use async_trait::async_trait;

use super::StoreError;
use crate::{
    AccountId, ExportPosition, ExternalId, Identity, IdentityChange, IdentityId, IdentityKind,
    IdentityValue, Job, JobId, MetadataTooLarge, NewIdentity, NewUser, SearchQuery, Timestamp,
    User, UserCounts, UserFilter, UserId, UserList, UserPage, UserPatch,
};

/// Keeps users of every role, their identities, and those who were deleted.
///
/// The contract is that of [`Store`](super::Store). Every change of an account's users, through
/// whichever method, gets a moment of its own: `updated_at` is [`Timestamp::later_than`] that of
/// the change before it in the same account, and a new user's `created_at` is the same moment.
/// `now` is what the caller's clock says. The owner of an account is made at the account's own
/// moment.
#[async_trait]
pub trait UserStore: Send + Sync + 'static {
    /// One user who is there, of any role.
    async fn user(&self, account: AccountId, id: UserId) -> Result<Option<Arc<User>>, StoreError>;

    /// Those of these users who are there, ascending by id, each once.
    async fn users_by_id(
        &self,
        account: AccountId,
        ids: Vec<UserId>,
    ) -> Result<Vec<Arc<User>>, StoreError>;

    /// Those who have one of these external ids, ascending by id, each once.
    async fn users_by_external_id(
        &self,
        account: AccountId,
        ids: Vec<ExternalId>,
    ) -> Result<Vec<Arc<User>>, StoreError>;

    /// The user who has claimed this email address as one of their identities.
    async fn user_by_email(
        &self,
        account: AccountId,
        email: &IdentityValue,
    ) -> Result<Option<Arc<User>>, StoreError>;

    /// The owner of the account: the admin it was born with.
    async fn owner(&self, account: AccountId) -> Result<UserId, StoreError>;

    /// A part of a list of users.
    async fn users(&self, account: AccountId, list: UserList) -> Result<UserPage, StoreError>;

    /// How many users a list has; of those whose name begins in a certain way, at most
    /// [`SEARCH_LIMIT`](crate::SEARCH_LIMIT). Other counts are kept up with every write, so that
    /// nobody is counted but within the team.
    async fn count_users(&self, account: AccountId, filter: UserFilter) -> Result<u64, StoreError>;

    /// The users that a query finds, ascending by id: those after the first `offset`, at most
    /// `limit`. Changes may be found as late as a second after they were made.
    async fn search_users(
        &self,
        account: AccountId,
        query: SearchQuery,
        offset: u64,
        limit: u64,
    ) -> Result<SearchPage, StoreError>;

    /// Makes a user.
    async fn create_user(
        &self,
        account: AccountId,
        user: NewUser,
    ) -> Result<Arc<User>, SaveUserError>;

    /// Makes a user, or changes the one who has the external id or one of the email addresses;
    /// who has the external id comes first. A changed user keeps their primary email address.
    async fn create_or_update_user(
        &self,
        account: AccountId,
        user: NewUser,
    ) -> Result<Saved, SaveUserError>;

    /// Changes a user. When nothing that can be seen changes, there is no event.
    async fn update_user(
        &self,
        account: AccountId,
        id: UserId,
        patch: UserPatch,
        now: Timestamp,
    ) -> Result<Arc<User>, SaveUserError>;

    /// Deletes a user: they leave every list, their identities, memberships, external id and
    /// secrets are gone, and the incremental export tells of it.
    async fn delete_user(
        &self,
        account: AccountId,
        id: UserId,
        now: Timestamp,
    ) -> Result<Arc<User>, DeleteUserError>;

    /// Merges an end user into another: the identities of the first become the other's, and the
    /// first is deleted. Returns the other.
    async fn merge_users(
        &self,
        account: AccountId,
        from: UserId,
        into: UserId,
        now: Timestamp,
    ) -> Result<Arc<User>, MergeUsersError>;

    /// One of the deleted.
    async fn deleted_user(
        &self,
        account: AccountId,
        id: UserId,
    ) -> Result<Option<Arc<User>>, StoreError>;

    /// The deleted, ascending by id: those after `after`, or before `before`, or after so many;
    /// see [`UserList`], of which only `start` and `limit` count, by id.
    async fn deleted_users(
        &self,
        account: AccountId,
        list: UserList,
    ) -> Result<UserPage, StoreError>;

    /// How many of the deleted there are, by role. Kept, not counted.
    async fn count_deleted_users(&self, account: AccountId) -> Result<UserCounts, StoreError>;

    /// Forgets all that is personal of one of the deleted, for good. `None` if there is no such
    /// deleted user. Erasing one again changes nothing.
    async fn erase_deleted_user(
        &self,
        account: AccountId,
        id: UserId,
        now: Timestamp,
    ) -> Result<Option<Arc<User>>, StoreError>;

    /// Users of every role and state in the order of their last change: those after `after`, at
    /// most `limit`.
    async fn export_users(
        &self,
        account: AccountId,
        after: ExportPosition,
        limit: usize,
    ) -> Result<Vec<Arc<User>>, StoreError>;

    /// The identities of these users, ascending by user, then by id.
    async fn identities(
        &self,
        account: AccountId,
        users: Vec<UserId>,
    ) -> Result<Vec<Identity>, StoreError>;

    /// Adds an identity to a user who is there. The email address of somebody who has none
    /// becomes the `email` of the profile.
    async fn create_identity(
        &self,
        account: AccountId,
        user: UserId,
        identity: NewIdentity,
        now: Timestamp,
    ) -> Result<Identity, IdentityError>;

    /// Changes an identity. The profile follows the primary email address; the user is verified
    /// when the primary one is.
    async fn change_identity(
        &self,
        account: AccountId,
        user: UserId,
        id: IdentityId,
        change: IdentityChange,
        now: Timestamp,
    ) -> Result<Identity, IdentityError>;

    /// Removes an identity. The profile follows the primary email address.
    async fn delete_identity(
        &self,
        account: AccountId,
        user: UserId,
        id: IdentityId,
        now: Timestamp,
    ) -> Result<(), IdentityError>;

    /// Keeps what a job came to.
    async fn add_job(&self, account: AccountId, job: Job) -> Result<(), StoreError>;

    /// What a job came to.
    async fn job(&self, account: AccountId, id: JobId) -> Result<Option<Job>, StoreError>;
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SearchPage {
    /// The users.
    pub users: Vec<Arc<User>>,
    /// How many there are in all, up to [`SEARCH_LIMIT`](crate::SEARCH_LIMIT).
    pub count: u64,
}

/// What making or changing a user came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Saved {
    /// The user is new.
    Created(Arc<User>),
    /// The user was there already.
    Updated(Arc<User>),
}

/// Why a user could not be made or changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SaveUserError {
    /// The account has no such user.
    #[error("there is no such user")]
    NotFound,
    /// Another user has that external id.
    #[error("another user has that external id")]
    ExternalIdTaken,
    /// Another user has this identity.
    #[error("another user has that identity")]
    IdentityTaken(IdentityKind, IdentityValue),
    /// There is no such organization.
    #[error("there is no such organization")]
    NoOrganization,
    /// There is no such custom role.
    #[error("there is no such custom role")]
    NoCustomRole,
    /// The user is no member of that group, or there is none.
    #[error("the user is no member of that group")]
    NoGroup,
    /// The owner of an account stays an admin.
    #[error("the owner of the account stays an admin")]
    OwnerStaysAdmin,
    /// The merged metadata would be too large.
    #[error(transparent)]
    MetadataTooLarge(#[from] MetadataTooLarge),
    /// The store could not do its work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a user could not be deleted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeleteUserError {
    /// The account has no such user.
    #[error("there is no such user")]
    NotFound,
    /// The owner of an account cannot be deleted.
    #[error("the owner of the account cannot be deleted")]
    Owner,
    /// The store could not do its work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why two users could not be merged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeUsersError {
    /// The account has no such user to merge.
    #[error("there is no such user")]
    NotFound,
    /// The account has no such user to merge into.
    #[error("there is no such user to merge into")]
    TargetNotFound,
    /// Only end users are merged, and not into themselves.
    #[error("only an end user can be merged, into another end user")]
    NotMergeable,
    /// The store could not do its work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an identity could not be made, changed or removed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// The account has no such user, or the user no such identity.
    #[error("there is no such identity")]
    NotFound,
    /// A user has this identity already.
    #[error("a user has that identity already")]
    Taken(IdentityKind, IdentityValue),
    /// The store could not do its work.
    #[error(transparent)]
    Store(#[from] StoreError),
}
