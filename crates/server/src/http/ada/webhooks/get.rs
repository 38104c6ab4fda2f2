//! `GET /api/v2/webhooks/{id}/` (contract Ada §3.2).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::Scope;

use super::only_webhook_id;
use super::view::WebhookView;
use crate::app::App;
use crate::http::ada::extract::{Authorized, PathText};
use crate::http::ada::{AdaError, json};
use crate::http::caller::Operation;
use crate::http::limits::Family;

pub(crate) enum GetWebhook {}

impl Operation for GetWebhook {
    const SCOPE: Scope = Scope::WebhooksManage;
    const FAMILY: Family = Family::Other;
}

/// Get a webhook
#[utoipa::path(
    get,
    path = "/api/v2/webhooks/{id}/",
    operation_id = "get_webhook",
    tag = "Webhooks",
    params(("id" = String, Path, description = "The webhook's identifier", pattern = "^ep_[0-9a-fA-F]{24}$")),
    responses(
        (status = 200, description = "The webhook", body = WebhookView),
        (status = 404, description = "There is no such webhook", body = super::super::error::Errors),
    ),
)]
pub(crate) async fn get(
    caller: Authorized<GetWebhook>,
    State(app): State<Arc<App>>,
    path: PathText,
) -> Result<Response, AdaError> {
    let endpoint = app.store.endpoint(caller.account, only_webhook_id(path.text())?).await?;
    let endpoint = endpoint.ok_or(AdaError::WebhookNotFound)?;
    Ok(json(StatusCode::OK, &WebhookView::from(&endpoint)))
}
