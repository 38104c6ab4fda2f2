//! `PUT /api/v2/users/{id}` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::fields::{self, Purpose};
use super::one::{UserBody, answer_one};
use super::save;
use crate::app::App;
use crate::http::limits::Family;
use crate::http::zendesk::body::JsonBody;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::problems::Problems;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::{PlainError, RecordInvalid, UserRequest};

action!(UpdateUser, "api/v2/users/update", UsersWrite, Team);

/// Change a user
#[utoipa::path(
    put,
    path = "/api/v2/users/{id}",
    operation_id = "UpdateUser",
    tag = "Users",
    params(("id" = i64, Path, description = "The user", minimum = 0)),
    request_body = UserRequest,
    responses(
        (status = 200, description = "The user as it is now", body = UserBody),
        (status = 404, description = "There is no such user", body = PlainError),
        (status = 422, description = "The change breaks a rule", body = RecordInvalid),
    ),
)]
pub(crate) async fn update(
    request: Authorized<UpdateUser>,
    State(app): State<Arc<App>>,
    mut body: JsonBody,
) -> Result<Response, ZendeskError> {
    let id = request.user_id()?;
    // The vendor admits five changes of one user a minute (contract §4).
    if let Some(limits) = &app.limits {
        let taken = limits.take(request.account, Family::SupportUserUpdate(id), app.now());
        taken.map_err(ZendeskError::TooManyRequests)?;
    }
    let record = body.record("user", request.action())?;
    let mut problems = Problems::default();
    let written = fields::read(record, Purpose::Change, &mut problems);
    problems.finish()?;
    let user = save::update(&app, &request, id, written).await?;
    answer_one(&app, &request, &user).await
}
