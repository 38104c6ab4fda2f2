//! `PATCH /api/v2/webhooks/{id}/` (contract Ada §3.2).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::{EndpointId, EndpointPatch, Scope};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{self, INVALID};
use super::view::WebhookView;
use super::webhook_id;
use crate::app::App;
use crate::http::ada::extract::{Authorized, JsonBody, PathText};
use crate::http::ada::field::{Field, TextList};
use crate::http::ada::problems::Problems;
use crate::http::ada::{AdaError, json, schemas};
use crate::http::caller::Operation;
use crate::http::limits::Family;

pub(crate) enum PatchWebhook {}

impl Operation for PatchWebhook {
    const SCOPE: Scope = Scope::WebhooksManage;
    const FAMILY: Family = Family::Other;
}

/// A change of a webhook. What is absent stays.
#[derive(Deserialize, Default, ToSchema)]
#[schema(as = PatchWebhookRequest)]
pub(crate) struct PatchBody {
    #[serde(default)]
    #[schema(schema_with = schemas::webhook_url)]
    url: Field<String>,
    #[serde(default)]
    #[schema(schema_with = schemas::webhook_description_or_null)]
    description: Field<String>,
    #[serde(default)]
    #[schema(schema_with = schemas::event_filters_or_null)]
    event_filters: Field<TextList>,
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    enabled: Field<bool>,
}

/// Update a webhook
///
/// One that is enabled again gets what happens from now on, and what it was still to be sent when
/// it was disabled, but not what happened meanwhile.
#[utoipa::path(
    patch,
    path = "/api/v2/webhooks/{id}/",
    operation_id = "patch_webhook",
    tag = "Webhooks",
    params(("id" = String, Path, description = "The webhook's identifier", pattern = "^ep_[0-9a-fA-F]{24}$")),
    request_body = PatchBody,
    responses(
        (status = 200, description = "The webhook as it is now", body = WebhookView),
        (status = 404, description = "There is no such webhook", body = super::super::error::Errors),
    ),
)]
pub(crate) async fn patch(
    caller: Authorized<PatchWebhook>,
    State(app): State<Arc<App>>,
    path: PathText,
    JsonBody(body): JsonBody<PatchBody>,
) -> Result<Response, AdaError> {
    let (id, patch) = read(&path, body, &app)?;
    let endpoint = app.store.patch_endpoint(caller.account, id, patch, app.now()).await?;
    let endpoint = endpoint.ok_or(AdaError::WebhookNotFound)?;
    Ok(json(StatusCode::OK, &WebhookView::from(&endpoint)))
}

fn read(
    path: &PathText,
    body: PatchBody,
    app: &App,
) -> Result<(EndpointId, EndpointPatch), AdaError> {
    let mut problems = Problems::default();
    let id = webhook_id(path.text(), &mut problems);
    let url = body.url.given("$.url", &mut problems);
    let patch = EndpointPatch {
        url: body::url(url, &app.settings.webhook_policy, &mut problems),
        description: body::description(body.description, &mut problems),
        event_types: body::event_types(body.event_filters, &mut problems),
        enabled: body.enabled.given("$.enabled", &mut problems),
    };
    problems.finish(INVALID)?;
    Ok((id.ok_or(AdaError::WebhookNotFound)?, patch))
}
