//! `GET /api/v2/deleted_users/{id}` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::view::{DeletedUserBody, answer_one};
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::PlainError;

action!(ShowDeletedUser, "api/v2/deleted_users/show", UsersRead, Team);

/// Show a deleted user
#[utoipa::path(
    get,
    path = "/api/v2/deleted_users/{id}",
    operation_id = "ShowDeletedUser",
    tag = "Deleted Users",
    params(("id" = i64, Path, description = "The deleted user", minimum = 0)),
    responses(
        (status = 200, description = "The deleted user", body = DeletedUserBody),
        (status = 404, description = "No such user was deleted", body = PlainError),
    ),
)]
pub(crate) async fn show(
    request: Authorized<ShowDeletedUser>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let id = request.user_id()?;
    let user = app.store.deleted_user(request.account, id).await?;
    Ok(answer_one(&request, &*user.ok_or(ZendeskError::RecordNotFound)?))
}
