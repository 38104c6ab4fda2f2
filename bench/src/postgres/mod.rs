//! Measures roster on PostgreSQL: `bench/run --postgres`.
//!
//! The users of the embedded store are copied into a database of a server of the bench's own, which
//! waits for the disk at every commit. In each round pgbench sends the single statement that comes
//! closest to a request, prepared, over as many connections as wrk then has to roster: that is what
//! the server alone gives.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, ensure};
use roster_testkit::postgres::Cluster;
use tokio::process::Command;
use tokio::time::timeout;

use crate::arguments::Arguments;
use crate::figures::median;
use crate::load::Users;
use crate::roster::Roster;
use crate::wrk::{self, Load, Newcomers};

/// A request, and the script of pgbench that comes closest to it.
struct Work {
    name: &'static str,
    load: Load,
    script: &'static str,
}

/// Measures everything, round after round, and prints medians.
pub(crate) async fn run(
    arguments: &Arguments,
    roster: &Roster,
    scratch: &Path,
) -> anyhow::Result<()> {
    let users =
        Users::prepare(roster, &arguments.data, usize::try_from(arguments.users())?).await?;
    let cluster = Cluster::new(true);
    let database = cluster.create_database().await;
    roster.copy(&users.store, database.url()).await?;
    let key = users.store.join("sealing.key");
    let key = key.to_str().context("the path of the data is no text")?;
    let flags = ["--database-url", database.url(), "--key-file", key];
    let (server, _) = roster.serve_with(&scratch.join("node"), &flags).await?;
    let token = roster.make_token_with(&["--database-url", database.url()]).await?;
    let works = works(&users, scratch)?;
    let mut rates = vec![(Vec::new(), Vec::new()); works.len()];
    for round in 1..=arguments.rounds() {
        for (work, (own, engine)) in works.iter().zip(&mut rates) {
            eprintln!("round {round}: {}", work.name);
            engine.push(pgbench(arguments, database.url(), work.script).await?);
            let measured = wrk::measure(arguments, server.address, &token, &work.load);
            own.push(measured.await?.rate);
        }
    }
    server.stop().await?;
    if !arguments.keep {
        Users::remove_from(&arguments.data, users.count)?;
    }
    println!("| {:28} | requests/s | pgbench/s | ratio |", "request");
    println!("| {:-<28} | ---------: | --------: | ----: |", "");
    for (work, (own, engine)) in works.iter().zip(rates) {
        let ratios = own.iter().zip(&engine).map(|(own, engine)| own / engine).collect();
        let (name, ratio) = (work.name, median(ratios));
        println!("| {name:28} | {:>10.0} | {:>9.0} | {ratio:>5.2} |", median(own), median(engine));
    }
    Ok(())
}

fn works(users: &Users, scratch: &Path) -> anyhow::Result<[Work; 5]> {
    let newcomers = Newcomers::write(scratch)?;
    let all = users.identifiers.clone();
    let page = |from: &str| Load::Path(format!("/api/v2/end-users/?limit=100{from}"));
    let middle = format!("&cursor={}", users.identifier(users.count / 2)?);
    Ok([
        Work { name: "get by id, all users", load: Load::Get(all.clone()), script: "get.sql" },
        Work { name: "create, durable", load: Load::Create(newcomers), script: "create.sql" },
        Work { name: "patch, durable", load: Load::Patch(all), script: "patch.sql" },
        Work { name: "page of 100, the first", load: page(""), script: "page.sql" },
        Work { name: "page of 100, in the middle", load: page(&middle), script: "page.sql" },
    ])
}

/// How many times a second the server runs a script.
async fn pgbench(arguments: &Arguments, url: &str, script: &str) -> anyhow::Result<f64> {
    let mut command = Command::new("pgbench");
    command
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/pgbench"))
        .args(["--no-vacuum", "--protocol=prepared", "--file", script])
        .args(["--define", &format!("users={}", arguments.users())])
        .args(["--client", &arguments.connections.to_string()])
        .args(["--jobs", &arguments.threads.to_string()])
        .args(["--time", &arguments.duration().as_secs().to_string()])
        .arg(url)
        .stderr(Stdio::inherit())
        .kill_on_drop(true);
    let limit = arguments.duration() + Duration::from_secs(60);
    let output = timeout(limit, command.output()).await.context("pgbench does not end")??;
    ensure!(output.status.success(), "pgbench failed: {}", output.status);
    let text = String::from_utf8_lossy(&output.stdout);
    let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next());
    rate.with_context(|| format!("pgbench reported nothing:\n{text}"))?.parse().map_err(Into::into)
}
