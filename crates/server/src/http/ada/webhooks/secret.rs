//! `GET /api/v2/webhooks/{id}/secret/` (contract Ada §3.2).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use axum::response::Response;
use roster_directory::Scope;
use serde::Serialize;
use utoipa::ToSchema;

use super::only_webhook_id;
use crate::app::App;
use crate::http::ada::extract::{Authorized, PathText};
use crate::http::ada::{AdaError, json, schemas};
use crate::http::caller::Operation;
use crate::http::limits::Family;
use crate::webhook::WebhookSecret;

pub(crate) enum GetWebhookSecret {}

impl Operation for GetWebhookSecret {
    const SCOPE: Scope = Scope::WebhooksManage;
    const FAMILY: Family = Family::Other;
}

/// What signs the messages to a webhook
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookSecret)]
struct SecretView {
    #[schema(schema_with = schemas::webhook_secret)]
    key: String,
}

/// Get the secret of a webhook
#[utoipa::path(
    get,
    path = "/api/v2/webhooks/{id}/secret/",
    operation_id = "get_webhook_secret",
    tag = "Webhooks",
    params(("id" = String, Path, description = "The webhook's identifier", pattern = "^ep_[0-9a-fA-F]{24}$")),
    responses(
        (status = 200, description = "The secret that signs now", body = SecretView),
        (status = 404, description = "There is no such webhook", body = super::super::error::Errors),
    ),
)]
pub(crate) async fn secret(
    caller: Authorized<GetWebhookSecret>,
    State(app): State<Arc<App>>,
    path: PathText,
) -> Result<Response, AdaError> {
    let id = only_webhook_id(path.text())?;
    let secrets = app.store.endpoint_secrets(caller.account, id).await?;
    let secrets = secrets.ok_or(AdaError::WebhookNotFound)?;
    let secret = WebhookSecret::open(&app.keyring, caller.account, id, &secrets.current)
        .map_err(AdaError::internal)?;
    let mut response = json(StatusCode::OK, &SecretView { key: secret.reveal() });
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
