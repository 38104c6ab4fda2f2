//! `DELETE /api/v2/groups/{id}`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::Group;

use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::records;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::PlainError;

action!(DeleteGroup, "api/v2/groups/destroy", UsersWrite, Admins);

/// Delete a group
///
/// Its memberships go with it; its members stay.
#[utoipa::path(
    delete,
    path = "/api/v2/groups/{id}",
    operation_id = "DeleteGroup",
    tag = "Groups",
    params(("id" = i64, Path, description = "The group", minimum = 0)),
    responses(
        (status = 204, description = "The group is gone"),
        (status = 404, description = "There is no such group", body = PlainError),
    ),
)]
pub(crate) async fn delete(
    request: Authorized<DeleteGroup>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    records::delete::<Group>(&app, &request).await
}
