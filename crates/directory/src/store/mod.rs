//! The seam behind which a backend keeps the directory.

mod records;
mod users;
mod webhooks;

pub use records::{RecordError, RecordStore};
pub use users::{
    DeleteUserError, IdentityError, MergeUsersError, SaveUserError, Saved, SearchPage, UserStore,
};
pub use webhooks::{CreateEndpointError, WebhookStore};

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    Account, AccountId, AccountSummary, Caller, Channel, ChannelId, Conversation, ConversationId,
    EndUserId, EndUserPatch, Event, EventSequence, ExternalId, MetadataPatch, MetadataTooLarge,
    NewAccount, NewChannel, NewConversation, NewEndUser, NewToken, Page, PageLimit, PageRequest,
    Sealed, SealedValue, SealingKey, Timestamp, Token, TokenHash, TokenId, User,
};

/// Keeps accounts, tokens, users and what belongs to them.
///
/// Every method is one atomic unit of work: all of it is durable when the method returns `Ok`,
/// none of it has happened when it returns `Err` (but see [`StoreError::Unavailable`]). A method
/// that changes a user records the event in the same commit. What belongs to an account is
/// reached through the account alone: a method never finds a row of another one.
///
/// A read that starts after a write returned sees that write.
#[async_trait]
pub trait Store: UserStore + RecordStore + WebhookStore {
    // Accounts and tokens.

    /// Makes an account with its owner.
    async fn create_account(&self, account: NewAccount) -> Result<Account, CreateAccountError>;

    /// Makes the first account with one token, if the store has no account yet; `None` if it has.
    async fn create_first_account(
        &self,
        account: NewAccount,
        token: NewToken,
    ) -> Result<Option<Account>, StoreError>;

    /// All accounts, by name, with the number of their users.
    async fn accounts(&self) -> Result<Vec<AccountSummary>, StoreError>;

    /// Makes a token of an account.
    async fn create_token(
        &self,
        account: AccountId,
        token: NewToken,
    ) -> Result<Token, CreateTokenError>;

    /// All tokens, revoked ones too, in the order in which they were made.
    async fn tokens(&self) -> Result<Vec<Token>, StoreError>;

    /// Revokes a token, at once and for every process that uses this store; `None` if there is
    /// no such token. Revoking one again changes nothing.
    async fn revoke_token(
        &self,
        token: TokenId,
        now: Timestamp,
    ) -> Result<Option<Token>, StoreError>;

    /// Whom a token speaks for; `None` if there is no such token or it was revoked.
    async fn authenticate(&self, hash: &TokenHash) -> Result<Option<Caller>, StoreError>;

    /// What [`Self::authenticate`] would say of a valid token, if that can be told at once:
    /// without waiting for a network or another thread. `None` says nothing.
    fn authenticate_at_once(&self, _hash: &TokenHash) -> Option<Caller> {
        None
    }

    // End users.

    /// Makes an end user with an email address that becomes an identity of theirs if nobody has
    /// it, unless the account has a user with that external id already: then
    /// that user is returned as it is, and nothing of the request is applied.
    async fn create_end_user(
        &self,
        account: AccountId,
        user: NewEndUser,
    ) -> Result<Created, CreateEndUserError>;

    /// One end user.
    async fn end_user(
        &self,
        account: AccountId,
        id: EndUserId,
    ) -> Result<Option<Arc<User>>, StoreError>;

    /// The end user with this external id, compared in its folded form.
    async fn end_user_by_external_id(
        &self,
        account: AccountId,
        id: &ExternalId,
    ) -> Result<Option<Arc<User>>, StoreError>;

    /// Whom [`Self::end_user`] would find, if that can be told at once: without waiting for a
    /// network or another thread. `None` says nothing.
    fn end_user_at_once(&self, _account: AccountId, _id: EndUserId) -> Option<Arc<User>> {
        None
    }

    /// Whom [`Self::end_user_by_external_id`] would find, if that can be told at once. `None` says
    /// nothing.
    fn end_user_by_external_id_at_once(
        &self,
        _account: AccountId,
        _id: &ExternalId,
    ) -> Option<Arc<User>> {
        None
    }

    /// The end users of an account, ascending by id.
    async fn end_users(
        &self,
        account: AccountId,
        page: PageRequest<EndUserId>,
    ) -> Result<Page<Arc<User>, EndUserId>, StoreError>;

    /// Changes an end user and returns them as they are then. When nothing that can be seen
    /// changes, `updated_at` stays and no event is recorded (secrets are written all the same).
    async fn patch_end_user(
        &self,
        account: AccountId,
        id: EndUserId,
        patch: EndUserPatch,
        now: Timestamp,
    ) -> Result<Arc<User>, PatchEndUserError>;

    /// The secrets of an end user that have not expired, by name, for `reader`, whose reading is
    /// recorded; `None` if there is no such end user.
    async fn read_sensitive_metadata(
        &self,
        account: AccountId,
        id: EndUserId,
        reader: TokenId,
        now: Timestamp,
    ) -> Result<Option<Vec<SealedValue>>, StoreError>;

    /// The account's log after `after` (from its beginning if `None`), oldest first.
    async fn events(
        &self,
        account: AccountId,
        after: Option<EventSequence>,
        limit: PageLimit,
    ) -> Result<Vec<Event>, StoreError>;

    // Channels and conversations.

    /// Makes a custom channel.
    async fn create_channel(
        &self,
        account: AccountId,
        channel: NewChannel,
    ) -> Result<Channel, StoreError>;

    /// The custom channels of an account, ascending by id.
    async fn channels(
        &self,
        account: AccountId,
        modality: Option<crate::Modality>,
        page: PageRequest<ChannelId>,
    ) -> Result<Page<Channel, ChannelId>, StoreError>;

    /// Starts a conversation. Its end user does not expire any more, for good.
    async fn create_conversation(
        &self,
        account: AccountId,
        conversation: NewConversation,
    ) -> Result<Conversation, CreateConversationError>;

    /// One conversation.
    async fn conversation(
        &self,
        account: AccountId,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreError>;

    /// Merges a conversation's metadata.
    async fn patch_conversation(
        &self,
        account: AccountId,
        id: ConversationId,
        metadata: MetadataPatch,
        now: Timestamp,
    ) -> Result<Conversation, PatchConversationError>;

    /// Ends a conversation; `None` if there is no such conversation. Ending one again changes
    /// nothing.
    async fn end_conversation(
        &self,
        account: AccountId,
        id: ConversationId,
        now: Timestamp,
    ) -> Result<Option<Conversation>, StoreError>;

    // The store itself.

    /// Removes at most `limit` end users, `limit` secrets and `limit` jobs whose time has come.
    /// Of the end users nothing is kept but that they were there
    /// ([`UserState::Erased`](crate::UserState::Erased)).
    async fn expire(&self, now: Timestamp, limit: usize) -> Result<Swept, StoreError>;

    /// The keys that secrets in this store were sealed with.
    async fn sealing_keys(&self) -> Result<Vec<SealingKey>, StoreError>;

    /// Remembers a key by a known text that it sealed. The first check of a key id stays.
    async fn add_sealing_key(&self, check: Sealed) -> Result<(), StoreError>;

    /// Whether the store can be read and written now.
    async fn check(&self) -> Result<(), StoreError>;

    /// Figures for the operator. Cheap.
    fn stats(&self) -> StoreStats;

    /// Finishes what was accepted and closes the store. Every later write is
    /// [`StoreError::Busy`].
    async fn close(&self);
}

/// What creating an end user came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Created {
    /// The user is new.
    New(Arc<User>),
    /// A user with that external id was there already.
    Existing(Arc<User>),
}

/// What one sweep removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// End users.
    pub end_users: usize,
    /// Secrets whose own time had come.
    pub sensitive_values: usize,
}

/// The upper bounds of [`StoreStats::group_sizes`]; a last bucket takes the larger ones.
pub const GROUP_SIZE_BOUNDS: [u64; 10] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/// Figures of a store since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoreStats {
    /// Writes that wait now.
    pub queue_depth: u64,
    /// Commits by how many writes each carried, up to each of [`GROUP_SIZE_BOUNDS`]; the last
    /// bucket is the larger ones.
    pub group_sizes: [u64; GROUP_SIZE_BOUNDS.len() + 1],
    /// Writes that were committed.
    pub committed: u64,
    /// Reads of a user that the cache answered.
    pub cache_hits: u64,
    /// Reads of a user that it did not answer.
    pub cache_misses: u64,
    /// How much memory the cached users take, in bytes, by estimate.
    pub cache_bytes: u64,
}

/// Why a store could not do its work. The texts are for the operator's log, never for a client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Too many writes wait already, or the store is closing. Nothing was done; try again.
    #[error("too many writes are waiting")]
    Busy,
    /// The disk is full. Nothing was done; reads go on, writes come back with the space.
    #[error("the disk is full")]
    Full,
    /// The database cannot be reached, or does not answer in time. A write may or may not have
    /// happened; the same again, later, finds out.
    #[error("the database is away: {0}")]
    Away(String),
    /// The backend failed. A write may or may not have happened.
    #[error("the store failed: {0}")]
    Unavailable(String),
    /// What is stored breaks a rule that the store keeps.
    #[error("the store holds a damaged row: {0}")]
    Corrupt(String),
}

/// Why an account could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateAccountError {
    /// There is an account of that name.
    #[error("there is an account of that name already")]
    NameTaken,
    /// The store could not do its work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a token could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateTokenError {
    /// The account has no user with that address.
    #[error("the account has no user with that email address")]
    UserNotFound,
    /// The store could not do its work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an end user could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateEndUserError {
    /// An agent or admin of the account, whom Ada's dialect does not see, has that external id.
    #[error("another user has that external id")]
    ExternalIdTaken,
    /// The store could not do its work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an end user could not be changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatchEndUserError {
    /// The account has no such end user.
    #[error("there is no such end user")]
    NotFound,
    /// Another user of the account has that external id.
    #[error("another user has that external id")]
    ExternalIdTaken,
    /// The merged metadata would be too large.
    #[error(transparent)]
    MetadataTooLarge(#[from] MetadataTooLarge),
    /// The user would have more than [`SENSITIVE_KEYS_PER_USER`](crate::SENSITIVE_KEYS_PER_USER)
    /// secrets.
    #[error("the user would have too many secrets")]
    TooManySecrets,
    /// The store could not do its work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a conversation could not be started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateConversationError {
    /// The account has no such channel.
    #[error("there is no such channel")]
    ChannelNotFound,
    /// The account has no such end user.
    #[error("there is no such end user")]
    EndUserNotFound,
    /// The store could not do its work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a conversation could not be changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatchConversationError {
    /// The account has no such conversation.
    #[error("there is no such conversation")]
    NotFound,
    /// The merged metadata would be too large.
    #[error(transparent)]
    MetadataTooLarge(#[from] MetadataTooLarge),
    /// The store could not do its work.
    #[error(transparent)]
    Store(#[from] StoreError),
}
