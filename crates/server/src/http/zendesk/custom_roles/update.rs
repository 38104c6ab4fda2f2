//! `PUT /api/v2/custom_roles/{id}`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::RecordPatch;

use super::fields::{self, CustomRoleRequest};
use super::view::CustomRoleBody;
use crate::app::App;
use crate::http::zendesk::body::{Fields, JsonBody};
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::records;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::respond::json_response;
use crate::http::zendesk::schemas::{PlainError, RecordInvalid};
use crate::http::zendesk::users::fields::Purpose;

action!(UpdateCustomRole, "api/v2/custom_roles/update", UsersWrite, Admins);

/// Change a custom role
///
/// What the body does not name stays, and so do the parts of the configuration.
#[utoipa::path(
    put,
    path = "/api/v2/custom_roles/{id}",
    operation_id = "UpdateCustomRole",
    tag = "Custom Roles",
    params(("id" = i64, Path, description = "The custom role", minimum = 0)),
    request_body = CustomRoleRequest,
    responses(
        (status = 200, description = "The custom role as it is now", body = CustomRoleBody),
        (status = 404, description = "There is no such custom role", body = PlainError),
        (status = 422, description = "The change breaks a rule", body = RecordInvalid),
    ),
)]
pub(crate) async fn update(
    request: Authorized<UpdateCustomRole>,
    State(app): State<Arc<App>>,
    body: JsonBody,
) -> Result<Response, ZendeskError> {
    let id = request.id("id")?;
    let read = |fields: &mut Fields<'_>| fields::read(fields, Purpose::Change);
    let patch = records::read_body(&request, body, "custom_role", read)?;
    let role = records::update(&app, &request, id, RecordPatch::CustomRole(patch)).await?;
    Ok(json_response(StatusCode::OK, &CustomRoleBody::new(&role)))
}
