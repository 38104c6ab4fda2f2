//! `GET /api/v2/groups/{id}/users` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::{Group, Segment};

use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::records;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::{
    ListParameters, PlainError, UserFilterParameters, UserListParameters,
};
use crate::http::zendesk::users::filter::read_filter;
use crate::http::zendesk::users::page::{UsersView, answer_page};

action!(ListGroupUsers, "api/v2/users/index", UsersRead, Team);

/// List the users of a group
#[utoipa::path(
    get,
    path = "/api/v2/groups/{id}/users",
    operation_id = "ListGroupUsers",
    tag = "Groups",
    params(
        ("id" = i64, Path, description = "The group", minimum = 0),
        ListParameters, UserListParameters, UserFilterParameters,
    ),
    responses(
        (status = 200, description = "A page of users", body = UsersView),
        (status = 404, description = "There is no such group", body = PlainError),
    ),
)]
pub(crate) async fn users(
    request: Authorized<ListGroupUsers>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let group: Group = records::find(&app, &request).await?;
    let filter = read_filter(&app, &request, Segment::Group(group.id)).await?;
    answer_page(&app, &request, filter).await
}
