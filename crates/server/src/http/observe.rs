//! The outermost layer: request ids, caps on the head of a request, the log, the metrics, and
//! an answer even when a handler panics.

use std::io::Write;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::HttpBody;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;

use super::ada::AdaError;
use super::drain::SharedBody;
use super::request_notes::{InternalCause, RequestNotes};
use crate::app::App;
use crate::log::{LogFormat, LogSink};

/// The longest path and query, in bytes.
const URI_LIMIT: usize = 8 * 1024;

/// The largest head of a request: names and values of all headers, in bytes.
const HEADERS_LIMIT: usize = 32 * 1024;

/// The route of a request that no route matches, in the log and the metrics.
const UNMATCHED: &str = "unmatched";

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Wraps every request.
pub(crate) async fn observe(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let request_id = request_id(request.headers(), &app);
    let notes = RequestNotes::default();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let method = request.method().clone();

    let body = (!request.body().is_end_stream()).then(|| SharedBody::share(request.body_mut()));
    let mut response = if let Err(error) = check_head(request.uri(), request.headers()) {
        error.into_response()
    } else {
        request.extensions_mut().insert(notes.clone());
        let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
        answer.unwrap_or_else(|_| AdaError::internal("a handler panicked").into_response())
    };
    // A client that was too slow with its body will not be faster with the rest of it.
    if let Some(body) = body.filter(|_| response.status() != StatusCode::REQUEST_TIMEOUT) {
        body.drain().await;
    }

    response.headers_mut().insert(REQUEST_ID.clone(), request_id.clone());
    add_quota_headers(&mut response, &notes);
    let took = started.elapsed();
    let route = matched.as_ref().map_or(UNMATCHED, MatchedPath::as_str);
    app.metrics.count_request(&method, canonical(route), response.status(), took);
    if let Some(log) = &app.log {
        let line = Line {
            request_id: &request_id,
            method: &method,
            route: canonical(route),
            status: response.status(),
            took,
            account: notes.account().map(roster_directory::AccountId::get),
            cause: response.extensions().get::<InternalCause>().map(|cause| cause.0.as_str()),
        };
        line.write(&app, log);
    }
    response
}

/// Both spellings of a route are one route.
fn canonical(route: &str) -> &str {
    if route.len() > 1 { route.trim_end_matches('/') } else { route }
}

/// The client's own request id if it is sane, else a new one.
fn request_id(headers: &HeaderMap, app: &App) -> HeaderValue {
    let sane = |value: &&HeaderValue| {
        let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        (1..=128).contains(&value.len()) && value.as_bytes().iter().all(allowed)
    };
    if let Some(given) = headers.get(&REQUEST_ID).filter(sane) {
        return given.clone();
    }
    // An odd factor turns the counter into a number that shows no order, without a repeat.
    let number = app.next_request_number().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut digits = [0; 16];
    let mut buffer = digits.as_mut_slice();
    let written = write!(buffer, "{number:016x}");
    let id = written.ok().and_then(|()| HeaderValue::from_bytes(&digits).ok());
    id.unwrap_or(HeaderValue::from_static("0"))
}

fn check_head(uri: &Uri, headers: &HeaderMap) -> Result<(), AdaError> {
    let uri_length = uri.path_and_query().map_or(0, |path| path.as_str().len());
    if uri_length > URI_LIMIT {
        return Err(AdaError::UriTooLong { limit: URI_LIMIT });
    }
    let size: usize =
        headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if size > HEADERS_LIMIT {
        return Err(AdaError::HeadersTooLarge { limit: HEADERS_LIMIT });
    }
    Ok(())
}

/// The vendor sends them on every authenticated success (contract Ada §1.3).
fn add_quota_headers(response: &mut Response, notes: &RequestNotes) {
    let Some(quota) = notes.quota().filter(|_| response.status().is_success()) else { return };
    let headers = response.headers_mut();
    for (name, number) in [
        ("x-ratelimit-limit", i64::from(quota.limit)),
        ("x-ratelimit-remaining", i64::from(quota.remaining)),
        ("x-ratelimit-reset", quota.reset),
    ] {
        headers.insert(name, HeaderValue::from(number));
    }
}

/// One request's line in the log. It names the route, not the path: a path and a query can hold
/// what somebody pasted by mistake.
struct Line<'a> {
    request_id: &'a HeaderValue,
    method: &'a Method,
    route: &'a str,
    status: StatusCode,
    took: Duration,
    account: Option<i64>,
    cause: Option<&'a str>,
}

impl Line<'_> {
    fn write(&self, app: &App, log: &LogSink) {
        let mut line = Vec::with_capacity(256);
        // Writing to a vector does not fail.
        let _ = match log.format() {
            LogFormat::Json => self.json(app, &mut line),
            LogFormat::Human => self.human(app, &mut line),
        };
        log.write(&line);
    }

    fn request_id(&self) -> &str {
        self.request_id.to_str().unwrap_or_default()
    }

    fn level(&self) -> &'static str {
        if self.status.is_server_error() { "ERROR" } else { "INFO" }
    }

    /// Routes, methods and request ids hold no character that JSON escapes; a cause may.
    fn json(&self, app: &App, line: &mut Vec<u8>) -> std::io::Result<()> {
        line.extend_from_slice(b"{\"timestamp\":\"");
        super::ada::write_timestamp(line, app.now());
        write!(
            line,
            "\",\"level\":\"{}\",\"message\":\"request\",\"request_id\":\"{}\",\"method\":\"{}\",\"route\":\"{}\",\"status\":{},\"duration_us\":{}",
            self.level(),
            self.request_id(),
            self.method,
            self.route,
            self.status.as_u16(),
            self.took.as_micros(),
        )?;
        if let Some(account) = self.account {
            write!(line, ",\"account\":{account}")?;
        }
        if let Some(cause) = self.cause {
            line.extend_from_slice(b",\"error\":");
            serde_json::to_writer(&mut *line, cause)?;
        }
        line.extend_from_slice(b"}\n");
        Ok(())
    }

    fn human(&self, app: &App, line: &mut Vec<u8>) -> std::io::Result<()> {
        super::ada::write_timestamp(line, app.now());
        write!(
            line,
            " {:5} {} {} → {} in {:.2?} [{}]",
            self.level(),
            self.method,
            self.route,
            self.status.as_u16(),
            self.took,
            self.request_id(),
        )?;
        if let Some(cause) = self.cause {
            write!(line, ": {cause}")?;
        }
        line.push(b'\n');
        Ok(())
    }
}
