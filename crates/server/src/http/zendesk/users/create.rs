//! `POST /api/v2/users` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::fields::{self, Purpose};
use super::one::{UserBody, answer_written};
use super::save;
use crate::app::App;
use crate::http::zendesk::body::JsonBody;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::problems::Problems;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::{RecordInvalid, UserRequest};

action!(CreateUser, "api/v2/users/create", UsersWrite, Team);

/// Create a user
#[utoipa::path(
    post,
    path = "/api/v2/users",
    operation_id = "CreateUser",
    tag = "Users",
    request_body = UserRequest,
    responses(
        (status = 201, description = "The user is new", body = UserBody),
        (status = 422, description = "The user breaks a rule", body = RecordInvalid),
    ),
)]
pub(crate) async fn create(
    request: Authorized<CreateUser>,
    State(app): State<Arc<App>>,
    mut body: JsonBody,
) -> Result<Response, ZendeskError> {
    let record = body.record("user", request.action())?;
    let mut problems = Problems::default();
    let written = fields::read(record, Purpose::Create, &mut problems);
    problems.finish()?;
    let user = save::create(&app, &request, written).await?;
    Ok(answer_written(&request, StatusCode::CREATED, &user))
}
