//! A custom role as a request writes it (contract Zendesk §2.4). Unknown fields, and those that
//! only the server writes, are passed over.

use roster_directory::{CustomRolePatch, RecordName, TEXT_LIMIT};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use crate::http::zendesk::body::Fields;
use crate::http::zendesk::records::{read_description, read_name};
use crate::http::zendesk::schemas::schema;
use crate::http::zendesk::users::fields::Purpose;

/// A custom role in a request. Unknown fields are passed over.
#[derive(Serialize, ToSchema)]
pub(super) struct CustomRoleRequest {
    #[schema(schema_with = custom_role_request)]
    custom_role: (),
}

/// Reads a custom role.
pub(super) fn read(fields: &mut Fields<'_>, purpose: Purpose) -> CustomRolePatch {
    CustomRolePatch {
        name: read_name(fields, purpose),
        description: read_description(fields),
        configuration: fields.metadata("configuration"),
    }
}

/// The fields of a custom role that a request may write.
fn custom_role_request() -> RefOr<Schema> {
    schema(json!({
        "type": "object",
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": RecordName::LIMIT, "pattern": "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$"},
            "description": {"type": ["string", "null"], "maxLength": TEXT_LIMIT, "pattern": "^[^\\u0000]*$"},
            "configuration": {"type": "object", "additionalProperties": {"type": ["string", "boolean", "number", "null"]}},
        },
    }))
}
