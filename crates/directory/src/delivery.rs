//! The attempts to bring one message to one endpoint (contract Ada §3.1).

use std::time::Duration;

use crate::{
    EndUserId, Endpoint, EndpointId, EventType, Message, MessageNumber, PageLimit, Timestamp,
};

/// How long deliveries, their attempts and the messages themselves are kept.
pub const DELIVERY_LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How much of an endpoint's answer is kept, in bytes.
pub const ANSWER_LIMIT: usize = 1024;

/// However late an endpoint asks to be tried again, it is tried after so long.
pub const RETRY_AFTER_LIMIT: Duration = Duration::from_secs(10 * 60 * 60);

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The endpoint answered with this status.
    Answered(u16),
    /// It did not answer in time.
    TimedOut,
    /// Its address is none that may be called.
    Forbidden,
    /// There was no connection, or it broke: why, in a few words.
    Failed(Box<str>),
}

impl AttemptOutcome {
    /// Whether the endpoint has taken the message.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self, Self::Answered(200..=299))
    }

    /// Whether the endpoint says that it is gone for good.
    #[must_use]
    pub const fn is_gone(&self) -> bool {
        matches!(self, Self::Answered(410))
    }
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// How long it took, in whole milliseconds.
    pub latency_ms: u32,
    /// The beginning of the answer's body, at most [`ANSWER_LIMIT`] bytes, as text.
    pub answer: Box<str>,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// It is tried again at this moment.
    Waiting(Timestamp),
    /// The endpoint has the message.
    Delivered,
    /// It is not tried any more, unless somebody asks for it.
    Failed,
}

/// The delays before each attempt, from the one before it on; the first is that before the first
/// attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetrySchedule(Vec<Duration>);

/// A schedule has no delays, or more than [`RetrySchedule::LIMIT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a schedule has 1 to 50 delays")]
pub struct MalformedSchedule;

impl RetrySchedule {
    /// The most attempts.
    pub const LIMIT: usize = 50;

    /// The schedule with these delays.
    pub fn new(delays: Vec<Duration>) -> Result<Self, MalformedSchedule> {
        if delays.is_empty() || delays.len() > Self::LIMIT {
            return Err(MalformedSchedule);
        }
        Ok(Self(delays))
    }

    /// When the next attempt begins if `tries` have failed, the last of them at `now`; `None` if
    /// there is none. `jitter`, from 0 to 1, makes a delay up to a tenth longer, so that what
    /// failed together does not come back together. An endpoint that asked to be left alone until
    /// later is, but not for longer than [`RETRY_AFTER_LIMIT`].
    #[must_use]
    pub fn next(
        &self,
        tries: u32,
        now: Timestamp,
        jitter: f64,
        retry_after: Option<Duration>,
    ) -> Option<Timestamp> {
        let delay = self.0.get(usize::try_from(tries).ok()?)?;
        let delay = delay.mul_f64(1.0 + jitter.clamp(0.0, 1.0) / 10.0);
        let asked = retry_after.unwrap_or_default().min(RETRY_AFTER_LIMIT);
        Some(now.after(delay.max(asked)))
    }

    /// How long after its commit a message is sent for the first time.
    #[must_use]
    pub fn first(&self) -> Duration {
        self.0.first().copied().unwrap_or_default()
    }
}

impl Default for RetrySchedule {
    /// The vendor's: at once, then after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h.
    fn default() -> Self {
        let seconds = [0, 5, 300, 1800, 7200, 18_000, 36_000, 36_000];
        Self(seconds.map(Duration::from_secs).to_vec())
    }
}

/// The attempts to bring one message to one endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Where the message goes.
    pub endpoint_id: EndpointId,
    /// Which message it is.
    pub message: MessageNumber,
    /// What the message is about.
    pub event_type: EventType,
    /// Whom it is about.
    pub end_user_id: EndUserId,
    /// When what it tells of happened.
    pub message_at: Timestamp,
    /// Where it stands.
    pub state: DeliveryState,
    /// How many attempts failed since it was begun, or begun anew: its place in the schedule.
    pub tries: u32,
    /// The last attempt; none if it was asked for and not tried yet.
    pub last: Option<Attempt>,
}

/// A message that is to be sent to an endpoint now.
#[derive(Debug, Clone, PartialEq)]
pub struct DueMessage {
    /// The message.
    pub message: Message,
    /// How many attempts have failed so far.
    pub tries: u32,
}

/// Messages that an endpoint was not sent yet.
#[derive(Debug, Clone, PartialEq)]
pub struct FreshMessages {
    /// They, ascending.
    pub messages: Vec<Message>,
    /// The number from which to read on: what comes before it and is not among them is not for
    /// this endpoint, or was tried before.
    pub next: MessageNumber,
}

/// Who delivers: a process, by a number of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LeaseHolder(pub i64);

/// An endpoint that a process alone delivers to, for a while.
#[derive(Debug, Clone, PartialEq)]
pub struct Lease {
    /// The account.
    pub account: crate::AccountId,
    /// The account's name.
    pub account_name: crate::AccountName,
    /// The endpoint.
    pub endpoint: Endpoint,
    /// Its secrets.
    pub secrets: crate::EndpointSecrets,
    /// All messages before this one were tried, or are not for it.
    pub cursor: MessageNumber,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempted {
    /// Which message it was.
    pub message: MessageNumber,
    /// The attempt.
    pub attempt: Attempt,
    /// Where the delivery stands now.
    pub state: DeliveryState,
}

/// What a process has done for an endpoint that it holds a lease of.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryReport {
    /// Who reports.
    pub holder: LeaseHolder,
    /// All messages before this one were tried, those of this report included, or are not for the
    /// endpoint.
    pub cursor: MessageNumber,
    /// What was tried, each message once, in the order in which the attempts ended.
    pub attempts: Vec<Attempted>,
}

/// Which deliveries of an endpoint to list, the newest messages first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// The endpoint.
    pub endpoint_id: EndpointId,
    /// Only those that stand like this; a moment is not compared.
    pub state: Option<DeliveryState>,
    /// Only messages of this moment and later.
    pub since: Option<Timestamp>,
    /// Only messages before this one.
    pub before: Option<MessageNumber>,
    /// How many.
    pub limit: PageLimit,
}

/// What waits to be delivered, in all accounts, to endpoints that are enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// How many messages, counted for each endpoint; some may turn out not to be for it.
    pub waiting: u64,
    /// When the oldest of them happened.
    pub oldest: Option<Timestamp>,
}

impl DeliveryState {
    /// Whether a filter for `self` lets `other` through.
    #[must_use]
    pub const fn is_like(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Waiting(_), Self::Waiting(_))
                | (Self::Delivered, Self::Delivered)
                | (Self::Failed, Self::Failed)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schedule_ends_and_waits_as_long_as_it_says() {
        let schedule = RetrySchedule::default();
        let now = Timestamp::from_micros(0);
        let after = |tries, jitter, asked| {
            let asked = (asked > 0).then(|| Duration::from_secs(asked));
            schedule.next(tries, now, jitter, asked).map(Timestamp::as_seconds)
        };
        assert_eq!(after(1, 0.0, 0), Some(5));
        assert_eq!(after(2, 1.0, 0), Some(330));
        assert_eq!(after(7, 0.0, 0), Some(36_000));
        assert_eq!(after(8, 0.0, 0), None);
        assert_eq!(after(1, 0.0, 60), Some(60));
        assert_eq!(after(3, 0.0, 60), Some(1800));
        assert_eq!(after(1, 0.0, 1_000_000), Some(36_000));
        assert_eq!(RetrySchedule::new(Vec::new()), Err(MalformedSchedule));
    }

    #[test]
    fn only_success_is_success() {
        for (status, success) in [(199, false), (200, true), (204, true), (299, true), (301, false)]
        {
            assert_eq!(AttemptOutcome::Answered(status).is_success(), success, "{status}");
        }
        assert!(!AttemptOutcome::TimedOut.is_success());
    }
}
