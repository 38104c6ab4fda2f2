//! A delivery and its attempts as they are answered.

use roster_directory::{Attempt, AttemptOutcome, Delivery, DeliveryState};
use serde::Serialize;

use crate::http::ada::AdaTime;
use crate::webhook::message_id;

/// The attempts to bring a message to a webhook.
#[derive(Serialize)]
pub(super) struct DeliveryView<'a> {
    id: String,
    event_type: &'static str,
    end_user_id: String,
    created_at: AdaTime,
    state: &'static str,
    next_attempt_at: Option<AdaTime>,
    failed_attempts: u32,
    last_attempt: Option<AttemptView<'a>>,
}

/// One attempt.
#[derive(Serialize)]
pub(super) struct AttemptView<'a> {
    at: AdaTime,
    status: Option<u16>,
    error: Option<&'a str>,
    latency_ms: u32,
    answer: &'a str,
}

impl<'a> From<&'a Delivery> for DeliveryView<'a> {
    fn from(delivery: &'a Delivery) -> Self {
        let next = match delivery.state {
            DeliveryState::Waiting(at) => Some(AdaTime(at)),
            DeliveryState::Delivered | DeliveryState::Failed => None,
        };
        Self {
            id: message_id(delivery.end_user_id, delivery.message),
            event_type: delivery.event_type.name(),
            end_user_id: delivery.end_user_id.to_string(),
            created_at: AdaTime(delivery.message_at),
            state: state_name(delivery.state),
            next_attempt_at: next,
            failed_attempts: delivery.tries,
            last_attempt: delivery.last.as_ref().map(AttemptView::from),
        }
    }
}

impl<'a> From<&'a Attempt> for AttemptView<'a> {
    fn from(attempt: &'a Attempt) -> Self {
        let (status, error) = match &attempt.outcome {
            AttemptOutcome::Answered(status) => (Some(*status), None),
            AttemptOutcome::TimedOut => (None, Some("no answer in time")),
            AttemptOutcome::Forbidden => (None, Some("forbidden address")),
            AttemptOutcome::Failed(why) => (None, Some(&**why)),
        };
        Self {
            at: AdaTime(attempt.at),
            status,
            error,
            latency_ms: attempt.latency_ms,
            answer: &attempt.answer,
        }
    }
}

const fn state_name(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Waiting(_) => "waiting",
        DeliveryState::Delivered => "delivered",
        DeliveryState::Failed => "failed",
    }
}

/// The state of that name, to filter by: its moment means nothing.
pub(super) fn state(name: &str) -> Result<DeliveryState, &'static str> {
    let moment = roster_directory::Timestamp::from_micros(0);
    [DeliveryState::Waiting(moment), DeliveryState::Delivered, DeliveryState::Failed]
        .into_iter()
        .find(|state| state_name(*state) == name)
        .ok_or("Must be waiting, delivered or failed.")
}
