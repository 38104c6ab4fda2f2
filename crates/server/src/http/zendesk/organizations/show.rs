//! `GET /api/v2/organizations/{id}`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::view::OrganizationBody;
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::records;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::respond::json_response;
use crate::http::zendesk::schemas::PlainError;

action!(ShowOrganization, "api/v2/organizations/show", UsersRead, Team);

/// Show an organization
#[utoipa::path(
    get,
    path = "/api/v2/organizations/{id}",
    operation_id = "ShowOrganization",
    tag = "Organizations",
    params(("id" = i64, Path, description = "The organization", minimum = 0)),
    responses(
        (status = 200, description = "The organization", body = OrganizationBody),
        (status = 404, description = "There is no such organization", body = PlainError),
    ),
)]
pub(crate) async fn show(
    request: Authorized<ShowOrganization>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let organization = records::find(&app, &request).await?;
    Ok(json_response(StatusCode::OK, &OrganizationBody::new(&organization, &request)))
}
