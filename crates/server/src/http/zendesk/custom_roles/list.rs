//! `GET /api/v2/custom_roles` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::{CustomRole, RecordFilter, RecordKind};

use super::view::{CustomRoleView, CustomRolesView};
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::records;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::respond::json_response;

action!(ListCustomRoles, "api/v2/custom_roles/index", UsersRead, Team);

/// List custom roles
///
/// All of them at once, ascending by id; of more than five thousand the oldest.
#[utoipa::path(
    get,
    path = "/api/v2/custom_roles",
    operation_id = "ListCustomRoles",
    tag = "Custom Roles",
    responses((status = 200, description = "The custom roles", body = CustomRolesView)),
)]
pub(crate) async fn list(
    request: Authorized<ListCustomRoles>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let filter = RecordFilter::All(RecordKind::CustomRole);
    let (roles, envelope) = records::whole::<CustomRole>(&app, &request, filter).await?;
    let custom_roles = roles.iter().map(CustomRoleView::from).collect();
    Ok(json_response(StatusCode::OK, &CustomRolesView { custom_roles, envelope }))
}
