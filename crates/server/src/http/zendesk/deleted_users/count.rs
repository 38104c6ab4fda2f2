//! `GET /api/v2/deleted_users/count` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::Roles;

use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::respond::json_response;
use crate::http::zendesk::users::count::CountBody;

action!(CountDeletedUsers, "api/v2/deleted_users/count", UsersRead, Team);

/// Count deleted users
#[utoipa::path(
    get,
    path = "/api/v2/deleted_users/count",
    operation_id = "CountDeletedUsers",
    tag = "Deleted Users",
    responses((status = 200, description = "How many there are", body = CountBody)),
)]
pub(crate) async fn count(
    request: Authorized<CountDeletedUsers>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let counts = app.store.count_deleted_users(request.account).await?;
    Ok(json_response(StatusCode::OK, &CountBody::now(&app, counts.of(Roles::ALL))))
}
