//! Measures what a user would pick instead of roster and can install from a package registry:
//! `bench/run --peers`.
//!
//! Everything serves the same ten thousand users, one at a time on an idle machine, and is asked
//! the same. Each product keeps its own defaults, in what it logs and in when it waits for the disk.

mod engine;
mod install;
mod own;
mod product;
mod start;
mod table;
mod users;

use std::fmt;
use std::path::Path;

use crate::arguments::Arguments;
use crate::load::Users;
use crate::roster::Roster;
use crate::wrk::Measurement;

/// How many users each of them has: some of these products would take hours with more.
const USERS: usize = 10_000;

/// What is asked of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Request {
    /// One user out of all, by id.
    Get,
    /// The first hundred users of the list.
    FirstPage,
    /// A hundred users in the middle of the list.
    MiddlePage,
    /// A new user. It is measured last, because it makes the store larger.
    Create,
}

impl Request {
    /// All of them, in the order in which they are measured.
    const ALL: [Self; 4] = [Self::Get, Self::FirstPage, Self::MiddlePage, Self::Create];
}

impl fmt::Display for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Get => "get by id",
            Self::FirstPage => "list of 100, first page",
            Self::MiddlePage => "list of 100, in the middle",
            Self::Create => "create",
        })
    }
}

/// What one request came to on one of them.
#[derive(Debug, Clone)]
pub(crate) struct PeerRow {
    /// Its name and version.
    pub(crate) peer: String,
    /// What was asked.
    pub(crate) request: Request,
    /// How fast it answered.
    pub(crate) measurement: Measurement,
    /// How much memory its processes had resident right after, in bytes; unknown for the engine,
    /// whose processes share theirs.
    pub(crate) memory: Option<u64>,
}

/// Measures everything and prints the table.
pub(crate) async fn run(arguments: &Arguments, scratch: &Path) -> anyhow::Result<()> {
    let rows = measure(arguments, scratch).await?;
    println!();
    table::print(&rows);
    if let Some(file) = &arguments.chart {
        std::fs::write(file, table::chart(&rows)?)?;
    }
    Ok(())
}

/// Measures roster, each peer, and PostgreSQL by itself, one after the other. A peer that does not
/// run here is left out, and standard error says why.
pub(crate) async fn measure(arguments: &Arguments, scratch: &Path) -> anyhow::Result<Vec<PeerRow>> {
    let installed = install::install(&arguments.data.join("peers")).await?;
    let scratch = &std::path::absolute(scratch)?.join("peers");
    std::fs::create_dir_all(scratch)?;
    let program = match &arguments.roster {
        Some(program) => program.clone(),
        None => std::env::current_exe()?.with_file_name("roster"),
    };
    let roster = Roster::new(program, scratch)?;
    let made = Users::prepare(&roster, scratch, USERS).await?;
    let files = users::Files::write(&made, scratch)?;
    let mut rows = own::measure(arguments, &roster, &made, scratch).await?;
    let engine = engine::Engine::start(&installed, &files, scratch).await?;
    let database = engine.copy().await;
    for kind in start::Kind::ALL {
        let started = start::start(kind, &installed, &files, scratch, database.url()).await;
        let measured = match started {
            Ok(product) => product.measure(arguments, &mut rows).await,
            Err(error) => Err(error),
        };
        if let Err(error) = measured {
            eprintln!("the rest of {} is left out: {error:#}", kind.name());
        }
    }
    rows.extend(engine.measure(arguments, scratch).await?);
    Ok(rows)
}
