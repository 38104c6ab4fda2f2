//! The whole service as one router.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use utoipa::openapi::OpenApi;

use super::dialect::{method_not_allowed, not_found};
use super::fast_path::Operations;
use super::observe::observe;
use super::{ada, operations, own, zendesk};
use crate::app::App;

/// What is served on a listener.
#[derive(Clone)]
pub struct Routes {
    /// Every operation.
    pub(crate) router: Router,
    /// Those that may answer before the router is asked.
    pub(crate) at_once: Operations,
}

/// Everything that is served on the main listener. `/metrics` is left out when it has a listener
/// of its own.
pub fn router(app: &Arc<App>, with_metrics: bool) -> Routes {
    let (routes, _) = ada::routes().split_for_parts();
    let (zendesk_routes, _) = zendesk::routes().split_for_parts();
    let mut router = routes
        .merge(zendesk_routes)
        .merge(own::routes())
        .route("/healthz", get(operations::healthz))
        .route("/readyz", get(operations::readyz))
        .route("/openapi/ada.json", get(operations::openapi_ada))
        .route("/openapi/zendesk.json", get(operations::openapi_zendesk));
    if with_metrics {
        router = router.route("/metrics", get(operations::metrics));
    }
    Routes { router: finish(router, app), at_once: ada::AT_ONCE }
}

/// What is served on the listener of `--metrics-listen`.
pub fn metrics_router(app: &Arc<App>) -> Routes {
    let router = Router::new()
        .route("/metrics", get(operations::metrics))
        .route("/healthz", get(operations::healthz))
        .route("/readyz", get(operations::readyz));
    Routes { router: finish(router, app), at_once: &[] }
}

fn finish(router: Router<Arc<App>>, app: &Arc<App>) -> Router {
    router
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(axum::middleware::from_fn_with_state(Arc::clone(app), observe))
        .with_state(Arc::clone(app))
}

/// The OpenAPI document of the Ada dialect, as it is served and checked in.
#[must_use]
pub fn ada_openapi() -> String {
    let (_, document) = ada::routes().split_for_parts();
    written(&ada::finish_document(document))
}

/// The OpenAPI document of the Zendesk dialect, as it is served and checked in.
#[must_use]
pub fn zendesk_openapi() -> String {
    let (_, document) = zendesk::routes().split_for_parts();
    written(&zendesk::finish_document(document))
}

fn written(document: &OpenApi) -> String {
    let mut text = document.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}
