//! One identity: whose it is, how it is answered, and why it could not be written.

use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::{
    Identity, IdentityChange, IdentityError, IdentityId, IdentityKind, IdentityValue, UserId,
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use super::view::IdentityView;
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::problems::Problems;
use crate::http::zendesk::request::Request;
use crate::http::zendesk::respond::json_response;
use crate::http::zendesk::schemas::schema;

/// An identity of a user
#[derive(Serialize, ToSchema)]
#[schema(as = IdentityResponse)]
pub(super) struct IdentityBody<'a> {
    pub(super) identity: IdentityView<'a>,
}

/// Answers one identity.
pub(super) fn answer_one(request: &Request, identity: &Identity) -> Response {
    let body = IdentityBody { identity: IdentityView::new(identity, request) };
    json_response(StatusCode::OK, &body)
}

/// The user and the identity that the path names.
pub(super) fn named(request: &Request) -> Result<(UserId, IdentityId), ZendeskError> {
    Ok((request.user_id()?, IdentityId(request.id("identity_id")?)))
}

/// The identity that the path names, if the user that it names has it.
pub(super) async fn find(app: &App, request: &Request) -> Result<Identity, ZendeskError> {
    let (user, id) = named(request)?;
    let all = app.store.identities(request.account, vec![user]).await?;
    let found = all.into_iter().find(|identity| identity.id == id);
    found.ok_or(ZendeskError::RecordNotFound)
}

/// Changes the identity that the path names.
pub(super) async fn change(
    app: &App,
    request: &Request,
    change: IdentityChange,
) -> Result<Identity, ZendeskError> {
    let (user, id) = named(request)?;
    Ok(app.store.change_identity(request.account, user, id, change, app.now()).await?)
}

/// An identity in a request. Unknown fields are passed over.
#[derive(Serialize, ToSchema)]
pub(super) struct NewIdentityRequest {
    #[schema(schema_with = new_identity)]
    identity: (),
}

fn new_identity() -> RefOr<Schema> {
    let kinds: Vec<_> = IdentityKind::ALL.iter().map(|kind| kind.name()).collect();
    schema(json!({
        "type": "object",
        "required": ["type", "value"],
        "properties": {
            "type": {"type": "string", "enum": kinds},
            "value": {"type": "string", "minLength": 1, "maxLength": IdentityValue::LIMIT},
            "verified": {"type": "boolean"},
            "primary": {"type": "boolean"},
            "skip_verify_email": {"type": "boolean"},
        },
    }))
}

/// A change of an identity in a request. Unknown fields are passed over.
#[derive(Serialize, ToSchema)]
pub(super) struct IdentityChangeRequest {
    #[schema(schema_with = identity_change)]
    identity: (),
}

fn identity_change() -> RefOr<Schema> {
    schema(json!({
        "type": "object",
        "properties": {
            "value": {"type": "string", "minLength": 1, "maxLength": IdentityValue::LIMIT},
            "verified": {"type": "boolean"},
        },
    }))
}

impl From<IdentityError> for ZendeskError {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::NotFound => Self::RecordNotFound,
            IdentityError::Taken(_, value) => Problems::only(
                "value",
                "DuplicateValue",
                format_args!("{} is already being used by another user", value.written()),
            ),
            IdentityError::Store(error) => error.into(),
        }
    }
}
