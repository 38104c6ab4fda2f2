//! What an operator decides about webhooks.

use std::time::Duration;

use roster_directory::RetrySchedule;

use super::AddressPolicy;

/// What an operator decides about webhooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookOptions {
    /// Which addresses may be called.
    pub policy: AddressPolicy,
    /// When a message is tried, and tried again.
    pub schedule: RetrySchedule,
    /// How long an endpoint has for its answer (contract Ada §3.1).
    pub patience: Duration,
    /// How many messages may be under way to one endpoint.
    pub per_endpoint: usize,
    /// How many messages may be under way in all, beside one to each endpoint.
    pub in_all: usize,
}

impl Default for WebhookOptions {
    fn default() -> Self {
        Self {
            policy: AddressPolicy::default(),
            schedule: RetrySchedule::default(),
            patience: Duration::from_secs(15),
            per_endpoint: 32,
            in_all: 512,
        }
    }
}
