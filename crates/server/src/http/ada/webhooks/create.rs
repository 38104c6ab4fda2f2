//! `POST /api/v2/webhooks/` (contract Ada §3.2).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::{Endpoint, EndpointId, EndpointStatus, NewEndpoint, Scope, Timestamp};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{self, INVALID};
use super::view::WebhookView;
use crate::app::App;
use crate::http::ada::extract::{Authorized, JsonBody};
use crate::http::ada::field::{Field, TextList};
use crate::http::ada::problems::Problems;
use crate::http::ada::{AdaError, json, schemas};
use crate::http::caller::Operation;
use crate::http::limits::Family;
use crate::webhook::WebhookSecret;

pub(crate) enum CreateWebhook {}

impl Operation for CreateWebhook {
    const SCOPE: Scope = Scope::WebhooksManage;
    const FAMILY: Family = Family::Other;
}

/// A new webhook
#[derive(Deserialize, Default, ToSchema)]
#[schema(as = CreateWebhookRequest)]
pub(crate) struct WebhookBody {
    #[serde(default)]
    #[schema(required = true, schema_with = schemas::webhook_url)]
    url: Field<String>,
    #[serde(default)]
    #[schema(schema_with = schemas::webhook_description_or_null)]
    description: Field<String>,
    #[serde(default)]
    #[schema(schema_with = schemas::event_filters_or_null)]
    event_filters: Field<TextList>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    enabled: Field<bool>,
}

/// Create a webhook
///
/// It gets what happens from now on. Its secret is made by the server and read separately.
#[utoipa::path(
    post,
    path = "/api/v2/webhooks/",
    operation_id = "create_webhook",
    tag = "Webhooks",
    request_body = WebhookBody,
    responses((status = 201, description = "The new webhook", body = WebhookView)),
)]
pub(crate) async fn create(
    caller: Authorized<CreateWebhook>,
    State(app): State<Arc<App>>,
    JsonBody(body): JsonBody<WebhookBody>,
) -> Result<Response, AdaError> {
    let now = app.now();
    let endpoint = read(body, &app, EndpointId(app.new_object_id(now)), now)?;
    let secret = WebhookSecret::generate(&*app.randomness).map_err(AdaError::internal)?;
    let secret = secret
        .seal(&app.keyring, caller.account, endpoint.endpoint_id, &*app.randomness)
        .map_err(AdaError::internal)?;
    let new = NewEndpoint { endpoint, secret };
    let endpoint = app.store.create_endpoint(caller.account, new).await?;
    Ok(json(StatusCode::CREATED, &WebhookView::from(&endpoint)))
}

fn read(
    body: WebhookBody,
    app: &App,
    endpoint_id: EndpointId,
    now: Timestamp,
) -> Result<Endpoint, AdaError> {
    let mut problems = Problems::default();
    let url = body.url.required("$.url", &mut problems);
    let url = body::url(url, &app.settings.webhook_policy, &mut problems);
    let description = body::description(body.description, &mut problems);
    let event_types = body::event_types(body.event_filters, &mut problems);
    let enabled = body.enabled.optional("$.enabled", &mut problems).unwrap_or(true);
    problems.finish(INVALID)?;

    Ok(Endpoint {
        endpoint_id,
        url: url.ok_or_else(|| AdaError::internal("a problem of a webhook was lost"))?,
        description: description.unwrap_or_default(),
        event_types: event_types.unwrap_or_default(),
        status: if enabled { EndpointStatus::Enabled } else { EndpointStatus::Disabled },
        failing_since: None,
        last_failed_at: None,
        created_at: now,
        updated_at: now,
    })
}
