//! `DELETE /api/v2/users/{id}/identities/{identity_id}` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::one::named;
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::respond::empty;
use crate::http::zendesk::schemas::PlainError;

action!(DeleteIdentity, "api/v2/identities/destroy", UsersWrite, Team);

/// Remove an identity of a user
///
/// If it was the primary one, the next of its kind takes its place.
#[utoipa::path(
    delete,
    path = "/api/v2/users/{id}/identities/{identity_id}",
    operation_id = "DeleteUserIdentity",
    tag = "User Identities",
    params(
        ("id" = i64, Path, description = "The user", minimum = 0),
        ("identity_id" = i64, Path, description = "The identity", minimum = 0),
    ),
    responses(
        (status = 204, description = "It is gone"),
        (status = 404, description = "The user has no such identity", body = PlainError),
    ),
)]
pub(crate) async fn delete(
    request: Authorized<DeleteIdentity>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let (user, id) = named(&request)?;
    app.store.delete_identity(request.account, user, id, app.now()).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}
