//! What is kept of each request: its line in the log and its place in the metrics.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::header::HeaderValue;
use axum::http::{Method, StatusCode};
use axum::response::Response;

use super::log_line::LogLine;
use super::request_notes::{InternalCause, RequestNotes};
use crate::app::App;

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
            let line = LogLine {
                request_id: self.request_id.as_bytes(),
                method: &self.method,
                route,
                status,
                took,
                account: self.notes.account(),
                cause,
            };
            let mut text = Vec::with_capacity(256);
            line.write(log.format(), self.app.now(), &mut text);
            log.write(&text);
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
