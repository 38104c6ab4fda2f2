//! `GET /api/v2/groups/assignable`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::{Group, RecordFilter, RecordKind};

use super::view::{GroupsView, answer_list};
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::records;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::ListParameters;

action!(ListAssignableGroups, "api/v2/groups/assignable", UsersRead, Team);

/// List the groups that tickets can be assigned to
///
/// There are no tickets here, and so nothing that would keep any from a group: it is every group.
#[utoipa::path(
    get,
    path = "/api/v2/groups/assignable",
    operation_id = "ListAssignableGroups",
    tag = "Groups",
    params(ListParameters),
    responses((status = 200, description = "A page of groups", body = GroupsView)),
)]
pub(crate) async fn assignable(
    request: Authorized<ListAssignableGroups>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let filter = RecordFilter::All(RecordKind::Group);
    let (groups, envelope) = records::page::<Group>(&app, &request, filter).await?;
    Ok(answer_list(&request, &groups, envelope))
}
