//! `PUT /api/v2/users/{id}/identities/{identity_id}` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::{Change, IdentityChange, IdentityValue};

use super::one::{IdentityBody, IdentityChangeRequest, answer_one, change, find};
use crate::app::App;
use crate::http::zendesk::body::{Fields, JsonBody};
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::problems::Problems;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::{PlainError, RecordInvalid};

action!(UpdateIdentity, "api/v2/identities/update", UsersWrite, Team);

/// Give an identity another value, or say whether it is verified
#[utoipa::path(
    put,
    path = "/api/v2/users/{id}/identities/{identity_id}",
    operation_id = "UpdateUserIdentity",
    tag = "User Identities",
    params(
        ("id" = i64, Path, description = "The user", minimum = 0),
        ("identity_id" = i64, Path, description = "The identity", minimum = 0),
    ),
    request_body = IdentityChangeRequest,
    responses(
        (status = 200, description = "The identity as it is now", body = IdentityBody),
        (status = 404, description = "The user has no such identity", body = PlainError),
        (status = 422, description = "The change breaks a rule", body = RecordInvalid),
    ),
)]
pub(crate) async fn update(
    request: Authorized<UpdateIdentity>,
    State(app): State<Arc<App>>,
    mut body: JsonBody,
) -> Result<Response, ZendeskError> {
    let mut record = body.record("identity", request.action())?;
    let kind = find(&app, &request).await?.kind;
    let mut problems = Problems::default();
    let mut fields = Fields::new(&mut record, &mut problems);
    let value = fields.parsed("value", |text| IdentityValue::new(kind, text));
    let verified = fields.bool("verified");
    if value == Change::Clear {
        problems.add("value", "BlankValue", "cannot be blank");
    }
    problems.finish()?;
    let edit = IdentityChange::Edit { value: value.into_option(), verified };
    let identity = change(&app, &request, edit).await?;
    Ok(answer_one(&request, &identity))
}
