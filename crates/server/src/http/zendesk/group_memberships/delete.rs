//! `DELETE /api/v2/group_memberships/{id}`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::Membership;

use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::records;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::PlainError;

action!(DeleteGroupMembership, "api/v2/group_memberships/destroy", UsersWrite, Admins);

/// Let a member of the team leave a group
///
/// If it was their default one, the oldest of their other memberships tells the next.
#[utoipa::path(
    delete,
    path = "/api/v2/group_memberships/{id}",
    operation_id = "DeleteGroupMembership",
    tag = "Group Memberships",
    params(("id" = i64, Path, description = "The membership", minimum = 0)),
    responses(
        (status = 204, description = "The membership is gone"),
        (status = 404, description = "There is no such membership", body = PlainError),
    ),
)]
pub(crate) async fn delete(
    request: Authorized<DeleteGroupMembership>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    records::delete::<Membership>(&app, &request).await
}
