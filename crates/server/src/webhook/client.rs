//! One call of an endpoint.

use std::error::Error;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt, Full};
use hyper::header::{HeaderMap, RETRY_AFTER};
use hyper::{Request, Response, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use roster_directory::{ANSWER_LIMIT, AttemptOutcome};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tower_service::Service;

use super::address::AddressPolicy;
use super::options::WebhookOptions;

/// How much of an answer is read, so that the connection can be used again. Whoever answers more
/// is hung up on.
const READ_LIMIT: usize = 64 * 1024;

/// How many names are looked up at a time.
const LOOKUPS: usize = 256;

/// How long one of several addresses may take until the next one is tried.
const NEXT_ADDRESS: Duration = Duration::from_secs(3);

/// How long an idle connection is kept.
const IDLE: Duration = Duration::from_secs(20);

/// Calls endpoints, and nothing but endpoints: it follows no redirect, knows no proxy, and
/// connects to no address that the policy does not permit.
#[derive(Clone)]
pub(super) struct Caller {
    client: Client<Patient, Full<Bytes>>,
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
        let connector = Connector {
            policy: Arc::new(options.policy.clone()),
            lookups: Arc::new(Semaphore::new(LOOKUPS)),
        };
        let connector = builder.https_or_http().enable_http1().wrap_connector(connector);
        let connector = Patient { connector, patience: options.patience };
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            // Many endpoints may be on one host.
            .pool_max_idle_per_host(options.in_all.max(options.per_endpoint))
            .build(connector);
        Self { client, patience: options.patience }
    }

    /// Posts a request and waits for the answer, but not for longer than its time.
    pub(super) async fn call(&self, request: Request<Full<Bytes>>) -> Called {
        let begin = Instant::now();
        let deadline = tokio::time::Instant::now() + self.patience;
        let response = tokio::time::timeout_at(deadline, self.client.request(request)).await;
        let (outcome, retry_after, answer) = match response {
            Err(_) => (AttemptOutcome::TimedOut, None, Vec::new()),
            Ok(Err(error)) => (failure(&error), None, Vec::new()),
            Ok(Ok(response)) => {
                let outcome = AttemptOutcome::Answered(response.status().as_u16());
                let retry_after = retry_after(response.headers());
                (outcome, retry_after, beginning(response, deadline).await)
            }
        };
        let answer = String::from_utf8_lossy(&answer).replace('\0', "\u{fffd}");
        Called { outcome, retry_after, answer: answer.into(), latency: begin.elapsed() }
    }
}

/// The beginning of an answer's body. What comes of the rest says nothing: the endpoint has
/// answered.
async fn beginning<B>(response: Response<B>, deadline: tokio::time::Instant) -> Vec<u8>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let (mut body, mut read, mut kept) = (response.into_body(), 0, Vec::new());
    while read < READ_LIMIT {
        let frame = tokio::time::timeout_at(deadline, body.frame()).await;
        let Ok(Some(Ok(frame))) = frame else { break };
        let Ok(data) = frame.into_data() else { continue };
        read += data.len();
        let room = ANSWER_LIMIT - kept.len();
        kept.extend_from_slice(&data[..data.len().min(room)]);
    }
    kept
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

/// A connection, and what is agreed on before it is secure, within the time of a call: the client
/// goes on with a connection that it has begun even if the call has ended.
#[derive(Clone)]
struct Patient {
    connector: HttpsConnector<Connector>,
    patience: Duration,
}

impl Service<Uri> for Patient {
    type Response = <HttpsConnector<Connector> as Service<Uri>>::Response;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connected = tokio::time::timeout(self.patience, self.connector.call(uri));
        Box::pin(async move { connected.await? })
    }
}

/// Connects to permitted addresses only.
#[derive(Clone)]
struct Connector {
    policy: Arc<AddressPolicy>,
    /// How many names may be looked up at a time. Each keeps a thread, which others need, too.
    lookups: Arc<Semaphore>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
enum ConnectError {
    #[error("the address names no host")]
    NoHost,
    #[error("the address may not be called")]
    Forbidden,
    #[error("no connection in time")]
    Late,
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = ConnectError;
    type Future = BoxFuture<'static, Result<Self::Response, ConnectError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move { connector.connect(&uri).await.map(TokioIo::new) })
    }
}

impl Connector {
    /// Tries each permitted address of the host until one takes the connection.
    async fn connect(&self, uri: &Uri) -> Result<TcpStream, ConnectError> {
        let plain = uri.scheme_str() != Some("https");
        let port = uri.port_u16().unwrap_or(if plain { 80 } else { 443 });
        let host = uri.host().ok_or(ConnectError::NoHost)?;
        let mut addresses = self.addresses(host, port).await?;
        let found = addresses.len();
        addresses.retain(|address| self.policy.permits(address.ip(), plain));
        let Some((last, others)) = addresses.split_last() else {
            return Err(if found == 0 { ConnectError::NoHost } else { ConnectError::Forbidden });
        };
        for address in others {
            let stream = tokio::time::timeout(NEXT_ADDRESS, TcpStream::connect(address)).await;
            if let Ok(Ok(stream)) = stream {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
        }
        let stream = TcpStream::connect(last).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// The addresses of a host, which may be written as one.
    async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, ConnectError> {
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        if let Ok(address) = literal {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let turn = Arc::clone(&self.lookups).acquire_owned().await;
        let turn = turn.map_err(|_| ConnectError::Late)?;
        let host = host.to_owned();
        let looked_up = tokio::task::spawn_blocking(move || {
            let addresses = (host.as_str(), port).to_socket_addrs().map(Iterator::collect);
            drop(turn);
            addresses
        });
        let addresses = looked_up.await.map_err(|_| ConnectError::Late)?;
        Ok(addresses?)
    }
}
