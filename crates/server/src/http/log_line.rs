//! One request's line in the log.

use std::io::Write;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use roster_directory::{AccountId, Timestamp};

use crate::log::LogFormat;

/// One request's line in the log. It names the route, not the path: a path and a query can hold
/// what somebody pasted by mistake.
pub(crate) struct LogLine<'a> {
    /// Its id: letters, digits and a few signs, nothing that JSON escapes.
    pub(crate) request_id: &'a [u8],
    /// Its method.
    pub(crate) method: &'a Method,
    /// The route that it matched.
    pub(crate) route: &'a str,
    /// The status of the answer.
    pub(crate) status: StatusCode,
    /// How long the answer took.
    pub(crate) took: Duration,
    /// Whose request it was, if that was found out.
    pub(crate) account: Option<AccountId>,
    /// Why the answer is a 5xx.
    pub(crate) cause: Option<&'a str>,
}

impl LogLine<'_> {
    /// Adds the line to `text`.
    pub(crate) fn write(&self, format: LogFormat, now: Timestamp, text: &mut Vec<u8>) {
        match format {
            LogFormat::Json => self.json(now, text),
            LogFormat::Human => self.human(now, text),
        }
    }

    fn level(&self) -> &'static str {
        if self.status.is_server_error() { "ERROR" } else { "INFO" }
    }

    /// Part by part, because the formatting machinery takes several times as long. Routes, methods
    /// and request ids hold no character that JSON escapes; a cause may.
    fn json(&self, now: Timestamp, text: &mut Vec<u8>) {
        text.extend_from_slice(b"{\"timestamp\":\"");
        super::ada::write_timestamp(text, now);
        for part in [
            b"\",\"level\":\"",
            self.level().as_bytes(),
            b"\",\"message\":\"request\",\"request_id\":\"",
            self.request_id,
            b"\",\"method\":\"",
            self.method.as_str().as_bytes(),
            b"\",\"route\":\"",
            self.route.as_bytes(),
            b"\",\"status\":",
            self.status.as_str().as_bytes(),
            b",\"duration_us\":",
            itoa::Buffer::new().format(self.took.as_micros()).as_bytes(),
        ] {
            text.extend_from_slice(part);
        }
        if let Some(account) = self.account {
            text.extend_from_slice(b",\"account\":");
            text.extend_from_slice(itoa::Buffer::new().format(account.get()).as_bytes());
        }
        if let Some(cause) = self.cause {
            text.extend_from_slice(b",\"error\":");
            // Text always serializes, and a vector takes it.
            let _ = serde_json::to_writer(&mut *text, cause);
        }
        text.extend_from_slice(b"}\n");
    }

    fn human(&self, now: Timestamp, text: &mut Vec<u8>) {
        super::ada::write_timestamp(text, now);
        // Writing to a vector does not fail.
        let _ = write!(
            text,
            " {:5} {} {} → {} in {:.2?} [{}]",
            self.level(),
            self.method,
            self.route,
            self.status.as_u16(),
            self.took,
            String::from_utf8_lossy(self.request_id),
        );
        if let Some(cause) = self.cause {
            let _ = write!(text, ": {cause}");
        }
        text.push(b'\n');
    }
}
