//! What an operator measures, in Prometheus' text format.
//!
//! Counting a request is on the path of every answer, so it is a few relaxed additions to
//! counters of its own; the format is simple enough to write out here.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use axum::http::{Method, StatusCode};
use parking_lot::RwLock;
use roster_directory::{
    AccountSummary, AttemptOutcome, Backlog, GROUP_SIZE_BOUNDS, StoreStats, Swept, Timestamp,
};

/// Upper bounds of the latency histograms, in microseconds.
const LATENCY_BOUNDS: [u64; 14] = [
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 2_500_000,
    10_000_000,
];

/// The name of the histogram of how many writes each commit carried.
const GROUP_SIZE: &str = "roster_commit_group_size";

/// The methods that are told apart; every other one is counted with the last.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OTHER"];

/// The requests to one route with one method.
struct RouteMetrics {
    statuses: [AtomicU64; 500],
    latencies: [AtomicU64; LATENCY_BOUNDS.len() + 1],
    total_micros: AtomicU64,
}

impl RouteMetrics {
    fn new() -> Self {
        Self {
            statuses: [const { AtomicU64::new(0) }; 500],
            latencies: [const { AtomicU64::new(0) }; LATENCY_BOUNDS.len() + 1],
            total_micros: AtomicU64::new(0),
        }
    }
}

type Routes = RwLock<BTreeMap<Box<str>, Arc<RouteMetrics>>>;

/// The process's metrics.
#[derive(Default)]
pub(crate) struct Metrics {
    routes: [Routes; METHODS.len()],
    connections: AtomicI64,
    expired_end_users: AtomicU64,
    expired_sensitive_values: AtomicU64,
    webhook_attempts: [AtomicU64; ATTEMPTS.len()],
}

/// How attempts to deliver a message are told apart.
const ATTEMPTS: [&str; 5] = ["delivered", "refused", "timed_out", "forbidden", "failed"];

impl Metrics {
    /// Counts an answered request. `route` is a template such as `/api/v2/end-users/{id}`, so
    /// that there are only so many.
    pub(crate) fn count_request(
        &self,
        method: &Method,
        route: &str,
        status: StatusCode,
        took: Duration,
    ) {
        let metrics = self.route(method, route);
        let status = usize::from(status.as_u16()).saturating_sub(100).min(499);
        metrics.statuses[status].fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = LATENCY_BOUNDS.partition_point(|bound| *bound < micros);
        metrics.latencies[bucket].fetch_add(1, Ordering::Relaxed);
        metrics.total_micros.fetch_add(micros, Ordering::Relaxed);
    }

    fn route(&self, method: &Method, route: &str) -> Arc<RouteMetrics> {
        let method = METHODS.iter().position(|name| *name == method.as_str());
        let routes = &self.routes[method.unwrap_or(METHODS.len() - 1)];
        if let Some(metrics) = routes.read().get(route) {
            return Arc::clone(metrics);
        }
        let mut routes = routes.write();
        Arc::clone(routes.entry(route.into()).or_insert_with(|| Arc::new(RouteMetrics::new())))
    }

    /// Counts what a sweep removed.
    pub(crate) fn count_expired(&self, swept: Swept) {
        self.expired_end_users.fetch_add(swept.end_users as u64, Ordering::Relaxed);
        self.expired_sensitive_values.fetch_add(swept.sensitive_values as u64, Ordering::Relaxed);
    }

    /// Counts an attempt to deliver a message.
    pub(crate) fn count_attempt(&self, outcome: &AttemptOutcome) {
        let place = match outcome {
            AttemptOutcome::Answered(200..=299) => 0,
            AttemptOutcome::Answered(_) => 1,
            AttemptOutcome::TimedOut => 2,
            AttemptOutcome::Forbidden => 3,
            AttemptOutcome::Failed(_) => 4,
        };
        self.webhook_attempts[place].fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a connection for as long as the answer is kept.
    pub(crate) fn connection(self: &Metrics) -> ConnectionCount<'_> {
        self.connections.fetch_add(1, Ordering::Relaxed);
        ConnectionCount(&self.connections)
    }

    /// Everything, as Prometheus reads it.
    pub(crate) fn render(&self, looked: &Looked) -> Result<String, fmt::Error> {
        let mut text = String::new();
        self.render_requests(&mut text)?;
        self.render_latencies(&mut text)?;
        let connections = self.connections.load(Ordering::Relaxed);
        family(&mut text, "roster_http_connections", "gauge", "Open connections.")?;
        writeln!(text, "roster_http_connections {connections}")?;
        family(&mut text, "roster_expired_total", "counter", "What the expiry job removed.")?;
        for (kind, count) in [
            ("end_user", &self.expired_end_users),
            ("sensitive_value", &self.expired_sensitive_values),
        ] {
            let count = count.load(Ordering::Relaxed);
            writeln!(text, "roster_expired_total{{kind=\"{kind}\"}} {count}")?;
        }
        render_store(&mut text, &looked.store)?;
        render_accounts(&mut text, &looked.accounts)?;
        self.render_attempts(&mut text)?;
        if let Some(backlog) = looked.backlog {
            render_backlog(&mut text, backlog, looked.now)?;
        }
        family(
            &mut text,
            "roster_log_lines_dropped_total",
            "counter",
            "Log writes dropped because nobody read standard output.",
        )?;
        writeln!(text, "roster_log_lines_dropped_total {}", looked.log_lines_dropped)?;
        Ok(text)
    }

    fn render_attempts(&self, text: &mut String) -> fmt::Result {
        const NAME: &str = "roster_webhook_attempts_total";
        family(text, NAME, "counter", "Attempts to deliver a message to a webhook.")?;
        for (outcome, count) in ATTEMPTS.iter().zip(&self.webhook_attempts) {
            let count = count.load(Ordering::Relaxed);
            writeln!(text, "{NAME}{{outcome=\"{outcome}\"}} {count}")?;
        }
        Ok(())
    }

    fn each_route(
        &self,
        mut visit: impl FnMut(&str, &str, &RouteMetrics) -> fmt::Result,
    ) -> fmt::Result {
        for (method, routes) in METHODS.iter().zip(&self.routes) {
            for (route, metrics) in &*routes.read() {
                visit(method, route, metrics)?;
            }
        }
        Ok(())
    }

    fn render_requests(&self, text: &mut String) -> fmt::Result {
        family(text, "roster_http_requests_total", "counter", "Requests answered.")?;
        self.each_route(|method, route, metrics| {
            for (offset, count) in metrics.statuses.iter().enumerate() {
                let (status, count) = (offset + 100, count.load(Ordering::Relaxed));
                if count > 0 {
                    writeln!(
                        text,
                        "roster_http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} {count}"
                    )?;
                }
            }
            Ok(())
        })
    }

    fn render_latencies(&self, text: &mut String) -> fmt::Result {
        const NAME: &str = "roster_http_request_duration_seconds";
        family(text, NAME, "histogram", "Time from a request's head to its answer.")?;
        self.each_route(|method, route, metrics| {
            let labels = format!("method=\"{method}\",route=\"{route}\"");
            let mut count = 0;
            for (bound, bucket) in LATENCY_BOUNDS.iter().zip(&metrics.latencies) {
                count += bucket.load(Ordering::Relaxed);
                let bound = Duration::from_micros(*bound).as_secs_f64();
                writeln!(text, "{NAME}_bucket{{{labels},le=\"{bound}\"}} {count}")?;
            }
            count += metrics.latencies[LATENCY_BOUNDS.len()].load(Ordering::Relaxed);
            let micros = metrics.total_micros.load(Ordering::Relaxed);
            let seconds = Duration::from_micros(micros).as_secs_f64();
            writeln!(text, "{NAME}_bucket{{{labels},le=\"+Inf\"}} {count}")?;
            writeln!(text, "{NAME}_sum{{{labels}}} {seconds}")?;
            writeln!(text, "{NAME}_count{{{labels}}} {count}")
        })
    }
}

/// What is looked up when somebody asks for the metrics.
pub(crate) struct Looked {
    /// The store's own counts.
    pub(crate) store: StoreStats,
    /// The accounts and their users.
    pub(crate) accounts: Vec<AccountSummary>,
    /// What waits for webhooks, if the store could say.
    pub(crate) backlog: Option<Backlog>,
    /// How much of the log nobody read.
    pub(crate) log_lines_dropped: u64,
    /// The present moment.
    pub(crate) now: Timestamp,
}

/// Keeps one connection counted.
pub(crate) struct ConnectionCount<'a>(&'a AtomicI64);

impl Drop for ConnectionCount<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn family(text: &mut String, name: &str, kind: &str, help: &str) -> fmt::Result {
    writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

fn render_store(text: &mut String, store: &StoreStats) -> fmt::Result {
    for (name, kind, help, value) in [
        ("roster_write_queue_depth", "gauge", "Writes that wait now.", store.queue_depth),
        ("roster_writes_committed_total", "counter", "Writes committed.", store.committed),
        (
            "roster_cache_hits_total",
            "counter",
            "Reads of a user that the cache answered.",
            store.cache_hits,
        ),
        (
            "roster_cache_misses_total",
            "counter",
            "Reads of a user that it did not answer.",
            store.cache_misses,
        ),
        ("roster_cache_bytes", "gauge", "Memory of the cached users.", store.cache_bytes),
    ] {
        family(text, name, kind, help)?;
        writeln!(text, "{name} {value}")?;
    }
    let mut count = 0;
    family(text, GROUP_SIZE, "histogram", "Writes in each commit.")?;
    for (bound, commits) in GROUP_SIZE_BOUNDS.iter().zip(store.group_sizes) {
        count += commits;
        writeln!(text, "{GROUP_SIZE}_bucket{{le=\"{bound}\"}} {count}")?;
    }
    count += store.group_sizes[GROUP_SIZE_BOUNDS.len()];
    writeln!(text, "{GROUP_SIZE}_bucket{{le=\"+Inf\"}} {count}")?;
    writeln!(text, "{GROUP_SIZE}_sum {}\n{GROUP_SIZE}_count {count}", store.committed)
}

fn render_backlog(text: &mut String, backlog: Backlog, now: Timestamp) -> fmt::Result {
    let micros = backlog.oldest.map_or(0, |oldest| now.as_micros() - oldest.as_micros());
    // A message of the future, which a clock that was set back leaves, is not old.
    let age = Duration::from_micros(u64::try_from(micros).unwrap_or(0)).as_secs_f64();
    let help = "Messages that wait for webhooks, counted for each.";
    family(text, "roster_webhook_backlog", "gauge", help)?;
    writeln!(text, "roster_webhook_backlog {}", backlog.waiting)?;
    family(text, "roster_webhook_oldest_seconds", "gauge", "Age of the oldest of them.")?;
    writeln!(text, "roster_webhook_oldest_seconds {age}")
}

fn render_accounts(text: &mut String, accounts: &[AccountSummary]) -> fmt::Result {
    family(text, "roster_users", "gauge", "Users by account and role.")?;
    for summary in accounts {
        let name = summary.account.name.as_str().replace('\\', "\\\\").replace('"', "\\\"");
        for (role, count) in [
            ("end-user", summary.users.end_users),
            ("agent", summary.users.agents),
            ("admin", summary.users.admins),
        ] {
            writeln!(text, "roster_users{{account=\"{name}\",role=\"{role}\"}} {count}")?;
        }
    }
    Ok(())
}
