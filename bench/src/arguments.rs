//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

/// Measures roster beside nginx and a bare axum handler, all on this machine, and prints a table.
///
/// The first run makes the users over HTTP and keeps them in a folder; later runs use them again.
#[derive(Debug, Clone, Parser)]
pub(crate) struct Arguments {
    /// Folder for the users; made when it is missing, and kept. It should be on a real disk.
    #[arg(long, default_value = "target/bench")]
    pub(crate) data: PathBuf,

    /// How many users there are.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1_000..=100_000_000))]
    pub(crate) users: u32,

    /// How many of them are hot.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) hot: u32,

    /// How long each measurement takes, in seconds.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) seconds: u64,

    /// How often each measurement is made; the table shows medians.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=99))]
    pub(crate) rounds: u32,

    /// How many connections there are at a time.
    #[arg(long, default_value_t = 64)]
    pub(crate) connections: u32,

    /// How many threads make the load. They take turns with the server on the same cores.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=99))]
    pub(crate) threads: u32,

    /// Measure webhooks instead: deliveries, and what they cost.
    #[arg(long)]
    pub(crate) webhooks: bool,

    /// Measure roster on PostgreSQL instead, beside pgbench.
    #[arg(long, conflicts_with = "webhooks")]
    pub(crate) postgres: bool,

    /// Measure roster instead beside what else can be installed from a package registry: soul-cli,
    /// Directus, json-server, Mockoon, and PostgreSQL by itself. Each has ten thousand users.
    #[arg(long, conflicts_with_all = ["webhooks", "postgres"])]
    pub(crate) peers: bool,

    /// How many messages are delivered, with --webhooks.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1_000..=10_000_000))]
    pub(crate) messages: u32,

    /// Post so many messages to this address, and say how fast that went: the bare loop that
    /// --webhooks starts as a process of its own.
    #[arg(long, hide = true)]
    pub(crate) post_to: Option<std::net::SocketAddr>,

    /// The program to measure; the one that was built beside this one unless it is named.
    #[arg(long)]
    pub(crate) roster: Option<PathBuf>,
}

impl Arguments {
    /// How long one measurement takes.
    pub(crate) fn duration(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}
