//! `POST /api/v2/users/create_or_update` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::Saved;

use super::fields::{self, Purpose};
use super::one::{UserBody, answer_written};
use super::save;
use crate::app::App;
use crate::http::zendesk::body::JsonBody;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::problems::Problems;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::{RecordInvalid, UserRequest};

action!(CreateOrUpdateUser, "api/v2/users/create_or_update", UsersWrite, Team);

/// Create a user, or change the one with the same external id or email address
#[utoipa::path(
    post,
    path = "/api/v2/users/create_or_update",
    operation_id = "CreateOrUpdateUser",
    tag = "Users",
    request_body = UserRequest,
    responses(
        (status = 200, description = "The user was there already", body = UserBody),
        (status = 201, description = "The user is new", body = UserBody),
        (status = 422, description = "The user breaks a rule", body = RecordInvalid),
    ),
)]
pub(crate) async fn create_or_update(
    request: Authorized<CreateOrUpdateUser>,
    State(app): State<Arc<App>>,
    mut body: JsonBody,
) -> Result<Response, ZendeskError> {
    let record = body.record("user", request.action())?;
    let mut problems = Problems::default();
    let written = fields::read(record, Purpose::Create, &mut problems);
    problems.finish()?;
    let (status, user) = match save::create_or_update(&app, &request, written).await? {
        Saved::Created(user) => (StatusCode::CREATED, user),
        Saved::Updated(user) => (StatusCode::OK, user),
    };
    Ok(answer_written(&request, status, &user))
}
