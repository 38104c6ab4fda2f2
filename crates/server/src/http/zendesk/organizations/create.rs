//! `POST /api/v2/organizations`.

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
use crate::http::zendesk::schemas::RecordInvalid;
use crate::http::zendesk::users::fields::Purpose;

action!(CreateOrganization, "api/v2/organizations/create", UsersWrite, Team);

/// Create an organization
///
/// Its name must be one that no other organization has, in any case.
#[utoipa::path(
    post,
    path = "/api/v2/organizations",
    operation_id = "CreateOrganization",
    tag = "Organizations",
    request_body = OrganizationRequest,
    responses(
        (
            status = 201,
            description = "The organization is new",
            body = OrganizationBody,
            headers(("Location" = String, description = "Where it is found")),
        ),
        (status = 422, description = "The organization breaks a rule", body = RecordInvalid),
    ),
)]
pub(crate) async fn create(
    request: Authorized<CreateOrganization>,
    State(app): State<Arc<App>>,
    body: JsonBody,
) -> Result<Response, ZendeskError> {
    let read = |fields: &mut Fields<'_>| fields::read(fields, Purpose::Create);
    let patch = records::read_body(&request, body, "organization", read)?;
    let patch = RecordPatch::Organization(patch);
    let organization = records::create(&app, &request, patch).await?;
    Ok(OrganizationBody::new(&organization, &request).located(StatusCode::CREATED))
}
