//! `POST /api/v2/custom_roles`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::{CustomRole, RecordPatch};

use super::fields::{self, CustomRoleRequest};
use super::view::CustomRoleBody;
use crate::app::App;
use crate::http::zendesk::body::{Fields, JsonBody};
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::records;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::respond::located;
use crate::http::zendesk::schemas::RecordInvalid;
use crate::http::zendesk::users::fields::Purpose;

action!(CreateCustomRole, "api/v2/custom_roles/create", UsersWrite, Admins);

/// Create a custom role
///
/// Its name must be one that no other custom role has, in any case.
#[utoipa::path(
    post,
    path = "/api/v2/custom_roles",
    operation_id = "CreateCustomRole",
    tag = "Custom Roles",
    request_body = CustomRoleRequest,
    responses(
        (
            status = 201,
            description = "The custom role is new",
            body = CustomRoleBody,
            headers(("Location" = String, description = "Where it is found")),
        ),
        (status = 422, description = "The custom role breaks a rule", body = RecordInvalid),
    ),
)]
pub(crate) async fn create(
    request: Authorized<CreateCustomRole>,
    State(app): State<Arc<App>>,
    body: JsonBody,
) -> Result<Response, ZendeskError> {
    let read = |fields: &mut Fields<'_>| fields::read(fields, Purpose::Create);
    let patch = records::read_body(&request, body, "custom_role", read)?;
    let patch = RecordPatch::CustomRole(patch);
    let role: CustomRole = records::create(&app, &request, patch).await?;
    let location = request.link_to(&format!("/api/v2/custom_roles/{}.json", role.id));
    // The contract is silent on this status; this is what everything else that is made gets.
    Ok(located(StatusCode::CREATED, &location, &CustomRoleBody::new(&role)))
}
