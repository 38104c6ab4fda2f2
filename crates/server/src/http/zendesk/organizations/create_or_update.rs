//! `POST /api/v2/organizations/create_or_update`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::{
    Change, Organization, OrganizationPatch, Record, RecordKey, RecordKind, RecordPatch,
};

use super::fields::{self, OrganizationRequest};
use super::view::OrganizationBody;
use crate::app::App;
use crate::http::zendesk::body::{Fields, JsonBody};
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::problems::Problems;
use crate::http::zendesk::records;
use crate::http::zendesk::request::{Authorized, Request, action};
use crate::http::zendesk::schemas::{PlainError, RecordInvalid};
use crate::http::zendesk::users::fields::Purpose;

action!(CreateOrUpdateOrganization, "api/v2/organizations/create_or_update", UsersWrite, Team);

/// Create an organization, or change the one with the same id or external id
///
/// The name finds none: a name that another organization has is a problem.
#[utoipa::path(
    post,
    path = "/api/v2/organizations/create_or_update",
    operation_id = "CreateOrUpdateOrganization",
    tag = "Organizations",
    request_body = OrganizationRequest,
    responses(
        (
            status = 200,
            description = "The organization was there already",
            body = OrganizationBody,
            headers(("Location" = String, description = "Where it is found")),
        ),
        (
            status = 201,
            description = "The organization is new",
            body = OrganizationBody,
            headers(("Location" = String, description = "Where it is found")),
        ),
        (status = 404, description = "There is no organization with the id", body = PlainError),
        (status = 422, description = "The organization breaks a rule", body = RecordInvalid),
    ),
)]
pub(crate) async fn create_or_update(
    request: Authorized<CreateOrUpdateOrganization>,
    State(app): State<Arc<App>>,
    body: JsonBody,
) -> Result<Response, ZendeskError> {
    let (id, patch) = records::read_body(&request, body, "organization", read)?;
    let id = match find(&app, &request, id, &patch).await? {
        Some(id) => id,
        None => match create(&app, &request, &patch).await {
            Ok(made) => {
                return Ok(OrganizationBody::new(&made, &request).located(StatusCode::CREATED));
            }
            // Somebody else may have been faster with the same external id.
            Err(refused) => find(&app, &request, id, &patch).await?.ok_or(refused)?,
        },
    };
    let patch = RecordPatch::Organization(patch);
    let organization = records::update(&app, &request, id, patch).await?;
    Ok(OrganizationBody::new(&organization, &request).located(StatusCode::OK))
}

/// The number that the body names, and everything else. Only a body that can find no organization
/// must have a name.
fn read(fields: &mut Fields<'_>) -> (Option<i64>, OrganizationPatch) {
    let id = fields.id("id").into_option();
    let finds = id.is_some() || fields.has("external_id");
    let purpose = if finds { Purpose::Change } else { Purpose::Create };
    (id, fields::read(fields, purpose))
}

/// The number of the organization that is to change, if there is one. The number counts before the
/// external id.
async fn find(
    app: &App,
    request: &Request,
    id: Option<i64>,
    patch: &OrganizationPatch,
) -> Result<Option<i64>, ZendeskError> {
    let key = match (id, &patch.external_id) {
        (Some(id), _) => RecordKey::Id(RecordKind::Organization, id),
        (None, Change::Set(id)) => RecordKey::OrganizationExternalId(id.clone()),
        (None, Change::Keep | Change::Clear) => return Ok(None),
    };
    let found = app.store.record(request.account, key).await?.as_ref().map(Record::id);
    match (id, found) {
        (Some(_), None) => Err(ZendeskError::RecordNotFound),
        (_, found) => Ok(found),
    }
}

async fn create(
    app: &App,
    request: &Request,
    patch: &OrganizationPatch,
) -> Result<Organization, ZendeskError> {
    if patch.name.is_none() {
        return Err(Problems::only("name", "BlankValue", "cannot be blank"));
    }
    records::create(app, request, RecordPatch::Organization(patch.clone())).await
}
