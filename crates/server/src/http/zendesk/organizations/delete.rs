//! `DELETE /api/v2/organizations/{id}`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::Organization;

use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::records;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::PlainError;

action!(DeleteOrganization, "api/v2/organizations/destroy", UsersWrite, Team);

/// Delete an organization
///
/// Its users stay, and belong to none then.
#[utoipa::path(
    delete,
    path = "/api/v2/organizations/{id}",
    operation_id = "DeleteOrganization",
    tag = "Organizations",
    params(("id" = i64, Path, description = "The organization", minimum = 0)),
    responses(
        (status = 204, description = "The organization is gone"),
        (status = 404, description = "There is no such organization", body = PlainError),
    ),
)]
pub(crate) async fn delete(
    request: Authorized<DeleteOrganization>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    records::delete::<Organization>(&app, &request).await
}
