//! Absolute links: built in one place, with an encoder.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::response::Response;

use super::dialect::{Dialect, Fault};
use crate::app::App;

/// The scheme and host under which the client reached this server, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin(String);

impl Origin {
    /// The scheme and host.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// An absolute link to `path` with these query parameters.
    pub(crate) fn link(&self, path: &str, query: &[(&str, &str)]) -> String {
        let start = format!("{}{path}?", self.0);
        let query_start = start.len();
        let mut encoder = form_urlencoded::Serializer::for_suffix(start, query_start);
        encoder.extend_pairs(query);
        encoder.finish()
    }
}

impl FromRequestParts<Arc<App>> for Origin {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let dialect = Dialect::of(parts.uri.path());
        Self::of(parts, app).ok_or_else(|| dialect.answer(Fault::NoHost))
    }
}

impl Origin {
    /// From `--public-url`, else from the proxy's headers if it is trusted, else from `Host`.
    /// `None` if nothing says under which host the client reached this server.
    pub(crate) fn of(parts: &Parts, app: &App) -> Option<Self> {
        if let Some(url) = &app.settings.public_url {
            return Some(Self(url.clone()));
        }
        let header = |name: &str| {
            let text = parts.headers.get(name)?.to_str().ok()?;
            // A chain of proxies lists its hops; the first is the one that the client saw.
            text.split(',').next().map(str::trim)
        };
        let forwarded = |name| header(name).filter(|_| app.settings.trust_proxy);
        let scheme =
            forwarded("x-forwarded-proto").filter(|scheme| ["http", "https"].contains(scheme));
        let host = forwarded("x-forwarded-host")
            .filter(|host| is_authority(host))
            .or_else(|| header(HOST.as_str()).filter(|host| is_authority(host)))
            .or_else(|| parts.uri.authority().map(Authority::as_str))?;
        Some(Self(format!("{}://{host}", scheme.unwrap_or("http"))))
    }
}

/// Whether the text is made only of what a host and a port are made of.
fn is_authority(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]_+%".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}
