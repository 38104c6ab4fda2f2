//! roster's own API, for what no vendor's dialect may show. It speaks Ada's error body.

mod sensitive_metadata;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::app::App;

/// The routes of roster's own API.
pub(crate) fn routes() -> Router<Arc<App>> {
    let path = "/roster/v1/end-users/{end_user_id}/sensitive-metadata";
    Router::new()
        .route(path, get(sensitive_metadata::read))
        .route(&format!("{path}/"), get(sensitive_metadata::read))
}
