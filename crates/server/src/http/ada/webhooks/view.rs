//! A webhook as it is answered. Its secret is never part of it.

use roster_directory::{Endpoint, EndpointStatus};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::ada::schemas;
use crate::http::ada::time::AdaTime;

/// A webhook: where changes are told
#[derive(Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(super) struct WebhookView<'a> {
    /// The unique identifier of the webhook
    #[schema(schema_with = schemas::webhook_id)]
    id: String,
    /// Where messages are sent
    #[schema(example = "https://example.com/hooks")]
    url: &'a str,
    description: &'a str,
    /// The event types that were asked for by name; none means created and updated end users
    event_filters: Vec<&'static str>,
    /// Whether messages are sent
    enabled: bool,
    /// Why the server disabled the webhook; null if it did not
    #[schema(required = true, schema_with = schemas::disabled_reason)]
    disabled_reason: Option<&'static str>,
    /// When the webhook was created
    created_at: AdaTime,
    /// When the webhook was last changed or disabled
    updated_at: AdaTime,
}

impl<'a> From<&'a Endpoint> for WebhookView<'a> {
    fn from(endpoint: &'a Endpoint) -> Self {
        let (enabled, disabled_reason) = match endpoint.status {
            EndpointStatus::Enabled => (true, None),
            EndpointStatus::Disabled => (false, None),
            EndpointStatus::Failed => (false, Some("failing_for_five_days")),
            EndpointStatus::Gone => (false, Some("gone")),
        };
        Self {
            id: endpoint.endpoint_id.to_string(),
            url: endpoint.url.as_str(),
            description: endpoint.description.as_str(),
            event_filters: endpoint.event_types.names().collect(),
            enabled,
            disabled_reason,
            created_at: AdaTime(endpoint.created_at),
            updated_at: AdaTime(endpoint.updated_at),
        }
    }
}
