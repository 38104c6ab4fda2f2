//! Compressing answers for clients who ask for it (contract Zendesk §10).

use std::io::{self, Write};

use axum::body::{Body, HttpBody};
use axum::http::HeaderMap;
use axum::http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, VARY,
};
use axum::response::Response;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::BodyExt;

/// A smaller body is not worth it: it fits into one packet anyway.
pub(crate) const SMALLEST: u64 = 1024;

/// A larger body takes milliseconds, in which a thread that serves others must not be held up.
const LARGEST_IN_PLACE: usize = 256 * 1024;

/// Whether a client takes gzip.
pub(crate) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let mut any = false;
    for value in headers.get_all(ACCEPT_ENCODING) {
        for coding in value.to_str().unwrap_or_default().split(',') {
            let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
            let name = name.trim();
            if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
                return !is_zero(parameters);
            }
            any |= name == "*" && !is_zero(parameters);
        }
    }
    any
}

/// Whether the quality among the parameters of a coding says that it is not wanted at all.
fn is_zero(parameters: &str) -> bool {
    let mut parameters = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
    let quality = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
    quality.is_some_and(|(_, value)| value.trim().parse::<f32>().is_ok_and(|value| value <= 0.0))
}

/// The answer with its body compressed, if it is JSON and large enough.
pub(crate) async fn compressed(response: Response) -> Response {
    let size = response.body().size_hint().exact();
    if !is_json(response.headers()) || size.is_none_or(|size| size < SMALLEST) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // Its size is known, so it is in memory and there at once.
    let Ok(collected) = body.collect().await else {
        return Response::from_parts(parts, Body::empty());
    };
    let body = collected.to_bytes();
    let packed = if body.len() > LARGEST_IN_PLACE {
        let body = body.clone();
        tokio::task::spawn_blocking(move || gzip(&body)).await.ok()
    } else {
        Some(gzip(&body))
    };
    // Writing to a vector does not fail; a server that is stopping may not compress any more.
    let Some(Ok(packed)) = packed else {
        return Response::from_parts(parts, Body::from(body));
    };
    parts.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    parts.headers.append(VARY, HeaderValue::from_static("accept-encoding"));
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(packed))
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    content_type.is_some_and(|text| text.starts_with(b"application/json"))
        && !headers.contains_key(CONTENT_ENCODING)
}

fn gzip(body: &[u8]) -> io::Result<Bytes> {
    let packed = Vec::with_capacity(body.len() / 6);
    let mut encoder = GzEncoder::new(packed, Compression::fast());
    encoder.write_all(body)?;
    encoder.finish().map(Bytes::from)
}
