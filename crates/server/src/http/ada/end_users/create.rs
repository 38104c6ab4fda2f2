//! `POST /api/v2/end-users/` (contract Ada §2.3).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::{Created, EndUserId, NewEndUser, Scope};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{self, INVALID, ProfileBody};
use super::view::EndUserView;
use crate::app::App;
use crate::http::ada::extract::{Authorized, JsonBody};
use crate::http::ada::field::Field;
use crate::http::ada::problems::Problems;
use crate::http::ada::{AdaError, json, schemas};
use crate::http::caller::Operation;
use crate::http::limits::Family;

pub(crate) enum CreateEndUser {}

impl Operation for CreateEndUser {
    const SCOPE: Scope = Scope::EndUsersWrite;
    const FAMILY: Family = Family::EndUsers;
}

/// A new end user. Everything is optional: `{}` makes a blank one.
#[derive(Deserialize, Default, ToSchema)]
#[schema(as = CreateEndUserRequest)]
pub(crate) struct CreateBody {
    #[serde(default)]
    #[schema(schema_with = schemas::external_id_or_null)]
    external_id: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<ProfileBody>)]
    profile: Field<ProfileBody>,
}

/// Create an end user
///
/// When an end user with the external id exists, that one is returned as it is, with status 200.
/// An end user to whom no conversation is tied within 24 hours is deleted.
#[utoipa::path(
    post,
    path = "/api/v2/end-users/",
    operation_id = "create_end_user",
    tag = "End Users",
    request_body = CreateBody,
    responses(
        (status = 201, description = "The end user is new", body = EndUserView),
        (status = 200, description = "An end user with this external id was there already", body = EndUserView),
        (status = 409, description = "A member of the team has this external id", body = super::super::error::Errors),
    ),
)]
pub(crate) async fn create(
    caller: Authorized<CreateEndUser>,
    State(app): State<Arc<App>>,
    JsonBody(body): JsonBody<CreateBody>,
) -> Result<Response, AdaError> {
    let mut problems = Problems::default();
    let profile = body.profile.optional("$.profile", &mut problems);
    let written = body::read(body.external_id, profile, &mut problems);
    problems.finish(INVALID)?;

    let now = app.now();
    let end_user_id = EndUserId(app.new_object_id(now));
    let user = NewEndUser {
        end_user_id,
        external_id: written.patch.external_id.clone().into_option(),
        profile: body::into_profile(written.patch, written.own_metadata),
        sensitive_metadata: written.secrets.seal(&app, caller.account, end_user_id, now)?,
        created_at: now,
        expires_at: Some(now.after(app.settings.unassociated_ttl)),
    };
    let (status, user) = match app.store.create_end_user(caller.account, user).await? {
        Created::New(user) => (StatusCode::CREATED, user),
        Created::Existing(user) => (StatusCode::OK, user),
    };
    Ok(json(status, &EndUserView::from(&*user)))
}
