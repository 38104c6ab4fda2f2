//! Metadata as compact JSON. A number with a fraction or an exponent is a decimal, any other is
//! an integer, so both come back as what they were.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use roster_directory::{Decimal, Metadata, MetadataValue, StoreError};
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::sql::Fields;

/// The text that is kept for `metadata`.
pub(super) fn to_json(metadata: &Metadata) -> Result<Cow<'static, str>, StoreError> {
    if metadata.is_empty() {
        return Ok(Cow::Borrowed("{}"));
    }
    serde_json::to_string(&Stored(Cow::Borrowed(metadata)))
        .map(Cow::Owned)
        .map_err(|error| StoreError::Unavailable(error.to_string()))
}

impl Fields<'_> {
    /// Metadata.
    pub(super) fn metadata(&mut self) -> Result<Metadata, StoreError> {
        from_json(self.text()?).map_err(|_| self.damaged())
    }
}

/// The metadata that `json` was kept for.
fn from_json(json: &str) -> Result<Metadata, serde_json::Error> {
    if json == "{}" {
        return Ok(Metadata::default());
    }
    let Stored(metadata) = serde_json::from_str(json)?;
    Ok(metadata.into_owned())
}

/// Metadata as a value of its own, or within a larger one.
pub(super) struct Stored<'a>(pub(super) Cow<'a, Metadata>);

impl<'de> Deserialize<'de> for Stored<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = BTreeMap::<Box<str>, ReadValue>::deserialize(deserializer)?;
        let map = map.into_iter().map(|(key, value)| (key, value.0)).collect();
        Ok(Self(Cow::Owned(Metadata::from_stored(map))))
    }
}

impl Serialize for Stored<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, WrittenValue(value))))
    }
}

struct WrittenValue<'a>(&'a MetadataValue);

impl Serialize for WrittenValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            MetadataValue::Text(text) => serializer.serialize_str(text),
            MetadataValue::Bool(value) => serializer.serialize_bool(*value),
            MetadataValue::Integer(integer) => serializer.serialize_i64(*integer),
            MetadataValue::Decimal(decimal) => serializer.serialize_f64(decimal.get()),
        }
    }
}

struct ReadValue(MetadataValue);

impl<'de> Deserialize<'de> for ReadValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor).map(Self)
    }
}

struct ValueVisitor;

impl Visitor<'_> for ValueVisitor {
    type Value = MetadataValue;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text, a bool or a number")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<MetadataValue, E> {
        MetadataValue::text(text).map_err(E::custom)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<MetadataValue, E> {
        Ok(MetadataValue::Bool(value))
    }

    fn visit_i64<E: Error>(self, integer: i64) -> Result<MetadataValue, E> {
        Ok(MetadataValue::Integer(integer))
    }

    fn visit_u64<E: Error>(self, integer: u64) -> Result<MetadataValue, E> {
        i64::try_from(integer).map(MetadataValue::Integer).map_err(E::custom)
    }

    fn visit_f64<E: Error>(self, decimal: f64) -> Result<MetadataValue, E> {
        let decimal = Decimal::new(decimal).ok_or_else(|| E::custom("not a finite number"))?;
        Ok(MetadataValue::Decimal(decimal))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = MetadataValue> {
        prop_oneof![
            "[^\0]{0,20}".prop_map(|text| MetadataValue::text(text).unwrap()),
            any::<bool>().prop_map(MetadataValue::Bool),
            any::<i64>().prop_map(MetadataValue::Integer),
            (-1000_i32..1000).prop_map(|whole| decimal(f64::from(whole))),
            any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(decimal),
        ]
    }

    fn decimal(number: f64) -> MetadataValue {
        MetadataValue::Decimal(Decimal::new(number).unwrap())
    }

    proptest! {
        #[test]
        fn every_map_comes_back_as_it_was(
            map in proptest::collection::btree_map("[^\0]{0,8}", value(), 0..6)
        ) {
            let map = map.into_iter().map(|(key, value)| (key.into(), value)).collect();
            let metadata = Metadata::from_stored(map);
            let json = to_json(&metadata).unwrap();
            prop_assert_eq!(from_json(&json).unwrap(), metadata);
        }
    }

    #[test]
    fn what_roster_would_not_write_is_damaged() {
        for json in ["", "[]", "{\"a\":null}", "{\"a\":{}}", "{\"a\":9223372036854775808}"] {
            assert!(from_json(json).is_err(), "{json}");
        }
    }
}
