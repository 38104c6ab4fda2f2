//! Measures roster beside nginx. `bench/run` builds and starts it.

mod arguments;
mod chart;
mod directories;
mod disk;
mod figures;
mod http;
mod load;
mod mixed;
mod nginx;
mod open_loop;
mod peers;
mod postgres;
mod profile;
mod requests;
mod roster;
mod rounds;
mod rows;
mod server;
mod stalls;
mod table;
mod team;
mod webhooks;
mod wrk;

use anyhow::bail;
use clap::Parser;
use tokio::signal::ctrl_c;
use tokio::signal::unix::{SignalKind, signal};

use crate::arguments::Arguments;
use crate::roster::Roster;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut terminated = signal(SignalKind::terminate())?;
    // Whichever ends first: what the others hold is dropped, and the servers with it.
    tokio::select! {
        result = run(&arguments) => result,
        _ = ctrl_c() => bail!("interrupted"),
        _ = terminated.recv() => bail!("terminated"),
    }
}

async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    if let Some(address) = arguments.post_to {
        return webhooks::bare_loop::run(address, u64::from(arguments.messages)).await;
    }
    std::fs::create_dir_all(&arguments.data)?;
    let scratch = tempfile::tempdir_in(&arguments.data)?;
    let scratch = scratch.path();
    if arguments.peers {
        return peers::run(arguments, scratch).await;
    }
    let program = match &arguments.roster {
        Some(program) => program.clone(),
        None => std::env::current_exe()?.with_file_name("roster"),
    };
    let roster = Roster::new(program, scratch)?;
    if arguments.webhooks {
        return webhooks::run(arguments, &roster, scratch).await;
    }
    if arguments.postgres {
        return postgres::run(arguments, &roster, scratch).await;
    }
    directories::run(arguments, &roster, scratch).await
}
