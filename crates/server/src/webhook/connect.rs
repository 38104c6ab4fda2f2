//! Connecting to an endpoint, whose address must be permitted.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use hyper::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tower_service::Service;

use super::address::AddressPolicy;

/// How many names are looked up at a time.
const LOOKUPS: usize = 256;

/// How long one of several addresses may take until the next one is tried.
const NEXT_ADDRESS: Duration = Duration::from_secs(3);

/// Connects to permitted addresses only.
#[derive(Clone)]
pub(super) struct Connector {
    policy: Arc<AddressPolicy>,
    /// How many names may be looked up at a time. Each keeps a thread, which others need, too.
    lookups: Arc<Semaphore>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectError {
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
    /// A connector to what this policy permits.
    pub(super) fn new(policy: AddressPolicy) -> Self {
        Self { policy: Arc::new(policy), lookups: Arc::new(Semaphore::new(LOOKUPS)) }
    }

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
