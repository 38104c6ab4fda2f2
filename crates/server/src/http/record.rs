//! What is kept of each request: its line in the log and its place in the metrics.

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request};
use axum::http::header::HeaderValue;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use roster_directory::AccountId;

use super::request_notes::{InternalCause, RequestNotes};
use crate::app::App;
use crate::log::{LogFormat, LogSink};

/// The route of a request that no route matches.
const UNMATCHED: &str = "unmatched";

/// The status of a request whose client went away before the answer. It is no status of HTTP, but
/// what logs have had in its place for long.
const CLIENT_LEFT: u16 = 499;

/// One request, from its head to its answer. It is written down even if the client leaves and the
/// handler is dropped: what it asked for may have been done.
pub(crate) struct Record {
    app: Arc<App>,
    request_id: HeaderValue,
    method: Method,
    matched: Option<MatchedPath>,
    started: Instant,
    written: bool,
    pub(crate) notes: RequestNotes,
}

impl Record {
    /// The record of a request whose head has come.
    pub(crate) fn start(app: Arc<App>, request: &Request, request_id: HeaderValue) -> Self {
        Self {
            app,
            request_id,
            method: request.method().clone(),
            matched: request.extensions().get::<MatchedPath>().cloned(),
            started: Instant::now(),
            written: false,
            notes: RequestNotes::default(),
        }
    }

    /// Writes the request down with its answer.
    pub(crate) fn answered(&mut self, response: &Response) {
        let cause = response.extensions().get::<InternalCause>();
        self.write(response.status(), cause.map(|cause| cause.0.as_str()));
    }

    fn write(&mut self, status: StatusCode, cause: Option<&str>) {
        self.written = true;
        let took = self.started.elapsed();
        let route = self.matched.as_ref().map_or(UNMATCHED, MatchedPath::as_str);
        let route = canonical(route);
        self.app.metrics.count_request(&self.method, route, status, took);
        if let Some(log) = &self.app.log {
            let line = Line {
                request_id: &self.request_id,
                method: &self.method,
                route,
                status,
                took,
                account: self.notes.account().map(AccountId::get),
                cause,
            };
            line.write(&self.app, log);
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        if !self.written
            && let Ok(status) = StatusCode::from_u16(CLIENT_LEFT)
        {
            self.write(status, None);
        }
    }
}

/// All spellings of a route are one route.
fn canonical(route: &str) -> &str {
    let route = if route.len() > 1 { route.trim_end_matches('/') } else { route };
    // The documents of the dialects are named so themselves.
    if route.starts_with("/openapi/") { route } else { route.trim_end_matches(".json") }
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
