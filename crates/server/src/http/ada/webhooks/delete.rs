//! `DELETE /api/v2/webhooks/{id}/` (contract Ada §3.2).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use roster_directory::Scope;

use super::only_webhook_id;
use crate::app::App;
use crate::http::ada::AdaError;
use crate::http::ada::extract::{Authorized, PathText};
use crate::http::caller::Operation;
use crate::http::limits::Family;

pub(crate) enum DeleteWebhook {}

impl Operation for DeleteWebhook {
    const SCOPE: Scope = Scope::WebhooksManage;
    const FAMILY: Family = Family::Other;
}

/// Delete a webhook
///
/// What was sent to it, and what waits to be, is forgotten.
#[utoipa::path(
    delete,
    path = "/api/v2/webhooks/{id}/",
    operation_id = "delete_webhook",
    tag = "Webhooks",
    params(("id" = String, Path, description = "The webhook's identifier", pattern = "^ep_[0-9a-fA-F]{24}$")),
    responses(
        (status = 204, description = "The webhook is deleted"),
        (status = 404, description = "There is no such webhook", body = super::super::error::Errors),
    ),
)]
pub(crate) async fn delete(
    caller: Authorized<DeleteWebhook>,
    State(app): State<Arc<App>>,
    path: PathText,
) -> Result<StatusCode, AdaError> {
    if app.store.delete_endpoint(caller.account, only_webhook_id(path.text())?).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(AdaError::WebhookNotFound)
    }
}
