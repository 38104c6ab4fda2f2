//! `GET /api/v2/group_memberships`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::{RecordFilter, RecordKind};

use super::view::{MembershipsView, answer_list};
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::records;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::ListParameters;

action!(ListGroupMemberships, "api/v2/group_memberships/index", UsersRead, Team);

/// List who belongs to which group
///
/// Ascending by id; a page is asked for by its number or by a cursor.
#[utoipa::path(
    get,
    path = "/api/v2/group_memberships",
    operation_id = "ListGroupMemberships",
    tag = "Group Memberships",
    params(ListParameters),
    responses((status = 200, description = "A page of memberships", body = MembershipsView)),
)]
pub(crate) async fn list(
    request: Authorized<ListGroupMemberships>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let filter = RecordFilter::All(RecordKind::Membership);
    let (memberships, envelope) = records::page(&app, &request, filter).await?;
    answer_list(&app, &request, &memberships, envelope).await
}
