//! Secrets on the wire: read from a request, sealed at once, never written to an answer.

use std::collections::BTreeMap;

use roster_directory::{
    EndUserId, MetadataPatch, SENSITIVE_KEYS_PER_REQUEST, SensitiveKey, SensitiveWrite, Timestamp,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::error::AdaError;
use super::field::{Field, HALF_A_PAIR, REPEATED_KEY, RawMap, Shape};
use super::metadata::{Scalar, scalar};
use super::problems::{Problems, key_path};
use super::schemas;
use crate::app::App;
use crate::crypto::SealedFor;

/// The longest secret, in bytes of UTF-8. The vendor names no limit.
pub(super) const VALUE_LIMIT: usize = 16 * 1024;

const PATH: &str = "$.profile.sensitive_metadata";
const FIELDS: &str = "$.profile.sensitive_metadata.fields";

/// Secrets to set or remove
#[derive(Deserialize, Default, ToSchema)]
pub(super) struct SensitiveBody {
    #[serde(default)]
    #[schema(required = true, schema_with = schemas::sensitive_fields)]
    fields: Field<RawMap>,
}

impl Shape for SensitiveBody {
    const EXPECTED: &str = "an object with the key \"fields\"";
    const STARTS: &[char] = &['{'];
    const READABLE: &str = REPEATED_KEY;
}

/// Secrets in clear, as compact JSON. There is no `Debug`, and the only way out is to seal them.
#[derive(Default)]
pub(super) struct PlainSecrets(BTreeMap<SensitiveKey, Option<String>>);

/// Reads the secrets of a request. `metadata` is what it writes beside them:
/// one key cannot be both (contract Ada §2.7, §9.22).
pub(super) fn read_secrets(
    body: Field<SensitiveBody>,
    metadata: &MetadataPatch,
    problems: &mut Problems,
) -> PlainSecrets {
    let Some(body) = body.optional(PATH, problems) else { return PlainSecrets::default() };
    let Some(fields) = body.fields.required(FIELDS, problems) else {
        return PlainSecrets::default();
    };
    if fields.entries.len() > SENSITIVE_KEYS_PER_REQUEST {
        let message = format_args!("Must have at most {SENSITIVE_KEYS_PER_REQUEST} keys.");
        problems.body(FIELDS, message);
        return PlainSecrets::default();
    }
    let mut secrets = BTreeMap::new();
    for (name, raw) in fields.entries {
        let path = key_path(FIELDS, &name);
        if metadata.contains_key(&name) {
            problems.body(&*path, "Must not also be a key of profile.metadata.");
        }
        let key = problems.check(&*path, SensitiveKey::new(&name));
        let value = problems.check(&*path, read_secret(raw.get()));
        if let (Some(key), Some(value)) = (key, value) {
            secrets.insert(key, value);
        }
    }
    PlainSecrets(secrets)
}

fn read_secret(raw: &str) -> Result<Option<String>, &'static str> {
    match scalar(raw) {
        Some(Scalar::Null) => Ok(None),
        Some(Scalar::Text(text)) if text.is_empty() => Err("Must not be empty."),
        Some(Scalar::Text(text)) if text.len() > VALUE_LIMIT => {
            Err("Must be at most 16384 bytes long.")
        }
        Some(Scalar::Text(text)) => Ok(Some(serde_json::Value::String(text).to_string())),
        Some(Scalar::Bool(_) | Scalar::Integer(_)) => Ok(Some(raw.into())),
        Some(Scalar::HalfAPair) => Err(HALF_A_PAIR),
        Some(Scalar::HugeInteger(_)) => Err("Must fit into a signed 64-bit integer."),
        Some(Scalar::Decimal(_)) | None => {
            Err("Must be a non-empty string, a boolean, an integer or null.")
        }
    }
}

impl PlainSecrets {
    /// Seals the secrets for one end user; `None` when there are none.
    pub(super) fn seal(
        self,
        app: &App,
        account: roster_directory::AccountId,
        end_user: EndUserId,
        now: Timestamp,
    ) -> Result<Option<SensitiveWrite>, AdaError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let mut changes = BTreeMap::new();
        for (key, plain) in self.0 {
            let sealed = match plain {
                None => None,
                Some(plain) => {
                    let bound_to = SealedFor::Secret(account, end_user, &key);
                    let sealed = app.keyring.seal(plain.as_bytes(), bound_to, &*app.randomness);
                    Some(sealed.map_err(AdaError::internal)?)
                }
            };
            changes.insert(key, sealed);
        }
        Ok(Some(SensitiveWrite { changes, expires_at: now.after(app.settings.sensitive_ttl) }))
    }
}
