//! An organization as a request writes it (contract Zendesk §3). Unknown fields, and those that
//! only the server writes, are passed over.

use roster_directory::{
    ExternalId, GroupId, OrganizationPatch, RecordName, TEXT_LIMIT, Tags, Text,
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use crate::http::zendesk::body::Fields;
use crate::http::zendesk::records::read_name;
use crate::http::zendesk::schemas::schema;
use crate::http::zendesk::users::fields::{Purpose, number, read_external_id};

/// The most domain names that an organization may have, and the most characters of one. The vendor
/// documents no limit; this one keeps a page of organizations small enough to answer.
const DOMAIN_LIMIT: usize = 500;
const DOMAIN_LENGTH_LIMIT: usize = 255;

/// An organization in a request. Unknown fields are passed over.
#[derive(Serialize, ToSchema)]
pub(super) struct OrganizationRequest {
    #[schema(schema_with = organization_request)]
    organization: (),
}

/// Reads an organization.
pub(super) fn read(fields: &mut Fields<'_>, purpose: Purpose) -> OrganizationPatch {
    OrganizationPatch {
        name: read_name(fields, purpose),
        external_id: read_external_id(fields),
        shared_tickets: fields.bool("shared_tickets"),
        shared_comments: fields.bool("shared_comments"),
        domain_names: read_domain_names(fields),
        details: fields.text("details"),
        notes: fields.text("notes"),
        group_id: number(fields, "group_id", GroupId),
        tags: fields.strings("tags").and_then(|tags| {
            fields.problems.check("tags", Tags::new(tags.iter().map(String::as_str)))
        }),
        fields: fields.metadata("organization_fields"),
    }
}

/// The domain names, without the empty and the repeated.
fn read_domain_names(fields: &mut Fields<'_>) -> Option<Vec<Text>> {
    let given = fields.strings("domain_names")?;
    fields.problems.check("domain_names", domain_names(&given))
}

fn domain_names(given: &[String]) -> Result<Vec<Text>, String> {
    let mut names = Vec::new();
    for name in given.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
        if name.chars().count() > DOMAIN_LENGTH_LIMIT {
            return Err(format!("must each be at most {DOMAIN_LENGTH_LIMIT} characters long"));
        }
        let name = Text::new(name).map_err(|error| error.to_string())?;
        if !names.contains(&name) {
            names.push(name);
        }
        if names.len() > DOMAIN_LIMIT {
            return Err(format!("must be at most {DOMAIN_LIMIT} domain names"));
        }
    }
    Ok(names)
}

/// The fields of an organization that a request may write.
fn organization_request() -> RefOr<Schema> {
    let text =
        || json!({"type": ["string", "null"], "maxLength": TEXT_LIMIT, "pattern": "^[^\\u0000]*$"});
    let id = || json!({"type": ["integer", "null"]});
    let flag = || json!({"type": "boolean"});
    schema(json!({
        "type": "object",
        "properties": {
            "id": {"description": "create_or_update: which one is to change", "type": "integer"},
            "name": {"type": "string", "minLength": 1, "maxLength": RecordName::LIMIT, "pattern": "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$"},
            "external_id": {"type": ["string", "null"], "maxLength": ExternalId::LIMIT / 3, "pattern": "^[^\\u0000]*$"},
            "shared_tickets": flag(),
            "shared_comments": flag(),
            "domain_names": {
                "description": "A list, or a text with white space or commas between",
                "type": ["array", "string", "null"],
                "items": {"type": "string", "maxLength": DOMAIN_LENGTH_LIMIT, "pattern": "^[^\\u0000]*$"},
                "maxItems": DOMAIN_LIMIT,
            },
            "details": text(),
            "notes": text(),
            "group_id": id(),
            "tags": {"type": "array", "items": {"type": "string", "maxLength": 80}, "maxItems": 100},
            "organization_fields": {"type": "object", "additionalProperties": {"type": ["string", "boolean", "number", "null"]}},
        },
    }))
}
