//! `GET /api/v2/webhooks/event-types/` (contract Ada §3.2, §3.3).

use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::{EventType, SILENT_EVENT_TYPES, Scope};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::ada::extract::Authorized;
use crate::http::ada::json;
use crate::http::caller::Operation;
use crate::http::limits::Family;

pub(crate) enum ListEventTypes {}

impl Operation for ListEventTypes {
    const SCOPE: Scope = Scope::WebhooksManage;
    const FAMILY: Family = Family::Other;
}

/// What is said of a type that an endpoint may ask for in vain.
const SILENT: &str = "Accepted, so that setups written for the vendor work, but never sent.";

/// The event types there are
#[derive(Serialize, ToSchema)]
#[schema(as = EventTypes)]
struct EventTypesView {
    data: Vec<EventTypeView>,
}

/// An event type
#[derive(Serialize, ToSchema)]
#[schema(as = EventType)]
struct EventTypeView {
    #[schema(example = "v1.end_user.created")]
    name: &'static str,
    description: &'static str,
}

/// List event types
#[utoipa::path(
    get,
    path = "/api/v2/webhooks/event-types/",
    operation_id = "list_event_types",
    tag = "Webhooks",
    responses((status = 200, description = "Every event type", body = EventTypesView)),
)]
pub(crate) async fn event_types(_caller: Authorized<ListEventTypes>) -> Response {
    let sent = EventType::ALL.iter().map(|event_type| EventTypeView {
        name: event_type.name(),
        description: event_type.description(),
    });
    let silent = SILENT_EVENT_TYPES.map(|name| EventTypeView { name, description: SILENT });
    json(StatusCode::OK, &EventTypesView { data: sent.chain(silent).collect() })
}
