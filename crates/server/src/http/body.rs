//! Reading a request's body within bounds of size, time and memory.

use std::io::Read;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, Request};
use bytes::{Bytes, BytesMut};
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use http_body_util::BodyExt;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// The largest body, before and after decompression: 10 MB (contract Ada §1.3, §9.15).
pub(crate) const BODY_LIMIT: usize = 10 * 1024 * 1024;

/// A body up to this size is read without asking.
const SMALL_BODY: usize = 256 * 1024;

/// How many larger bodies may be held at a time, so that many clients at once cannot fill the
/// memory.
const LARGE_BODIES: usize = 4;

/// Bounds what all bodies together may take.
#[derive(Debug)]
pub(crate) struct BodyLimits {
    large: Semaphore,
    timeout: Duration,
}

/// A body that was read. Its place among the large ones is kept until it is dropped.
pub(crate) struct ReadBody<'a> {
    pub(crate) bytes: Bytes,
    /// Held for its `Drop` alone.
    large: Option<SemaphorePermit<'a>>,
}

/// Why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// Larger than [`BODY_LIMIT`], declared, sent or decompressed.
    TooLarge,
    /// The client took too long.
    TimedOut,
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
        Self { large: Semaphore::new(LARGE_BODIES), timeout }
    }

    /// Reads the whole body of a request that should carry JSON.
    pub(crate) async fn read(&self, request: Request<Body>) -> Result<ReadBody<'_>, BodyError> {
        let (parts, body) = request.into_parts();
        if body.size_hint().lower() > BODY_LIMIT as u64 {
            return Err(BodyError::TooLarge);
        }
        let collected = timeout(self.timeout, self.collect(body));
        let mut read = collected.await.map_err(|_| BodyError::TimedOut)??;
        if let Some(decoder) = decoder(&parts.headers)? {
            if read.large.is_none() {
                // A small body can decompress to a large one.
                read.large = self.large.acquire().await.ok();
            }
            read.bytes = decoder(&read.bytes)?;
        }
        check_content_type(&parts.headers)?;
        Ok(read)
    }

    async fn collect(&self, mut body: Body) -> Result<ReadBody<'_>, BodyError> {
        let mut large = None;
        let mut first = Bytes::new();
        let mut rest = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
            let size = first.len() + rest.len() + data.len();
            if size > BODY_LIMIT {
                return Err(BodyError::TooLarge);
            }
            if size > SMALL_BODY && large.is_none() {
                large = self.large.acquire().await.ok();
            }
            if first.is_empty() {
                first = data;
            } else {
                rest.extend_from_slice(&data);
            }
        }
        // Nearly every body comes in one piece, which needs no copy.
        let bytes = if rest.is_empty() { first } else { [first, rest.freeze()].concat().into() };
        Ok(ReadBody { bytes, large })
    }
}

type Decoder = fn(&[u8]) -> Result<Bytes, BodyError>;

fn decoder(headers: &HeaderMap) -> Result<Option<Decoder>, BodyError> {
    let Some(encoding) = headers.get(CONTENT_ENCODING) else { return Ok(None) };
    match encoding.as_bytes().trim_ascii().to_ascii_lowercase().as_slice() {
        b"" | b"identity" => Ok(None),
        b"gzip" | b"x-gzip" => Ok(Some(|bytes| inflate(MultiGzDecoder::new(bytes)))),
        b"deflate" => Ok(Some(|bytes| inflate(ZlibDecoder::new(bytes)))),
        _ => Err(BodyError::UnknownEncoding),
    }
}

fn inflate(decoder: impl Read) -> Result<Bytes, BodyError> {
    let mut bytes = Vec::new();
    let bound = BODY_LIMIT as u64 + 1;
    decoder.take(bound).read_to_end(&mut bytes).map_err(|_| BodyError::Undecodable)?;
    if bytes.len() > BODY_LIMIT { Err(BodyError::TooLarge) } else { Ok(bytes.into()) }
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
