//! The trait, method by method: each is one unit of work on the rows.

use std::sync::Arc;

use async_trait::async_trait;
use roster_directory::{
    Account, AccountId, AccountSummary, Caller, Channel, ChannelId, Conversation, ConversationId,
    CreateAccountError, CreateConversationError, CreateEndUserError, CreateTokenError, Created,
    EndUserId, EndUserPatch, Event, EventSequence, ExternalId, MetadataPatch, Modality, NewAccount,
    NewChannel, NewConversation, NewEndUser, NewToken, Page, PageLimit, PageRequest,
    PatchConversationError, PatchEndUserError, Sealed, SealedValue, SealingKey, Store, StoreError,
    StoreStats, Swept, Timestamp, Token, TokenHash, TokenId, User,
};

use super::MemoryStore;
use super::rows::Rows;

#[async_trait]
impl Store for MemoryStore {
    async fn create_account(&self, account: NewAccount) -> Result<Account, CreateAccountError> {
        self.write(|rows| rows.create_account(account))
    }

    async fn create_first_account(
        &self,
        account: NewAccount,
        token: NewToken,
    ) -> Result<Option<Account>, StoreError> {
        self.write(|rows| Ok(rows.create_first_account(account, token)))
    }

    async fn accounts(&self) -> Result<Vec<AccountSummary>, StoreError> {
        Ok(self.read(Rows::accounts_by_name))
    }

    async fn create_token(
        &self,
        account: AccountId,
        token: NewToken,
    ) -> Result<Token, CreateTokenError> {
        self.write(|rows| rows.create_token(account, token))
    }

    async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        Ok(self.read(|rows| rows.tokens.iter().map(|(_, token)| token.clone()).collect()))
    }

    async fn revoke_token(
        &self,
        token: TokenId,
        now: Timestamp,
    ) -> Result<Option<Token>, StoreError> {
        self.write(|rows| Ok(rows.revoke_token(token, now)))
    }

    async fn authenticate(&self, hash: &TokenHash) -> Result<Option<Caller>, StoreError> {
        Ok(self.read(|rows| rows.authenticate(hash)))
    }

    fn authenticate_at_once(&self, hash: &TokenHash) -> Option<Caller> {
        self.read(|rows| rows.authenticate(hash))
    }

    async fn create_end_user(
        &self,
        account: AccountId,
        user: NewEndUser,
    ) -> Result<Created, CreateEndUserError> {
        self.write(|rows| {
            let (rows, numbers) = rows.account_and_numbers(account)?;
            rows.create_end_user(numbers, user)
        })
    }

    async fn end_user(
        &self,
        account: AccountId,
        id: EndUserId,
    ) -> Result<Option<Arc<User>>, StoreError> {
        self.read(|rows| Ok(rows.account(account)?.end_user(id).cloned()))
    }

    fn end_user_at_once(&self, account: AccountId, id: EndUserId) -> Option<Arc<User>> {
        self.read(|rows| rows.account(account).ok()?.end_user(id).cloned())
    }

    fn end_user_by_external_id_at_once(
        &self,
        account: AccountId,
        id: &ExternalId,
    ) -> Option<Arc<User>> {
        self.read(|rows| rows.account(account).ok()?.end_user_by_external_id(id).cloned())
    }

    async fn end_user_by_external_id(
        &self,
        account: AccountId,
        id: &ExternalId,
    ) -> Result<Option<Arc<User>>, StoreError> {
        self.read(|rows| Ok(rows.account(account)?.end_user_by_external_id(id).cloned()))
    }

    async fn end_users(
        &self,
        account: AccountId,
        page: PageRequest<EndUserId>,
    ) -> Result<Page<Arc<User>, EndUserId>, StoreError> {
        self.read(|rows| Ok(rows.account(account)?.end_users(page)))
    }

    async fn patch_end_user(
        &self,
        account: AccountId,
        id: EndUserId,
        patch: EndUserPatch,
        now: Timestamp,
    ) -> Result<Arc<User>, PatchEndUserError> {
        self.write(|rows| {
            let (rows, numbers) = rows.account_and_numbers(account)?;
            rows.patch_end_user(numbers, id, patch, now)
        })
    }

    async fn read_sensitive_metadata(
        &self,
        account: AccountId,
        id: EndUserId,
        reader: TokenId,
        now: Timestamp,
    ) -> Result<Option<Vec<SealedValue>>, StoreError> {
        self.write(|rows| Ok(rows.account_mut(account)?.read_secrets(id, reader, now)))
    }

    async fn events(
        &self,
        account: AccountId,
        after: Option<EventSequence>,
        limit: PageLimit,
    ) -> Result<Vec<Event>, StoreError> {
        self.read(|rows| Ok(rows.account(account)?.events_after(after, limit)))
    }

    async fn create_channel(
        &self,
        account: AccountId,
        channel: NewChannel,
    ) -> Result<Channel, StoreError> {
        self.write(|rows| {
            let rows = rows.account_mut(account)?;
            rows.channels.insert(channel.channel_id, channel.clone());
            Ok(channel)
        })
    }

    async fn channels(
        &self,
        account: AccountId,
        modality: Option<Modality>,
        page: PageRequest<ChannelId>,
    ) -> Result<Page<Channel, ChannelId>, StoreError> {
        self.read(|rows| Ok(rows.account(account)?.channels_page(modality, page)))
    }

    async fn create_conversation(
        &self,
        account: AccountId,
        conversation: NewConversation,
    ) -> Result<Conversation, CreateConversationError> {
        self.write(|rows| rows.create_conversation(account, conversation))
    }

    async fn conversation(
        &self,
        account: AccountId,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreError> {
        self.read(|rows| Ok(rows.account(account)?.conversations.get(&id).cloned()))
    }

    async fn patch_conversation(
        &self,
        account: AccountId,
        id: ConversationId,
        metadata: MetadataPatch,
        now: Timestamp,
    ) -> Result<Conversation, PatchConversationError> {
        self.write(|rows| rows.account_mut(account)?.patch_conversation(id, &metadata, now))
    }

    async fn end_conversation(
        &self,
        account: AccountId,
        id: ConversationId,
        now: Timestamp,
    ) -> Result<Option<Conversation>, StoreError> {
        self.write(|rows| Ok(rows.account_mut(account)?.end_conversation(id, now)))
    }

    async fn expire(&self, now: Timestamp, limit: usize) -> Result<Swept, StoreError> {
        self.write(|rows| Ok(rows.expire(now, limit)))
    }

    async fn sealing_keys(&self) -> Result<Vec<SealingKey>, StoreError> {
        Ok(self.read(Rows::sealing_keys))
    }

    async fn add_sealing_key(&self, check: Sealed) -> Result<(), StoreError> {
        self.write(|rows| {
            rows.add_sealing_key(check);
            Ok(())
        })
    }

    async fn check(&self) -> Result<(), StoreError> {
        // A closed store can be read, but not written.
        self.read(|rows| if rows.closed { Err(StoreError::Busy) } else { Ok(()) })
    }

    fn stats(&self) -> StoreStats {
        // Every write here is a commit of its own, done before the next one can wait.
        let committed = self.read(|rows| rows.writes);
        let mut stats = StoreStats { committed, ..StoreStats::default() };
        stats.group_sizes[0] = committed;
        stats
    }

    async fn close(&self) {
        self.rows.lock().closed = true;
    }
}
