//! Load at a constant rate. Each request has a moment at which it is due, and its latency counts
//! from that moment, so that a server which stalls is charged for everybody who would have come.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use tokio::task::spawn_blocking;

use crate::http::WaitingConnection;

/// As many requests may be under way at a time.
const CONNECTIONS: usize = 64;
/// How many times as long as planned the load may take before that is taken for a failure.
const PATIENCE: u32 = 10;

/// What is asked for, and how often.
pub(crate) struct Plan {
    /// Whom to ask.
    pub(crate) address: SocketAddr,
    /// Requests a second; without it, each connection asks again as soon as it is answered.
    pub(crate) rate: Option<f64>,
    /// For how long.
    pub(crate) duration: Duration,
    /// The text of the request with a number, and whether its latency counts.
    pub(crate) request: Box<RequestOf>,
}

/// What makes requests.
pub(crate) type RequestOf = dyn Fn(u64) -> anyhow::Result<(String, bool)> + Send + Sync;

/// Latencies of the requests that count, in ascending order.
#[derive(Debug)]
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    /// These and others.
    pub(crate) fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self.0.sort_unstable();
        self
    }

    /// What so many of a thousand did not exceed.
    pub(crate) fn per_mille(&self, share: usize) -> Duration {
        let last = self.0.len().saturating_sub(1);
        self.0.get(last * share / 1_000).copied().unwrap_or_default()
    }
}

/// Makes the load. Fails when a single request does.
pub(crate) async fn run(plan: Plan) -> anyhow::Result<Latencies> {
    spawn_blocking(move || Ok(run_waiting(&plan)?.0)).await?
}

/// How many requests a second are answered at most.
#[expect(clippy::cast_precision_loss, reason = "nobody asks 2^52 times")]
pub(crate) async fn peak(plan: Plan) -> anyhow::Result<f64> {
    let duration = plan.duration;
    let asked = spawn_blocking(move || anyhow::Ok(run_waiting(&plan)?.1)).await??;
    Ok(asked as f64 / duration.as_secs_f64())
}

/// The latencies, and how many requests there were.
fn run_waiting(plan: &Plan) -> anyhow::Result<(Latencies, u64)> {
    let (next, begin) = (AtomicU64::new(0), Instant::now());
    let threads: Vec<_> = std::thread::scope(|scope| {
        let start = || scope.spawn(|| ask(plan, &next, begin));
        let threads: Vec<_> = (0..CONNECTIONS).map(|_| start()).collect();
        threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
    });
    let mut latencies = Vec::new();
    for thread in threads {
        let Ok(thread) = thread else { bail!("a thread that makes load has failed") };
        latencies.extend(thread?);
    }
    ensure!(!latencies.is_empty(), "nothing was asked");
    latencies.sort_unstable();
    // Each thread has taken one number more than it has asked for.
    let asked = next.into_inner().saturating_sub(CONNECTIONS as u64);
    Ok((Latencies(latencies), asked))
}

/// Asks on one connection for whatever is due next, until the time is over.
fn ask(plan: &Plan, next: &AtomicU64, begin: Instant) -> anyhow::Result<Vec<Duration>> {
    let mut connection = WaitingConnection::open(plan.address)?;
    let mut latencies = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        #[expect(clippy::cast_precision_loss, reason = "nobody asks 2^52 times")]
        let moment = match plan.rate {
            Some(rate) => Duration::from_secs_f64(number as f64 / rate),
            None => begin.elapsed(),
        };
        if moment >= plan.duration {
            return Ok(latencies);
        }
        ensure!(begin.elapsed() < plan.duration * PATIENCE, "the server is too slow for the load");
        let (request, counts) = (plan.request)(number)?;
        let due = begin + moment;
        wait_until(due);
        let status = connection.send(&request).context("an answer of the load")?;
        ensure!(matches!(status, 200 | 201), "status {status} for: {request}");
        if counts {
            latencies.push(due.elapsed());
        }
    }
}

fn wait_until(due: Instant) {
    loop {
        let left = due.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        std::thread::park_timeout(left);
    }
}

/// A number that looks like chance, from 0 to below `below`; the same for the same `number`.
pub(crate) fn scatter(number: u64, below: usize) -> anyhow::Result<usize> {
    // The mixing steps of SplitMix64.
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    Ok(usize::try_from(mixed % u64::try_from(below.max(1))?)?)
}
