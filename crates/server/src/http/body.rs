//! Reading a request's body within bounds of size, time and memory.

use std::io::Read;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, Request};
use bytes::Bytes;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use http_body_util::BodyExt;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// The largest body, before and after decompression: 10 MB (contract Ada §1.3, §9.15).
pub(crate) const BODY_LIMIT: usize = 10 * 1024 * 1024;

/// A body up to this size is read without asking.
const SMALL_BODY: usize = 256 * 1024;

/// What the larger bodies of all requests together may take beyond [`SMALL_BODY`] each, in KiB.
/// Many clients at once so cannot fill the memory, and one that stalls holds no more than it has
/// sent.
const BUDGET_KIB: usize = 64 * 1024;

/// How much a body that is decompressed grows by at a time.
const INFLATE_STEP: usize = 64 * 1024;

/// Bounds what all bodies together may take.
#[derive(Debug)]
pub(crate) struct BodyLimits {
    budget: Semaphore,
    timeout: Duration,
}

/// A body that was read. Its part of the budget is kept until it is dropped, so parse it first.
pub(crate) struct ReadBody<'a> {
    pub(crate) bytes: Bytes,
    /// Held for its `Drop` alone.
    _budget: Option<SemaphorePermit<'a>>,
}

/// Why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// Larger than [`BODY_LIMIT`], declared, sent or decompressed.
    TooLarge,
    /// The client took too long.
    TimedOut,
    /// Too many large bodies are being read.
    Busy,
    /// The client went away, or broke the protocol.
    Broken,
    /// Not declared to be JSON.
    NotJson,
    /// A `Content-Encoding` other than gzip and deflate.
    UnknownEncoding,
    /// The compressed data are damaged.
    Undecodable,
}

impl BodyLimits {
    /// Bounds that give a client so long to send a body.
    pub(crate) fn new(timeout: Duration) -> Self {
        Self { budget: Semaphore::new(BUDGET_KIB), timeout }
    }

    /// Reads the whole body of a request that should carry JSON.
    pub(crate) async fn read(&self, request: Request<Body>) -> Result<ReadBody<'_>, BodyError> {
        let (parts, body) = request.into_parts();
        if body.size_hint().lower() > BODY_LIMIT as u64 {
            return Err(BodyError::TooLarge);
        }
        let collected = timeout(self.timeout, self.collect(body));
        let read = collected.await.map_err(|_| BodyError::TimedOut)??;
        let read = match encoding(&parts.headers)? {
            Encoding::Identity => read,
            Encoding::Gzip => self.inflate(MultiGzDecoder::new(&*read.bytes))?,
            Encoding::Deflate => self.inflate(ZlibDecoder::new(&*read.bytes))?,
        };
        check_content_type(&parts.headers)?;
        Ok(read)
    }

    async fn collect(&self, mut body: Body) -> Result<ReadBody<'_>, BodyError> {
        let mut growing = Growing::new(&self.budget);
        let mut first = Bytes::new();
        let mut rest = Vec::new();
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
            growing.grow(data.len())?;
            if first.is_empty() {
                first = data;
            } else {
                rest.extend_from_slice(&data);
            }
        }
        // Nearly every body comes in one piece, which needs no copy.
        let bytes = if rest.is_empty() { first } else { [first, rest.into()].concat().into() };
        Ok(ReadBody { bytes, _budget: growing.budget })
    }

    fn inflate(&self, mut decoder: impl Read) -> Result<ReadBody<'_>, BodyError> {
        let mut growing = Growing::new(&self.budget);
        let mut bytes = Vec::new();
        loop {
            let mut step = decoder.by_ref().take(INFLATE_STEP as u64);
            let read = step.read_to_end(&mut bytes).map_err(|_| BodyError::Undecodable)?;
            if read == 0 {
                return Ok(ReadBody { bytes: bytes.into(), _budget: growing.budget });
            }
            growing.grow(read)?;
        }
    }
}

/// A body's size so far, and its part of the budget.
struct Growing<'a> {
    source: &'a Semaphore,
    size: usize,
    budget: Option<SemaphorePermit<'a>>,
}

impl<'a> Growing<'a> {
    const fn new(source: &'a Semaphore) -> Self {
        Self { source, size: 0, budget: None }
    }

    /// Makes room for so many more bytes.
    fn grow(&mut self, bytes: usize) -> Result<(), BodyError> {
        self.size += bytes;
        if self.size > BODY_LIMIT {
            return Err(BodyError::TooLarge);
        }
        let needed = self.size.saturating_sub(SMALL_BODY).div_ceil(1024);
        let held = self.budget.as_ref().map_or(0, SemaphorePermit::num_permits);
        let Some(missing) = needed.checked_sub(held).filter(|missing| *missing > 0) else {
            return Ok(());
        };
        let missing = u32::try_from(missing).map_err(|_| BodyError::TooLarge)?;
        let more = self.source.try_acquire_many(missing).map_err(|_| BodyError::Busy)?;
        match &mut self.budget {
            Some(budget) => budget.merge(more),
            None => self.budget = Some(more),
        }
        Ok(())
    }
}

enum Encoding {
    Identity,
    Gzip,
    Deflate,
}

fn encoding(headers: &HeaderMap) -> Result<Encoding, BodyError> {
    let Some(encoding) = headers.get(CONTENT_ENCODING) else { return Ok(Encoding::Identity) };
    match encoding.as_bytes().trim_ascii().to_ascii_lowercase().as_slice() {
        b"" | b"identity" => Ok(Encoding::Identity),
        b"gzip" | b"x-gzip" => Ok(Encoding::Gzip),
        b"deflate" => Ok(Encoding::Deflate),
        _ => Err(BodyError::UnknownEncoding),
    }
}

/// A missing type is taken for JSON, which is all that these APIs speak.
fn check_content_type(headers: &HeaderMap) -> Result<(), BodyError> {
    let Some(content_type) = headers.get(CONTENT_TYPE) else { return Ok(()) };
    let text = content_type.to_str().unwrap_or_default().to_ascii_lowercase();
    let essence = text.split(';').next().unwrap_or_default().trim();
    if essence == "application/json" || essence.ends_with("+json") {
        Ok(())
    } else {
        Err(BodyError::NotJson)
    }
}
