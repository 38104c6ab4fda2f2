//! Connections: accepted within bounds, cut off when they are too slow, finished before the end.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;

use super::fast_path::{FastPathStream, Progress, Watched};
use super::router::Routes;
use crate::app::App;

/// How long it may take to drop what is cut off at the end. Only a handler that computes takes
/// any time at all.
const CUT_OFF: Duration = Duration::from_millis(200);

/// What hyper may buffer of a request's head. The layer above refuses smaller heads than this,
/// with an answer that says so.
const HEAD_BUFFER: usize = 128 * 1024;

/// How many headers hyper takes. The layer above refuses fewer.
const MAX_HEADERS: usize = 512;

/// How long to wait before accepting again when the system has no file left for a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves `routes` until `stop` is done, then finishes what was accepted, within the
/// time that the settings give.
pub async fn serve(
    listener: TcpListener,
    routes: Routes,
    app: Arc<App>,
    stop: impl Future<Output = ()>,
) {
    let mut stop = pin!(stop);
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let places = Arc::new(Semaphore::new(app.settings.max_connections));
    loop {
        let accepted = pin!(accept(&listener, &places));
        let (stream, place) = match select(accepted, &mut stop).await {
            Either::Left((accepted, _)) => accepted,
            Either::Right(_) => break,
        };
        let connection = graceful.watch(connection(stream, &routes, &app));
        let app = Arc::clone(&app);
        while connections.try_join_next().is_some() {}
        connections.spawn(async move {
            let _counted = app.metrics.connection();
            // A connection that breaks is the client's affair; its requests are logged all the same.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(app.settings.timeouts.grace, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were not finished in time and were cut off");
    }
    // What is cut off is dropped here, where it can still be written down.
    let _ = tokio::time::timeout(CUT_OFF, connections.shutdown()).await;
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, Option<tokio::sync::OwnedSemaphorePermit>) {
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, place),
            Err(error) if is_the_clients_fault(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections; will try again");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn is_the_clients_fault(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    )
}

fn connection(
    stream: TcpStream,
    routes: &Routes,
    app: &Arc<App>,
) -> impl GracefulConnection<Error = hyper::Error> + use<> {
    // Answers are small and written whole, so waiting to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(app.settings.timeouts.write));
    let progress = Progress::default();
    let stream = Box::pin(stream);
    let stream = FastPathStream::new(stream, Arc::clone(app), routes.at_once, progress.clone());
    let service = TowerToHyperService::new(routes.router.clone());
    let service = service_fn(move |request| {
        progress.asked();
        let (answer, progress) = (service.call(request), progress.clone());
        async move {
            let answer = answer.await?;
            Ok::<_, Infallible>(answer.map(|body| Watched::new(body, progress)))
        }
    });
    // The stream itself sees to it that heads come in time.
    http1::Builder::new()
        .header_read_timeout(None)
        .max_buf_size(HEAD_BUFFER)
        .max_headers(MAX_HEADERS)
        // A client may close its side once it has sent its request, and still wait for the answer.
        .half_close(true)
        .serve_connection(TokioIo::new(stream), service)
}
