//! `PUT /api/v2/organizations/{id}`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::RecordPatch;

use super::fields::{self, OrganizationRequest};
use super::view::OrganizationBody;
use crate::app::App;
use crate::http::zendesk::body::{Fields, JsonBody};
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::records;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::respond::json_response;
use crate::http::zendesk::schemas::{PlainError, RecordInvalid};
use crate::http::zendesk::users::fields::Purpose;

action!(UpdateOrganization, "api/v2/organizations/update", UsersWrite, Team);

/// Change an organization
///
/// What the body does not name stays. Own fields are merged; domain names and tags are replaced.
#[utoipa::path(
    put,
    path = "/api/v2/organizations/{id}",
    operation_id = "UpdateOrganization",
    tag = "Organizations",
    params(("id" = i64, Path, description = "The organization", minimum = 0)),
    request_body = OrganizationRequest,
    responses(
        (status = 200, description = "The organization as it is now", body = OrganizationBody),
        (status = 404, description = "There is no such organization", body = PlainError),
        (status = 422, description = "The change breaks a rule", body = RecordInvalid),
    ),
)]
pub(crate) async fn update(
    request: Authorized<UpdateOrganization>,
    State(app): State<Arc<App>>,
    body: JsonBody,
) -> Result<Response, ZendeskError> {
    let id = request.id("id")?;
    let read = |fields: &mut Fields<'_>| fields::read(fields, Purpose::Change);
    let patch = records::read_body(&request, body, "organization", read)?;
    let patch = RecordPatch::Organization(patch);
    let organization = records::update(&app, &request, id, patch).await?;
    Ok(json_response(StatusCode::OK, &OrganizationBody::new(&organization, &request)))
}
