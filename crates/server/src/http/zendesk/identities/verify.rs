//! `PUT /api/v2/users/{id}/identities/{identity_id}/verify` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::IdentityChange;

use super::one::{IdentityBody, answer_one, change};
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::PlainError;

action!(VerifyIdentity, "api/v2/identities/verify", UsersWrite, Team);

/// Say that an identity is verified
#[utoipa::path(
    put,
    path = "/api/v2/users/{id}/identities/{identity_id}/verify",
    operation_id = "VerifyUserIdentity",
    tag = "User Identities",
    params(
        ("id" = i64, Path, description = "The user", minimum = 0),
        ("identity_id" = i64, Path, description = "The identity", minimum = 0),
    ),
    responses(
        (status = 200, description = "The identity as it is now", body = IdentityBody),
        (status = 404, description = "The user has no such identity", body = PlainError),
    ),
)]
pub(crate) async fn verify(
    request: Authorized<VerifyIdentity>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let edit = IdentityChange::Edit { value: None, verified: Some(true) };
    let identity = change(&app, &request, edit).await?;
    Ok(answer_one(&request, &identity))
}
