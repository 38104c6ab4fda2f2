//! `GET /api/v2/groups/{id}`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::view::GroupBody;
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::records;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::respond::json_response;
use crate::http::zendesk::schemas::PlainError;

action!(ShowGroup, "api/v2/groups/show", UsersRead, Team);

/// Show a group
#[utoipa::path(
    get,
    path = "/api/v2/groups/{id}",
    operation_id = "ShowGroup",
    tag = "Groups",
    params(("id" = i64, Path, description = "The group", minimum = 0)),
    responses(
        (status = 200, description = "The group", body = GroupBody),
        (status = 404, description = "There is no such group", body = PlainError),
    ),
)]
pub(crate) async fn show(
    request: Authorized<ShowGroup>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let group = records::find(&app, &request).await?;
    Ok(json_response(StatusCode::OK, &GroupBody::new(&group, &request)))
}
