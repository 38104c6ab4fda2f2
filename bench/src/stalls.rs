//! Whether reads stall: gets at a constant rate while something large goes on.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use tokio::time::{Instant, interval, sleep_until};

use crate::arguments::Arguments;
use crate::figures::{Check, mebibytes, milliseconds};
use crate::http::Connection;
use crate::load;
use crate::nginx;
use crate::open_loop::{self, Latencies, Plan};
use crate::requests;
use crate::roster::{LIFETIME, Roster};
use crate::rows::{Directory, Row};
use crate::wrk::{self, Load, Newcomers};

/// Gets a second.
const RATE: f64 = 5_000.0;
/// How long they go on, if nothing else says.
const USUAL: Duration = Duration::from_secs(18);
/// How long everything is written that can be.
const WRITES: Duration = Duration::from_secs(60);
/// How much longer than that the users live who are made meanwhile.
const MARGIN: Duration = Duration::from_secs(10);
/// How many expired users are enough, and how long removing them may take.
const EXPIRED: u64 = 1_000_000;
const PATIENCE: Duration = Duration::from_secs(120);
/// How long the gets go on before it is looked whether something is done.
const PART: Duration = Duration::from_secs(1);
/// How many times as long as undisturbed a get may take.
const FACTOR: f64 = 3.0;

/// Measures one stall after the other. Each is a check.
pub(crate) struct Stalls<'a> {
    arguments: &'a Arguments,
    roster: &'a Roster,
    scratch: &'a Path,
    newcomers: &'a Newcomers,
    checks: Vec<Check>,
    undisturbed: Duration,
}

impl<'a> Stalls<'a> {
    /// Has measured nothing yet.
    pub(crate) fn new(
        arguments: &'a Arguments,
        roster: &'a Roster,
        scratch: &'a Path,
        newcomers: &'a Newcomers,
    ) -> Self {
        let undisturbed = Duration::ZERO;
        Self { arguments, roster, scratch, newcomers, checks: Vec::new(), undisturbed }
    }

    /// Measures everything over a directory whose server is running, and stops it.
    pub(crate) async fn measure(mut self, directory: Directory) -> anyhow::Result<Vec<Check>> {
        eprintln!("gets, undisturbed");
        let usual = self.arguments.long(USUAL);
        let latencies = gets(&directory, usual).await?;
        self.undisturbed = latencies.per_mille(990);
        let name = format!("gets at {RATE:.0}/s over any user, undisturbed");
        self.checks.push(Check::told(name, figure(&latencies)));
        self.beside_nginx(&directory, usual).await?;

        let writes = self.arguments.long(WRITES);
        let lifetime = format!("{}s", (writes + MARGIN).as_secs());
        let directory = self.restart(directory, &[LIFETIME, &lifetime]).await?;
        let made = self.full_writes(&directory, writes).await?;
        let expired = Instant::now() + writes + MARGIN;
        let directory = self.sweep(directory, expired, made.min(EXPIRED)).await?;
        let directory = self.catch_up(directory, usual).await?;
        directory.server.stop().await?;
        Ok(self.checks)
    }

    async fn restart(&self, directory: Directory, flags: &[&str]) -> anyhow::Result<Directory> {
        let Directory { users, server, token } = directory;
        server.stop().await?;
        let (server, _) = self.roster.serve_with(&users.store, flags).await?;
        Ok(Directory { users, server, token })
    }

    fn check(&mut self, name: String, latencies: &Latencies) {
        let (figure, ratio) = self.beside_undisturbed(latencies);
        self.checks.push(Check::new(name, figure, "at most 3 times", ratio <= FACTOR));
    }

    fn beside_undisturbed(&self, latencies: &Latencies) -> (String, f64) {
        let ratio = latencies.per_mille(990).as_secs_f64() / self.undisturbed.as_secs_f64();
        (format!("{}, {ratio:.1} times", figure(latencies)), ratio)
    }

    /// What becomes of the latency when the machine is as busy, but roster writes nothing.
    async fn beside_nginx(&mut self, directory: &Directory, time: Duration) -> anyhow::Result<()> {
        eprintln!("gets, while nginx is sent the creates");
        let load = Load::Create(self.newcomers.clone());
        let constant = Row::creates(load.clone()).example(directory).await?;
        let (nginx, addresses) = nginx::start(self.scratch, &[constant]).await?;
        let creates = self.creates(directory, addresses[0], time);
        let (latencies, _) = tokio::try_join!(gets(directory, time), creates)?;
        nginx.stop().await?;
        let (figure, _) = self.beside_undisturbed(&latencies);
        self.checks.push(Check::told("  while nginx is sent as many creates as it takes", figure));
        Ok(())
    }

    /// How many users were made. The log is looked at all the while.
    async fn full_writes(&mut self, directory: &Directory, time: Duration) -> anyhow::Result<u64> {
        eprintln!("gets, while all is written that can be");
        let creates = self.creates(directory, directory.server.address, time);
        let log = log_sizes(&directory.users.store, time);
        let (latencies, made, sizes) = tokio::try_join!(gets(directory, time), creates, log)?;
        self.roster.empty_log()?;
        let seconds = time.as_secs();
        self.check(format!("  during {seconds} s of full write load, {made} creates"), &latencies);
        let (first, second) = sizes.split_at(sizes.len() / 2);
        let most = |sizes: &[u64]| mebibytes(sizes.iter().max().copied().unwrap_or_default());
        let (first, second) = (most(first), most(second));
        self.checks.push(Check::new(
            "size of the WAL during it, its most",
            format!("first half {first:.0} MiB, second half {second:.0} MiB"),
            "bounded",
            second <= 1.25 * first,
        ));
        Ok(made)
    }

    async fn creates(
        &self,
        directory: &Directory,
        address: SocketAddr,
        time: Duration,
    ) -> anyhow::Result<u64> {
        let load = Load::Create(self.newcomers.clone());
        let (token, connections) = (&directory.token, self.arguments.connections);
        let made = wrk::run(self.arguments, address, token, &load, connections, time).await?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        Ok((made.rate * time.as_secs_f64()) as u64)
    }

    /// The server is down until everybody has expired who was made last; then it finds them all.
    async fn sweep(
        &mut self,
        directory: Directory,
        expired: Instant,
        target: u64,
    ) -> anyhow::Result<Directory> {
        let Directory { users, server, token } = directory;
        // The search index catches up with the creates before.
        load::await_caught_up(server.address, &token).await?;
        server.stop().await?;
        eprintln!("waiting until {target} users have expired");
        sleep_until(expired).await;
        eprintln!("gets, while they are removed");
        let (server, _) = self.roster.serve(&users.store).await?;
        let directory = Directory { users, server, token };
        let begin = Instant::now();
        let swept = async || Ok(expired_users(&directory).await? >= target);
        let latencies = gets_until(&directory, PATIENCE, swept).await?;
        let (seconds, removed) = (begin.elapsed().as_secs(), expired_users(&directory).await?);
        let name = format!("  while the sweeper removes {removed} expired users, {seconds} s");
        self.check(name, &latencies);
        Ok(directory)
    }

    /// The index is thrown away, so it begins with the first user again.
    async fn catch_up(
        &mut self,
        directory: Directory,
        time: Duration,
    ) -> anyhow::Result<Directory> {
        eprintln!("gets, while the search index is made anew");
        let Directory { users, server, token } = directory;
        server.stop().await?;
        for entry in std::fs::read_dir(&users.store)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with("roster.db-search") {
                std::fs::remove_file(entry.path())?;
            }
        }
        let (server, _) = self.roster.serve(&users.store).await?;
        let directory = Directory { users, server, token };
        let (address, count) = (directory.server.address, directory.users.count);
        let begin = Instant::now();
        let indexed = async || load::is_indexed(address, &directory.token, count).await;
        let latencies = gets_until(&directory, time, indexed).await?;
        let seconds = begin.elapsed().as_secs();
        self.check(format!("  while the search index is made anew, {seconds} s of it"), &latencies);
        Ok(directory)
    }
}

async fn gets(directory: &Directory, duration: Duration) -> anyhow::Result<Latencies> {
    let (address, request) = (directory.server.address, requests::gets(directory)?);
    open_loop::run(Plan { address, rate: Some(RATE), duration, request }).await
}

/// Gets in parts of a second, until something is done, or for `limit`.
async fn gets_until(
    directory: &Directory,
    limit: Duration,
    done: impl AsyncFn() -> anyhow::Result<bool>,
) -> anyhow::Result<Latencies> {
    let begin = Instant::now();
    let mut all = gets(directory, PART).await?;
    while begin.elapsed() < limit && !done().await? {
        all = all.and(gets(directory, PART).await?);
    }
    Ok(all)
}

fn figure(latencies: &Latencies) -> String {
    let [p50, p99, most] = [500, 990, 1_000].map(|share| milliseconds(latencies.per_mille(share)));
    format!("p50 {p50:.2}, p99 {p99:.2}, most {most:.1} ms")
}

/// How large the log of the store is, each second.
async fn log_sizes(store: &Path, time: Duration) -> anyhow::Result<Vec<u64>> {
    let (mut ticks, mut sizes) = (interval(Duration::from_secs(1)), Vec::new());
    let end = Instant::now() + time;
    while Instant::now() < end {
        ticks.tick().await;
        sizes.push(std::fs::metadata(store.join("roster.db-wal"))?.len());
    }
    Ok(sizes)
}

/// How many users the sweeper has removed since the start, by the metrics.
async fn expired_users(directory: &Directory) -> anyhow::Result<u64> {
    let mut connection = Connection::open(directory.server.address).await?;
    let metrics = connection.get("/metrics", &directory.token).await?.body;
    let line = metrics.lines().find_map(|line| {
        line.strip_prefix("roster_expired_total{kind=\"end_user")?.split_once("} ")
    });
    Ok(line.context("the metrics do not tell what has expired")?.1.parse()?)
}
