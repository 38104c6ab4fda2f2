//! Making load with wrk.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::process::Command;
use tokio::time::timeout;

use crate::arguments::Arguments;

/// What wrk does, besides hitting a server as hard as it can.
#[derive(Debug, Clone)]
pub(crate) enum Load {
    /// The same request each time.
    Path(String),
    /// End users by id, chosen at random from a file of identifiers.
    Get(PathBuf),
    /// Changes of end users, chosen at random from a file of identifiers.
    Patch(PathBuf),
    /// New end users, after the body in a file.
    Create(PathBuf),
    /// Whatever this script makes of these arguments.
    Script(&'static str, Vec<String>),
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

/// Runs wrk against `server`. Fails when a single request did. `run` sets the users that are
/// created apart from those of other runs.
pub(crate) async fn measure(
    arguments: &Arguments,
    server: SocketAddr,
    token: &str,
    load: &Load,
    run: u32,
) -> anyhow::Result<Measurement> {
    let (script, path, rest) = match load {
        Load::Path(path) => ("report.lua", path.as_str(), vec![]),
        Load::Get(file) => ("get.lua", "/", vec![absolute(file)?]),
        Load::Patch(file) => ("patch.lua", "/", vec![absolute(file)?]),
        Load::Create(file) => ("create.lua", "/", vec![absolute(file)?, run.to_string()]),
        Load::Script(script, arguments) => (*script, "/", arguments.clone()),
    };
    let mut command = Command::new("wrk");
    command
        // The scripts find each other by their folder.
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/wrk"))
        .args(["--script", script])
        .args(["--connections", &arguments.connections.to_string()])
        .args(["--threads", &arguments.threads.to_string()])
        .args(["--duration", &format!("{}s", arguments.seconds)])
        .args(["--timeout", "10s"])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--header", "Content-Type: application/json"])
        .arg(format!("http://{server}{path}"))
        .arg("--")
        .args(rest)
        .stderr(Stdio::inherit())
        .kill_on_drop(true);
    let limit = arguments.duration() + Duration::from_secs(30);
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
