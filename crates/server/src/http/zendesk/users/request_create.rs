//! `POST /api/v2/users/request_create` (contract Zendesk §6).

use axum::http::StatusCode;
use axum::response::Response;

use crate::http::zendesk::body::JsonBody;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::respond::empty;
use crate::http::zendesk::schemas::UserRequest;

action!(RequestUserCreate, "api/v2/users/request_create", UsersWrite, Team);

/// Ask the owner of the account for another member of the team
///
/// Accounts here have room for everybody, so nobody is asked.
#[utoipa::path(
    post,
    path = "/api/v2/users/request_create",
    operation_id = "RequestUserCreate",
    tag = "Users",
    request_body = UserRequest,
    responses((status = 200, description = "There is nothing to ask for")),
)]
pub(crate) async fn request_create(
    request: Authorized<RequestUserCreate>,
    mut body: JsonBody,
) -> Result<Response, ZendeskError> {
    body.record("user", request.action())?;
    Ok(empty(StatusCode::OK))
}
