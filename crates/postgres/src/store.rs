//! The store: opening it, and what it does for each method of the trait.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use roster_directory::{
    Account, AccountId, AccountSummary, Caller, Channel, ChannelId, Conversation, ConversationId,
    CreateAccountError, CreateConversationError, CreateEndUserError, CreateTokenError, Created,
    EndUserId, EndUserPatch, Event, EventSequence, ExternalId, MetadataPatch, Modality, NewAccount,
    NewChannel, NewConversation, NewEndUser, NewToken, Page, PageLimit, PageRequest,
    PatchConversationError, PatchEndUserError, Sealed, SealedValue, SealingKey, Store, StoreError,
    StoreStats, Swept, Timestamp, Token, TokenHash, TokenId, User, UserId,
};
use roster_relational::lists::{self, Bookmarks};
use roster_relational::message_waker::MessageWaker;
use roster_relational::operations::{accounts, conversations, end_users, secrets, tokens};
use roster_relational::stats::Stats;
use roster_relational::tables::{
    account, allocation, channel, conversation, event, sealing_key, token,
};

use crate::foretold::Foretold;
use crate::group::Committer;
use crate::keys;
use crate::link::{Link, Route};
use crate::lookup::Lookups;
use crate::migrate;
use crate::numbers::Blocks;
use crate::open_error::OpenError;
use crate::options::PostgresOptions;
use crate::reader::Readers;
use crate::session::{Manner, Session};
use crate::snapshot::Snapshot;
use crate::target::Target;
use crate::token_cache::{self, TokenCache};
use crate::unit_queue::Scope;
use crate::writer::Writer;

/// A directory in a PostgreSQL database, which any number of processes may share.
///
/// Its methods are called on the threads of a Tokio runtime.
pub struct PostgresStore {
    pub(crate) writer: Writer,
    pub(crate) readers: Arc<Readers>,
    pub(crate) bookmarks: Arc<Bookmarks>,
    pub(crate) messages: MessageWaker,
    pub(crate) users: Lookups<AccountId, UserId, Arc<User>>,
    end_users: Lookups<AccountId, EndUserId, Arc<User>>,
    by_external_id: Lookups<AccountId, Box<str>, Arc<User>>,
    callers: Lookups<(), TokenHash, Caller>,
    tokens: TokenCache,
    stats: Arc<Stats>,
}

impl PostgresStore {
    /// So many users are stepped over, for a page by number, as fast as its place is looked up.
    const STEPS: u64 = 200;

    /// The fewest connections that a store works with.
    pub const FEWEST_CONNECTIONS: usize = 12;

    /// Opens a store, and brings the schema of its database up to date.
    pub fn open(options: &PostgresOptions) -> Result<Self, OpenError> {
        let target = Target::of(&options.url)?;
        let manner =
            Manner { named: !options.pooler, statement_timeout: options.statement_timeout };
        let route = Route { target, manner };
        prepare(&route)?;
        let connections = options.connections.max(Self::FEWEST_CONNECTIONS);
        let writers = connections / 4;
        let (stats, messages) = (Arc::new(Stats::default()), MessageWaker::default());
        let numbers = Arc::new(Blocks::default());
        let (own_stats, own_messages, own_route) =
            (Arc::clone(&stats), messages.clone(), route.clone());
        let committer = move || {
            let (stats, messages) = (Arc::clone(&own_stats), own_messages.clone());
            Committer::new(Link::new(own_route.clone()), Arc::clone(&numbers), stats, messages)
        };
        let failed = |error: std::io::Error| OpenError::Other(error.to_string());
        let writer = Writer::start(committer, writers, options.queue_limit).map_err(failed)?;
        let readers = Readers::start(&route, connections - writers).map_err(failed)?;
        Ok(Self {
            writer,
            readers: Arc::new(readers),
            bookmarks: Arc::new(Bookmarks::new(Self::STEPS)),
            messages,
            users: Lookups::new(keys::users),
            end_users: Lookups::new(keys::end_users),
            by_external_id: Lookups::new(keys::end_users_by_external_id),
            callers: Lookups::new(keys::callers),
            tokens: TokenCache::new(),
            stats,
        })
    }

    /// Reads a part of a list at one moment.
    pub(crate) async fn list<T: Send + 'static>(
        &self,
        account: AccountId,
        read: impl Fn(&mut Snapshot<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.readers.read(move |session| Snapshot::read(session, account, &read)).await
    }
}

/// How long bringing the schema up to date may take.
const MIGRATION_LIMIT: Duration = Duration::from_secs(3600);

/// Brings the schema up to date, on a connection that is closed again.
fn prepare(route: &Route) -> Result<(), OpenError> {
    let database = route.target.name();
    let manner = Manner { statement_timeout: MIGRATION_LIMIT, ..route.manner };
    let patient = Route { target: route.target.clone(), manner };
    let connect = |route| {
        Session::connect(route).map_err(|fault| OpenError::Unreachable {
            database: database.clone(),
            detail: fault.text().to_owned(),
        })
    };
    let prepare = || {
        if migrate::is_current(&connect(route)?, &database)? {
            return Ok(());
        }
        migrate::migrate(&connect(&patient)?, &database)
    };
    // A session waits on the thread that uses it, which must not be one of a runtime.
    let prepared = std::thread::scope(|scope| scope.spawn(prepare).join());
    prepared.unwrap_or_else(|_| Err(OpenError::Other("a thread has panicked".to_owned())))
}

#[async_trait]
impl Store for PostgresStore {
    async fn create_account(&self, account: NewAccount) -> Result<Account, CreateAccountError> {
        self.writer.write(Scope::Store, |transaction| accounts::create(transaction, account)).await
    }

    async fn create_first_account(
        &self,
        account: NewAccount,
        token: NewToken,
    ) -> Result<Option<Account>, StoreError> {
        self.writer
            .write(Scope::Store, move |transaction| {
                accounts::create_first(transaction, account, &token)
            })
            .await
    }

    async fn accounts(&self) -> Result<Vec<AccountSummary>, StoreError> {
        self.readers.read(|connection: &Session| account::all(connection)).await
    }

    async fn create_token(
        &self,
        account: AccountId,
        token: NewToken,
    ) -> Result<Token, CreateTokenError> {
        self.writer
            .write(Scope::Store, move |transaction| tokens::create(transaction, account, token))
            .await
    }

    async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        self.readers.read(|connection: &Session| token::all(connection)).await
    }

    async fn revoke_token(
        &self,
        token: TokenId,
        now: Timestamp,
    ) -> Result<Option<Token>, StoreError> {
        let token = self
            .writer
            .write(Scope::Store, move |transaction| tokens::revoke(transaction, token, now))
            .await?;
        token_cache::revocation_settled().await;
        Ok(token)
    }

    async fn authenticate(&self, hash: &TokenHash) -> Result<Option<Caller>, StoreError> {
        if let Some(caller) = self.tokens.recent(hash) {
            return Ok(Some(caller));
        }
        let asked_at = Instant::now();
        let found = self.callers.find(&self.readers, (), *hash).await?;
        if let Some(caller) = &found {
            self.tokens.note(*hash, *caller, asked_at);
        }
        Ok(found)
    }

    async fn create_end_user(
        &self,
        account: AccountId,
        user: NewEndUser,
    ) -> Result<Created, CreateEndUserError> {
        self.writer
            .write_once_checked(account, Foretold::of_new_end_user(&user), move |transaction| {
                end_users::create(transaction, account, user)
            })
            .await
    }

    async fn end_user(
        &self,
        account: AccountId,
        id: EndUserId,
    ) -> Result<Option<Arc<User>>, StoreError> {
        self.end_users.find(&self.readers, account, id).await
    }

    async fn end_user_by_external_id(
        &self,
        account: AccountId,
        id: &ExternalId,
    ) -> Result<Option<Arc<User>>, StoreError> {
        self.by_external_id.find(&self.readers, account, id.folded().into()).await
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
        self.writer
            .write_foreseen(account, Foretold::of_end_user(id, &patch), move |transaction| {
                end_users::patch(transaction, account, id, &patch, now)
            })
            .await
    }

    async fn read_sensitive_metadata(
        &self,
        account: AccountId,
        id: EndUserId,
        reader: TokenId,
        now: Timestamp,
    ) -> Result<Option<Vec<SealedValue>>, StoreError> {
        self.writer
            .write(Scope::Account(account), move |transaction| {
                secrets::read(transaction, account, id, reader, now)
            })
            .await
    }

    async fn events(
        &self,
        account: AccountId,
        after: Option<EventSequence>,
        limit: PageLimit,
    ) -> Result<Vec<Event>, StoreError> {
        self.readers
            .read(move |connection: &Session| event::after(connection, account, after, limit))
            .await
    }

    async fn create_channel(
        &self,
        account: AccountId,
        channel: NewChannel,
    ) -> Result<Channel, StoreError> {
        self.writer
            .write(Scope::Account(account), move |transaction| {
                conversations::create_channel(transaction, account, channel)
            })
            .await
    }

    async fn channels(
        &self,
        account: AccountId,
        modality: Option<Modality>,
        page: PageRequest<ChannelId>,
    ) -> Result<Page<Channel, ChannelId>, StoreError> {
        let read = move |connection: &Session| channel::page(connection, account, modality, page);
        let rows = self.readers.read(read).await?;
        Ok(Page::from_rows(rows, page.limit, |channel| channel.channel_id))
    }

    async fn create_conversation(
        &self,
        account: AccountId,
        conversation: NewConversation,
    ) -> Result<Conversation, CreateConversationError> {
        self.writer
            .write(Scope::Account(account), move |transaction| {
                conversations::create(transaction, account, conversation)
            })
            .await
    }

    async fn conversation(
        &self,
        account: AccountId,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreError> {
        self.readers
            .read(move |connection: &Session| conversation::find(connection, account, id))
            .await
    }

    async fn patch_conversation(
        &self,
        account: AccountId,
        id: ConversationId,
        metadata: MetadataPatch,
        now: Timestamp,
    ) -> Result<Conversation, PatchConversationError> {
        self.writer
            .write(Scope::Account(account), move |transaction| {
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
            .write(Scope::Account(account), move |transaction| {
                conversations::end(transaction, account, id, now)
            })
            .await
    }

    async fn expire(&self, now: Timestamp, limit: usize) -> Result<Swept, StoreError> {
        self.sweep(now, limit).await
    }

    async fn sealing_keys(&self) -> Result<Vec<SealingKey>, StoreError> {
        self.readers.read(|connection: &Session| sealing_key::all(connection)).await
    }

    async fn add_sealing_key(&self, check: Sealed) -> Result<(), StoreError> {
        self.writer
            .write(Scope::Store, move |transaction| {
                sealing_key::insert(transaction.connection, &check)
            })
            .await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.writer
            .write(Scope::Store, |transaction| allocation::touch(transaction.connection))
            .await
    }

    fn stats(&self) -> StoreStats {
        let mut stats = self.stats.snapshot();
        stats.queue_depth = u64::try_from(self.writer.queue_depth()).unwrap_or(u64::MAX);
        stats
    }

    async fn close(&self) {
        self.writer.refuse();
        self.writer.close().await;
        self.readers.close();
    }
}
