//! Who delivers: leases of endpoints, and a worker for each.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, join_all, select};
use roster_directory::{AccountId, EndpointId, Lease, LeaseHolder, StoreError, Timestamp};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

use super::client::Caller;
use super::options::WebhookOptions;
use super::sender::{Sender, Target, WriteBody};
use super::worker::Worker;
use crate::app::App;
use crate::clock::RandomnessError;

/// How long a lease lasts at least. A dead process's endpoints are taken over when it has ended:
/// with [`ROUND`] and [`INTERVAL`] that is within 30 seconds.
const LEASE: Duration = Duration::from_secs(20);

/// Leases end at multiples of this, so that most renewals change nothing and cost no write.
const ROUND: i64 = 5_000_000;

/// How often what other processes have done is looked for, and what is due.
const INTERVAL: Duration = Duration::from_secs(1);

/// How long what is under way at the end may take.
const GRACE: Duration = Duration::from_secs(3);

/// How long giving the endpoints back may take.
const RELEASE: Duration = Duration::from_secs(1);

/// What all workers share.
pub(super) struct Shared {
    pub(super) app: Arc<App>,
    pub(super) sender: Sender,
    pub(super) options: WebhookOptions,
    pub(super) holder: LeaseHolder,
    pub(super) in_all: Arc<Semaphore>,
}

impl Shared {
    /// Whether it is too early for the first attempt at a message of this moment. Moments of
    /// changes may run ahead of the clock a little, which delays nothing.
    pub(super) fn is_early(&self, message_at: Timestamp, now: Timestamp) -> bool {
        let delay = self.options.schedule.first();
        !delay.is_zero() && message_at.after(delay) > now
    }

    /// A number from 0 to 1.
    pub(super) fn jitter(&self) -> f64 {
        let mut byte = [0; 1];
        // Without random bytes everybody waits as long as the schedule says.
        let _ = self.app.randomness.fill(&mut byte);
        f64::from(byte[0]) / 255.0
    }
}

/// Brings messages to endpoints.
pub struct Deliverer {
    shared: Arc<Shared>,
}

impl Deliverer {
    /// Somebody who delivers what `app` has, in bodies that `write_body` writes.
    pub fn new(
        app: Arc<App>,
        options: WebhookOptions,
        write_body: WriteBody,
    ) -> Result<Self, RandomnessError> {
        let caller = Caller::new(&options);
        let mut holder = [0; 8];
        app.randomness.fill(&mut holder)?;
        let shared = Shared {
            app,
            sender: Sender { caller, write_body },
            holder: LeaseHolder(i64::from_be_bytes(holder)),
            in_all: Arc::new(Semaphore::new(options.in_all)),
            options,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Delivers all that is due now, at every endpoint that nobody else holds.
    pub async fn deliver_due(&self) -> Result<(), StoreError> {
        let (leases, until) = self.lease().await?;
        let workers = leases.iter().filter_map(|lease| self.worker(lease, until));
        // Whoever has news to tell stays until the work is done.
        join_all(workers.map(async |(mut worker, _news)| worker.work().await)).await;
        Ok(())
    }

    /// What this process holds from now on, and until when.
    async fn lease(&self) -> Result<(Vec<Lease>, Timestamp), StoreError> {
        let now = self.shared.app.now();
        let until = now.after(LEASE).as_micros().div_euclid(ROUND).saturating_add(1);
        let until = Timestamp::from_micros(until.saturating_mul(ROUND));
        let leases = self.shared.app.store.lease_endpoints(self.shared.holder, now, until).await?;
        Ok((leases, until))
    }

    fn worker(&self, lease: &Lease, until: Timestamp) -> Option<(Worker, watch::Sender<News>)> {
        let target = self.target(lease)?;
        let (news, told) = watch::channel(News { target, lease_until: until, stopping: false });
        let (shared, id) = (Arc::clone(&self.shared), lease.endpoint.endpoint_id);
        Some((Worker::new(shared, lease.account, id, lease.cursor, told), news))
    }

    fn target(&self, lease: &Lease) -> Option<Arc<Target>> {
        match Target::open(lease, &self.shared.app.keyring) {
            Ok(target) => Some(target),
            Err(error) => {
                let endpoint = lease.endpoint.endpoint_id;
                tracing::error!(%endpoint, %error, "the secret of an endpoint cannot be opened");
                None
            }
        }
    }
}

/// A worker on a task of its own.
struct Running {
    /// What the endpoint is like, as far as delivering to it goes.
    lease: Lease,
    news: watch::Sender<News>,
    task: JoinHandle<()>,
}

/// What a worker is told. Each time it is, there may be more to be sent, too.
pub(super) struct News {
    /// Where to, and who signs.
    pub(super) target: Arc<Target>,
    /// Until when the endpoint is this process's.
    pub(super) lease_until: Timestamp,
    /// Whether to end when nothing is under way any more.
    pub(super) stopping: bool,
}

/// Delivers until `stop` is done. What is not done by then is delivered after the next start.
pub async fn run_deliveries(deliverer: Deliverer, stop: impl Future<Output = ()>) {
    let mut stop = pin!(stop);
    let mut running = BTreeMap::new();
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let store = Arc::clone(&deliverer.shared.app.store);
    loop {
        let woken = async {
            tokio::select! {
                _ = ticks.tick() => true,
                () = store.await_messages() => false,
            }
        };
        let tick = match select(pin!(woken), &mut stop).await {
            Either::Left((tick, _)) => tick,
            Either::Right(_) => break,
        };
        if tick {
            match select(pin!(deliverer.lease()), &mut stop).await {
                Either::Left((Ok((leases, until)), _)) => {
                    reconcile(&deliverer, &mut running, leases, until);
                }
                Either::Left((Err(error), _)) => {
                    tracing::warn!(%error, "endpoints could not be leased");
                }
                Either::Right(_) => break,
            }
        }
        for worker in running.values() {
            worker.news.send_modify(|_| {});
        }
    }
    finish(&deliverer, running).await;
}

type Workers = BTreeMap<(AccountId, EndpointId), Running>;

/// Lets a worker run for each endpoint that this process holds, and for no other.
fn reconcile(deliverer: &Deliverer, running: &mut Workers, leases: Vec<Lease>, until: Timestamp) {
    let key = |lease: &Lease| (lease.account, lease.endpoint.endpoint_id);
    let leased: BTreeSet<_> = leases.iter().map(key).collect();
    running.retain(|own, worker| {
        let held = leased.contains(own) && !worker.task.is_finished();
        if !held {
            worker.task.abort();
        }
        held
    });
    for lease in leases {
        if let Some(worker) = running.get_mut(&key(&lease)) {
            worker.renew(deliverer, lease, until);
        } else if let Some((worker, news)) = deliverer.worker(&lease, until) {
            let task = tokio::spawn(worker.keep_working());
            running.insert(key(&lease), Running { lease, news, task });
        }
    }
}

impl Running {
    /// Tells the worker what the endpoint has become, and of a longer lease.
    fn renew(&mut self, deliverer: &Deliverer, lease: Lease, until: Timestamp) {
        let same = self.lease.endpoint == lease.endpoint && self.lease.secrets == lease.secrets;
        let target = if same { None } else { deliverer.target(&lease) };
        self.news.send_modify(|news| {
            news.lease_until = until;
            if let Some(target) = target {
                news.target = target;
            }
        });
        self.lease = lease;
    }
}

/// Lets what is under way end, for a while, and gives the endpoints back.
async fn finish(deliverer: &Deliverer, running: Workers) {
    let tasks: Vec<_> = running
        .into_values()
        .map(|worker| {
            // Without a longer lease nothing new is sent.
            worker.news.send_modify(|news| {
                news.stopping = true;
                news.lease_until = Timestamp::from_micros(0);
            });
            worker.task
        })
        .collect();
    let aborts: Vec<_> = tasks.iter().map(JoinHandle::abort_handle).collect();
    if tokio::time::timeout(GRACE, join_all(tasks)).await.is_err() {
        aborts.iter().for_each(tokio::task::AbortHandle::abort);
    }
    let released = deliverer.shared.app.store.release_endpoints(deliverer.shared.holder);
    // Leases end by themselves, if somewhat later.
    if let Ok(Err(error)) = tokio::time::timeout(RELEASE, released).await {
        tracing::warn!(%error, "the endpoints could not be given back");
    }
}
