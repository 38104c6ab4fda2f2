//! How often a read of one end user allocates memory: no more than it did.
//!
//! Linking the counter makes it the allocator of this test alone. It counts for one thread: the one
//! that serves. The client has another.
#![expect(clippy::unwrap_used, reason = "a panic is how a test tells that something is wrong")]

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use roster_directory::{
    AccountName, Clock, KeyId, NewAccount, NewToken, ObjectId, Scopes, Store, Text, TokenId,
};
use roster_server::crypto::{Keyring, unlock};
use roster_server::log::{LogFormat, LogSink};
use roster_server::{App, PlainToken, Settings, SystemRandomness, router, serve};
use roster_sqlite::{OpenMode, SqliteOptions, SqliteStore};
use roster_testkit::FixedClock;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

/// How many requests are counted, and how many come before, so that all that is kept is there.
const REQUESTS: u64 = 2000;

/// What grows now and then, in all these requests: the log's buffer, when its thread is late.
const GROWTH: u64 = 20;

/// A service on this thread.
struct Service {
    runtime: Runtime,
    address: SocketAddr,
    token: String,
    _folder: TempDir,
}

impl Service {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(SqliteOptions {
            path: folder.path().join("roster.db"),
            cache_bytes: 1 << 20,
            queue_limit: 1024,
            held_back: SqliteOptions::HELD_BACK,
            mode: OpenMode::Serve,
        });
        let (app, token) = runtime.block_on(prepare(Arc::new(store.unwrap())));
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let routes = router(&app, true);
        runtime.spawn(serve(listener, routes, app, std::future::pending()));
        Self { runtime, address, token, _folder: folder }
    }

    /// Serves while `client` is at work on a thread of its own; how often that allocated, and what
    /// came of it.
    fn during<T: Send>(&self, client: impl FnOnce() -> T + Send) -> (u64, T) {
        thread::scope(|scope| {
            let (begin, begun) = mpsc::channel();
            let (end, ended) = oneshot::channel();
            let client = scope.spawn(move || {
                begun.recv().unwrap();
                let done = client();
                end.send(()).unwrap();
                done
            });
            let counted = allocation_counter::measure(|| {
                begin.send(()).unwrap();
                self.runtime.block_on(ended).unwrap();
            });
            (counted.count_total, client.join().unwrap())
        })
    }

    /// How often the server allocates for one such request, once it has had many.
    fn allocations(&self, request: &str) -> u64 {
        let (_, mut connection) = self.during(|| {
            let mut connection = TcpStream::connect(self.address).unwrap();
            ask(&mut connection, request, REQUESTS);
            connection
        });
        let (allocations, _) = self.during(|| ask(&mut connection, request, REQUESTS));
        allocations.saturating_sub(GROWTH).div_ceil(REQUESTS)
    }

    fn get(&self, path: &str, header: &str) -> String {
        let token = &self.token;
        format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n{header}\r\n"
        )
    }

    /// Makes an end user; their identifier.
    fn create(&self) -> String {
        let body = r#"{"external_id":"crm-4711","profile":{"first_name":"Grace"}}"#;
        let (token, length) = (&self.token, body.len());
        let request = format!(
            "POST /api/v2/end-users/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let made = self.during(|| {
            let mut connection = TcpStream::connect(self.address).unwrap();
            ask(&mut connection, &request, 1)
        });
        let (_, rest) = made.1.split_once(r#""end_user_id":""#).unwrap();
        rest[..24].to_owned()
    }
}

/// An account with a token.
async fn prepare(store: Arc<dyn Store>) -> (Arc<App>, String) {
    let clock = FixedClock::default();
    let keyring = Keyring::new(&BTreeMap::from([(KeyId(1), [7; 32])])).unwrap();
    unlock(&*store, &keyring, &SystemRandomness).await.unwrap();
    let account = NewAccount {
        name: AccountName::new("first").unwrap(),
        owner_email: None,
        owner_end_user_id: ObjectId::from_bytes([5; 12]).into(),
        created_at: clock.now(),
    };
    let account = store.create_account(account).await.unwrap();
    let token = PlainToken::generate(&SystemRandomness).unwrap();
    let new_token = NewToken {
        id: TokenId(ObjectId::from_bytes([6; 12])),
        hash: token.hash(),
        label: Text::new("").unwrap(),
        user_email: None,
        scopes: Scopes::SERVER,
        created_at: clock.now(),
    };
    store.create_token(account.id, new_token).await.unwrap();
    let log = LogSink::new(LogFormat::Json, io::sink()).unwrap();
    let randomness = Arc::new(SystemRandomness);
    let app = App::new(store, Arc::new(clock), randomness, keyring, Settings::default(), Some(log));
    (app.unwrap(), token.reveal().to_owned())
}

/// Sends a request so many times, each when the one before is answered; the last answer.
fn ask(connection: &mut TcpStream, request: &str, times: u64) -> String {
    connection.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut answer = Vec::new();
    for _ in 0..times {
        connection.write_all(request.as_bytes()).unwrap();
        answer.clear();
        // The body is one JSON object, and nothing but it ends so.
        while !answer.ends_with(b"}") {
            let mut part = [0; 4096];
            let length = match connection.read(&mut part) {
                // A machine that stood still for a moment interrupts what has a time-out.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read.unwrap(),
            };
            assert!(length > 0, "the server closed the connection");
            answer.extend_from_slice(&part[..length]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 20"), "{}", String::from_utf8_lossy(&answer));
    }
    String::from_utf8(answer).unwrap()
}

#[test]
fn a_read_by_id_allocates_nothing() {
    let service = Service::start();
    let path = format!("/api/v2/end-users/{}", service.create());
    let allocations = service.allocations(&service.get(&path, ""));
    assert_eq!(allocations, 0, "allocations for a read that had none");
}

#[test]
fn a_read_by_external_id_allocates_twice_at_most() {
    let service = Service::start();
    service.create();
    let request = service.get("/api/v2/end-users/?external_id=crm-4711", "");
    let allocations = service.allocations(&request);
    assert!(allocations <= 2, "{allocations} allocations for a read that had 2");
}

#[test]
fn a_read_the_long_way_allocates_no_more_than_it_did() {
    let service = Service::start();
    let path = format!("/api/v2/end-users/{}", service.create());
    // A header that speaks of a body is none for the fast path.
    let allocations = service.allocations(&service.get(&path, "Content-Length: 0\r\n"));
    assert!(allocations <= 35, "{allocations} allocations for a read that had 35");
    assert!(allocations > 0, "the fast path has answered, or nothing was counted");
}
