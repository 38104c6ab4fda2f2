//! Answering a request at once: the operations that can, and what every answer has.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::http::{Method, StatusCode};
use bytes::{BufMut, BytesMut};
use roster_directory::{AccountId, Timestamp};
use tokio::time::Instant;

use super::head::{Head, Start, look};
use crate::app::App;
use crate::http::compress::SMALLEST;
use crate::http::log_line::LogLine;
use crate::http::request_id::{is_sane, new_request_id};

/// An operation that may answer a request without waiting for anything. It writes the body of a
/// `200 OK`, which is JSON; or returns `None` for whatever reason, and its handler answers.
pub(crate) type AtOnce = fn(&App, &Head<'_>, &mut Vec<u8>) -> Option<Answered>;

/// Which operations of a router may answer at once.
pub(crate) type Operations = &'static [AtOnce];

/// What was answered, for the log and the metrics.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answered {
    /// The route, as the log names it.
    pub(crate) route: &'static str,
    /// Whose request it was.
    pub(crate) account: AccountId,
}

/// Answers the requests of one connection. Its buffers are used again for each of them.
pub(super) struct Answerer {
    app: Arc<App>,
    operations: Operations,
    body: Vec<u8>,
    line: Vec<u8>,
    date: Date,
    answered_at: Instant,
}

impl Answerer {
    pub(super) fn new(app: Arc<App>, operations: Operations) -> Self {
        let (body, line, date) = (Vec::new(), Vec::new(), Date::default());
        Self { app, operations, body, line, date, answered_at: Instant::now() }
    }

    /// When the last answer was given, or the connection began.
    pub(super) const fn answered_at(&self) -> Instant {
        self.answered_at
    }

    /// Gives up buffers that are larger than this.
    pub(super) fn shrink(&mut self, limit: usize) {
        for buffer in [&mut self.body, &mut self.line] {
            if buffer.capacity() > limit {
                *buffer = Vec::new();
            }
        }
    }

    /// Answers the request that `input` begins with, into `output`, if it can be answered at once.
    pub(super) fn take(&mut self, input: &[u8], output: &mut BytesMut) -> Start {
        let started = Instant::now();
        look(input, |head| self.answer(head, started, output))
    }

    fn answer(&mut self, head: &Head<'_>, started: Instant, output: &mut BytesMut) -> bool {
        self.body.clear();
        let (app, body) = (&*self.app, &mut self.body);
        // What panics here is tried again by its handler, and answered there.
        let answered = catch_unwind(AssertUnwindSafe(|| {
            self.operations.iter().find_map(|operation| operation(app, head, body))
        }));
        let Ok(Some(answered)) = answered else { return false };
        if head.accepts_encodings && self.body.len() as u64 >= SMALLEST {
            return false;
        }
        let (fresh, now) = (new_request_id(app), app.now());
        let request_id = head.request_id.filter(|id| is_sane(id)).unwrap_or(&fresh);
        output.reserve(256 + self.body.len());
        for part in [
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: ".as_slice(),
            request_id,
            b"\r\ncontent-length: ",
            itoa::Buffer::new().format(self.body.len()).as_bytes(),
            b"\r\ndate: ",
            self.date.at(now),
            b"\r\n\r\n",
            &self.body,
        ] {
            output.put_slice(part);
        }
        self.answered_at = Instant::now();
        self.note(answered, request_id, now, self.answered_at - started);
        true
    }

    /// Puts the request into the log and the metrics.
    fn note(&mut self, answered: Answered, request_id: &[u8], now: Timestamp, took: Duration) {
        let Answered { route, account } = answered;
        self.app.metrics.count_request(&Method::GET, route, StatusCode::OK, took);
        let Some(log) = &self.app.log else { return };
        let line = LogLine {
            request_id,
            method: &Method::GET,
            route,
            status: StatusCode::OK,
            took,
            account: Some(account),
            cause: None,
        };
        self.line.clear();
        line.write(log.format(), now, &mut self.line);
        log.write(&self.line);
    }
}

/// The present date as the header `Date` has it, written once a second.
#[derive(Default)]
struct Date {
    second: Option<i64>,
    text: Vec<u8>,
}

impl Date {
    fn at(&mut self, now: Timestamp) -> &[u8] {
        let second = now.as_seconds();
        if self.second != Some(second) {
            let since_epoch = Duration::from_secs(u64::try_from(second).unwrap_or(0));
            let date = httpdate::HttpDate::from(SystemTime::UNIX_EPOCH + since_epoch);
            self.text.clear();
            // Writing to a vector does not fail.
            let _ = write!(self.text, "{date}");
            self.second = Some(second);
        }
        &self.text
    }
}
