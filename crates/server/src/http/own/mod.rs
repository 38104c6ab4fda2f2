//! roster's own API, for what no vendor's dialect may show. It speaks Ada's error body.

mod sensitive_metadata;
mod webhooks;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

/// The routes of roster's own API, each with and without the slash at the end.
pub(crate) fn routes() -> Router<Arc<App>> {
    [
        ("/end-users/{end_user_id}/sensitive-metadata", get(sensitive_metadata::read)),
        ("/webhooks/{id}/deliveries", get(webhooks::deliveries::list)),
        ("/webhooks/{id}/deliveries/{message}", get(webhooks::delivery::show)),
        ("/webhooks/{id}/deliveries/{message}/replay", post(webhooks::replay::replay)),
        ("/webhooks/{id}/replay", post(webhooks::replay_failed::replay_failed)),
    ]
    .into_iter()
    .fold(Router::new(), |router, (path, methods)| {
        router
            .route(&format!("/roster/v1{path}"), methods.clone())
            .route(&format!("/roster/v1{path}/"), methods)
    })
}
