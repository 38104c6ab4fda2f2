//! One call of an endpoint.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{HeaderMap, RETRY_AFTER};
use hyper::{Request, Response};
use hyper_rustls::HttpsConnectorBuilder;
use roster_directory::{ANSWER_LIMIT, AttemptOutcome};

use super::connect::{ConnectError, Connector};
use super::connections::{Connections, Destination};
use super::options::WebhookOptions;

/// How much of an answer is read, so that the connection can be used again. Whoever answers more
/// is hung up on.
const READ_LIMIT: usize = 64 * 1024;

/// Calls endpoints, and nothing but endpoints: it follows no redirect, knows no proxy, and
/// connects to no address that the policy does not permit.
#[derive(Clone)]
pub(super) struct Caller {
    connections: Arc<Connections>,
    patience: Duration,
}

/// How a call ended.
pub(super) struct Called {
    pub(super) outcome: AttemptOutcome,
    /// How long the endpoint asks to be left alone.
    pub(super) retry_after: Option<Duration>,
    /// The beginning of its answer.
    pub(super) answer: Box<str>,
    pub(super) latency: Duration,
}

impl Caller {
    /// A caller that trusts whom the system trusts.
    pub(super) fn new(options: &WebhookOptions) -> Self {
        let builder = HttpsConnectorBuilder::new().with_native_roots().unwrap_or_else(|error| {
            tracing::warn!(%error, "the system's certificates of authorities cannot be read, so no https endpoint can be called");
            let nobody = rustls::RootCertStore::empty();
            let config = rustls::ClientConfig::builder().with_root_certificates(nobody);
            HttpsConnectorBuilder::new().with_tls_config(config.with_no_client_auth())
        });
        let connector = Connector::new(options.policy.clone());
        let connector = builder.https_or_http().enable_http1().wrap_connector(connector);
        // Many endpoints may be on one host.
        let idle = options.in_all.max(options.per_endpoint);
        Self { connections: Connections::new(connector, idle), patience: options.patience }
    }

    /// Posts a request and waits for the answer, but not for longer than its time.
    pub(super) async fn call(&self, to: &Destination, request: Request<Full<Bytes>>) -> Called {
        let begin = Instant::now();
        let deadline = tokio::time::Instant::now() + self.patience;
        let sent = tokio::time::timeout_at(deadline, self.connections.send(to, request)).await;
        let (outcome, retry_after, answer) = match sent {
            Err(_) => (AttemptOutcome::TimedOut, None, Vec::new()),
            Ok(Err(error)) => (failure(&error), None, Vec::new()),
            Ok(Ok((response, line))) => {
                let outcome = AttemptOutcome::Answered(response.status().as_u16());
                let retry_after = retry_after(response.headers());
                let (answer, whole) = beginning(response, deadline).await;
                if whole {
                    self.connections.keep(to, line);
                }
                (outcome, retry_after, answer)
            }
        };
        let answer = String::from_utf8_lossy(&answer).replace('\0', "\u{fffd}");
        Called { outcome, retry_after, answer: answer.into(), latency: begin.elapsed() }
    }
}

/// The beginning of an answer's body, and whether all of it was read. What comes of the rest says
/// nothing: the endpoint has answered.
async fn beginning<B>(response: Response<B>, deadline: tokio::time::Instant) -> (Vec<u8>, bool)
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let (mut body, mut read, mut kept) = (response.into_body(), 0, Vec::new());
    while read < READ_LIMIT {
        let frame = match tokio::time::timeout_at(deadline, body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(None) => return (kept, true),
            Ok(Some(Err(_))) | Err(_) => break,
        };
        let Ok(data) = frame.into_data() else { continue };
        read += data.len();
        let room = ANSWER_LIMIT - kept.len();
        kept.extend_from_slice(&data[..data.len().min(room)]);
    }
    (kept, false)
}

/// The seconds that an endpoint asks for. A date is not read.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// What went wrong, in a few words that tell nothing of what was sent.
fn failure(error: &(dyn Error + 'static)) -> AttemptOutcome {
    let mut cause = Some(error);
    let mut last = error.to_string();
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref::<ConnectError>() {
            return match refused {
                ConnectError::Forbidden => AttemptOutcome::Forbidden,
                ConnectError::NoHost | ConnectError::Late | ConnectError::Io(_) => {
                    AttemptOutcome::Failed(refused.to_string().into())
                }
            };
        }
        last = error.to_string();
        cause = error.source();
    }
    AttemptOutcome::Failed(last.chars().take(200).collect())
}
