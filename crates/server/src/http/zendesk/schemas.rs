//! Parts of the OpenAPI document that no derive can express.

use roster_directory::{ExternalId, IdentityKind, IdentityValue, RecordName, TEXT_LIMIT};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{IntoParams, ToSchema};

use super::problems::Details;

/// A schema written as JSON. One that is not a schema becomes a reference to its own text, which
/// the test of the document would show.
pub(super) fn schema(value: Value) -> RefOr<Schema> {
    let text = value.to_string();
    serde_json::from_value(value).map_or_else(|_| RefOr::Ref(Ref::new(text)), RefOr::T)
}

/// A role.
pub(super) fn role() -> RefOr<Schema> {
    schema(role_json())
}

fn role_json() -> Value {
    json!({"type": "string", "enum": ["end-user", "agent", "admin"]})
}

/// By what a list of users is sorted.
pub(super) fn sort() -> RefOr<Schema> {
    let fields = ["id", "name", "created_at", "updated_at"];
    let backwards = fields.map(|field| format!("-{field}"));
    let sorts: Vec<_> = fields.into_iter().chain(backwards.iter().map(String::as_str)).collect();
    schema(json!({"type": "string", "enum": sorts}))
}

/// Which tickets a user may reach.
pub(super) fn ticket_restriction_or_null() -> RefOr<Schema> {
    schema(json!({
        "type": ["string", "null"],
        "enum": ["organization", "groups", "assigned", "requested", null],
    }))
}

/// The caller's own keys.
pub(super) fn user_fields() -> RefOr<Schema> {
    schema(json!({
        "type": "object",
        "additionalProperties": {"type": ["string", "boolean", "number"]},
    }))
}

/// What an identity is.
pub(super) fn identity_type() -> RefOr<Schema> {
    let names: Vec<_> = IdentityKind::ALL.iter().map(|kind| kind.name()).collect();
    schema(json!({"type": "string", "enum": names}))
}

/// Where a page of a list begins, and how large it is
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is there for the OpenAPI document alone")]
pub(super) struct ListParameters {
    /// The number of the page, from 1; without any of page[size], page[after] and page[before]
    #[param(maximum = 10000)]
    page: Option<i64>,
    /// How many records a page by number has; at most 100 count
    #[param(minimum = 1)]
    per_page: Option<i64>,
    /// How many records a page by cursor has; at most 100 count
    #[param(rename = "page[size]", minimum = 1)]
    page_size: Option<i64>,
    /// The cursor after which the page begins
    #[param(rename = "page[after]")]
    page_after: Option<String>,
    /// The cursor before which the page ends
    #[param(rename = "page[before]")]
    page_before: Option<String>,
    /// Accepted; `has_more` is always told
    include_boundary_indicators: Option<bool>,
}

/// What only lists of users take
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is there for the OpenAPI document alone")]
pub(super) struct UserListParameters {
    /// By what the list is sorted, with a minus before it to begin with the largest
    #[param(schema_with = sort)]
    sort: Option<String>,
    /// What comes along, separated by commas: organizations, groups, roles, identities, abilities
    include: Option<String>,
    /// By cursor: tells the cursor of every user
    include_item_cursors: Option<bool>,
}

/// Which users are meant
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is there for the OpenAPI document alone")]
pub(super) struct UserFilterParameters {
    /// end-user, agent, admin, or the name of a custom role
    role: Option<String>,
    /// Several roles
    #[param(rename = "role[]")]
    roles: Option<Vec<String>>,
    /// The id of a custom role
    permission_set: Option<i64>,
    /// The caller's own key, in any case
    external_id: Option<String>,
}

/// An error with a description
#[derive(Serialize, ToSchema)]
pub(super) struct PlainError {
    #[schema(example = "RecordNotFound")]
    error: &'static str,
    #[schema(example = "Not found")]
    description: &'static str,
}

/// Fields that break rules
#[derive(Serialize, ToSchema)]
pub(super) struct RecordInvalid {
    #[schema(example = "RecordInvalid")]
    error: &'static str,
    #[schema(example = "Record validation errors")]
    description: &'static str,
    /// What is wrong with each field
    details: Details,
}

/// A user in a request. Unknown fields are passed over.
#[derive(Serialize, ToSchema)]
pub(super) struct UserRequest {
    #[schema(schema_with = user_request)]
    user: (),
}

/// The fields of a user that a request may write.
pub(super) fn user_request() -> RefOr<Schema> {
    let text =
        || json!({"type": ["string", "null"], "maxLength": TEXT_LIMIT, "pattern": "^[^\\u0000]*$"});
    let id = || json!({"type": ["integer", "null"]});
    let flag = || json!({"type": "boolean"});
    schema(json!({
        "type": "object",
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": TEXT_LIMIT, "pattern": "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$"},
            "email": {"type": "string", "maxLength": IdentityValue::LIMIT, "format": "email"},
            "external_id": {"type": ["string", "null"], "maxLength": ExternalId::LIMIT / 3, "pattern": "^[^\\u0000]*$"},
            "role": role_json(),
            "custom_role_id": id(),
            "organization_id": id(),
            "organization": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "minLength": 1, "maxLength": RecordName::LIMIT, "pattern": "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$"}}},
            "default_group_id": id(),
            "identities": {"type": "array", "items": {"type": "object", "required": ["type", "value"], "properties": {"type": {"type": "string"}, "value": {"type": "string"}}}},
            "phone": text(),
            "shared_phone_number": flag(),
            "alias": text(),
            "details": text(),
            "notes": text(),
            "signature": text(),
            "time_zone": text(),
            "locale": {"type": ["string", "null"]},
            "locale_id": id(),
            "tags": {"type": "array", "items": {"type": "string", "maxLength": 80}, "maxItems": 100},
            "verified": flag(),
            "suspended": flag(),
            "moderator": flag(),
            "only_private_comments": flag(),
            "ticket_restriction": {"type": ["string", "null"], "enum": ["organization", "groups", "assigned", "requested", null]},
            "remote_photo_url": text(),
            "user_fields": {"type": "object", "additionalProperties": {"type": ["string", "boolean", "number", "null"]}},
        },
    }))
}

/// Any error body: `error` is a name or an object with title and message; one of them has
/// `errors` (contract Zendesk §4).
pub(super) fn any_error() -> RefOr<Schema> {
    schema(json!({"anyOf": [
        {
            "type": "object",
            "required": ["error"],
            "properties": {
                "error": {"type": ["string", "object"]},
                "description": {"type": "string"},
            },
        },
        {
            "type": "object",
            "required": ["errors"],
            "properties": {"errors": {"type": "array", "items": {"type": "object"}}},
        },
    ]}))
}

/// Plain text.
pub(super) fn plain_text() -> RefOr<Schema> {
    schema(json!({"type": "string"}))
}
