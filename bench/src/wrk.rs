//! Making load with wrk.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::process::Command;
use tokio::time::timeout;

use crate::arguments::Arguments;
use crate::profile;

/// What wrk does, besides hitting a server as hard as it can.
#[derive(Debug, Clone)]
pub(crate) enum Load {
    /// The same request each time.
    Path(String),
    /// End users by id, chosen at random from a file of identifiers.
    Get(PathBuf),
    /// End users by external id, chosen at random: so many, with numbers so far apart.
    External(usize, usize),
    /// Changes of end users, chosen at random from a file of identifiers.
    Patch(PathBuf),
    /// New end users.
    Create(Newcomers),
    /// All of these: new end users, and others from a file of identifiers.
    Mixed(Newcomers, PathBuf),
    /// Whatever this script makes of these arguments.
    Script(&'static str, Vec<String>),
}

impl Load {
    /// The script that makes these requests, the path of the first, and the script's arguments.
    fn script(&self) -> anyhow::Result<(&'static str, &str, Vec<String>)> {
        Ok(match self {
            Self::Path(path) => ("report.lua", path.as_str(), vec![]),
            Self::Get(file) => ("get.lua", "/", vec![absolute(file)?]),
            Self::External(count, step) => {
                ("external.lua", "/", vec![count.to_string(), step.to_string()])
            }
            Self::Patch(file) => ("patch.lua", "/", vec![absolute(file)?]),
            Self::Create(newcomers) => ("create.lua", "/", newcomers.arguments()?),
            Self::Mixed(newcomers, file) => {
                ("mixed.lua", "/", [newcomers.arguments()?, vec![absolute(file)?]].concat())
            }
            Self::Script(script, arguments) => (*script, "/", arguments.clone()),
        })
    }
}

/// What it takes to make end users who are unlike all others.
#[derive(Debug, Clone)]
pub(crate) struct Newcomers {
    template: PathBuf,
    names: PathBuf,
    /// What begins the number of each of them. It is another one in each run of the bench.
    tag: String,
}

impl Newcomers {
    /// Writes what the scripts read to `folder`, whose name no other run has had.
    pub(crate) fn write(folder: &Path) -> anyhow::Result<Self> {
        let name = folder.file_name().context("the folder has no name")?.to_string_lossy();
        let tag = name.chars().filter(char::is_ascii_alphanumeric).collect();
        let newcomers =
            Self { template: folder.join("template.json"), names: folder.join("names"), tag };
        std::fs::write(&newcomers.template, profile::template())?;
        profile::write_names(&newcomers.names)?;
        Ok(newcomers)
    }

    fn arguments(&self) -> anyhow::Result<Vec<String>> {
        static RUNS: AtomicU32 = AtomicU32::new(0);
        let run = RUNS.fetch_add(1, Ordering::Relaxed);
        let tag = format!("{}-{run}-", self.tag);
        Ok(vec![absolute(&self.template)?, absolute(&self.names)?, tag])
    }
}

/// What wrk measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measurement {
    /// Answers a second.
    pub(crate) rate: f64,
    /// Half of the answers took no longer than this.
    pub(crate) p50: Duration,
    /// All but one in a hundred took no longer than this.
    pub(crate) p99: Duration,
}

/// Runs wrk against `server` for as long, and over as many connections, as usual.
pub(crate) async fn measure(
    arguments: &Arguments,
    server: SocketAddr,
    token: &str,
    load: &Load,
) -> anyhow::Result<Measurement> {
    run(arguments, server, token, load, arguments.connections, arguments.duration()).await
}

/// Runs wrk against `server`. Fails when a single request did.
pub(crate) async fn run(
    arguments: &Arguments,
    server: SocketAddr,
    token: &str,
    load: &Load,
    connections: u32,
    duration: Duration,
) -> anyhow::Result<Measurement> {
    let (script, path, rest) = load.script()?;
    let mut command = Command::new("wrk");
    command
        // The scripts find each other by their folder.
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/wrk"))
        .args(["--script", script])
        .args(["--connections", &connections.to_string()])
        .args(["--threads", &arguments.threads.to_string()])
        .args(["--duration", &format!("{}s", duration.as_secs().max(1))])
        .args(["--timeout", "10s"])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--header", "Content-Type: application/json"])
        .arg(format!("http://{server}{path}"))
        .arg("--")
        .args(rest)
        .stderr(Stdio::inherit())
        .kill_on_drop(true);
    let limit = duration + Duration::from_secs(30);
    let output = timeout(limit, command.output()).await.context("wrk does not end")??;
    ensure!(output.status.success(), "wrk failed: {}", output.status);
    parse(&String::from_utf8_lossy(&output.stdout))
}

/// The path of a file as wrk finds it from the folder of the scripts.
pub(crate) fn absolute(file: &Path) -> anyhow::Result<String> {
    let path = std::path::absolute(file)?;
    Ok(path.to_str().context("the path is no text")?.to_owned())
}

/// Reads the line that `report.lua` prints.
fn parse(output: &str) -> anyhow::Result<Measurement> {
    let line = output.lines().find_map(|line| line.strip_prefix("result "));
    let line = line.with_context(|| format!("wrk reported nothing:\n{output}"))?;
    let number = |name: &str| -> anyhow::Result<u64> {
        let field = line.split(' ').find_map(|field| field.strip_prefix(name)?.strip_prefix('='));
        Ok(field.with_context(|| format!("no {name} in: {line}"))?.parse()?)
    };
    ensure!(number("failed")? == 0, "requests failed:\n{output}");
    let duration = Duration::from_micros(number("microseconds")?);
    // Counts of requests are far below 2^52, where a float is exact.
    #[expect(clippy::cast_precision_loss)]
    let rate = number("requests")? as f64 / duration.as_secs_f64();
    Ok(Measurement {
        rate,
        p50: Duration::from_micros(number("p50")?),
        p99: Duration::from_micros(number("p99")?),
    })
}
