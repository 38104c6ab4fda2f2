//! Absolute links: built in one place, with an encoder.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::response::{IntoResponse, Response};

use super::ada::AdaError;
use crate::app::App;

/// The scheme and host under which the client reached this server, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin(String);

impl Origin {
    /// An absolute link to `path` with these query parameters.
    pub(crate) fn link(&self, path: &str, query: &[(&str, &str)]) -> String {
        let start = format!("{}{path}?", self.0);
        let query_start = start.len();
        let mut encoder = form_urlencoded::Serializer::for_suffix(start, query_start);
        encoder.extend_pairs(query);
        encoder.finish()
    }
}

/// The request does not say under which host the client reached this server.
#[derive(Debug)]
pub(crate) struct NoHost;

impl IntoResponse for NoHost {
    fn into_response(self) -> Response {
        AdaError::BadRequest("Send a Host header: links are built from it.".into()).into_response()
    }
}

impl FromRequestParts<Arc<App>> for Origin {
    type Rejection = NoHost;

    /// From `--public-url`, else from the proxy's headers if it is trusted, else from `Host`.
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, NoHost> {
        if let Some(url) = &app.settings.public_url {
            return Ok(Self(url.clone()));
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
            .or_else(|| parts.uri.authority().map(Authority::as_str))
            .ok_or(NoHost)?;
        Ok(Self(format!("{}://{host}", scheme.unwrap_or("http"))))
    }
}

/// Whether the text is made only of what a host and a port are made of.
fn is_authority(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]_+%".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}
