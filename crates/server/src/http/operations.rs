//! For the operator: is it alive, is it ready, what does it measure, what does it speak.

use std::sync::{Arc, OnceLock};

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::request_notes::InternalCause;
use super::router::{ada_openapi, zendesk_openapi};
use crate::app::App;
use crate::log::LogSink;
use crate::metrics::Looked;

const TEXT: &str = "text/plain; charset=utf-8";

fn text(status: StatusCode, body: impl Into<String>) -> Response {
    (status, [(CONTENT_TYPE, TEXT), (CACHE_CONTROL, "no-store")], body.into()).into_response()
}

/// `GET /healthz`: the process answers.
pub(crate) async fn healthz() -> Response {
    text(StatusCode::OK, "ok\n")
}

/// `GET /readyz`: the store can be read and written.
pub(crate) async fn readyz(State(app): State<Arc<App>>) -> Response {
    match app.readiness.check(&*app.store).await {
        Ok(()) => text(StatusCode::OK, "ready\n"),
        Err(error) => {
            let mut response = text(
                StatusCode::SERVICE_UNAVAILABLE,
                "the store cannot be used now; the log says why\n",
            );
            response.extensions_mut().insert(InternalCause(error.to_string()));
            response
        }
    }
}

/// `GET /metrics`, in Prometheus' text format.
pub(crate) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let looked = Looked {
        // What the store alone knows is left out while it cannot be read.
        accounts: app.store.accounts().await.unwrap_or_default(),
        backlog: app.store.webhook_backlog().await.ok(),
        store: app.store.stats(),
        log_lines_dropped: app.log.as_ref().map_or(0, LogSink::dropped),
        now: app.now(),
    };
    match app.metrics.render(&looked) {
        Ok(body) => (
            [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
            [(CACHE_CONTROL, "no-store")],
            body,
        )
            .into_response(),
        Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, "the metrics cannot be written\n"),
    }
}

/// `GET /openapi/ada.json`: what the Ada dialect speaks, as OpenAPI 3.1.
pub(crate) async fn openapi_ada() -> Response {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    let document = DOCUMENT.get_or_init(ada_openapi);
    ([(CONTENT_TYPE, "application/json")], document.as_str()).into_response()
}

/// `GET /openapi/zendesk.json`: what the Zendesk dialect speaks, as OpenAPI 3.1.
pub(crate) async fn openapi_zendesk() -> Response {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    let document = DOCUMENT.get_or_init(zendesk_openapi);
    ([(CONTENT_TYPE, "application/json")], document.as_str()).into_response()
}
