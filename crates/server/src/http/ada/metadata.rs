//! Metadata on the wire.

use roster_directory::{Decimal, Metadata, MetadataPatch, MetadataValue, TextError};

use super::field::{HALF_A_PAIR, KEYS_LIMIT, RawMap};
use super::problems::{Problems, key_path};

/// Which kinds of values a map takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kinds {
    /// An end user's: string, boolean, integer (contract Ada §2.5, §9.30).
    EndUser,
    /// A conversation's or a channel's: numbers with a fraction too (contract Ada §4).
    Conversation,
}

impl Kinds {
    const fn expected(self) -> &'static str {
        match self {
            Self::EndUser => "Must be a string, boolean or integer.",
            Self::Conversation => "Must be a string, boolean or number.",
        }
    }
}

/// Reads what a map does to each of its keys: null removes one.
pub(crate) fn read_metadata(
    map: RawMap,
    kinds: Kinds,
    path: &str,
    problems: &mut Problems,
) -> MetadataPatch {
    let mut patch = MetadataPatch::new();
    if map.overflows {
        problems.body(path, format_args!("Must have at most {KEYS_LIMIT} keys."));
    }
    for (key, raw) in map.entries {
        let value = Metadata::check_key(&key)
            .map_err(|error| error.to_string())
            .and_then(|()| read_value(raw.get(), kinds));
        match value {
            Ok(value) => drop(patch.insert(key, value)),
            Err(message) => {
                problems.body(key_path(path, &key), message);
                // So that a secret of the same name is told of, too.
                patch.insert(key, None);
            }
        }
    }
    patch
}

fn read_value(raw: &str, kinds: Kinds) -> Result<Option<MetadataValue>, String> {
    match scalar(raw) {
        Some(Scalar::Null) => Ok(None),
        Some(Scalar::Text(text)) => {
            MetadataValue::text(text).map(Some).map_err(|error: TextError| error.to_string())
        }
        Some(Scalar::Bool(value)) => Ok(Some(MetadataValue::Bool(value))),
        Some(Scalar::Integer(value)) => Ok(Some(MetadataValue::Integer(value))),
        Some(Scalar::Decimal(value)) if kinds == Kinds::Conversation => {
            Ok(Some(MetadataValue::Decimal(value)))
        }
        Some(Scalar::HugeInteger(value)) if kinds == Kinds::Conversation => {
            Ok(Some(MetadataValue::Decimal(value)))
        }
        Some(Scalar::HalfAPair) => Err(HALF_A_PAIR.into()),
        Some(Scalar::HugeInteger(_)) => Err("Must fit into a signed 64-bit integer.".into()),
        Some(Scalar::Decimal(_)) | None => Err(kinds.expected().into()),
    }
}

/// A JSON value that is neither an array nor an object.
pub(crate) enum Scalar {
    Null,
    Text(String),
    /// Text with an escape that is half of a surrogate pair.
    HalfAPair,
    Bool(bool),
    Integer(i64),
    /// An integer that does not fit into 64 bits, as the decimal that is nearest to it.
    HugeInteger(Decimal),
    Decimal(Decimal),
}

/// Reads a scalar, with integers exact. `None` for anything else.
pub(crate) fn scalar(raw: &str) -> Option<Scalar> {
    match raw.as_bytes().first()? {
        b'n' => Some(Scalar::Null),
        b'"' => Some(serde_json::from_str(raw).map_or(Scalar::HalfAPair, Scalar::Text)),
        b't' => Some(Scalar::Bool(true)),
        b'f' => Some(Scalar::Bool(false)),
        b'-' | b'0'..=b'9' => number(raw),
        _ => None,
    }
}

fn number(raw: &str) -> Option<Scalar> {
    if let Ok(integer) = raw.parse() {
        return Some(Scalar::Integer(integer));
    }
    let decimal = raw.parse().ok().and_then(Decimal::new)?;
    let fraction = raw.contains(['.', 'e', 'E']);
    Some(if fraction { Scalar::Decimal(decimal) } else { Scalar::HugeInteger(decimal) })
}
