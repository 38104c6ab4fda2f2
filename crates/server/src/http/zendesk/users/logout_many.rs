//! `POST /api/v2/users/logout_many` (contract Zendesk §6).

use axum::http::StatusCode;
use axum::response::Response;

use super::show_many::named_ids;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::respond::empty;

action!(LogoutManyUsers, "api/v2/users/logout_many", UsersWrite, Team);

/// End the sessions of up to a hundred users
///
/// Nobody has a session here, so nothing is done.
#[utoipa::path(
    post,
    path = "/api/v2/users/logout_many",
    operation_id = "LogoutManyUsers",
    tag = "Users",
    params(("ids" = Option<Vec<i64>>, Query, description = "The users' ids", max_items = 100)),
    responses((status = 202, description = "They have no sessions")),
)]
pub(crate) async fn logout_many(
    request: Authorized<LogoutManyUsers>,
) -> Result<Response, ZendeskError> {
    named_ids(&request)?;
    Ok(empty(StatusCode::ACCEPTED))
}
