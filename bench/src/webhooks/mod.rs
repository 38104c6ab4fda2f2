//! Measures webhooks: `bench/run --webhooks`.
//!
//! A bare loop over an HTTP client in a process of its own posts constant bodies to a receiver in this one; then roster
//! delivers a backlog to the same receiver, as one endpoint and as a hundred. Creates are measured
//! with an endpoint and without, and how long after a create its message is there.

pub(crate) mod bare_loop;
mod receiver;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use self::receiver::Receiver;
use crate::arguments::Arguments;
use crate::http::Connection;
use crate::profile;
use crate::roster::Roster;
use crate::server::Server;

/// As many connections as roster uses for one endpoint.
const CONNECTIONS: usize = 32;
/// How many creates the latency is measured with.
const SINGLE_CREATES: usize = 300;
/// How long it is quiet between them.
const PAUSE: Duration = Duration::from_millis(5);
const ALLOW: [&str; 2] = ["--webhook-allow", "127.0.0.0/8"];
/// Holds every message back, so that a backlog gathers.
const LATER: [&str; 2] = ["--webhook-retry", "24h"];
const SECONDS_OF_CREATES: u64 = 4;

/// Measures everything, round after round, and prints it.
pub(crate) async fn run(
    arguments: &Arguments,
    roster: &Roster,
    scratch: &Path,
) -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;
    let messages = u64::from(arguments.messages);
    for round in 1..=arguments.rounds() {
        println!("round {round}");
        let bare = bare_loop::measure(receiver.address, messages).await?;
        println!("bare client loop, {CONNECTIONS} connections: {bare:.0} posts/s");
        for endpoints in [1, 100] {
            let folder = scratch.join(format!("deliveries-{round}-{endpoints}"));
            let drained =
                drain(roster, &folder, &receiver, endpoints, messages / endpoints).await?;
            let ratio = drained.rate / bare;
            println!(
                "roster to {endpoints} endpoint(s), {} messages: {:.0} deliveries/s, {ratio:.2} of the loop; RSS {:.0} MiB",
                drained.count, drained.rate, drained.memory
            );
        }
        let mut rates = Vec::new();
        for (name, flags, endpoint) in [
            ("none", &ALLOW[..], false),
            ("one, whose messages wait", &[ALLOW, LATER].concat()[..], true),
            ("one, which is told at once", &ALLOW[..], true),
        ] {
            let folder = scratch.join(format!("creates-{round}-{}", rates.len()));
            let rate = creates(roster, &folder, &receiver, flags, endpoint).await?;
            rates.push(rate);
            println!(
                "creates with endpoint: {name}: {rate:.0}/s, {:.2} of those with none",
                rate / rates[0]
            );
        }
        let folder = scratch.join(format!("latency-{round}"));
        let times = latencies(roster, &folder, &receiver).await?;
        let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e3;
        println!("from a create to its message, idle: p50 {:.2} ms, p99 {:.2} ms", at(50), at(99));
    }
    Ok(())
}

struct Drained {
    count: u64,
    rate: f64,
    /// The most that was resident, in MiB.
    memory: f64,
}

/// Lets a backlog gather, then roster deliver it.
async fn drain(
    roster: &Roster,
    folder: &Path,
    receiver: &Receiver,
    endpoints: u64,
    messages: u64,
) -> anyhow::Result<Drained> {
    let (server, _) = roster.serve_with(folder, &[ALLOW, LATER].concat()).await?;
    let token = roster.make_token(folder).await?;
    register(&server, &token, receiver, endpoints).await?;
    make(&server, &token, messages).await?;
    // The search index is no part of delivering, so it has caught up before that begins.
    let users = usize::try_from(messages).context("too many users")?;
    crate::load::await_index(server.address, &token, users).await?;
    server.stop().await?;

    let (before, count) = (receiver.received(), endpoints * messages);
    let (server, _) = roster.serve_with(folder, &ALLOW).await?;
    // The first message begins it: until then the server only starts.
    receiver.wait(before + 1).await?;
    let begin = Instant::now();
    let mut memory = 0.0_f64;
    while receiver.received() < before + count {
        #[expect(clippy::cast_precision_loss, reason = "nobody reads so many digits")]
        let mebibytes = server.resident_memory()? as f64 / f64::from(1 << 20);
        memory = memory.max(mebibytes);
        let target = (receiver.received() + 20_000).min(before + count);
        receiver.wait(target).await?;
    }
    let rate = per_second(count - 1, begin.elapsed());
    server.stop().await?;
    Ok(Drained { count, rate, memory })
}

/// Creates per second over a new store.
async fn creates(
    roster: &Roster,
    folder: &Path,
    receiver: &Receiver,
    flags: &[&str],
    endpoint: bool,
) -> anyhow::Result<f64> {
    let (server, _) = roster.serve_with(folder, flags).await?;
    let token = roster.make_token(folder).await?;
    register(&server, &token, receiver, u64::from(endpoint)).await?;
    let deadline = Instant::now() + Duration::from_secs(SECONDS_OF_CREATES);
    let (next, begin) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let mut tasks = JoinSet::new();
    for _ in 0..2 * CONNECTIONS {
        tasks.spawn(create_until(
            server.address,
            token.clone(),
            Arc::clone(&next),
            u64::MAX,
            deadline,
        ));
    }
    let mut made = 0;
    while let Some(done) = tasks.join_next().await {
        made += done??;
    }
    let rate = per_second(made, begin.elapsed());
    server.stop().await?;
    Ok(rate)
}

/// How long after a create was answered its message came, for one at a time.
async fn latencies(
    roster: &Roster,
    folder: &Path,
    receiver: &Receiver,
) -> anyhow::Result<Vec<Duration>> {
    let (server, _) = roster.serve_with(folder, &ALLOW).await?;
    let token = roster.make_token(folder).await?;
    register(&server, &token, receiver, 1).await?;
    let mut connection = Connection::open(server.address).await?;
    let mut times = Vec::with_capacity(SINGLE_CREATES);
    for place in 0..SINGLE_CREATES {
        sleep(PAUSE).await;
        let before = receiver.received();
        let answer = connection
            .post("/api/v2/end-users/", &token, &profile::without_external_id(place))
            .await?;
        ensure!(answer.status == 201, "status {}: {}", answer.status, answer.body);
        let begin = Instant::now();
        times.push(receiver.wait(before + 1).await?.saturating_duration_since(begin));
    }
    server.stop().await?;
    times.sort_unstable();
    Ok(times)
}

async fn register(
    server: &Server,
    token: &str,
    receiver: &Receiver,
    count: u64,
) -> anyhow::Result<()> {
    let mut connection = Connection::open(server.address).await?;
    let body = format!(r#"{{"url":"http://{}/hook"}}"#, receiver.address);
    for _ in 0..count {
        let answer = connection.post("/api/v2/webhooks/", token, &body).await?;
        ensure!(answer.status == 201, "status {}: {}", answer.status, answer.body);
    }
    // The server looks for endpoints every second.
    if count > 0 {
        sleep(Duration::from_millis(1200)).await;
    }
    Ok(())
}

async fn make(server: &Server, token: &str, count: u64) -> anyhow::Result<()> {
    let next = Arc::new(AtomicU64::new(0));
    let deadline = Instant::now() + Duration::from_secs(3600);
    let mut tasks = JoinSet::new();
    for _ in 0..2 * CONNECTIONS {
        tasks.spawn(create_until(
            server.address,
            token.to_owned(),
            Arc::clone(&next),
            count,
            deadline,
        ));
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

/// Makes users until there are `count`, or until `deadline`. How many it made.
async fn create_until(
    address: SocketAddr,
    token: String,
    next: Arc<AtomicU64>,
    count: u64,
    deadline: Instant,
) -> anyhow::Result<u64> {
    let mut connection = Connection::open(address).await?;
    let mut made = 0;
    while Instant::now() < deadline {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= count {
            break;
        }
        let place = usize::try_from(number).context("too many users")?;
        let body = profile::without_external_id(place);
        let answer = connection.post("/api/v2/end-users/", &token, &body).await?;
        ensure!(answer.status == 201, "status {}: {}", answer.status, answer.body);
        made += 1;
    }
    Ok(made)
}

#[expect(clippy::cast_precision_loss, reason = "nobody reads so many digits")]
fn per_second(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}
