//! `GET /api/v2/group_memberships/{id}`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::view::MembershipBody;
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::records;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::respond::json_response;
use crate::http::zendesk::schemas::PlainError;

action!(ShowGroupMembership, "api/v2/group_memberships/show", UsersRead, Team);

/// Show a membership
#[utoipa::path(
    get,
    path = "/api/v2/group_memberships/{id}",
    operation_id = "ShowGroupMembership",
    tag = "Group Memberships",
    params(("id" = i64, Path, description = "The membership", minimum = 0)),
    responses(
        (status = 200, description = "The membership", body = MembershipBody),
        (status = 404, description = "There is no such membership", body = PlainError),
    ),
)]
pub(crate) async fn show(
    request: Authorized<ShowGroupMembership>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let membership = records::find(&app, &request).await?;
    let body = MembershipBody::load(&app, &request, &membership).await?;
    Ok(json_response(StatusCode::OK, &body))
}
