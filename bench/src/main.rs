//! Measures roster beside nginx and a bare axum handler. `bench/run` builds and starts it.

mod arguments;
mod baseline;
mod http;
mod load;
mod peers;
mod postgres;
mod profile;
mod roster;
mod rounds;
mod server;
mod subject;
mod table;
mod targets;
mod webhooks;
mod wrk;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use clap::Parser;
use tokio::signal::ctrl_c;
use tokio::signal::unix::{SignalKind, signal};

use crate::arguments::Arguments;
use crate::http::Connection;
use crate::load::Users;
use crate::roster::Roster;
use crate::rounds::{Bench, Loads};
use crate::server::Server;

/// How often the start-up is measured.
const STARTS: usize = 5;

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
        None => baseline::built_beside("roster")?,
    };
    let roster = Roster::new(program, scratch)?;
    if arguments.webhooks {
        return webhooks::run(arguments, &roster, scratch).await;
    }
    if arguments.postgres {
        return postgres::run(arguments, &roster, scratch).await;
    }
    let users = Users::prepare(&roster, &arguments.data, arguments.users as usize).await?;
    // Everything runs over a copy, so that the next run finds the users as this one did.
    let store = scratch.join("store");
    copy_files(&users.store, &store)?;
    let start_ups = measure_start_up(&roster, &store).await?;

    let (server, _) = roster.serve(&store).await?;
    let token = roster.make_token(&store).await?;
    let one = format!("/api/v2/end-users/{}", users.identifier(0)?);
    let answer = ask(&server, &token, &one).await?;
    let page = ask(&server, &token, "/api/v2/users.json?page[size]=100").await?;
    eprintln!("an end user has {} bytes, a page of a hundred users {}", answer.len(), page.len());
    ask(&server, &token, "/api/v2/users/search?query=hopper").await?;
    let bench = Bench {
        arguments,
        loads: Loads::write(&users, arguments.hot, scratch, &server, &token).await?,
        nginx: baseline::start_nginx(scratch, &answer, &page).await?,
        bare_axum: baseline::start_bare_axum(scratch, &answer).await?,
        roster: &roster,
        server,
        token,
    };
    let table = bench.measure().await?;
    let memory = bench.server.resident_memory()?;
    bench.server.stop().await?;
    bench.nginx.stop().await?;

    println!();
    table.print();
    println!();
    targets::print(&table, &start_ups, memory);
    Ok(())
}

/// How long roster takes until it is ready, measured a few times.
async fn measure_start_up(roster: &Roster, store: &Path) -> anyhow::Result<Vec<Duration>> {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let (server, time) = roster.serve(store).await?;
        server.stop().await?;
        times.push(time);
    }
    Ok(times)
}

/// An answer of roster, which the baselines then give to everybody.
async fn ask(server: &Server, token: &str, path: &str) -> anyhow::Result<String> {
    let mut connection = Connection::open(server.address).await?;
    let answer = connection.get(path, token).await?;
    ensure!(answer.status == 200, "status {} for {path}: {}", answer.status, answer.body);
    Ok(answer.body)
}

/// Copies a folder that has only files in it.
fn copy_files(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let copied = std::fs::copy(entry.path(), to.join(entry.file_name()));
        copied.with_context(|| format!("cannot copy {}", entry.path().display()))?;
    }
    Ok(())
}
