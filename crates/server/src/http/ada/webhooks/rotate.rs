//! `POST /api/v2/webhooks/{id}/secret/rotate/` (contract Ada §3.2).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::Scope;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::webhook_id;
use crate::app::App;
use crate::http::ada::extract::{Authorized, OptionalJsonBody, PathText};
use crate::http::ada::field::Field;
use crate::http::ada::problems::Problems;
use crate::http::ada::{AdaError, json, schemas};
use crate::http::caller::Operation;
use crate::http::limits::Family;
use crate::webhook::WebhookSecret;

pub(crate) enum RotateWebhookSecret {}

impl Operation for RotateWebhookSecret {
    const SCOPE: Scope = Scope::WebhooksManage;
    const FAMILY: Family = Family::Other;
}

/// The new secret. Without one the server makes one
#[derive(Deserialize, Default, ToSchema)]
#[schema(as = RotateWebhookSecretRequest)]
pub(crate) struct RotateBody {
    #[serde(default)]
    #[schema(schema_with = schemas::webhook_secret_or_null)]
    key: Field<String>,
}

/// Nothing more to say
#[derive(Serialize, ToSchema)]
#[schema(as = RotateWebhookSecretResponse)]
struct RotatedView {}

/// Rotate the secret of a webhook
///
/// The secret before it signs too for another 24 hours. The new one is read separately.
#[utoipa::path(
    post,
    path = "/api/v2/webhooks/{id}/secret/rotate/",
    operation_id = "rotate_webhook_secret",
    tag = "Webhooks",
    params(("id" = String, Path, description = "The webhook's identifier", pattern = "^ep_[0-9a-fA-F]{24}$")),
    request_body = Option<RotateBody>,
    responses(
        (status = 200, description = "The new secret signs from now on", body = RotatedView),
        (status = 404, description = "There is no such webhook", body = super::super::error::Errors),
    ),
)]
pub(crate) async fn rotate(
    caller: Authorized<RotateWebhookSecret>,
    State(app): State<Arc<App>>,
    path: PathText,
    OptionalJsonBody(body): OptionalJsonBody<RotateBody>,
) -> Result<Response, AdaError> {
    let mut problems = Problems::default();
    let id = webhook_id(path.text(), &mut problems);
    let key = body.key.optional("$.key", &mut problems);
    let given = key.and_then(|key| problems.check("$.key", WebhookSecret::parse(&key)));
    problems.finish("invalid secret")?;
    let id = id.ok_or(AdaError::WebhookNotFound)?;

    let secret = match given {
        Some(secret) => secret,
        None => WebhookSecret::generate(&*app.randomness).map_err(AdaError::internal)?,
    };
    let sealed = secret
        .seal(&app.keyring, caller.account, id, &*app.randomness)
        .map_err(AdaError::internal)?;
    if app.store.rotate_endpoint_secret(caller.account, id, sealed, app.now()).await? {
        Ok(json(StatusCode::OK, &RotatedView {}))
    } else {
        Err(AdaError::WebhookNotFound)
    }
}
