//! What an operator decides about the service.

use std::time::Duration;

use crate::webhook::AddressPolicy;

/// A day, the vendor's time for both rules below.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What Zendesk's plan Enterprise admits.
const ENTERPRISE_PER_MINUTE: u32 = 700;

/// Whether the vendors' quotas hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LimitMode {
    /// Only the protection of the process itself.
    #[default]
    None,
    /// The vendors' documented quotas too, so that a client can be tested against them.
    Vendor,
}

/// How long a client may keep the server waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To send the head of a request; also how long a connection may be idle.
    pub head: Duration,
    /// To send the body.
    pub body: Duration,
    /// To take any part of an answer.
    pub write: Duration,
    /// To finish what was accepted, after the signal to stop.
    pub grace: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            head: seconds(30),
            body: seconds(30),
            write: seconds(30),
            grace: Duration::from_millis(7_500),
        }
    }
}

/// What an operator decides about the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The address under which clients reach this server, without a slash at the end; links are
    /// built from it.
    pub public_url: Option<String>,
    /// Whether links may be built from `X-Forwarded-Proto` and `X-Forwarded-Host`.
    pub trust_proxy: bool,
    /// How long an end user made by POST lives unless a conversation is tied to them.
    pub unassociated_ttl: Duration,
    /// How long a secret lives after it was last written.
    pub sensitive_ttl: Duration,
    /// Whether the vendors' quotas hold.
    pub limits: LimitMode,
    /// How many requests a minute Zendesk's dialect admits to an account while the vendors' quotas
    /// hold. It depends on the plan (contract Zendesk §4).
    pub support_per_minute: u32,
    /// How long a client may keep the server waiting.
    pub timeouts: Timeouts,
    /// Which addresses webhooks may call.
    pub webhook_policy: AddressPolicy,
    /// How many connections may be open at a time. Further ones wait in the system's queue.
    pub max_connections: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: None,
            trust_proxy: false,
            unassociated_ttl: DAY,
            sensitive_ttl: DAY,
            limits: LimitMode::None,
            support_per_minute: ENTERPRISE_PER_MINUTE,
            timeouts: Timeouts::default(),
            webhook_policy: AddressPolicy::default(),
            max_connections: 10_000,
        }
    }
}
