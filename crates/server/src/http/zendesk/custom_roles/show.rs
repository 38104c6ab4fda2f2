//! `GET /api/v2/custom_roles/{id}` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::view::CustomRoleBody;
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::records;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::respond::json_response;
use crate::http::zendesk::schemas::PlainError;

action!(ShowCustomRole, "api/v2/custom_roles/show", UsersRead, Team);

/// Show a custom role
#[utoipa::path(
    get,
    path = "/api/v2/custom_roles/{id}",
    operation_id = "ShowCustomRole",
    tag = "Custom Roles",
    params(("id" = i64, Path, description = "The custom role", minimum = 0)),
    responses(
        (status = 200, description = "The custom role", body = CustomRoleBody),
        (status = 404, description = "There is no such custom role", body = PlainError),
    ),
)]
pub(crate) async fn show(
    request: Authorized<ShowCustomRole>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let role = records::find(&app, &request).await?;
    Ok(json_response(StatusCode::OK, &CustomRoleBody::new(&role)))
}
