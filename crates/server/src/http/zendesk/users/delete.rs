//! `DELETE /api/v2/users/{id}` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::DeleteUserError;

use super::one::{UserBody, answer_one};
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::problems::Problems;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::{PlainError, RecordInvalid};

action!(DeleteUser, "api/v2/users/destroy", UsersWrite, Team);

/// Delete a user
#[utoipa::path(
    delete,
    path = "/api/v2/users/{id}",
    operation_id = "DeleteUser",
    tag = "Users",
    params(("id" = i64, Path, description = "The user", minimum = 0)),
    responses(
        (status = 200, description = "The user as it was, not active any more", body = UserBody),
        (status = 404, description = "There is no such user", body = PlainError),
        (status = 422, description = "The user is the owner of the account", body = RecordInvalid),
    ),
)]
pub(crate) async fn delete(
    request: Authorized<DeleteUser>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let id = request.user_id()?;
    let user = app.store.delete_user(request.account, id, app.now()).await?;
    answer_one(&app, &request, &user).await
}

impl From<DeleteUserError> for ZendeskError {
    fn from(error: DeleteUserError) -> Self {
        match error {
            DeleteUserError::NotFound => Self::RecordNotFound,
            DeleteUserError::Owner => {
                Problems::only("base", "InvalidValue", "the account owner cannot be deleted")
            }
            DeleteUserError::Store(error) => error.into(),
        }
    }
}
