//! How far hyper is with the request that it has.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};

/// Shared between the stream under hyper and the service above it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress(Arc<AtomicU8>);

/// No request is under way.
const IDLE: u8 = 0;
/// The head of a request was read.
const ASKED: u8 = 1;
/// Its answer is in hyper's buffers, all of it.
const ANSWERED: u8 = 2;

impl Progress {
    /// The service was called.
    pub(crate) fn asked(&self) {
        self.0.store(ASKED, Ordering::Relaxed);
    }

    /// Whether no request is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.0.load(Ordering::Relaxed) == IDLE
    }

    /// All that hyper had was written: whether that was the end of an answer, which is told once.
    pub(super) fn flushed(&self) -> bool {
        let done = self.0.load(Ordering::Relaxed) == ANSWERED;
        if done {
            self.0.store(IDLE, Ordering::Relaxed);
        }
        done
    }
}

/// The body of an answer, which tells when hyper has taken all of it: then it is dropped.
pub(crate) struct Watched {
    body: Body,
    progress: Progress,
}

impl Watched {
    /// Watches a body.
    pub(crate) const fn new(body: Body, progress: Progress) -> Self {
        Self { body, progress }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.progress.0.store(ANSWERED, Ordering::Relaxed);
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
