//! PostgreSQL by itself, under pgbench: what an engine gives to prepared statements, with no HTTP,
//! no JSON and no authentication in between.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, ensure};
use roster_testkit::postgres::{Cluster, Database};
use tokio::process::Command;
use tokio::time::timeout;

use super::install::Installed;
use super::users::Files;
use super::{PeerRow, Request, USERS, start};
use crate::arguments::Arguments;
use crate::wrk::Measurement;

/// A server of the bench's own, which waits for the disk at each commit, and the users in a table.
pub(super) struct Engine {
    // The database goes before the server that has it.
    database: Database,
    cluster: Cluster,
}

impl Engine {
    /// Starts the server and makes the table.
    pub(super) async fn start(
        installed: &Installed,
        files: &Files,
        scratch: &Path,
    ) -> anyhow::Result<Self> {
        let cluster = Cluster::new(true);
        let database = cluster.create_database().await;
        start::fill(installed, files, database.url(), scratch).await?;
        Ok(Self { database, cluster })
    }

    /// Another database with the same table, for a peer to have.
    pub(super) async fn copy(&self) -> Database {
        self.cluster.copy_database(&self.database).await
    }

    /// Measures each request as the one statement that it takes.
    pub(super) async fn measure(
        &self,
        arguments: &Arguments,
        scratch: &Path,
    ) -> anyhow::Result<Vec<PeerRow>> {
        let peer = name().await?;
        let mut rows = Vec::new();
        for request in Request::ALL {
            eprint!("{peer}, {request} … ");
            let log = tempfile::tempdir_in(scratch)?;
            let measurement = self.pgbench(arguments, script(request), log.path()).await?;
            eprintln!("{:.0} a second", measurement.rate);
            rows.push(PeerRow { peer: peer.clone(), request, measurement, memory: None });
        }
        Ok(rows)
    }

    async fn pgbench(
        &self,
        arguments: &Arguments,
        script: &str,
        log: &Path,
    ) -> anyhow::Result<Measurement> {
        let prefix = log.join("statements");
        let mut command = Command::new("pgbench");
        command
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/peers/pgbench"))
            .args(["--no-vacuum", "--protocol=prepared", "--file", script])
            .args(["--define", &format!("users={USERS}")])
            .args(["--client", &arguments.connections.to_string()])
            .args(["--jobs", &arguments.threads.to_string()])
            .args(["--time", &arguments.duration().as_secs().to_string()])
            .args(["--log", "--log-prefix"])
            .arg(prefix)
            .arg(self.database.url())
            .stderr(Stdio::inherit())
            .kill_on_drop(true);
        let limit = arguments.duration() + Duration::from_secs(60);
        let output = timeout(limit, command.output()).await.context("pgbench does not end")??;
        ensure!(output.status.success(), "pgbench failed: {}", output.status);
        let text = String::from_utf8_lossy(&output.stdout);
        let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next());
        let rate = rate.with_context(|| format!("pgbench reported nothing:\n{text}"))?.parse()?;
        let times = statement_times(log)?;
        Ok(Measurement { rate, p50: part(&times, 50)?, p99: part(&times, 99)? })
    }
}

/// The script of pgbench that comes to the same as the request.
fn script(request: Request) -> &'static str {
    match request {
        Request::Get => "get.sql",
        Request::FirstPage => "first.sql",
        Request::MiddlePage => "middle.sql",
        Request::Create => "create.sql",
    }
}

/// "PostgreSQL 15.18 under pgbench".
async fn name() -> anyhow::Result<String> {
    let output = Command::new("pgbench").arg("--version").output().await?;
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.split_whitespace().nth(2).context("pgbench does not say its version")?;
    Ok(format!("PostgreSQL {version}, pgbench"))
}

/// How long each statement took, in ascending order, from the files that pgbench wrote: the third
/// word of a line is the time in microseconds.
fn statement_times(log: &Path) -> anyhow::Result<Vec<Duration>> {
    let mut times = Vec::new();
    for file in std::fs::read_dir(log)? {
        for line in std::fs::read_to_string(file?.path())?.lines() {
            let time = line.split(' ').nth(2).context("pgbench wrote a line without a time")?;
            times.push(Duration::from_micros(time.parse()?));
        }
    }
    times.sort_unstable();
    Ok(times)
}

/// The time within which so many of a hundred statements ended.
fn part(times: &[Duration], percent: usize) -> anyhow::Result<Duration> {
    times.get(times.len() * percent / 100).copied().context("pgbench wrote down no statement")
}
