//! `PUT /api/v2/groups/{id}`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::RecordPatch;

use super::fields::{self, GroupRequest};
use super::view::GroupBody;
use crate::app::App;
use crate::http::zendesk::body::{Fields, JsonBody};
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::records;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::respond::json_response;
use crate::http::zendesk::schemas::{PlainError, RecordInvalid};
use crate::http::zendesk::users::fields::Purpose;

action!(UpdateGroup, "api/v2/groups/update", UsersWrite, Admins);

/// Change a group
///
/// What the body does not name stays.
#[utoipa::path(
    put,
    path = "/api/v2/groups/{id}",
    operation_id = "UpdateGroup",
    tag = "Groups",
    params(("id" = i64, Path, description = "The group", minimum = 0)),
    request_body = GroupRequest,
    responses(
        (status = 200, description = "The group as it is now", body = GroupBody),
        (status = 404, description = "There is no such group", body = PlainError),
        (status = 422, description = "The change breaks a rule", body = RecordInvalid),
    ),
)]
pub(crate) async fn update(
    request: Authorized<UpdateGroup>,
    State(app): State<Arc<App>>,
    body: JsonBody,
) -> Result<Response, ZendeskError> {
    let id = request.id("id")?;
    let read = |fields: &mut Fields<'_>| fields::read(fields, Purpose::Change);
    let patch = records::read_body(&request, body, "group", read)?;
    let patch = RecordPatch::Group(patch);
    let group = records::update(&app, &request, id, patch).await?;
    Ok(json_response(StatusCode::OK, &GroupBody::new(&group, &request)))
}
