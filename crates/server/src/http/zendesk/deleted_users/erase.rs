//! `DELETE /api/v2/deleted_users/{id}` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::view::{DeletedUserBody, answer_one};
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::PlainError;

action!(EraseDeletedUser, "api/v2/deleted_users/destroy", UsersWrite, Admins);

/// Delete a deleted user for good
///
/// Nothing is known of them then but that they were there.
#[utoipa::path(
    delete,
    path = "/api/v2/deleted_users/{id}",
    operation_id = "PermanentlyDeleteUser",
    tag = "Deleted Users",
    params(("id" = i64, Path, description = "The deleted user", minimum = 0)),
    responses(
        (status = 200, description = "What is left of the user", body = DeletedUserBody),
        (status = 404, description = "No such user was deleted", body = PlainError),
    ),
)]
pub(crate) async fn erase(
    request: Authorized<EraseDeletedUser>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let id = request.user_id()?;
    let user = app.store.erase_deleted_user(request.account, id, app.now()).await?;
    Ok(answer_one(&request, &*user.ok_or(ZendeskError::RecordNotFound)?))
}
