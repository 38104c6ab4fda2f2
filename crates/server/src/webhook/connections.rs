//! Connections to endpoints, each kept for the next message to the same origin.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::HeaderValue;
use hyper::{Request, Response, Uri};
use hyper_rustls::HttpsConnector;
use parking_lot::Mutex;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, timeout};
use tower_service::Service;

use super::connect::Connector;

/// How long an idle connection is kept.
const IDLE: Duration = Duration::from_secs(20);

/// After how long a connection is not used again, so that an endpoint whose name leads elsewhere is
/// looked for there, and asked about again.
const LIFETIME: Duration = Duration::from_secs(60);

/// A connection, which ends when this is dropped, whatever the endpoint makes of that.
pub(super) struct Line {
    sender: SendRequest<Full<Bytes>>,
    driver: AbortHandle,
    begun: Instant,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// Where requests go.
pub(super) struct Destination {
    uri: Uri,
    /// What connections are shared by: the scheme, the host and the port.
    origin: Arc<str>,
    /// The header `host`.
    pub(super) host: HeaderValue,
    /// What the first line of a request names.
    pub(super) path: Uri,
}

impl Destination {
    /// The destination of an absolute address.
    pub(super) fn new(uri: Uri) -> Self {
        let host = uri.authority().map_or("", |authority| authority.as_str());
        let origin = format!("{}://{host}", uri.scheme_str().unwrap_or_default()).into();
        let host = HeaderValue::from_str(host).unwrap_or_else(|_| HeaderValue::from_static(""));
        let path = uri.path_and_query().cloned().map(Uri::from).unwrap_or_default();
        Self { uri, origin, host, path }
    }
}

/// Why a request came to nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum SendError {
    /// There was no connection.
    #[error("no connection")]
    Connect(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It broke.
    #[error("the connection broke")]
    Broken(#[from] hyper::Error),
}

/// A connection that waits to be used again.
struct Idle {
    line: Line,
    since: Instant,
}

impl Idle {
    fn is_usable(&self) -> bool {
        self.line.sender.is_ready() && self.since.elapsed() < IDLE
    }
}

#[derive(Default)]
struct Pool {
    origins: HashMap<Arc<str>, Vec<Idle>>,
    /// How many are idle, of all origins.
    idle: usize,
    /// Whether somebody closes what has been idle for long.
    is_swept: bool,
}

/// All connections. An origin has as many as there are requests to it at the same time.
pub(super) struct Connections {
    connector: HttpsConnector<Connector>,
    pool: Mutex<Pool>,
    /// How many may be idle.
    limit: usize,
}

impl Connections {
    pub(super) fn new(connector: HttpsConnector<Connector>, limit: usize) -> Arc<Self> {
        Arc::new(Self { connector, pool: Mutex::default(), limit })
    }

    /// Sends a request. With the beginning of the answer comes the connection, to be kept when the
    /// answer has been read.
    pub(super) async fn send(
        &self,
        to: &Destination,
        mut request: Request<Full<Bytes>>,
    ) -> Result<(Response<Incoming>, Line), SendError> {
        while let Some(mut line) = self.take(to) {
            match line.sender.try_send_request(request).await {
                Ok(response) => return Ok((response, line)),
                // It was closed before it took anything of the request.
                Err(mut error) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(error.into_error().into()),
                },
            }
        }
        let mut line = self.connect(to).await?;
        let response = line.sender.send_request(request).await?;
        Ok((response, line))
    }

    async fn connect(&self, to: &Destination) -> Result<Line, SendError> {
        let stream = self.connector.clone().call(to.uri.clone()).await;
        let (sender, connection) = handshake(stream.map_err(SendError::Connect)?).await?;
        // Whoever waits for the answer is told how it ended.
        let driver = tokio::spawn(async { drop(connection.await) }).abort_handle();
        Ok(Line { sender, driver, begun: Instant::now() })
    }

    fn take(&self, to: &Destination) -> Option<Line> {
        let mut pool = self.pool.lock();
        let Pool { origins, idle, .. } = &mut *pool;
        let kept = origins.get_mut(&to.origin)?;
        while let Some(last) = kept.pop() {
            *idle -= 1;
            if last.is_usable() {
                return Some(last.line);
            }
        }
        None
    }

    /// Keeps a connection whose answer has been read to its end.
    pub(super) fn keep(self: &Arc<Self>, to: &Destination, mut line: Line) {
        if line.sender.is_ready() {
            self.put(&to.origin, line);
        } else if !line.sender.is_closed() {
            // It is about to be, unless the endpoint has not taken all of the request yet.
            let (connections, origin) = (Arc::clone(self), Arc::clone(&to.origin));
            tokio::spawn(async move {
                if let Ok(Ok(())) = timeout(IDLE, line.sender.ready()).await {
                    connections.put(&origin, line);
                }
            });
        }
    }

    fn put(self: &Arc<Self>, origin: &Arc<str>, line: Line) {
        let mut pool = self.pool.lock();
        if pool.idle >= self.limit || line.begun.elapsed() >= LIFETIME {
            return;
        }
        pool.idle += 1;
        let idle = Idle { line, since: Instant::now() };
        match pool.origins.get_mut(origin) {
            Some(kept) => kept.push(idle),
            None => pool.origins.entry(Arc::clone(origin)).or_default().push(idle),
        }
        if !std::mem::replace(&mut pool.is_swept, true) {
            tokio::spawn(sweep(Arc::downgrade(self)));
        }
    }
}

/// Closes what has been idle for long, for as long as something is idle.
async fn sweep(connections: Weak<Connections>) {
    loop {
        sleep(IDLE).await;
        let Some(connections) = connections.upgrade() else { return };
        let mut pool = connections.pool.lock();
        pool.origins.retain(|_, kept| {
            kept.retain(Idle::is_usable);
            !kept.is_empty()
        });
        pool.idle = pool.origins.values().map(Vec::len).sum();
        if pool.origins.is_empty() {
            pool.is_swept = false;
            return;
        }
    }
}
