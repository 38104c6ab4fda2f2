//! `GET /api/v2/users/{id}` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::one::{UserBody, answer_one};
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::PlainError;

action!(ShowUser, "api/v2/users/show", UsersRead, Team);

/// Show a user
#[utoipa::path(
    get,
    path = "/api/v2/users/{id}",
    operation_id = "ShowUser",
    tag = "Users",
    params(
        ("id" = i64, Path, description = "The user", minimum = 0),
        ("include" = Option<String>, Query, description = "What comes along, separated by commas"),
    ),
    responses(
        (status = 200, description = "The user", body = UserBody),
        (status = 404, description = "There is no such user", body = PlainError),
    ),
)]
pub(crate) async fn show(
    request: Authorized<ShowUser>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let id = request.user_id()?;
    let user = app.store.user(request.account, id).await?;
    answer_one(&app, &request, &user.ok_or(ZendeskError::RecordNotFound)?).await
}
