//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

/// Measures roster beside nginx, all on this machine, and prints one table.
///
/// The users are made over HTTP first. They are removed in the end unless `--keep` is given.
#[derive(Debug, Clone, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "a flag is a bool")]
pub(crate) struct Arguments {
    /// Folder for the users; made when it is missing. It should be on a real disk.
    #[arg(long, default_value = "target/bench")]
    pub(crate) data: PathBuf,

    /// How many users there are [default: 10000000; 1000000 with --webhooks and --postgres, 100000 with --quick].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1_000..=100_000_000))]
    pub(crate) users: Option<u32>,

    /// How many users the directory has that the large one is compared with.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1_000..=100_000_000))]
    pub(crate) small: u32,

    /// How many users are hot.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) hot: u32,

    /// How long each measurement takes, in seconds [default: 2; 1 with --quick].
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) seconds: Option<u64>,

    /// How often each measurement is made; the table shows medians [default: 3; 1 with --quick].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=99))]
    pub(crate) rounds: Option<u32>,

    /// How many connections there are at a time, where a row does not say.
    #[arg(long, default_value_t = 64)]
    pub(crate) connections: u32,

    /// How many threads make the load. They take turns with the server on the same cores.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=99))]
    pub(crate) threads: u32,

    /// A try over few users with short measurements. Its figures are not worth much.
    #[arg(long)]
    pub(crate) quick: bool,

    /// Keep the users for the next run. They then have a few more users beside them.
    #[arg(long)]
    pub(crate) keep: bool,

    /// Measure only a part of all that.
    #[arg(long, value_enum)]
    pub(crate) only: Option<Part>,

    /// Write a chart of the ratios to this file, as SVG; with --peers of theirs.
    #[arg(long)]
    pub(crate) chart: Option<PathBuf>,

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

/// A part of what is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Part {
    /// Each kind of request beside nginx.
    Rows,
    /// The mixed load.
    Mixed,
    /// Reads while something large goes on.
    Stalls,
}

impl Arguments {
    /// Whether this part is measured.
    pub(crate) fn measures(&self, part: Part) -> bool {
        self.only.is_none_or(|only| only == part)
    }

    /// How many users there are.
    pub(crate) fn users(&self) -> u32 {
        let default = match (self.quick, self.webhooks || self.postgres) {
            (true, _) => 100_000,
            (false, true) => 1_000_000,
            (false, false) => 10_000_000,
        };
        self.users.unwrap_or(default)
    }

    /// How often each measurement is made.
    pub(crate) fn rounds(&self) -> u32 {
        self.rounds.unwrap_or(if self.quick { 1 } else { 3 })
    }

    /// How long one measurement takes.
    pub(crate) fn duration(&self) -> Duration {
        Duration::from_secs(self.seconds.unwrap_or(if self.quick { 1 } else { 2 }))
    }

    /// How long something takes that is measured once, in one piece.
    pub(crate) fn long(&self, usual: Duration) -> Duration {
        if self.quick { usual / 6 } else { usual }
    }
}
