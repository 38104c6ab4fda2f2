//! The service under test.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roster_directory::{
    Account, AccountName, Clock, KeyId, NewAccount, NewToken, Scope, Scopes, Store, Text, TokenId,
};
use roster_postgres::{PostgresOptions, PostgresStore};
use roster_server::crypto::{Keyring, unlock};
use roster_server::jobs::{expire_once, forget_once};
use roster_server::log::{LogFormat, LogSink};
use roster_server::webhook::{Deliverer, WebhookOptions};
use roster_server::{
    App, LimitMode, PlainToken, Randomness, RandomnessError, Settings, message_body,
    metrics_router, router, serve,
};
use roster_sqlite::{OpenMode, SqliteOptions, SqliteStore};
use roster_testkit::postgres::{Cluster, Database};
use roster_testkit::{FixedClock, MemoryStore};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{OnceCell, oneshot};

use super::answer::{Answer, Call};

/// Random bytes that are the same in every run.
#[derive(Default)]
struct SeededRandomness(AtomicU64);

impl Randomness for SeededRandomness {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessError> {
        for chunk in bytes.chunks_mut(8) {
            let number = self.0.fetch_add(1, Ordering::Relaxed);
            let mixed = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            chunk.copy_from_slice(&mixed.to_be_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// A log that a test can read.
#[derive(Clone, Default)]
struct CapturedLog(Arc<Mutex<Vec<u8>>>);

impl Write for CapturedLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A running service with one account and one server token.
pub(crate) struct TestApp {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: FixedClock,
    pub(crate) account: Account,
    pub(crate) token: String,
    pub(crate) base: String,
    pub(crate) folder: Option<TempDir>,
    app: Arc<App>,
    client: reqwest::Client,
    log: LogSink,
    captured: CapturedLog,
    next_token: AtomicU64,
    _stop: oneshot::Sender<()>,
    _database: Option<Database>,
}

/// An embedded store in a folder of its own.
fn sqlite() -> (Arc<dyn Store>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(SqliteOptions {
        path: folder.path().join("roster.db"),
        cache_bytes: 1 << 20,
        queue_limit: 1024,
        held_back: SqliteOptions::HELD_BACK,
        mode: OpenMode::Serve,
    });
    (Arc::new(store.unwrap()), folder)
}

/// A store in a database of its own.
async fn postgres() -> (Arc<dyn Store>, Database) {
    static TEMPLATE: OnceCell<Database> = OnceCell::const_new();
    let open = |database: &Database| {
        PostgresStore::open(&PostgresOptions {
            url: database.url().to_owned(),
            connections: PostgresStore::FEWEST_CONNECTIONS,
            statement_timeout: Duration::from_secs(20),
            pooler: false,
            queue_limit: 1024,
        })
        .unwrap()
    };
    let template = TEMPLATE.get_or_init(async || {
        let database = Cluster::shared().create_database().await;
        open(&database).close().await;
        database
    });
    let database = Cluster::shared().copy_database(template.await).await;
    (Arc::new(open(&database)), database)
}

impl TestApp {
    /// Over a store in memory.
    pub(crate) async fn on_memory() -> Self {
        Self::with(Settings::default()).await
    }

    /// Over a store in memory, with these settings; or over the kind of store that the environment
    /// variable `ROSTER_TEST_STORE` names.
    pub(crate) async fn with(settings: Settings) -> Self {
        let named = std::env::var("ROSTER_TEST_STORE");
        match named.as_deref().unwrap_or("memory") {
            "sqlite" => {
                let (store, folder) = sqlite();
                Self::start(store, Some(folder), settings).await
            }
            "postgres" => {
                let (store, database) = postgres().await;
                Self { _database: Some(database), ..Self::start(store, None, settings).await }
            }
            other => {
                assert_eq!(other, "memory", "ROSTER_TEST_STORE names no kind of store");
                Self::start(Arc::new(MemoryStore::default()), None, settings).await
            }
        }
    }

    /// Over a store in memory, with the vendor's quotas, which no store has a part in.
    pub(crate) async fn with_vendor_limits() -> Self {
        let settings = Settings { limits: LimitMode::Vendor, ..Settings::default() };
        Self::start(Arc::new(MemoryStore::default()), None, settings).await
    }

    /// Over an embedded store in a folder of its own.
    pub(crate) async fn on_sqlite() -> Self {
        let (store, folder) = sqlite();
        Self::start(store, Some(folder), Settings::default()).await
    }

    /// Over any store.
    pub(crate) async fn start(
        store: Arc<dyn Store>,
        folder: Option<TempDir>,
        settings: Settings,
    ) -> Self {
        let (clock, randomness) = (FixedClock::default(), Arc::new(SeededRandomness::default()));
        let keyring = Keyring::new(&BTreeMap::from([(KeyId(1), [7; 32])])).unwrap();
        unlock(&*store, &keyring, &*randomness).await.unwrap();
        let captured = CapturedLog::default();
        let log = LogSink::new(LogFormat::Json, captured.clone()).unwrap();
        let app = App::new(
            Arc::clone(&store),
            Arc::new(clock.clone()),
            randomness,
            keyring,
            settings,
            Some(log.clone()),
        )
        .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let served =
            serve(listener, router(&app, true), Arc::clone(&app), async { drop(stopped.await) });
        tokio::spawn(served);
        let account = create_account(&*store, &clock, "first").await;
        let mut test_app = Self {
            store,
            clock,
            account,
            token: String::new(),
            base,
            folder,
            app,
            client: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .build()
                .unwrap(),
            log,
            captured,
            next_token: AtomicU64::new(1),
            _stop: stop,
            _database: None,
        };
        test_app.token = test_app.new_token(Scopes::SERVER).await;
        test_app
    }

    /// A call with the account's server token.
    pub(crate) fn get(&self, path: &str) -> Call {
        self.call("GET", path)
    }

    /// A call with the account's server token.
    pub(crate) fn post(&self, path: &str) -> Call {
        self.call("POST", path)
    }

    /// A call with the account's server token.
    pub(crate) fn patch(&self, path: &str) -> Call {
        self.call("PATCH", path)
    }

    /// A call with the account's server token.
    pub(crate) fn call(&self, method: &str, path: &str) -> Call {
        self.call_as(&self.token, method, path)
    }

    /// A call with another token.
    pub(crate) fn call_as(&self, token: &str, method: &str, path: &str) -> Call {
        self.anonymous(method, path).header("authorization", &format!("Bearer {token}"))
    }

    /// A call without a token. `path` may also be a whole URL, such as a link.
    pub(crate) fn anonymous(&self, method: &str, path: &str) -> Call {
        let url = if path.starts_with('/') { format!("{}{path}", self.base) } else { path.into() };
        Call(self.client.request(method.parse().unwrap(), url))
    }

    /// A call with Basic authentication: an address, and a token as its password.
    pub(crate) fn basic(&self, email: &str, token: &str, method: &str, path: &str) -> Call {
        let credentials = STANDARD.encode(format!("{email}/token:{token}"));
        self.anonymous(method, path).header("authorization", &format!("Basic {credentials}"))
    }

    /// Makes a user through Zendesk's dialect.
    pub(crate) async fn support_user(&self, user: Value) -> Answer {
        self.post("/api/v2/users.json").json(&json!({"user": user})).await.expect(201)
    }

    /// Makes an end user.
    pub(crate) async fn create(&self, body: Value) -> Answer {
        self.post("/api/v2/end-users/").json(&body).await.expect(201)
    }

    /// Makes an end user; their id.
    pub(crate) async fn create_id(&self, body: Value) -> String {
        self.create(body).await.text_at("/end_user_id")
    }

    /// Makes a channel; its id.
    pub(crate) async fn channel(&self) -> String {
        let body = json!({"name": "Shop", "description": "", "modality": "messaging"});
        self.post("/api/v2/channels/").json(&body).await.expect(201).text_at("/id")
    }

    /// Makes a token of the account.
    pub(crate) async fn new_token(&self, scopes: impl Into<Scopes>) -> String {
        self.token_of(&self.account, scopes.into()).await.0
    }

    /// Makes a token of the account with one scope.
    pub(crate) async fn token_with(&self, scope: Scope) -> String {
        self.new_token([scope].into_iter().collect::<Scopes>()).await
    }

    /// Makes another account; a token of it.
    pub(crate) async fn other_account(&self, scopes: Scopes) -> String {
        let account = create_account(&*self.store, &self.clock, "second").await;
        self.token_of(&account, scopes).await.0
    }

    /// Makes a token; the token and its id.
    pub(crate) async fn token_of(&self, account: &Account, scopes: Scopes) -> (String, TokenId) {
        let number = self.next_token.fetch_add(1, Ordering::Relaxed);
        let mut bytes = [0xee; 12];
        bytes[4..].copy_from_slice(&number.to_be_bytes());
        let id = TokenId(roster_directory::ObjectId::from_bytes(bytes));
        let token = PlainToken::generate(&SeededRandomness(AtomicU64::new(number * 1000))).unwrap();
        let new_token = NewToken {
            id,
            hash: token.hash(),
            label: Text::new("").unwrap(),
            user_email: None,
            scopes,
            created_at: self.clock.now(),
        };
        self.store.create_token(account.id, new_token).await.unwrap();
        (token.reveal().to_owned(), id)
    }

    /// Who delivers what this service has to tell.
    pub(crate) fn deliverer(&self, options: WebhookOptions) -> Deliverer {
        Deliverer::new(Arc::clone(&self.app), options, message_body).unwrap()
    }

    /// Moves the clock on and removes everything that is due then.
    pub(crate) async fn pass(&self, time: Duration) {
        self.clock.advance(time);
        while expire_once(&self.app).await.unwrap() != roster_directory::Swept::default() {}
        while forget_once(&self.app).await.unwrap() > 0 {}
    }

    /// Everything that was logged so far.
    pub(crate) fn logged(&self) -> String {
        self.log.flush(Duration::from_secs(30));
        String::from_utf8(self.captured.0.lock().unwrap().clone()).unwrap()
    }

    /// Serves the metrics on a listener of their own.
    pub(crate) async fn serve_metrics(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = metrics_router(&self.app);
        tokio::spawn(serve(listener, routes, Arc::clone(&self.app), std::future::pending()));
        address
    }
}

async fn create_account(store: &dyn Store, clock: &FixedClock, name: &str) -> Account {
    let number = u8::try_from(name.len()).unwrap();
    let account = NewAccount {
        name: AccountName::new(name).unwrap(),
        owner_email: None,
        owner_end_user_id: roster_directory::ObjectId::from_bytes([number; 12]).into(),
        created_at: clock.now(),
    };
    store.create_account(account).await.unwrap()
}
