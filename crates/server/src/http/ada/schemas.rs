//! Parts of the OpenAPI document that no derive can express: what exactly a value may be.

use roster_directory::{
    Description, EndpointUrl, EventType, ExternalId, LanguageTag, SENSITIVE_KEYS_PER_REQUEST,
    SILENT_EVENT_TYPES, TEXT_LIMIT,
};
use serde_json::{Value, json};
use utoipa::openapi::{Ref, RefOr, Schema};

use super::field::ITEMS_LIMIT;

/// Anything but U+0000.
const TEXT_PATTERN: &str = "^[^\\u0000]*$";

/// Well-formed BCP 47, without the few irregular tags of old, which are taken too.
const LANGUAGE_PATTERN: &str = "^([A-Za-z]{2,3}(-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8})(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*$";

/// The base64 of 24 to 64 bytes: eight groups or more, and what may follow them.
const SECRET_PATTERN: &str = "^whsec_([A-Za-z0-9+/]{4}){8,20}([A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|([A-Za-z0-9+/]{4})?[A-Za-z0-9+/][AQgw]==)?$";

/// A schema written as JSON. One that is not a schema becomes a reference to its own text, which
/// the test of the document would show.
fn schema(value: Value) -> RefOr<Schema> {
    let text = value.to_string();
    serde_json::from_value(value).map_or_else(|_| RefOr::Ref(Ref::new(text)), RefOr::T)
}

/// Free text or null.
pub(super) fn text_or_null() -> RefOr<Schema> {
    schema(json!({"type": ["string", "null"], "maxLength": TEXT_LIMIT, "pattern": TEXT_PATTERN}))
}

/// Free text.
pub(super) fn text() -> RefOr<Schema> {
    schema(json!({"type": "string", "maxLength": TEXT_LIMIT, "pattern": TEXT_PATTERN}))
}

/// A language tag or null.
pub(super) fn language_or_null() -> RefOr<Schema> {
    schema(json!({
        "type": ["string", "null"],
        "description": "The person's language as a BCP 47 tag",
        "maxLength": LanguageTag::LIMIT,
        "pattern": LANGUAGE_PATTERN,
        "examples": ["pt-BR"],
    }))
}

/// An external id or null, in a body.
pub(super) fn external_id_or_null() -> RefOr<Schema> {
    schema(json!({
        "type": ["string", "null"],
        "description": "Your own key for the end user, unique among them, compared without regard to case",
        "minLength": 1,
        "maxLength": ExternalId::ADA_LIMIT,
        "pattern": "^[^<>\\u0000]*[^<>\\s\\u0000][^<>\\u0000]*$",
        "examples": ["crm-4711"],
    }))
}

/// An external id that may be null, in an answer. Another dialect may have written a longer one.
pub(super) fn external_id_view() -> RefOr<Schema> {
    schema(json!({"type": ["string", "null"], "maxLength": ExternalId::LIMIT}))
}

/// The identifier of a webhook.
pub(super) fn webhook_id() -> RefOr<Schema> {
    schema(json!({"type": "string", "pattern": "^ep_[0-9a-fA-F]{24}$"}))
}

/// Where a webhook sends messages, in a body.
pub(super) fn webhook_url() -> RefOr<Schema> {
    schema(json!({
        "type": "string",
        "format": "uri",
        "description": "Where to send messages: https, without a user name, to a public address. The operator may allow other networks, and then http too",
        "maxLength": EndpointUrl::LIMIT,
        "examples": ["https://example.com/hooks"],
    }))
}

/// What a webhook is, in a body.
pub(super) fn webhook_description_or_null() -> RefOr<Schema> {
    schema(json!({
        "type": ["string", "null"],
        "maxLength": Description::LIMIT,
        "pattern": TEXT_PATTERN,
    }))
}

/// Why the server disabled a webhook, or null.
pub(super) fn disabled_reason() -> RefOr<Schema> {
    schema(json!({"enum": ["failing_for_five_days", "gone", null], "type": ["string", "null"]}))
}

/// Which event types a webhook asks for, in a body.
pub(super) fn event_filters_or_null() -> RefOr<Schema> {
    let names = EventType::ALL.iter().map(|event_type| event_type.name());
    let names: Vec<_> = names.chain(SILENT_EVENT_TYPES).collect();
    schema(json!({
        "type": ["array", "null"],
        "description": "The event types to send. None, or null, means created and updated end users",
        "items": {"type": "string", "enum": names},
        "maxItems": ITEMS_LIMIT,
    }))
}

/// The secret of a webhook.
pub(super) fn webhook_secret() -> RefOr<Schema> {
    schema(json!({"type": "string", "pattern": SECRET_PATTERN}))
}

/// The secret of a webhook or null, in a body.
pub(super) fn webhook_secret_or_null() -> RefOr<Schema> {
    schema(json!({
        "type": ["string", "null"],
        "description": "whsec_ and the base64 of 24 to 64 bytes",
        "pattern": SECRET_PATTERN,
    }))
}

/// An identifier.
pub(super) fn id() -> RefOr<Schema> {
    schema(json!({"type": "string", "format": "id", "pattern": "^[0-9a-fA-F]{24}$"}))
}

/// An identifier or null.
pub(super) fn id_or_null() -> RefOr<Schema> {
    schema(json!({"type": ["string", "null"], "format": "id", "pattern": "^[0-9a-fA-F]{24}$"}))
}

/// How people talk on a channel.
pub(super) fn modality() -> RefOr<Schema> {
    schema(json!({"type": "string", "enum": ["messaging", "email", "voice", "sms"]}))
}

/// What a request does to an end user's metadata.
pub(super) fn end_user_metadata_change() -> RefOr<Schema> {
    metadata_change(
        &json!(["object", "null"]),
        &json!([
            {"type": "string", "pattern": TEXT_PATTERN},
            {"type": "boolean"},
            {"type": "integer", "format": "int64", "minimum": i64::MIN, "maximum": i64::MAX},
            {"type": "null"},
        ]),
    )
}

/// What a request does to the metadata of a conversation or a channel.
pub(super) fn conversation_metadata_change() -> RefOr<Schema> {
    metadata_change(&json!(["object", "null"]), &conversation_values())
}

/// The same where the map must be there.
pub(super) fn conversation_metadata_object() -> RefOr<Schema> {
    metadata_change(&json!("object"), &conversation_values())
}

fn conversation_values() -> Value {
    json!([
        {"type": "string", "pattern": TEXT_PATTERN},
        {"type": "boolean"},
        {"type": "number"},
        {"type": "null"},
    ])
}

fn metadata_change(kind: &Value, values: &Value) -> RefOr<Schema> {
    schema(json!({
        "type": kind,
        "description": "Keys to set, or to remove where null. Keys that are not named stay.",
        "propertyNames": {"type": "string", "pattern": TEXT_PATTERN, "maxLength": TEXT_LIMIT},
        "additionalProperties": {"anyOf": values},
    }))
}

/// The metadata of an answer.
pub(super) fn metadata_view() -> RefOr<Schema> {
    schema(json!({
        "type": "object",
        "additionalProperties": {"type": ["string", "boolean", "number"]},
    }))
}

/// The secrets that a request writes.
pub(super) fn sensitive_fields() -> RefOr<Schema> {
    schema(json!({
        "type": "object",
        "description": "Secrets to set, or to remove where null. They are sealed, never shown, and gone after a while.",
        "maxProperties": SENSITIVE_KEYS_PER_REQUEST,
        "propertyNames": {"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "maxLength": 256},
        "additionalProperties": {"anyOf": [
            {"type": "string", "minLength": 1, "maxLength": super::sensitive::VALUE_LIMIT},
            {"type": "boolean"},
            {"type": "integer", "format": "int64", "minimum": i64::MIN, "maximum": i64::MAX},
            {"type": "null"},
        ]},
    }))
}
