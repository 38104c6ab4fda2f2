//! Absolute links: built in one place, with an encoder.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::HOST;
use axum::http::request::Parts;

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

impl FromRequestParts<Arc<App>> for Origin {
    type Rejection = std::convert::Infallible;

    /// From `--public-url`, else from the proxy's headers if it is trusted, else from `Host`.
    async fn from_request_parts(
        parts: &mut Parts,
        app: &Arc<App>,
    ) -> Result<Self, Self::Rejection> {
        if let Some(url) = &app.settings.public_url {
            return Ok(Self(url.clone()));
        }
        let header = |name: &str| {
            let text = parts.headers.get(name)?.to_str().ok()?;
            // A chain of proxies lists its hops; the first is the one that the client saw.
            text.split(',').next().map(str::trim).filter(|text| is_authority(text))
        };
        let forwarded = |name| header(name).filter(|_| app.settings.trust_proxy);
        let scheme = forwarded("x-forwarded-proto").unwrap_or("http");
        let host = forwarded("x-forwarded-host")
            .or_else(|| header(HOST.as_str()))
            .or_else(|| parts.uri.authority().map(axum::http::uri::Authority::as_str))
            .unwrap_or("localhost");
        Ok(Self(format!("{scheme}://{host}")))
    }
}

/// Whether the text is made only of what a scheme, a host and a port are made of.
fn is_authority(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]_+%".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}
