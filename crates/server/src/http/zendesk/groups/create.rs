//! `POST /api/v2/groups`.

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
use crate::http::zendesk::schemas::RecordInvalid;
use crate::http::zendesk::users::fields::Purpose;

action!(CreateGroup, "api/v2/groups/create", UsersWrite, Admins);

/// Create a group
#[utoipa::path(
    post,
    path = "/api/v2/groups",
    operation_id = "CreateGroup",
    tag = "Groups",
    request_body = GroupRequest,
    responses(
        (
            status = 201,
            description = "The group is new",
            body = GroupBody,
            headers(("Location" = String, description = "Where it is found")),
        ),
        (status = 422, description = "The group breaks a rule", body = RecordInvalid),
    ),
)]
pub(crate) async fn create(
    request: Authorized<CreateGroup>,
    State(app): State<Arc<App>>,
    body: JsonBody,
) -> Result<Response, ZendeskError> {
    let read = |fields: &mut Fields<'_>| fields::read(fields, Purpose::Create);
    let patch = records::read_body(&request, body, "group", read)?;
    let patch = RecordPatch::Group(patch);
    let group = records::create(&app, &request, patch).await?;
    Ok(GroupBody::new(&group, &request).located(StatusCode::CREATED))
}
