//! The outermost layer: request ids, caps on the head of a request, the log, the metrics,
//! compression, and an answer even when a handler panics.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::body::HttpBody;
use axum::extract::{Request, State};
use axum::http::header::{EXPECT, HeaderName, HeaderValue};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;

use super::compress::{accepts_gzip, compressed};
use super::dialect::{Dialect, Fault};
use super::drain::SharedBody;
use super::record::Record;
use super::request_id::{is_sane, new_request_id};
use super::request_notes::RequestNotes;
use crate::app::App;

/// The longest path and query, in bytes.
const URI_LIMIT: usize = 8 * 1024;

/// The largest head of a request: names and values of all headers, in bytes.
pub(crate) const HEADERS_LIMIT: usize = 32 * 1024;

/// The most headers.
pub(crate) const HEADER_COUNT_LIMIT: usize = 200;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Wraps every request.
pub(crate) async fn observe(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    let request_id = request_id(request.headers(), &app);
    let mut record = Record::start(app, &request, request_id.clone());
    let refused = check_head(request.uri(), request.headers());
    let body = to_be_drained(&request).then(|| SharedBody::share(request.body_mut()));
    let dialect = Dialect::of(request.uri().path());
    let packs = accepts_gzip(request.headers());
    let mut response = if let Err(fault) = refused {
        dialect.answer(fault)
    } else {
        request.extensions_mut().insert(record.notes.clone());
        let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
        answer.unwrap_or_else(|_| dialect.answer(Fault::Panicked))
    };
    if packs {
        response = compressed(response).await;
    }
    response.headers_mut().insert(REQUEST_ID.clone(), request_id);
    add_quota_headers(&mut response, &record.notes, dialect);
    record.answered(&response);
    // A client that was too slow with its body will not be faster with the rest of it.
    if let Some(body) = body.filter(|_| response.status() != StatusCode::REQUEST_TIMEOUT) {
        body.drain().await;
    }
    response
}

/// Whether what the handler leaves of the body is to be read on. Not where the client waits to be
/// asked for it: to read would be to ask.
fn to_be_drained(request: &Request) -> bool {
    !request.body().is_end_stream() && !request.headers().contains_key(EXPECT)
}

/// The client's own request id if it is sane, else a new one.
fn request_id(headers: &HeaderMap, app: &App) -> HeaderValue {
    if let Some(given) = headers.get(&REQUEST_ID).filter(|given| is_sane(given.as_bytes())) {
        return given.clone();
    }
    let id = HeaderValue::from_bytes(&new_request_id(app));
    id.unwrap_or(HeaderValue::from_static("0"))
}

fn check_head(uri: &Uri, headers: &HeaderMap) -> Result<(), Fault> {
    let uri_length = uri.path_and_query().map_or(0, |path| path.as_str().len());
    if uri_length > URI_LIMIT {
        return Err(Fault::UriTooLong { limit: URI_LIMIT });
    }
    let size: usize =
        headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if size > HEADERS_LIMIT || headers.len() > HEADER_COUNT_LIMIT {
        return Err(Fault::HeadersTooLarge);
    }
    Ok(())
}

/// Each vendor sends its own on every authenticated success (contract Ada §1.3, Zendesk §4).
fn add_quota_headers(response: &mut Response, notes: &RequestNotes, dialect: Dialect) {
    let Some(quota) = notes.quota().filter(|_| response.status().is_success()) else { return };
    let (limit, remaining) = (i64::from(quota.limit), i64::from(quota.remaining));
    let sent: &[(&'static str, i64)] = match dialect {
        Dialect::Ada => &[
            ("x-ratelimit-limit", limit),
            ("x-ratelimit-remaining", remaining),
            ("x-ratelimit-reset", quota.reset),
        ],
        Dialect::Zendesk => &[
            ("x-rate-limit", limit),
            ("x-rate-limit-remaining", remaining),
            ("ratelimit-limit", limit),
            ("ratelimit-remaining", remaining),
            ("ratelimit-reset", quota.seconds_left),
        ],
    };
    let headers = response.headers_mut();
    for (name, number) in sent {
        headers.insert(*name, HeaderValue::from(*number));
    }
}
