//! Everything at once: 80 % gets, 10 % lists, 10 % writes.

use std::time::Duration;

use tokio::time::interval;

use crate::arguments::Arguments;
use crate::figures::{Check, mebibytes, milliseconds};
use crate::open_loop::{self, Plan};
use crate::requests;
use crate::rows::Directory;
use crate::server::Server;
use crate::wrk::{self, Load, Newcomers};

/// How long the peak, and then the load at a part of it, take.
const PEAK: Duration = Duration::from_secs(12);
const CONSTANT: Duration = Duration::from_secs(24);
/// Which part of its peak rate the server is given then.
const PART: f64 = 0.7;
const SLOWEST_MILLISECONDS: f64 = 5.0;
const MEMORY_MEBIBYTES: f64 = 300.0;
/// How often the memory is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// Measures the peak rate, then the latency of gets at a part of it, and the memory all the while.
pub(crate) async fn measure(
    arguments: &Arguments,
    directory: &Directory,
    newcomers: &Newcomers,
) -> anyhow::Result<Vec<Check>> {
    eprintln!("mixed load");
    let Directory { users, server, token } = directory;
    let load = Load::Mixed(newcomers.clone(), users.identifiers.clone());
    let (connections, peak) = (arguments.connections, arguments.long(PEAK));
    let peak = wrk::run(arguments, server.address, token, &load, connections, peak);
    let (peak, peak_memory) = with_memory(server, peak).await?;
    // What makes load at a constant rate takes more of the processors than wrk does, so it has a
    // peak of its own.
    let plan = |rate, duration| {
        anyhow::Ok(Plan {
            address: server.address,
            rate,
            duration: arguments.long(duration),
            request: requests::mixed(directory)?,
        })
    };
    let own_peak = open_loop::peak(plan(None, PEAK)?).await?;
    let rate = own_peak * PART;
    let (latencies, memory) =
        with_memory(server, open_loop::run(plan(Some(rate), CONSTANT)?)).await?;
    let [p50, p99] = [500, 990].map(|share| milliseconds(latencies.per_mille(share)));
    let memory = mebibytes(memory.max(peak_memory));
    Ok(vec![
        Check::told(
            "mixed load (80 % get, 10 % list, 10 % write), peak",
            format!("{:.0}/s by wrk, {own_peak:.0}/s by the next row's load", peak.rate),
        ),
        Check::new(
            format!("mixed load, gets at {rate:.0}/s, 0.7 of the peak"),
            format!("p50 {p50:.2} ms, p99 {p99:.2} ms"),
            "p99 under 5 ms",
            p99 < SLOWEST_MILLISECONDS,
        ),
        Check::new(
            "most memory under the mixed load, default cache",
            format!("{memory:.0} MiB"),
            "under 300 MiB",
            memory < MEMORY_MEBIBYTES,
        ),
    ])
}

/// What the work came to, and how much memory the server had at most meanwhile, in bytes.
async fn with_memory<T>(
    server: &Server,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<(T, u64)> {
    let (mut ticks, mut most) = (interval(LOOK), 0);
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return Ok((done?, most)),
            _ = ticks.tick() => most = most.max(server.resident_memory()?),
        }
    }
}
