//! The caller's own keys and values on a user, a conversation or a channel.

use std::collections::BTreeMap;
use std::collections::btree_map::Iter;

use crate::text::{self, TextError};

/// A number with a fraction: finite, and never `-0.0`, so that equality is what it looks like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decimal(f64);

impl Decimal {
    /// The number, or `None` if it is infinite or not a number.
    #[must_use]
    pub fn new(number: f64) -> Option<Self> {
        number.is_finite().then_some(Self(number + 0.0))
    }

    /// The number itself.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// One value. Ada's dialect writes no decimals on an end user (contract §2.5), but can read them.
#[derive(Debug, Clone, PartialEq)]
pub enum MetadataValue {
    /// Any text without U+0000.
    Text(Box<str>),
    /// True or false; not an integer.
    Bool(bool),
    /// A signed 64-bit integer, exact.
    Integer(i64),
    /// A number with a fraction.
    Decimal(Decimal),
}

impl MetadataValue {
    /// A text value, checked. Its length is bounded by the size of the whole map.
    pub fn text(text: impl Into<Box<str>>) -> Result<Self, TextError> {
        let text = text.into();
        if text.contains('\0') { Err(TextError::Nul) } else { Ok(Self::Text(text)) }
    }

    fn json_len(&self) -> usize {
        match self {
            Self::Text(text) => json_string_len(text),
            Self::Bool(true) => 4,
            Self::Bool(false) => 5,
            Self::Integer(integer) => integer.to_string().len(),
            Self::Decimal(decimal) => decimal_json_len(decimal.get()),
        }
    }
}

/// What a request does to each key it names: set it, or remove it (`None`).
pub type MetadataPatch = BTreeMap<Box<str>, Option<MetadataValue>>;

/// The map would be larger than its kind may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Metadata exceeds the maximum size of {} KB.", limit / 1024)]
pub struct MetadataTooLarge {
    /// The limit, in bytes.
    pub limit: usize,
}

/// A flat map from key to value, bounded in size.
///
/// The size is that of its compact JSON in UTF-8 bytes (contract Ada §9.14).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata(BTreeMap<Box<str>, MetadataValue>);

impl Metadata {
    /// The map that results when `patch` is merged into this one: keys that it does not name
    /// stay, a key set to `None` goes. Fails when the result is larger than `limit` bytes.
    pub fn merged(&self, patch: &MetadataPatch, limit: usize) -> Result<Self, MetadataTooLarge> {
        let mut map = self.0.clone();
        for (key, value) in patch {
            match value {
                Some(value) => map.insert(key.clone(), value.clone()),
                None => map.remove(key),
            };
        }
        let merged = Self(map);
        if merged.json_len() > limit { Err(MetadataTooLarge { limit }) } else { Ok(merged) }
    }

    /// The map as a store kept it. The store promises that it was made by [`Metadata::merged`].
    #[must_use]
    pub fn from_stored(map: BTreeMap<Box<str>, MetadataValue>) -> Self {
        Self(map)
    }

    /// Whether a key could be one of this map's.
    pub fn check_key(key: &str) -> Result<(), TextError> {
        text::check(key)
    }

    /// The keys and values, in the order of the keys.
    pub fn iter(&self) -> Iter<'_, Box<str>, MetadataValue> {
        self.0.iter()
    }

    /// Whether there is no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the map has this key.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// The size of the map's compact JSON, in bytes.
    #[must_use]
    pub fn json_len(&self) -> usize {
        let entries: usize =
            self.0.iter().map(|(key, value)| json_string_len(key) + 1 + value.json_len()).sum();
        entries + self.0.len().saturating_sub(1) + 2
    }
}

impl<'a> IntoIterator for &'a Metadata {
    type Item = (&'a Box<str>, &'a MetadataValue);
    type IntoIter = Iter<'a, Box<str>, MetadataValue>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The length of a decimal in JSON, where a positive exponent has a sign.
fn decimal_json_len(decimal: f64) -> usize {
    let text = format!("{decimal:?}");
    let unsigned_exponent = text.contains('e') && !text.contains("e-");
    text.len() + usize::from(unsigned_exponent)
}

/// The length of `text` as a JSON string: quotes, and the escapes that JSON demands.
fn json_string_len(text: &str) -> usize {
    let escapes: usize = text
        .bytes()
        .map(|byte| match byte {
            b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 8 | 12 => 1,
            0..32 => 5,
            _ => 0,
        })
        .sum();
    text.len() + escapes + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(entries: &[(&str, Option<MetadataValue>)]) -> MetadataPatch {
        entries.iter().map(|(key, value)| (Box::from(*key), value.clone())).collect()
    }

    #[test]
    fn a_patch_sets_keeps_and_removes() {
        let one = MetadataValue::Integer(1);
        let map = Metadata::default()
            .merged(&patch(&[("a", Some(one.clone())), ("b", Some(one.clone()))]), 100)
            .unwrap();
        let map = map.merged(&patch(&[("a", None), ("c", Some(one))]), 100).unwrap();
        assert_eq!(map.iter().map(|(key, _)| &**key).collect::<Vec<_>>(), ["b", "c"]);
    }

    #[test]
    fn the_size_is_that_of_compact_json() {
        let map = patch(&[
            ("q\"\n\u{1}", Some(MetadataValue::Bool(true))),
            ("é", Some(MetadataValue::Integer(-12))),
            ("x", Some(MetadataValue::Decimal(Decimal::new(1.5).unwrap()))),
            ("y", Some(MetadataValue::Decimal(Decimal::new(9.4e113).unwrap()))),
            ("z", Some(MetadataValue::Decimal(Decimal::new(-1e-7).unwrap()))),
        ]);
        let json = r#"{"q\"\n\u0001":true,"x":1.5,"y":9.4e+113,"z":-1e-7,"é":-12}"#;
        assert!(Metadata::default().merged(&map, json.len()).is_ok());
        assert_eq!(
            Metadata::default().merged(&map, json.len() - 1),
            Err(MetadataTooLarge { limit: json.len() - 1 })
        );
    }

    #[test]
    fn the_limit_is_told_in_kilobytes() {
        let error = MetadataTooLarge { limit: 10_240 };
        assert_eq!(error.to_string(), "Metadata exceeds the maximum size of 10 KB.");
    }
}
