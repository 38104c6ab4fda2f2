//! The whole service as one router.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use super::observe::observe;
use super::{ada, operations, own};
use crate::app::App;

/// Everything that is served on the main listener. `/metrics` is left out when it has a listener
/// of its own.
pub fn router(app: &Arc<App>, with_metrics: bool) -> Router {
    let (routes, _) = ada::routes().split_for_parts();
    let mut router = routes
        .merge(own::routes())
        .route("/healthz", get(operations::healthz))
        .route("/readyz", get(operations::readyz))
        .route("/openapi/ada.json", get(operations::openapi_ada));
    if with_metrics {
        router = router.route("/metrics", get(operations::metrics));
    }
    finish(router, app)
}

/// What is served on the listener of `--metrics-listen`.
pub fn metrics_router(app: &Arc<App>) -> Router {
    let router = Router::new()
        .route("/metrics", get(operations::metrics))
        .route("/healthz", get(operations::healthz))
        .route("/readyz", get(operations::readyz));
    finish(router, app)
}

fn finish(router: Router<Arc<App>>, app: &Arc<App>) -> Router {
    router
        .fallback(ada::not_found)
        .method_not_allowed_fallback(ada::method_not_allowed)
        .layer(axum::middleware::from_fn_with_state(Arc::clone(app), observe))
        .with_state(Arc::clone(app))
}

/// The OpenAPI document of the Ada dialect, as it is served and checked in.
#[must_use]
pub fn ada_openapi() -> String {
    let (_, document) = ada::routes().split_for_parts();
    let mut text = ada::finish_document(document).to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}
