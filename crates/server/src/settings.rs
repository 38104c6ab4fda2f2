//! What an operator decides about the service.

use std::time::Duration;

/// A day, the vendor's time for both rules below.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Whether the vendors' quotas hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LimitMode {
    /// Only the protection of the process itself.
    #[default]
    None,
    /// The vendors' documented quotas too, so that a client can be tested against them.
    Vendor,
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
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: None,
            trust_proxy: false,
            unassociated_ttl: DAY,
            sensitive_ttl: DAY,
            limits: LimitMode::None,
        }
    }
}
