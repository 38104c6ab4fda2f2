//! `GET /api/v2/organizations/count`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::RecordKind;

use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::records;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::users::count::CountBody;

action!(CountOrganizations, "api/v2/organizations/count", UsersRead, Team);

/// Count organizations
#[utoipa::path(
    get,
    path = "/api/v2/organizations/count",
    operation_id = "CountOrganizations",
    tag = "Organizations",
    responses((status = 200, description = "How many there are", body = CountBody)),
)]
pub(crate) async fn count(
    request: Authorized<CountOrganizations>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    records::answer_count(&app, &request, RecordKind::Organization).await
}
