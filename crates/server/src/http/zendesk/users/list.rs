//! `GET /api/v2/users` (contract Zendesk §1).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::Segment;

use super::filter::read_filter;
use super::page::{UsersView, answer_page};
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::{ListParameters, UserFilterParameters, UserListParameters};

action!(ListUsers, "api/v2/users/index", UsersRead, Team);

/// List users
///
/// By number (`page`, `per_page`) or by cursor (`page[size]`, `page[after]`, `page[before]`).
#[utoipa::path(
    get,
    path = "/api/v2/users",
    operation_id = "ListUsers",
    tag = "Users",
    params(ListParameters, UserListParameters, UserFilterParameters),
    responses((status = 200, description = "A page of users", body = UsersView)),
)]
pub(crate) async fn list(
    request: Authorized<ListUsers>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let filter = read_filter(&app, &request, Segment::Account).await?;
    answer_page(&app, &request, filter).await
}
