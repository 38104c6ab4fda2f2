//! `GET /api/v2/users/{id}/identities/{identity_id}` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::one::{IdentityBody, answer_one, find};
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::PlainError;

action!(ShowIdentity, "api/v2/identities/show", UsersRead, Team);

/// Show an identity of a user
#[utoipa::path(
    get,
    path = "/api/v2/users/{id}/identities/{identity_id}",
    operation_id = "ShowUserIdentity",
    tag = "User Identities",
    params(
        ("id" = i64, Path, description = "The user", minimum = 0),
        ("identity_id" = i64, Path, description = "The identity", minimum = 0),
    ),
    responses(
        (status = 200, description = "The identity", body = IdentityBody),
        (status = 404, description = "The user has no such identity", body = PlainError),
    ),
)]
pub(crate) async fn show(
    request: Authorized<ShowIdentity>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let identity = find(&app, &request).await?;
    Ok(answer_one(&request, &identity))
}
