//! The main run: a large directory and a small one beside nginx, and everything in one table.

use std::path::Path;
use std::time::Duration;

use anyhow::ensure;

use crate::arguments::{Arguments, Part};
use crate::figures::{Check, median, milliseconds};
use crate::load::Users;
use crate::roster::Roster;
use crate::rounds::Bench;
use crate::rows::{self, Directory};
use crate::stalls::Stalls;
use crate::wrk::Newcomers;
use crate::{chart, disk, mixed, table};

/// How often the start-up is measured.
const STARTS: usize = 5;
const START_UP_MILLISECONDS: f64 = 200.0;

/// Measures everything and prints it.
pub(crate) async fn run(
    arguments: &Arguments,
    roster: &Roster,
    scratch: &Path,
) -> anyhow::Result<()> {
    let (count, small_count) =
        (usize::try_from(arguments.users())?, usize::try_from(arguments.small)?);
    ensure!(count > small_count, "--users is to be larger than --small");
    let users = Users::prepare(roster, &arguments.data, count).await?;
    // The writes below make it much larger, so it is made anew each time.
    Users::remove_from(&arguments.data, small_count)?;
    let small = Users::prepare(roster, &arguments.data, small_count).await?;
    let mut checks = vec![measure_start_up(roster, &users.store).await?];
    let newcomers = Newcomers::write(scratch)?;
    let bench = Bench {
        arguments,
        roster,
        scratch,
        large: serve(roster, users).await?,
        small: serve(roster, small).await?,
    };
    let disk = disk::measure(&bench.large, &bench.small).await?;
    let mut figures = Vec::new();
    if arguments.measures(Part::Rows) {
        let reads = rows::reads(arguments, &bench.large, scratch).await?;
        let small_reads = rows::reads(arguments, &bench.small, scratch).await?;
        figures.extend(bench.measure(reads, small_reads).await?);
        let writes = rows::writes(&bench.large, &newcomers);
        let small_writes = rows::writes(&bench.small, &newcomers);
        figures.extend(bench.measure(writes, small_writes).await?);
    }

    let Bench { large, small, .. } = bench;
    small.server.stop().await?;
    if arguments.measures(Part::Mixed) {
        checks.extend(mixed::measure(arguments, &large, &newcomers).await?);
        roster.empty_log()?;
    }
    if arguments.measures(Part::Stalls) {
        let stalls = Stalls::new(arguments, roster, scratch, &newcomers);
        checks.extend(stalls.measure(large).await?);
    } else {
        large.server.stop().await?;
    }
    checks.extend(disk);
    Users::remove_from(&arguments.data, small_count)?;
    if !arguments.keep {
        Users::remove_from(&arguments.data, count)?;
    }
    println!();
    table::print(count, small_count, &figures, &checks);
    if let Some(file) = &arguments.chart {
        std::fs::write(file, chart::of_rows(count, &figures)?)?;
    }
    Ok(())
}

async fn serve(roster: &Roster, users: Users) -> anyhow::Result<Directory> {
    let (server, _) = roster.serve(&users.store).await?;
    let token = roster.make_token(&users.store).await?;
    Ok(Directory { users, server, token })
}

/// How long roster takes until it is ready, measured a few times.
async fn measure_start_up(roster: &Roster, store: &Path) -> anyhow::Result<Check> {
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..STARTS {
        let (server, time) = roster.serve(store).await?;
        server.stop().await?;
        times.push(time);
    }
    let time = median(times.into_iter().map(milliseconds).collect());
    let figure = format!("{time:.0} ms");
    Ok(Check::new("from start to ready", figure, "under 200 ms", time < START_UP_MILLISECONDS))
}
