//! `GET /api/v2/groups/count`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::RecordKind;

use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::records;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::users::count::CountBody;

action!(CountGroups, "api/v2/groups/count", UsersRead, Team);

/// Count groups
#[utoipa::path(
    get,
    path = "/api/v2/groups/count",
    operation_id = "CountGroups",
    tag = "Groups",
    responses((status = 200, description = "How many there are", body = CountBody)),
)]
pub(crate) async fn count(
    request: Authorized<CountGroups>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    records::answer_count(&app, &request, RecordKind::Group).await
}
