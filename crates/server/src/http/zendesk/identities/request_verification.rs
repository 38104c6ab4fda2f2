//! `PUT /api/v2/users/{id}/identities/{identity_id}/request_verification` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::one::find;
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::respond::empty;
use crate::http::zendesk::schemas::PlainError;

action!(RequestIdentityVerification, "api/v2/identities/request_verification", UsersWrite, Team);

/// Ask a user to verify an identity
///
/// No mail is sent here, so nothing is done.
#[utoipa::path(
    put,
    path = "/api/v2/users/{id}/identities/{identity_id}/request_verification",
    operation_id = "RequestUserVerification",
    tag = "User Identities",
    params(
        ("id" = i64, Path, description = "The user", minimum = 0),
        ("identity_id" = i64, Path, description = "The identity", minimum = 0),
    ),
    responses(
        (status = 200, description = "The user has the identity"),
        (status = 404, description = "The user has no such identity", body = PlainError),
    ),
)]
pub(crate) async fn request_verification(
    request: Authorized<RequestIdentityVerification>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    find(&app, &request).await?;
    Ok(empty(StatusCode::OK))
}
