//! The store: opening it, and what it does for each method of the trait.

use std::io;
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
use roster_relational::lists::{self, Bookmarks};
use roster_relational::operations::{accounts, conversations, end_users, expiry, secrets, tokens};
use roster_relational::tables::{
    account, allocation, channel, conversation, event, sealing_key, token,
};

use crate::cache::Cache;
use crate::change_buffer::{Unmerged, merge};
use crate::connection;
use crate::group::Committer;
use crate::holders::Holders;
use crate::open_error::OpenError;
use crate::options::{OpenMode, SqliteOptions};
use crate::prepare;
use crate::readers::Readers;
use crate::search::{SearchIndex, SearchWaker};
use crate::sql::SqliteConnection;
use crate::token_cache::{self, TokenCache};
use crate::token_signal::TokenSignal;
use crate::writer::Writer;
use roster_relational::message_waker::MessageWaker;
use roster_relational::stats::Stats;
use roster_relational::transaction::Transaction;

/// A directory in one SQLite file.
///
/// Its methods are called on the threads of a Tokio runtime.
pub struct SqliteStore {
    /// Only a server has one. It comes first, for its thread must have ended before the rest goes.
    pub(crate) search: Option<SearchIndex>,
    pub(crate) writer: Writer,
    pub(crate) readers: Arc<Readers>,
    pub(crate) cache: Arc<Cache>,
    pub(crate) holders: Holders,
    pub(crate) bookmarks: Arc<Bookmarks>,
    pub(crate) messages: MessageWaker,
    /// The index entries that the writer holds back, in a server.
    pub(crate) unmerged: Option<Arc<Unmerged>>,
    pub(crate) tokens: TokenCache,
    pub(crate) signal: Arc<TokenSignal>,
    stats: Arc<Stats>,
}

impl SqliteStore {
    /// So many users are stepped over, for a page by number, as fast as its place is looked up.
    const STEPS: u64 = 200;

    /// Opens a store: makes the file if there is none, and brings its schema up to date.
    pub fn open(options: SqliteOptions) -> Result<Self, OpenError> {
        let SqliteOptions { path, cache_bytes, queue_limit, held_back, mode } = options;
        let path = std::path::absolute(&path).map_err(|error| OpenError::from_io(&path, &error))?;
        let signal = TokenSignal::beside(&path)
            .map(Arc::new)
            .map_err(|(path, error)| OpenError::from_io(&path, &error))?;
        let connection = prepare::prepare(&path, mode, &signal)?;
        let unmerged = (mode == OpenMode::Serve).then(Arc::<Unmerged>::default);
        if mode == OpenMode::Serve {
            merge::everything(&connection)
                .map_err(|error| OpenError::from_sqlite(&path, &error))?;
        }
        let holders = Holders::new(cache_bytes / Holders::SHARE);
        let cache = Arc::new(Cache::new(cache_bytes - cache_bytes / Holders::SHARE));
        let stats = Arc::new(Stats::default());
        let (group_cache, group_signal) = (Arc::clone(&cache), Arc::clone(&signal));
        let committer = Committer::new(connection, group_cache, group_signal, Arc::clone(&stats))
            .map_err(|error| OpenError::from_sqlite(&path, &error))?;
        let waker = (mode == OpenMode::Serve).then(SearchWaker::new);
        let messages = committer.messages();
        let readers = Arc::new(Readers::new(path.clone()));
        let committer = committer
            .waking(waker.clone())
            .holding_back(unmerged.clone(), held_back)
            .releasing(Arc::clone(&readers));
        let no_thread =
            |error: io::Error| OpenError::Other { path: path.clone(), detail: error.to_string() };
        let committer = if mode == OpenMode::Serve {
            let log = connection::open_writer(&path, OpenMode::Command)
                .map_err(|error| OpenError::from_sqlite(&path, &error))?;
            committer.moving_log_over(log).map_err(no_thread)?
        } else {
            committer
        };
        let writer =
            Writer::start(committer, queue_limit, mode == OpenMode::Serve).map_err(no_thread)?;
        let search =
            waker.map(|waker| SearchIndex::open(&path, Arc::clone(&readers), waker)).transpose();
        let search = search.map_err(no_thread)?;
        let (tokens, bookmarks) = (TokenCache::new(), Arc::new(Bookmarks::new(Self::STEPS)));
        Ok(Self {
            search,
            writer,
            readers,
            cache,
            holders,
            bookmarks,
            messages,
            unmerged,
            tokens,
            signal,
            stats,
        })
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn create_account(&self, account: NewAccount) -> Result<Account, CreateAccountError> {
        self.writer.write(|transaction| accounts::create(transaction, account)).await
    }

    async fn create_first_account(
        &self,
        account: NewAccount,
        token: NewToken,
    ) -> Result<Option<Account>, StoreError> {
        self.writer
            .write(move |transaction| accounts::create_first(transaction, account, &token))
            .await
    }

    async fn accounts(&self) -> Result<Vec<AccountSummary>, StoreError> {
        self.readers.list(|connection| account::all(connection)).await
    }

    async fn create_token(
        &self,
        account: AccountId,
        token: NewToken,
    ) -> Result<Token, CreateTokenError> {
        self.writer.write(move |transaction| tokens::create(transaction, account, token)).await
    }

    async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        self.readers.list(|connection| token::all(connection)).await
    }

    async fn revoke_token(
        &self,
        token: TokenId,
        now: Timestamp,
    ) -> Result<Option<Token>, StoreError> {
        let token =
            self.writer.write(move |transaction| tokens::revoke(transaction, token, now)).await?;
        token_cache::revocation_settled().await;
        Ok(token)
    }

    async fn authenticate(&self, hash: &TokenHash) -> Result<Option<Caller>, StoreError> {
        self.caller(hash)
    }

    fn authenticate_at_once(&self, hash: &TokenHash) -> Option<Caller> {
        // What fails is tried again, and told, by the method that can tell it.
        self.caller(hash).ok().flatten()
    }

    async fn create_end_user(
        &self,
        account: AccountId,
        user: NewEndUser,
    ) -> Result<Created, CreateEndUserError> {
        self.writer
            .write_once_checked(move |transaction| end_users::create(transaction, account, user))
            .await
    }

    async fn end_user(
        &self,
        account: AccountId,
        id: EndUserId,
    ) -> Result<Option<Arc<User>>, StoreError> {
        self.find_end_user(account, id)
    }

    fn end_user_at_once(&self, account: AccountId, id: EndUserId) -> Option<Arc<User>> {
        self.find_end_user(account, id).ok().flatten()
    }

    async fn end_user_by_external_id(
        &self,
        account: AccountId,
        id: &ExternalId,
    ) -> Result<Option<Arc<User>>, StoreError> {
        self.find_holder(account, id)
    }

    fn end_user_by_external_id_at_once(
        &self,
        account: AccountId,
        id: &ExternalId,
    ) -> Option<Arc<User>> {
        self.find_holder(account, id).ok().flatten()
    }

    async fn end_users(
        &self,
        account: AccountId,
        page: PageRequest<EndUserId>,
    ) -> Result<Page<Arc<User>, EndUserId>, StoreError> {
        let rows = self.list(account, move |snapshot| lists::end_users(snapshot, account, page));
        let rows = rows.await?;
        Ok(Page::from_rows(rows, page.limit, |user| user.end_user_id))
    }

    async fn patch_end_user(
        &self,
        account: AccountId,
        id: EndUserId,
        patch: EndUserPatch,
        now: Timestamp,
    ) -> Result<Arc<User>, PatchEndUserError> {
        let writes_once_checked = patch.sensitive_metadata.is_none();
        let work = move |transaction: &mut Transaction<'_>| {
            end_users::patch(transaction, account, id, &patch, now)
        };
        if writes_once_checked {
            self.writer.write_once_checked(work).await
        } else {
            self.writer.write(work).await
        }
    }

    async fn read_sensitive_metadata(
        &self,
        account: AccountId,
        id: EndUserId,
        reader: TokenId,
        now: Timestamp,
    ) -> Result<Option<Vec<SealedValue>>, StoreError> {
        self.writer
            .write(move |transaction| secrets::read(transaction, account, id, reader, now))
            .await
    }

    async fn events(
        &self,
        account: AccountId,
        after: Option<EventSequence>,
        limit: PageLimit,
    ) -> Result<Vec<Event>, StoreError> {
        self.readers.list(move |connection| event::after(connection, account, after, limit)).await
    }

    async fn create_channel(
        &self,
        account: AccountId,
        channel: NewChannel,
    ) -> Result<Channel, StoreError> {
        self.writer
            .write(move |transaction| conversations::create_channel(transaction, account, channel))
            .await
    }

    async fn channels(
        &self,
        account: AccountId,
        modality: Option<Modality>,
        page: PageRequest<ChannelId>,
    ) -> Result<Page<Channel, ChannelId>, StoreError> {
        let read =
            move |connection: &SqliteConnection| channel::page(connection, account, modality, page);
        let rows = self.readers.list(read).await?;
        Ok(Page::from_rows(rows, page.limit, |channel| channel.channel_id))
    }

    async fn create_conversation(
        &self,
        account: AccountId,
        conversation: NewConversation,
    ) -> Result<Conversation, CreateConversationError> {
        self.writer
            .write(move |transaction| conversations::create(transaction, account, conversation))
            .await
    }

    async fn conversation(
        &self,
        account: AccountId,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreError> {
        self.readers.read(|connection| conversation::find(connection, account, id))
    }

    async fn patch_conversation(
        &self,
        account: AccountId,
        id: ConversationId,
        metadata: MetadataPatch,
        now: Timestamp,
    ) -> Result<Conversation, PatchConversationError> {
        self.writer
            .write(move |transaction| {
                conversations::patch(transaction, account, id, &metadata, now)
            })
            .await
    }

    async fn end_conversation(
        &self,
        account: AccountId,
        id: ConversationId,
        now: Timestamp,
    ) -> Result<Option<Conversation>, StoreError> {
        self.writer
            .write(move |transaction| conversations::end(transaction, account, id, now))
            .await
    }

    async fn expire(&self, now: Timestamp, limit: usize) -> Result<Swept, StoreError> {
        self.writer.write(move |transaction| expiry::expire(transaction, now, limit)).await
    }

    async fn sealing_keys(&self) -> Result<Vec<SealingKey>, StoreError> {
        self.readers.list(|connection| sealing_key::all(connection)).await
    }

    async fn add_sealing_key(&self, check: Sealed) -> Result<(), StoreError> {
        self.writer
            .write(move |transaction| sealing_key::insert(transaction.connection, &check))
            .await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.readers.read(|connection| allocation::next_user_id(connection))?;
        self.writer.write(|transaction| allocation::touch(transaction.connection)).await
    }

    fn stats(&self) -> StoreStats {
        let mut stats = self.stats.snapshot();
        stats.queue_depth = u64::try_from(self.writer.queue_depth()).unwrap_or(u64::MAX);
        self.cache.report(&mut stats);
        stats
    }

    async fn close(&self) {
        self.writer.refuse();
        if let Some(search) = &self.search {
            search.close().await;
        }
        // The writer's connection is the last one, and takes the log's files with it.
        self.readers.close();
        self.writer.close().await;
    }
}
