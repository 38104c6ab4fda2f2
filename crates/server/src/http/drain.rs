//! Reading on what a refused client still sends.
//!
//! A server that answers and closes while data arrive makes the system reset the connection,
//! and the client may never see the answer. So the rest is read and thrown away first, within
//! bounds.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use parking_lot::Mutex;
use tokio::time::timeout;

/// How much is read on, in bytes.
const LIMIT: usize = 32 * 1024 * 1024;

/// For how long it is read on.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How long nothing may come before it is given up.
const PAUSE: Duration = Duration::from_millis(250);

/// A request's body that can still be read when the handler is done with it.
#[derive(Clone)]
pub(crate) struct SharedBody(Arc<Mutex<Body>>);

impl SharedBody {
    /// Takes the body out of a request and puts a shared one in its place.
    pub(crate) fn share(body: &mut Body) -> Self {
        let shared = Self(Arc::new(Mutex::new(std::mem::take(body))));
        *body = Body::new(shared.clone());
        shared
    }

    /// Reads what is left and throws it away.
    pub(crate) async fn drain(mut self) {
        let read_on = async {
            let mut left = LIMIT;
            while let Ok(Some(Ok(frame))) = timeout(PAUSE, self.frame()).await {
                let read = frame.data_ref().map_or(0, Bytes::len);
                match left.checked_sub(read) {
                    Some(rest) => left = rest,
                    None => return,
                }
            }
        };
        // A client that is still not done has had its chance.
        let _ = timeout(TIMEOUT, read_on).await;
    }
}

impl HttpBody for SharedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut *self.0.lock()).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.lock().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.lock().size_hint()
    }
}
