//! `GET /api/v2/groups/{id}/memberships`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::{Group, RecordFilter};

use super::view::{MembershipsView, answer_list};
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::records;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::{ListParameters, PlainError};

action!(ListGroupMembershipsByGroup, "api/v2/group_memberships/index", UsersRead, Team);

/// List who belongs to a group
#[utoipa::path(
    get,
    path = "/api/v2/groups/{id}/memberships",
    operation_id = "ListGroupMembershipsByGroup",
    tag = "Group Memberships",
    params(("id" = i64, Path, description = "The group", minimum = 0), ListParameters),
    responses(
        (status = 200, description = "A page of memberships", body = MembershipsView),
        (status = 404, description = "There is no such group", body = PlainError),
    ),
)]
pub(crate) async fn of_group(
    request: Authorized<ListGroupMembershipsByGroup>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let group: Group = records::find(&app, &request).await?;
    let filter = RecordFilter::MembershipsIn(group.id);
    let (memberships, envelope) = records::page(&app, &request, filter).await?;
    answer_list(&app, &request, &memberships, envelope).await
}
