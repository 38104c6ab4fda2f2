//! `GET /api/v2/groups/{id}/users/count` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::{Group, Segment};

use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::records;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::{PlainError, UserFilterParameters};
use crate::http::zendesk::users::count::{CountBody, answer_count};
use crate::http::zendesk::users::filter::read_filter;

action!(CountGroupUsers, "api/v2/users/count", UsersRead, Team);

/// Count the users of a group
#[utoipa::path(
    get,
    path = "/api/v2/groups/{id}/users/count",
    operation_id = "CountGroupUsers",
    tag = "Groups",
    params(
        ("id" = i64, Path, description = "The group", minimum = 0),
        UserFilterParameters,
    ),
    responses(
        (status = 200, description = "How many there are", body = CountBody),
        (status = 404, description = "There is no such group", body = PlainError),
    ),
)]
pub(crate) async fn count_users(
    request: Authorized<CountGroupUsers>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let group: Group = records::find(&app, &request).await?;
    let filter = read_filter(&app, &request, Segment::Group(group.id)).await?;
    answer_count(&app, &request, filter).await
}
