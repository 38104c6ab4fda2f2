//! `GET /api/v2/users/{id}/group_memberships`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::RecordFilter;

use super::view::{MembershipsView, answer_list};
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::records;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::{ListParameters, PlainError};

action!(ListUserGroupMemberships, "api/v2/group_memberships/index", UsersRead, Team);

/// List the memberships of a user
#[utoipa::path(
    get,
    path = "/api/v2/users/{id}/group_memberships",
    operation_id = "ListUserGroupMemberships",
    tag = "Group Memberships",
    params(("id" = i64, Path, description = "The user", minimum = 0), ListParameters),
    responses(
        (status = 200, description = "A page of memberships", body = MembershipsView),
        (status = 404, description = "There is no such user", body = PlainError),
    ),
)]
pub(crate) async fn of_user(
    request: Authorized<ListUserGroupMemberships>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let user = records::find_user(&app, &request).await?;
    let filter = RecordFilter::MembershipsOf(user.user_id);
    let (memberships, envelope) = records::page(&app, &request, filter).await?;
    answer_list(&app, &request, &memberships, envelope).await
}
