//! `GET /api/v2/groups`.

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

action!(ListGroups, "api/v2/groups/index", UsersRead, Team);

/// List groups
///
/// Ascending by id; a page is asked for by its number or by a cursor.
#[utoipa::path(
    get,
    path = "/api/v2/groups",
    operation_id = "ListGroups",
    tag = "Groups",
    params(
        ListParameters,
        ("exclude_deleted" = Option<bool>, Query, description = "Accepted; deleted groups are never listed"),
    ),
    responses((status = 200, description = "A page of groups", body = GroupsView)),
)]
pub(crate) async fn list(
    request: Authorized<ListGroups>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let filter = RecordFilter::All(RecordKind::Group);
    let (groups, envelope) = records::page::<Group>(&app, &request, filter).await?;
    Ok(answer_list(&request, &groups, envelope))
}
