//! `PUT /api/v2/users/{id}/merge` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::{Change, IdentityValue, MergeUsersError, UserId};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use super::many::Target;
use super::one::{UserBody, answer_one};
use crate::app::App;
use crate::http::zendesk::body::{Fields, JsonBody};
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::problems::Problems;
use crate::http::zendesk::request::{Authorized, Request, action};
use crate::http::zendesk::schemas::{PlainError, RecordInvalid, schema};

action!(MergeUser, "api/v2/users/merge", UsersWrite, Team);

/// Merge an end user into another
///
/// The identities become the other's, and the first user is deleted.
#[utoipa::path(
    put,
    path = "/api/v2/users/{id}/merge",
    operation_id = "MergeUser",
    tag = "Users",
    params(("id" = i64, Path, description = "The user who is merged into another", minimum = 0)),
    request_body = MergeRequest,
    responses(
        (status = 200, description = "The other user as they are now", body = UserBody),
        (status = 404, description = "One of them is not there", body = PlainError),
        (status = 422, description = "They cannot be merged", body = RecordInvalid),
    ),
)]
pub(crate) async fn merge(
    request: Authorized<MergeUser>,
    State(app): State<Arc<App>>,
    mut body: JsonBody,
) -> Result<Response, ZendeskError> {
    let from = request.user_id()?;
    let into = read_target(&app, &request, &mut body).await?;
    let user = app.store.merge_users(request.account, from, into, app.now()).await?;
    answer_one(&app, &request, &user).await
}

/// The user to merge into: by number, else by email address, else by external id.
async fn read_target(
    app: &App,
    request: &Request,
    body: &mut JsonBody,
) -> Result<UserId, ZendeskError> {
    let mut record = body.record("user", request.action())?;
    let mut problems = Problems::default();
    let mut fields = Fields::new(&mut record, &mut problems);
    let (id, email) = (fields.id("id"), fields.parsed("email", IdentityValue::claimed));
    let external_id = fields.string("external_id").into_option();
    problems.finish()?;
    match (id, email, external_id) {
        (Change::Set(id), _, _) => Ok(UserId::from_stored(id)),
        (_, Change::Set(email), _) => {
            let found = app.store.user_by_email(request.account, &email).await?;
            found.map(|user| user.user_id).ok_or(ZendeskError::RecordNotFound)
        }
        (_, _, Some(text)) => Target::ExternalId(text).resolve(app, request).await,
        (_, _, None) => Err(Problems::only("id", "BlankValue", "cannot be blank")),
    }
}

/// Whom to merge into
#[derive(Serialize, ToSchema)]
struct MergeRequest {
    #[schema(schema_with = target_request)]
    user: (),
}

fn target_request() -> RefOr<Schema> {
    schema(json!({
        "type": "object",
        "minProperties": 1,
        "properties": {
            "id": {"type": "integer"},
            "email": {"type": "string", "maxLength": IdentityValue::LIMIT, "format": "email"},
            "external_id": {"type": "string"},
        },
    }))
}

impl From<MergeUsersError> for ZendeskError {
    fn from(error: MergeUsersError) -> Self {
        match error {
            MergeUsersError::NotFound | MergeUsersError::TargetNotFound => Self::RecordNotFound,
            MergeUsersError::NotMergeable => Problems::only("base", "InvalidValue", error),
            MergeUsersError::Store(error) => error.into(),
        }
    }
}
