//! Where an account's messages go: the target of a webhook (contract Ada §3.2).

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use crate::{EventType, EventTypes, ObjectId, Sealed, Timestamp};

/// How many endpoints an account has at most.
pub const ENDPOINT_LIMIT: usize = 100;

/// How long an endpoint may fail without a success before it is disabled.
pub const FAILING_LIMIT: Duration = Duration::from_secs(5 * 24 * 60 * 60);

/// An endpoint that is not called for longer than this after a failure may have been well in
/// between, so the next failure is taken for the first one. The usual schedule of retries has no
/// delay as long.
pub const FAILING_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a secret that was replaced still signs.
pub const FORMER_SECRET_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// An endpoint's identifier, `ep_` and 24 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndpointId(pub ObjectId);

/// The text is no identifier of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an endpoint's identifier is ep_ and 24 hexadecimal digits")]
pub struct MalformedEndpointId;

impl fmt::Display for EndpointId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ep_{}", self.0)
    }
}

impl FromStr for EndpointId {
    type Err = MalformedEndpointId;

    fn from_str(text: &str) -> Result<Self, MalformedEndpointId> {
        let digits = text.strip_prefix("ep_").ok_or(MalformedEndpointId)?;
        digits.parse().map(Self).map_err(|_| MalformedEndpointId)
    }
}

/// An absolute address with `https` or `http`, without user name and password, at most
/// [`EndpointUrl::LIMIT`] bytes long. Whether the network that it leads to may be called is
/// decided with each connection, not here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointUrl(Box<str>);

/// Why an address is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EndpointUrlError {
    /// No absolute URL.
    #[error("Must be an absolute URL, such as https://example.com/hooks.")]
    Malformed,
    /// Neither `https` nor `http`.
    #[error("Must begin with https://.")]
    Scheme,
    /// With a user name or a password.
    #[error("Must not contain a user name or a password.")]
    Credentials,
    /// Too long.
    #[error("Must be at most 2048 bytes long.")]
    TooLong,
}

impl EndpointUrl {
    /// The most bytes of an address.
    pub const LIMIT: usize = 2048;

    /// The address, checked, in its normal form: without a fragment, and a host in an odd
    /// notation in its usual one.
    pub fn new(text: &str) -> Result<Self, EndpointUrlError> {
        if text.len() > Self::LIMIT {
            return Err(EndpointUrlError::TooLong);
        }
        let mut url = url::Url::parse(text).map_err(|_| EndpointUrlError::Malformed)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(EndpointUrlError::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointUrlError::Credentials);
        }
        if !url.has_host() {
            return Err(EndpointUrlError::Malformed);
        }
        url.set_fragment(None);
        if url.as_str().len() > Self::LIMIT {
            return Err(EndpointUrlError::TooLong);
        }
        Ok(Self(url.as_str().into()))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host, if it is written as an address.
    #[must_use]
    pub fn host_address(&self) -> Option<IpAddr> {
        match url::Url::parse(&self.0).ok()?.host()? {
            url::Host::Ipv4(address) => Some(address.into()),
            url::Host::Ipv6(address) => Some(address.into()),
            url::Host::Domain(_) => None,
        }
    }

    /// Whether what is sent there can be read on its way.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.0.starts_with("http:")
    }
}

/// What is known of an endpoint in words: at most [`Description::LIMIT`] characters without
/// U+0000. It may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Description(Box<str>);

/// Why a description is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Must be at most 1024 characters long, without U+0000.")]
pub struct MalformedDescription;

impl Description {
    /// The most characters of a description.
    pub const LIMIT: usize = 1024;

    /// The description, checked.
    pub fn new(text: &str) -> Result<Self, MalformedDescription> {
        if text.contains('\0') || text.chars().count() > Self::LIMIT {
            return Err(MalformedDescription);
        }
        Ok(Self(text.into()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether an endpoint is sent anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EndpointStatus {
    /// It is.
    Enabled,
    /// Somebody disabled it.
    Disabled,
    /// It had failed all along for [`FAILING_LIMIT`].
    Failed,
    /// It answered that it is gone for good (410).
    Gone,
}

/// The target of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its identifier.
    pub endpoint_id: EndpointId,
    /// Where it is.
    pub url: EndpointUrl,
    /// What it is, in words.
    pub description: Description,
    /// Which messages it asked for by name; none for the usual ones.
    pub event_types: EventTypes,
    /// Whether it is sent anything.
    pub status: EndpointStatus,
    /// Since when it has failed without a success, and without a [`FAILING_PAUSE`].
    pub failing_since: Option<Timestamp>,
    /// When it failed last; none if it has not failed since its last success.
    pub last_failed_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When somebody last changed it, or when it was disabled.
    pub updated_at: Timestamp,
}

/// What it takes to make an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEndpoint {
    /// The endpoint. Messages that are committed from now on go to it.
    pub endpoint: Endpoint,
    /// Its secret, sealed.
    pub secret: Sealed,
}

/// A change of an endpoint. What is `None` stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EndpointPatch {
    /// Another place.
    pub url: Option<EndpointUrl>,
    /// Other words.
    pub description: Option<Description>,
    /// Other messages.
    pub event_types: Option<EventTypes>,
    /// Whether it is sent anything.
    pub enabled: Option<bool>,
}

/// The secrets that sign what an endpoint is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointSecrets {
    /// The present one.
    pub current: Sealed,
    /// The one before it, and until when it signs too.
    pub former: Option<(Sealed, Timestamp)>,
}

impl EndpointSecrets {
    /// The secrets once the present one was replaced.
    #[must_use]
    pub fn rotated(self, secret: Sealed, now: Timestamp) -> Self {
        let until = now.after(FORMER_SECRET_LIFETIME);
        Self { current: secret, former: Some((self.current, until)) }
    }
}

impl Endpoint {
    /// Whether it is to be sent messages of this type.
    #[must_use]
    pub fn wants(&self, event_type: EventType) -> bool {
        self.status == EndpointStatus::Enabled && self.event_types.wants(event_type)
    }

    /// The endpoint as a change makes it; `None` when nothing would change. One that is enabled
    /// anew has not failed.
    #[must_use]
    pub fn patched(&self, patch: &EndpointPatch, now: Timestamp) -> Option<Self> {
        let mut after = self.clone();
        if let Some(url) = &patch.url
            && *url != self.url
        {
            after.url = url.clone();
            after.succeeded();
        }
        if let Some(description) = &patch.description {
            after.description = description.clone();
        }
        if let Some(event_types) = &patch.event_types {
            after.event_types = event_types.clone();
        }
        match patch.enabled {
            Some(true) if self.status != EndpointStatus::Enabled => {
                after.status = EndpointStatus::Enabled;
                after.succeeded();
            }
            // What has disabled itself stays as it is: that says why.
            Some(false) if self.status == EndpointStatus::Enabled => {
                after.status = EndpointStatus::Disabled;
            }
            Some(_) | None => {}
        }
        if after == *self {
            return None;
        }
        after.updated_at = now.max(self.updated_at);
        Some(after)
    }

    /// Notes that it took a message: it has not failed since.
    pub fn succeeded(&mut self) {
        self.failing_since = None;
        self.last_failed_at = None;
    }

    /// Notes that it did not take a message at this moment, and disables it if that has gone on
    /// for too long, or if it is gone.
    pub fn failed(&mut self, at: Timestamp, gone: bool) {
        let goes_on = self.last_failed_at.is_some_and(|last| at <= last.after(FAILING_PAUSE));
        let since = self.failing_since.filter(|_| goes_on).unwrap_or(at);
        self.failing_since = Some(since);
        // Attempts end in another order than they began.
        self.last_failed_at = self.last_failed_at.max(Some(at));
        let status = if gone {
            EndpointStatus::Gone
        } else if since.after(FAILING_LIMIT) <= at {
            EndpointStatus::Failed
        } else {
            return;
        };
        if self.status == EndpointStatus::Enabled {
            self.status = status;
            self.updated_at = at.max(self.updated_at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_absolute_and_hold_no_credentials() {
        let url = |text: &str| EndpointUrl::new(text).map(|url| url.as_str().to_owned());
        assert_eq!(url("https://Example.com/a#b").as_deref(), Ok("https://example.com/a"));
        assert_eq!(url("http://0x7f.1/").as_deref(), Ok("http://127.0.0.1/"));
        assert_eq!(
            url("https://[::ffff:127.0.0.1]:8443").as_deref(),
            Ok("https://[::ffff:7f00:1]:8443/")
        );
        for text in ["", "/hooks", "example.com", "https://", "https://a:99999/"] {
            assert!(url(text).is_err(), "{text}");
        }
        assert_eq!(url("ftp://example.com"), Err(EndpointUrlError::Scheme));
        assert_eq!(url("https://ada@example.com"), Err(EndpointUrlError::Credentials));
        assert_eq!(url("https://:pw@example.com"), Err(EndpointUrlError::Credentials));
        let long = format!("https://example.com/{}", "x".repeat(2048));
        assert_eq!(url(&long), Err(EndpointUrlError::TooLong));
    }

    #[test]
    fn identifiers_read_back() {
        let id = EndpointId(ObjectId::from_bytes([7; 12]));
        assert_eq!(id.to_string(), "ep_070707070707070707070707");
        assert_eq!(id.to_string().parse(), Ok(id));
        for text in ["070707070707070707070707", "ep_", "ep_07", "EP_070707070707070707070707"] {
            assert_eq!(text.parse::<EndpointId>(), Err(MalformedEndpointId), "{text}");
        }
    }

    fn endpoint() -> Endpoint {
        let at = Timestamp::from_micros(0);
        Endpoint {
            endpoint_id: EndpointId(ObjectId::from_bytes([7; 12])),
            url: EndpointUrl::new("https://example.com").unwrap(),
            description: Description::default(),
            event_types: EventTypes::default(),
            status: EndpointStatus::Enabled,
            failing_since: None,
            last_failed_at: None,
            created_at: at,
            updated_at: at,
        }
    }

    fn hour(hours: u64) -> Timestamp {
        Timestamp::from_micros(0).after(Duration::from_secs(hours * 3600))
    }

    #[test]
    fn five_days_of_failures_disable_and_one_success_mends() {
        let mut endpoint = endpoint();
        for hours in (24..24 + 120).step_by(24) {
            endpoint.failed(hour(hours), false);
        }
        let failing = (endpoint.status, endpoint.failing_since, endpoint.last_failed_at);
        assert_eq!(failing, (EndpointStatus::Enabled, Some(hour(24)), Some(hour(120))));
        endpoint.succeeded();
        assert_eq!((endpoint.failing_since, endpoint.last_failed_at), (None, None));
        for hours in (144..=144 + 120).step_by(24) {
            assert_eq!(endpoint.status, EndpointStatus::Enabled, "{hours}");
            endpoint.failed(hour(hours), false);
        }
        assert_eq!((endpoint.status, endpoint.updated_at), (EndpointStatus::Failed, hour(264)));

        let enabled = EndpointPatch { enabled: Some(true), ..EndpointPatch::default() };
        let again = endpoint.patched(&enabled, hour(300)).unwrap();
        let failing = (again.status, again.failing_since, again.last_failed_at);
        assert_eq!(failing, (EndpointStatus::Enabled, None, None));
        let disabled = EndpointPatch { enabled: Some(false), ..EndpointPatch::default() };
        assert_eq!(endpoint.patched(&disabled, hour(300)), None);
        let url = EndpointUrl::new("https://example.com/other").ok();
        let moved = endpoint.patched(&EndpointPatch { url, ..EndpointPatch::default() }, hour(300));
        let moved = moved.unwrap();
        assert_eq!((moved.failing_since, moved.last_failed_at), (None, None));
    }

    #[test]
    fn failures_far_apart_disable_nobody() {
        let mut endpoint = endpoint();
        for at in [hour(1), hour(1 + 24 * 6), hour(1 + 24 * 12)] {
            endpoint.failed(at, false);
            let failing = (endpoint.status, endpoint.failing_since, endpoint.last_failed_at);
            assert_eq!(failing, (EndpointStatus::Enabled, Some(at), Some(at)));
        }
        // A day is not too long, more is.
        let mut one_day = endpoint.clone();
        one_day.failed(hour(1 + 24 * 13), false);
        assert_eq!(one_day.failing_since, Some(hour(1 + 24 * 12)));
        endpoint.failed(hour(1 + 24 * 13).after(Duration::from_micros(1)), false);
        assert_ne!(endpoint.failing_since, Some(hour(1 + 24 * 12)));
        // An attempt that began earlier and ended later changes nothing of that.
        let before = endpoint.clone();
        endpoint.failed(hour(1 + 24 * 13), false);
        assert_eq!(endpoint, before);
    }

    #[test]
    fn who_is_gone_is_disabled_at_once() {
        let mut endpoint = endpoint();
        endpoint.failed(Timestamp::from_micros(1), true);
        assert_eq!(endpoint.status, EndpointStatus::Gone);
    }
}
