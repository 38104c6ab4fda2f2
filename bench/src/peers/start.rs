//! Starting each of the peers over the users.

use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::process::Command;
use tokio::time::{Instant, sleep};

use super::install::{Installed, version};
use super::product::Product;
use super::users::Files;
use crate::http::Connection;
use crate::server::{Server, free_address};

/// How long a peer may take until it answers.
const PATIENCE: Duration = Duration::from_secs(120);
/// Fills a database.
const FILL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/fill.cjs");
/// The token of the administrator that Directus makes. Nobody else can reach it, nor for long.
const TOKEN: &str = "the-administrator-of-the-bench";

/// The peers that answer over HTTP.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// REST over an SQLite database.
    Soul,
    /// REST over a PostgreSQL database, with authentication.
    Directus,
    /// REST over a JSON file, which it keeps in memory and writes anew at each change.
    JsonServer,
    /// A mock server, which holds its data in memory alone.
    Mockoon,
}

impl Kind {
    /// All of them, in the order in which they are measured.
    pub(super) const ALL: [Self; 4] = [Self::Soul, Self::Directus, Self::JsonServer, Self::Mockoon];

    /// Its package.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Soul => "soul-cli",
            Self::Directus => "directus",
            Self::JsonServer => "json-server",
            Self::Mockoon => "@mockoon/cli",
        }
    }

    /// The program that the package brings.
    fn program(self) -> &'static str {
        match self {
            Self::Soul => ".bin/soul",
            // The one of that name would first ask the registry for newer versions.
            Self::Directus => "@directus/api/dist/cli/run.js",
            Self::JsonServer => ".bin/json-server",
            Self::Mockoon => ".bin/mockoon-cli",
        }
    }

    /// The name of its log.
    fn log(self) -> &'static str {
        match self {
            Self::Soul => "soul.log",
            Self::Directus => "directus.log",
            Self::JsonServer => "json-server.log",
            Self::Mockoon => "mockoon.log",
        }
    }

    /// The path of the first user, of the first page, of the page in the middle, and of all users.
    fn paths(self) -> [&'static str; 4] {
        match self {
            Self::Soul => [
                "/api/tables/users/rows/{id}",
                "/api/tables/users/rows?_limit=100",
                "/api/tables/users/rows?_limit=100&_page=51",
                "/api/tables/users/rows",
            ],
            Self::Directus => [
                "/items/users/{id}",
                "/items/users?limit=100",
                "/items/users?limit=100&page=51",
                "/items/users",
            ],
            Self::JsonServer => {
                ["/users/{id}", "/users?_limit=100&_page=1", "/users?_limit=100&_page=51", "/users"]
            }
            Self::Mockoon => {
                ["/users/{id}", "/users?limit=100", "/users?limit=100&page=51", "/users"]
            }
        }
    }
}

/// Starts a peer, and waits until it answers.
pub(super) async fn start(
    kind: Kind,
    installed: &Installed,
    files: &Files,
    scratch: &Path,
    postgres: &str,
) -> anyhow::Result<Product> {
    let address = free_address().await?;
    let command = command(kind, address, installed, files, scratch, postgres).await?;
    let mut server = Server::start(command, address)?;
    let [user, first, middle, collection] = kind.paths();
    answering(&mut server, &user.replace("{id}", "1")).await?;
    Ok(Product {
        name: format!("{} {}", kind.name(), version(kind.name())?),
        server,
        token: TOKEN,
        user,
        first,
        middle,
        collection,
        create: match kind {
            Kind::Soul => files.soul_create.clone(),
            Kind::Mockoon => files.mockoon_create.clone(),
            Kind::Directus | Kind::JsonServer => files.create.clone(),
        },
    })
}

/// The command that runs a peer, whose users are there already.
async fn command(
    kind: Kind,
    address: SocketAddr,
    installed: &Installed,
    files: &Files,
    scratch: &Path,
    postgres: &str,
) -> anyhow::Result<Command> {
    let mut command = installed.command(&installed.file(kind.program()), scratch);
    let port = address.port().to_string();
    match kind {
        Kind::Soul => {
            let database = scratch.join("soul.sqlite");
            let database = database.to_str().context("the path of the database is no text")?;
            fill(installed, files, database, scratch).await?;
            command.args(["--database", database, "--port", &port]);
        }
        Kind::Directus => {
            let mut bootstrap = installed.command(&installed.file(kind.program()), scratch);
            directus(bootstrap.arg("bootstrap"), address, postgres);
            let status = bootstrap.stdout(log(kind, scratch)?).kill_on_drop(true).status().await?;
            ensure!(status.success(), "directus bootstrap failed: {status}");
            directus(command.arg("start"), address, postgres);
        }
        Kind::JsonServer => {
            command.args(["--host", "127.0.0.1", "--port", &port]).arg(&files.json_server);
        }
        Kind::Mockoon => {
            command.args(["start", "--hostname", "127.0.0.1", "--port", &port, "--data"]);
            command.arg(&files.mockoon);
        }
    }
    command.stdout(log(kind, scratch)?);
    Ok(command)
}

/// Fills a database with the users.
pub(super) async fn fill(
    installed: &Installed,
    files: &Files,
    database: &str,
    scratch: &Path,
) -> anyhow::Result<()> {
    let mut command = installed.command(Path::new(FILL), scratch);
    command.arg(&installed.folder).arg(&files.users).arg(database).kill_on_drop(true);
    let status = command.status().await?;
    ensure!(status.success(), "the database was not filled: {status}");
    Ok(())
}

/// What Directus must be told. All else is as it is by default, except that it does not report home
/// and does not turn anybody away.
fn directus(command: &mut Command, address: SocketAddr, postgres: &str) {
    command
        .env("DB_CLIENT", "pg")
        .env("DB_CONNECTION_STRING", postgres)
        .env("HOST", address.ip().to_string())
        .env("PORT", address.port().to_string())
        .env("SECRET", "the-secret-of-the-bench-which-signs-nothing")
        .env("ADMIN_EMAIL", "bench@example.org")
        .env("ADMIN_PASSWORD", "the-password-of-the-bench")
        .env("ADMIN_TOKEN", TOKEN)
        .env("TELEMETRY", "false")
        .env("PRESSURE_LIMITER_ENABLED", "false");
}

/// What it prints goes to a file, as the log of a service does.
fn log(kind: Kind, scratch: &Path) -> std::io::Result<File> {
    File::create(scratch.join(kind.log()))
}

/// Waits until the server answers to `path`.
async fn answering(server: &mut Server, path: &str) -> anyhow::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Ok(mut connection) = Connection::open(server.address).await
            && connection.get(path, TOKEN).await.is_ok_and(|answer| answer.status == 200)
        {
            return Ok(());
        }
        server.check_running()?;
        ensure!(Instant::now() < deadline, "nothing answers to {path} on {}", server.address);
        sleep(Duration::from_millis(100)).await;
    }
}
