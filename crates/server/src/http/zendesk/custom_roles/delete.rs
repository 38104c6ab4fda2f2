//! `DELETE /api/v2/custom_roles/{id}`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::CustomRole;

use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::records;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::{PlainError, RecordInvalid};

action!(DeleteCustomRole, "api/v2/custom_roles/destroy", UsersWrite, Admins);

/// Delete a custom role
#[utoipa::path(
    delete,
    path = "/api/v2/custom_roles/{id}",
    operation_id = "DeleteCustomRole",
    tag = "Custom Roles",
    params(("id" = i64, Path, description = "The custom role", minimum = 0)),
    responses(
        (status = 204, description = "The custom role is gone"),
        (status = 404, description = "There is no such custom role", body = PlainError),
        (status = 422, description = "Some users have this role", body = RecordInvalid),
    ),
)]
pub(crate) async fn delete(
    request: Authorized<DeleteCustomRole>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    records::delete::<CustomRole>(&app, &request).await
}
