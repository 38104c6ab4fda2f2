//! `GET /api/v2/organizations`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::{RecordFilter, RecordKind};

use super::view::{OrganizationsView, answer_list};
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::records;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::ListParameters;

action!(ListOrganizations, "api/v2/organizations/index", UsersRead, Team);

/// List organizations
///
/// Ascending by id; a page is asked for by its number or by a cursor.
#[utoipa::path(
    get,
    path = "/api/v2/organizations",
    operation_id = "ListOrganizations",
    tag = "Organizations",
    params(ListParameters),
    responses((status = 200, description = "A page of organizations", body = OrganizationsView)),
)]
pub(crate) async fn list(
    request: Authorized<ListOrganizations>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let filter = RecordFilter::All(RecordKind::Organization);
    let (organizations, envelope) = records::page(&app, &request, filter).await?;
    Ok(answer_list(&request, &organizations, envelope))
}
