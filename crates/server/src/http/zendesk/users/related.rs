//! `GET /api/v2/users/{id}/related` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::respond::json_response;
use crate::http::zendesk::schemas::PlainError;

action!(ShowUserRelated, "api/v2/users/related", UsersRead, Team);

/// Count what has to do with a user
///
/// There are no tickets here, so these are all zero.
#[utoipa::path(
    get,
    path = "/api/v2/users/{id}/related",
    operation_id = "ShowUserRelated",
    tag = "Users",
    params(("id" = i64, Path, description = "The user", minimum = 0)),
    responses(
        (status = 200, description = "The counts", body = RelatedBody),
        (status = 404, description = "There is no such user", body = PlainError),
    ),
)]
pub(crate) async fn related(
    request: Authorized<ShowUserRelated>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let id = request.user_id()?;
    let user = app.store.user(request.account, id).await?;
    user.ok_or(ZendeskError::RecordNotFound)?;
    Ok(json_response(StatusCode::OK, &RelatedBody::default()))
}

/// What has to do with a user
#[derive(Default, Serialize, ToSchema)]
#[schema(as = UserRelatedResponse)]
struct RelatedBody {
    user_related: Related,
}

/// How much there is
#[derive(Default, Serialize, ToSchema)]
struct Related {
    assigned_tickets: u64,
    requested_tickets: u64,
    ccd_tickets: u64,
    organization_subscriptions: u64,
}
