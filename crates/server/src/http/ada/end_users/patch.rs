//! `PATCH /api/v2/end-users/{end_user_id}` (contract Ada §2.6).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::{EndUserId, EndUserPatch, Scope};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{self, INVALID, ProfileBody};
use super::view::EndUserView;
use crate::app::App;
use crate::http::ada::extract::{Authorized, JsonBody, PathText};
use crate::http::ada::field::Field;
use crate::http::ada::problems::Problems;
use crate::http::ada::{AdaError, json, schemas};
use crate::http::caller::Operation;
use crate::http::limits::Family;

pub(crate) enum PatchEndUser {}

impl Operation for PatchEndUser {
    const SCOPE: Scope = Scope::EndUsersWrite;
    const FAMILY: Family = Family::EndUsers;
}

/// A change of an end user. What is absent stays, what is null goes.
#[derive(Deserialize, Default, ToSchema)]
#[schema(as = EndUserRequest)]
pub(crate) struct PatchBody {
    #[serde(default)]
    #[schema(schema_with = schemas::external_id_or_null)]
    external_id: Field<String>,
    #[serde(default)]
    #[schema(value_type = ProfileBody, required = true)]
    profile: Field<ProfileBody>,
}

/// Update an end user
#[utoipa::path(
    patch,
    path = "/api/v2/end-users/{end_user_id}",
    operation_id = "patch_end_user",
    tag = "End Users",
    params(("end_user_id" = String, Path, description = "The end user's identifier", format = "id", pattern = "^[0-9a-fA-F]{24}$")),
    request_body = PatchBody,
    responses(
        (status = 200, description = "The end user as it is now", body = EndUserView),
        (status = 404, description = "There is no such end user", body = super::super::error::Errors),
        (status = 409, description = "Another user has this external id", body = super::super::error::Errors),
    ),
)]
pub(crate) async fn patch(
    caller: Authorized<PatchEndUser>,
    State(app): State<Arc<App>>,
    path: PathText,
    JsonBody(body): JsonBody<PatchBody>,
) -> Result<Response, AdaError> {
    let mut problems = Problems::default();
    let id = path.id::<EndUserId>("end_user_id", &mut problems);
    let profile = body.profile.required("$.profile", &mut problems);
    let written = body::read(body.external_id, profile, &mut problems);
    problems.finish(INVALID)?;
    let id = id.ok_or(AdaError::EndUserNotFound)?;

    let now = app.now();
    let sensitive_metadata = written.secrets.seal(&app, caller.account, id, now)?;
    let patch = EndUserPatch { sensitive_metadata, ..written.patch };
    let user = app.store.patch_end_user(caller.account, id, patch, now).await?;
    Ok(json(StatusCode::OK, &EndUserView::from(&*user)))
}
