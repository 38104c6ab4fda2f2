//! A group as a request writes it (contract Zendesk §3). Unknown fields, and those that only the
//! server writes, are passed over.

use roster_directory::{GroupPatch, RecordName, TEXT_LIMIT};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use crate::http::zendesk::body::Fields;
use crate::http::zendesk::records::{read_description, read_name};
use crate::http::zendesk::schemas::schema;
use crate::http::zendesk::users::fields::Purpose;

/// A group in a request. Unknown fields are passed over.
#[derive(Serialize, ToSchema)]
pub(super) struct GroupRequest {
    #[schema(schema_with = group_request)]
    group: (),
}

/// Reads a group.
pub(super) fn read(fields: &mut Fields<'_>, purpose: Purpose) -> GroupPatch {
    GroupPatch {
        name: read_name(fields, purpose),
        description: read_description(fields),
        is_public: fields.bool("is_public"),
    }
}

/// The fields of a group that a request may write.
fn group_request() -> RefOr<Schema> {
    schema(json!({
        "type": "object",
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": RecordName::LIMIT, "pattern": "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$"},
            "description": {"type": ["string", "null"], "maxLength": TEXT_LIMIT, "pattern": "^[^\\u0000]*$"},
            "is_public": {"type": "boolean"},
        },
    }))
}
