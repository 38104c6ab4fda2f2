//! One attempt: what is sent, and what it came to.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Method, Request};
use roster_directory::{AccountName, Attempt, EndUserId, Lease, Message, MessageNumber, Timestamp};

use super::client::{Called, Caller};
use super::connections::Destination;
use super::secret::Signer;
use crate::crypto::{Keyring, OpenError};

/// The names of one header: Svix' own and that of Standard Webhooks.
type Names = [HeaderName; 2];

static ID: Names = [HeaderName::from_static("svix-id"), HeaderName::from_static("webhook-id")];
static TIMESTAMP: Names =
    [HeaderName::from_static("svix-timestamp"), HeaderName::from_static("webhook-timestamp")];
static SIGNATURE: Names =
    [HeaderName::from_static("svix-signature"), HeaderName::from_static("webhook-signature")];

const AGENT: &str = concat!("roster-webhooks/", env!("CARGO_PKG_VERSION"));

/// Room for all headers, those of the connection too.
const HEADERS: usize = 12;

/// Writes the body of a message, as the dialect has it.
pub type WriteBody = fn(&AccountName, &Message) -> Vec<u8>;

/// What every attempt needs that is not of one endpoint.
#[derive(Clone)]
pub(super) struct Sender {
    pub(super) caller: Caller,
    pub(super) write_body: WriteBody,
}

/// Where an endpoint is, and who signs for it.
pub(super) struct Target {
    destination: Destination,
    account_name: AccountName,
    signer: Signer,
}

impl Target {
    /// The target of a lease.
    pub(super) fn open(lease: &Lease, keyring: &Keyring) -> Result<Arc<Self>, OpenError> {
        let endpoint = &lease.endpoint;
        let signer = Signer::open(keyring, lease.account, endpoint.endpoint_id, &lease.secrets)?;
        // An address that was checked is one of these; otherwise there would be nobody to call.
        let destination = Destination::new(endpoint.url.as_str().parse().unwrap_or_default());
        Ok(Arc::new(Self { destination, account_name: lease.account_name.clone(), signer }))
    }
}

/// The identifier of a message, `svix-id`: the same with every attempt, and for every endpoint of
/// the account.
#[must_use]
pub fn message_id(end_user: EndUserId, number: MessageNumber) -> String {
    format!("msg_{end_user}{:08x}", number.0)
}

/// The number of the message with this identifier.
#[must_use]
pub fn message_number(id: &str) -> Option<MessageNumber> {
    let (_, digits) = id.strip_prefix("msg_")?.split_at_checked(24)?;
    i64::from_str_radix(digits, 16).ok().map(MessageNumber)
}

impl Sender {
    /// Sends a message once.
    pub(super) async fn send(
        &self,
        target: &Target,
        message: &Message,
        now: Timestamp,
    ) -> (Attempt, Called) {
        let body = (self.write_body)(&target.account_name, message);
        let request = signed(target, message, now, body);
        let called = self.caller.call(&target.destination, request).await;
        let attempt = Attempt {
            at: now,
            outcome: called.outcome.clone(),
            latency_ms: u32::try_from(called.latency.as_millis()).unwrap_or(u32::MAX),
            answer: called.answer.clone(),
        };
        (attempt, called)
    }
}

/// The request that brings a body. Svix' header names and those of Standard Webhooks say the same.
fn signed(
    target: &Target,
    message: &Message,
    now: Timestamp,
    body: Vec<u8>,
) -> Request<Full<Bytes>> {
    // All values stand in one piece of memory, of which each header has its part.
    let mut values = message_id(message.end_user_id, message.number);
    let id = 0..values.len();
    values.push_str(itoa::Buffer::new().format(now.as_seconds()));
    let timestamp = id.end..values.len();
    let parts = (&values[id.clone()], &values[timestamp.clone()]);
    let signatures = target.signer.sign(parts.0, now, parts.1, &body);
    values.push_str(&signatures);
    let signature = timestamp.end..values.len();
    let values = Bytes::from(values);

    let mut request = Request::new(Full::new(Bytes::from(body)));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = target.destination.path.clone();
    *request.headers_mut() = HeaderMap::with_capacity(HEADERS);
    let headers = request.headers_mut();
    for (names, range) in [(&ID, id), (&TIMESTAMP, timestamp), (&SIGNATURE, signature)] {
        // What stands here are letters, digits and a few signs.
        let Ok(value) = HeaderValue::from_maybe_shared(values.slice(range)) else { continue };
        for name in names {
            headers.insert(name.clone(), value.clone());
        }
    }
    headers.insert(HOST, target.destination.host.clone());
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    request
}
