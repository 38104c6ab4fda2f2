//! Delivering to one endpoint.
//!
//! Messages are sent in their order as far as the number of those under way allows, and those
//! about the same end user one after the other. What failed is tried again when its time comes;
//! later messages do not wait for it.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use roster_directory::{
    AccountId, Attempted, DeliveryReport, DeliveryState, DueMessage, EndUserId, Endpoint,
    EndpointId, EndpointStatus, MessageNumber, StoreError,
};
use tokio::sync::{OwnedSemaphorePermit, TryAcquireError, watch};
use tokio::time::Instant;

use super::deliverer::{News, Shared};

/// How many messages are kept in memory, at most about twice as many.
const WINDOW: usize = 256;

/// With so many results that the store would not take, nothing is sent any more.
const UNRECORDED_LIMIT: usize = 1024;

/// Results are recorded many at once: so many,
const BATCH: usize = 256;

/// or what there is after so long. What was sent and is not recorded would be sent again if the
/// process died now.
const PAUSE: Duration = Duration::from_millis(50);

/// How often it is recorded how far messages were passed over.
const IDLE_PAUSE: Duration = Duration::from_millis(900);

/// A lease must last so long that what is sent now ends within it.
const LEASE_MARGIN: Duration = Duration::from_secs(16);

/// A message that is to be sent.
struct Queued {
    due: DueMessage,
    /// Whether it was never tried.
    fresh: bool,
}

/// What came of sending it.
struct Landed {
    end_user_id: EndUserId,
    attempted: Attempted,
}

/// Why a worker is done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// There is nothing to be sent now.
    Idle,
    /// The endpoint is not this process's to deliver to, or not enabled any more.
    Over,
}

type Recorded = (DeliveryReport, Result<Option<Endpoint>, StoreError>);

/// Delivers to one endpoint.
pub(super) struct Worker {
    shared: Arc<Shared>,
    account: AccountId,
    endpoint_id: EndpointId,
    /// Where to, who signs, and until when.
    news: watch::Receiver<News>,
    /// From where on messages were not read yet.
    next: MessageNumber,
    /// Whether there was nothing there, when it was looked last.
    exhausted: bool,
    queue: VecDeque<Queued>,
    /// The messages that are queued or under way.
    held: HashSet<MessageNumber>,
    /// Those of them that were never tried, until what came of them is recorded.
    open: BTreeSet<MessageNumber>,
    /// Whom a message under way is about.
    busy: HashSet<EndUserId>,
    flights: FuturesUnordered<BoxFuture<'static, Landed>>,
    results: Vec<Attempted>,
    recording: Option<BoxFuture<'static, Recorded>>,
    /// The cursor that was recorded last.
    reported: MessageNumber,
    /// When results were recorded last.
    recorded_at: Instant,
    /// Whether the store did not take results, so that it is asked again later only.
    stuck: bool,
    /// Whether the endpoint has said that it is gone, which is still to be recorded.
    gone: bool,
}

impl Worker {
    pub(super) fn new(
        shared: Arc<Shared>,
        account: AccountId,
        endpoint_id: EndpointId,
        cursor: MessageNumber,
        news: watch::Receiver<News>,
    ) -> Self {
        Self {
            shared,
            account,
            endpoint_id,
            news,
            next: cursor,
            exhausted: false,
            queue: VecDeque::new(),
            held: HashSet::new(),
            open: BTreeSet::new(),
            busy: HashSet::new(),
            flights: FuturesUnordered::new(),
            results: Vec::new(),
            recording: None,
            reported: cursor,
            recorded_at: Instant::now(),
            stuck: false,
            gone: false,
        }
    }

    /// Works whenever there is news, until the endpoint is somebody else's or nothing is to be sent
    /// any more.
    pub(super) async fn keep_working(mut self) {
        while self.work().await == Done::Idle && !self.news.borrow().stopping {
            if self.news.changed().await.is_err() {
                return;
            }
            self.look_again();
        }
    }

    /// Sends all that is due, and records what came of it.
    pub(super) async fn work(&mut self) -> Done {
        loop {
            if let Err(error) = self.fill().await {
                tracing::warn!(%error, endpoint = %self.endpoint_id, "messages could not be read");
            }
            self.start();
            self.record();
            let gathering = self.recording.is_none() && !self.results.is_empty() && !self.stuck;
            let (flights, recording) = (&mut self.flights, &mut self.recording);
            if flights.is_empty() && recording.is_none() {
                return Done::Idle;
            }
            let recorded = async {
                match recording {
                    Some(recording) => recording.await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                Some(landed) = flights.next() => self.land(landed),
                recorded = recorded => {
                    self.recording = None;
                    if self.learn(recorded) == Done::Over {
                        return Done::Over;
                    }
                }
                Ok(()) = self.news.changed() => self.look_again(),
                () = tokio::time::sleep_until(self.recorded_at + PAUSE), if gathering => {}
            }
        }
    }

    /// Notes that there may be more to be sent.
    fn look_again(&mut self) {
        self.exhausted = false;
        self.stuck = false;
    }

    /// Reads what is to be sent, unless enough waits already.
    async fn fill(&mut self) -> Result<(), StoreError> {
        if self.exhausted || self.queue.len() >= WINDOW / 2 {
            return Ok(());
        }
        let (account, id) = (self.account, self.endpoint_id);
        let store = &self.shared.app.store;
        let now = self.shared.app.now();
        let due = store.due_messages(account, id, now, WINDOW).await?;
        let more_are_due = due.len() == WINDOW;
        for due in due {
            if self.held.insert(due.message.number) {
                self.queue.push_back(Queued { due, fresh: false });
            }
        }
        let mut read = store.fresh_messages(account, id, self.next, WINDOW).await?;
        // There may be very many that are not for this endpoint.
        while read.messages.is_empty() && read.next > self.next {
            self.next = read.next;
            read = store.fresh_messages(account, id, self.next, WINDOW).await?;
        }
        self.exhausted = read.next == self.next && !more_are_due;
        self.next = read.next;
        for message in read.messages {
            self.open.insert(message.number);
            self.held.insert(message.number);
            self.queue.push_back(Queued { due: DueMessage { message, tries: 0 }, fresh: true });
        }
        Ok(())
    }

    /// Sends as much as may be under way.
    fn start(&mut self) {
        let now = self.shared.app.now();
        let lease_until = self.news.borrow().lease_until;
        if now.after(LEASE_MARGIN) > lease_until
            || self.results.len() > UNRECORDED_LIMIT
            || self.gone
        {
            return;
        }
        let mut place = 0;
        while self.flights.len() < self.shared.options.per_endpoint && place < self.queue.len() {
            let queued = &self.queue[place];
            let message = &queued.due.message;
            let early = queued.fresh && self.shared.is_early(message.at, now);
            if early || self.busy.contains(&message.end_user_id) {
                place += 1;
                continue;
            }
            let Ok(turn) = self.turn() else { return };
            if let Some(queued) = self.queue.remove(place) {
                self.busy.insert(queued.due.message.end_user_id);
                self.flights.push(self.flight(queued.due, turn));
            }
        }
    }

    /// Whether one more message may be under way. One is always, so that endpoints that hang do not
    /// take all turns; further ones take one each.
    fn turn(&self) -> Result<Option<OwnedSemaphorePermit>, TryAcquireError> {
        if self.flights.is_empty() {
            return Ok(None);
        }
        Arc::clone(&self.shared.in_all).try_acquire_owned().map(Some)
    }

    fn flight(
        &self,
        due: DueMessage,
        turn: Option<OwnedSemaphorePermit>,
    ) -> BoxFuture<'static, Landed> {
        let (shared, target) = (Arc::clone(&self.shared), Arc::clone(&self.news.borrow().target));
        async move {
            let _turn = turn;
            let DueMessage { message, tries } = due;
            let (attempt, called) = shared.sender.send(&target, &message, shared.app.now()).await;
            shared.app.metrics.count_attempt(&attempt.outcome);
            let schedule = &shared.options.schedule;
            let again = |tries: u32| {
                let jitter = shared.jitter();
                schedule.next(tries, shared.app.now(), jitter, called.retry_after)
            };
            let state = if attempt.outcome.is_success() {
                DeliveryState::Delivered
            } else if attempt.outcome.is_gone() {
                DeliveryState::Failed
            } else {
                again(tries.saturating_add(1)).map_or(DeliveryState::Failed, DeliveryState::Waiting)
            };
            let attempted = Attempted { message: message.number, attempt, state };
            Landed { end_user_id: message.end_user_id, attempted }
        }
        .boxed()
    }

    fn land(&mut self, landed: Landed) {
        self.busy.remove(&landed.end_user_id);
        self.gone |= landed.attempted.attempt.outcome.is_gone();
        self.results.push(landed.attempted);
    }

    /// Begins to record what came of attempts, unless that is being done. Meanwhile others end,
    /// and are recorded together.
    fn record(&mut self) {
        if self.stuck || self.recording.is_some() || !self.is_worth_recording() {
            return;
        }
        self.recorded_at = Instant::now();
        let attempts = std::mem::take(&mut self.results);
        for attempted in &attempts {
            self.open.remove(&attempted.message);
        }
        let cursor = self.open.first().copied().unwrap_or(self.next);
        self.reported = cursor;
        let report = DeliveryReport { holder: self.shared.holder, cursor, attempts };
        let (shared, account, id) = (Arc::clone(&self.shared), self.account, self.endpoint_id);
        self.recording = Some(
            async move {
                let answer = shared.app.store.record_attempts(account, id, report.clone()).await;
                (report, answer)
            }
            .boxed(),
        );
    }

    /// Whether results are recorded now: when there are many, or some for a while, or none are to
    /// come. Without results only how far messages were passed over that are not for this endpoint.
    fn is_worth_recording(&self) -> bool {
        let since = self.recorded_at.elapsed();
        if self.results.is_empty() {
            return self.open.is_empty() && self.next > self.reported && since >= IDLE_PAUSE;
        }
        self.flights.is_empty() || self.gone || self.results.len() >= BATCH || since >= PAUSE
    }

    /// What the store says of what was recorded.
    fn learn(&mut self, (report, answer): Recorded) -> Done {
        match answer {
            Ok(Some(endpoint)) => {
                // It may have said so since the report was made.
                let gone = |landed: &Attempted| landed.attempt.outcome.is_gone();
                self.gone = self.results.iter().any(gone);
                for attempted in &report.attempts {
                    self.held.remove(&attempted.message);
                }
                self.tell_of(&endpoint)
            }
            Ok(None) => Done::Over,
            Err(error) => {
                tracing::warn!(%error, endpoint = %self.endpoint_id, "deliveries could not be recorded");
                // They stay to be recorded, and the messages stay open until they are.
                self.open.extend(report.attempts.iter().map(|attempted| attempted.message));
                self.results.splice(0..0, report.attempts);
                self.stuck = true;
                self.reported = MessageNumber(0);
                Done::Idle
            }
        }
    }

    fn tell_of(&self, endpoint: &Endpoint) -> Done {
        let why = match endpoint.status {
            EndpointStatus::Enabled => return Done::Idle,
            EndpointStatus::Disabled => "somebody disabled it",
            EndpointStatus::Failed => "it has failed for five days",
            EndpointStatus::Gone => "it answered 410 Gone",
        };
        tracing::warn!(endpoint = %self.endpoint_id, why, "an endpoint is disabled");
        Done::Over
    }
}
