//! `POST /api/v2/users/{id}/identities` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::one::{IdentityBody, NewIdentityRequest};
use super::view::{IdentityView, address};
use crate::app::App;
use crate::http::zendesk::body::{Fields, JsonBody};
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::problems::Problems;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::respond::located;
use crate::http::zendesk::schemas::{PlainError, RecordInvalid};
use crate::http::zendesk::users::fields::read_identity;

action!(CreateIdentity, "api/v2/identities/create", UsersWrite, Team);

/// Add an identity to a user
#[utoipa::path(
    post,
    path = "/api/v2/users/{id}/identities",
    operation_id = "CreateUserIdentity",
    tag = "User Identities",
    params(("id" = i64, Path, description = "The user", minimum = 0)),
    request_body = NewIdentityRequest,
    responses(
        (status = 201, description = "The identity is new", body = IdentityBody),
        (status = 404, description = "There is no such user", body = PlainError),
        (status = 422, description = "The identity breaks a rule", body = RecordInvalid),
    ),
)]
pub(crate) async fn create(
    request: Authorized<CreateIdentity>,
    State(app): State<Arc<App>>,
    mut body: JsonBody,
) -> Result<Response, ZendeskError> {
    let user = request.user_id()?;
    let mut record = body.record("identity", request.action())?;
    let mut problems = Problems::default();
    let identity = read_identity(&mut Fields::new(&mut record, &mut problems), false);
    problems.finish()?;
    // What could not be read is among the problems.
    let identity = identity.ok_or_else(|| Problems::only("base", "InvalidValue", "is invalid"))?;
    let identity = app.store.create_identity(request.account, user, identity, app.now()).await?;
    let body = IdentityBody { identity: IdentityView::new(&identity, &request) };
    Ok(located(StatusCode::CREATED, &address(&identity, &request), &body))
}
