//! A private PostgreSQL for tests: made by them, and gone with them.
//!
//! ```no_run
//! # async fn test() {
//! use roster_testkit::postgres::Cluster;
//!
//! let database = Cluster::shared().create_database().await;
//! let store = format!("the store at {}", database.url());
//! # }
//! ```

mod database;
mod keeper;
mod programs;

use std::net::{Ipv4Addr, TcpListener};
use std::process;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};

pub use database::Database;
use database::{Sweeper, connect};
use keeper::Keeper;
use programs::programs;

/// A server with databases of its own, listening on the loopback interface. It ends, and its folder
/// goes, when this value is dropped or when the process ends in any way, SIGKILL included.
///
/// Its functions wait without leaving the thread, and panic if the server does not do what it should.
pub struct Cluster {
    keeper: Keeper,
    port: u16,
    durable: bool,
    next_database: AtomicU64,
    sweeper: Sweeper,
}

impl Cluster {
    /// The one of this process, made on first use. It does not wait for the disk, which only the
    /// machine's own end could show.
    #[must_use]
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(|| Self::new(false))
    }

    /// One of the caller's own, which may be restarted and killed. If `durable`, it waits for the
    /// disk at each commit, as those do that people use.
    #[must_use]
    pub fn new(durable: bool) -> Self {
        let mut keeper = Keeper::new(&programs());
        keeper.run(
            "initdb -D data --username=postgres --auth=trust --locale=C --encoding=UTF8 --no-sync",
        );
        // Stores are given a role that may do nothing outside of its databases, as they would be
        // where they are used.
        keeper.run("echo 'create role roster login' | postgres --single -D data postgres");
        // Somebody else may take the port between being asked for and being listened on.
        for _ in 0..10 {
            let port = lasting_port();
            if keeper.start(&server(port, durable), READY) {
                let (next_database, sweeper) = (AtomicU64::new(1), Sweeper::new(port));
                return Self { keeper, port, durable, next_database, sweeper };
            }
        }
        panic!("PostgreSQL found no port");
    }

    /// Makes an empty database.
    pub async fn create_database(&self) -> Database {
        self.create_from("template0").await
    }

    /// Makes a database with all that another one has. Nobody may be connected to that one.
    pub async fn copy_database(&self, template: &Database) -> Database {
        self.create_from(template.name()).await
    }

    /// Where a superuser finds a database of the cluster. `postgres` is always there.
    #[must_use]
    pub fn admin_url(&self, database: &str) -> String {
        url("postgres", self.port, database)
    }

    /// Ends the server in good order, which breaks all connections, and starts it again.
    pub fn restart(&mut self) {
        self.keeper.end("INT");
        self.start();
    }

    /// Ends the server at once: it has no time to write anything down.
    pub fn kill(&mut self) {
        self.keeper.end("QUIT");
    }

    /// Starts a server that was killed, on the same port.
    pub fn start(&mut self) {
        let started = self.keeper.start(&server(self.port, self.durable), READY);
        assert!(started, "PostgreSQL does not start again");
    }

    async fn create_from(&self, template: &str) -> Database {
        let number = self.next_database.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}");
        let admin = connect(&self.admin_url("postgres")).await.unwrap();
        let order = format!("create database {name} owner roster template {template}");
        admin.batch_execute(&order).await.unwrap();
        Database::new(name, self.port, self.sweeper.clone())
    }
}

const READY: &str = "database system is ready to accept connections";

/// The command that runs the server.
fn server(port: u16, durable: bool) -> String {
    let mut command = format!(
        "postgres -D data -c port={port} -c listen_addresses=127.0.0.1 \
         -c unix_socket_directories=\"$PWD\" -c max_connections=300"
    );
    if !durable {
        command += " -c fsync=off -c full_page_writes=off";
    }
    command
}

fn url(user: &str, port: u16, database: &str) -> String {
    format!("postgres://{user}@127.0.0.1:{port}/{database}")
}

/// A port that nobody listens on. It lies below those that systems give to outgoing connections, one
/// of which could otherwise have it when the server is started again.
fn lasting_port() -> u16 {
    static TRIED: AtomicU16 = AtomicU16::new(0);
    const FIRST: u16 = 10_000;
    const COUNT: u16 = 20_000;
    // Processes that run at the same time begin far apart.
    let begin = u16::try_from(process::id().wrapping_mul(97) % u32::from(COUNT)).unwrap();
    loop {
        let port = FIRST + (begin + TRIED.fetch_add(1, Ordering::Relaxed) % COUNT) % COUNT;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
