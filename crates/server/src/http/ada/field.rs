//! Fields of a body that tell absent, null and wrong apart.
//!
//! A field never fails to deserialize: a value of the wrong type is kept as that fact, so that
//! every problem of a body can be told at once, and no value is echoed by a parser's message.

use std::collections::BTreeMap;

use roster_directory::Change;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::problems::Problems;

/// A map whose values are looked at one by one.
pub(crate) type RawMap = BTreeMap<Box<str>, Box<RawValue>>;

/// A type that a field may have.
pub(crate) trait Shape: DeserializeOwned {
    /// What the value must be, for the error.
    const EXPECTED: &str;
    /// The characters that such a value can start with. A structure would otherwise also be read
    /// from an array.
    const STARTS: &[char];
}

impl Shape for String {
    const EXPECTED: &str = "a string";
    const STARTS: &[char] = &['"'];
}

impl Shape for bool {
    const EXPECTED: &str = "true or false";
    const STARTS: &[char] = &['t', 'f'];
}

impl Shape for RawMap {
    const EXPECTED: &str = "an object";
    const STARTS: &[char] = &['{'];
}

/// One field of a body.
#[derive(Debug)]
pub(crate) enum Field<T> {
    /// The body does not have it.
    Absent,
    /// It is null.
    Null,
    /// It has the right type.
    Given(T),
    /// It has another type.
    Mistyped,
}

/// Not derived: that would ask for `T: Default`.
impl<T> Default for Field<T> {
    fn default() -> Self {
        Self::Absent
    }
}

impl<'de, T: Shape> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        if raw == "null" {
            return Ok(Self::Null);
        }
        if !raw.starts_with(T::STARTS) {
            return Ok(Self::Mistyped);
        }
        Ok(serde_json::from_str(raw).map_or(Self::Mistyped, Self::Given))
    }
}

impl<T: Shape> Field<T> {
    /// What the field does to a value that may be absent.
    pub(crate) fn change(self, path: &str, problems: &mut Problems) -> Change<T> {
        match self {
            Self::Absent => Change::Keep,
            Self::Null => Change::Clear,
            Self::Given(value) => Change::Set(value),
            Self::Mistyped => {
                problems.body(path, format_args!("Must be {} or null.", T::EXPECTED));
                Change::Keep
            }
        }
    }

    /// The value, where null says the same as nothing.
    pub(crate) fn optional(self, path: &str, problems: &mut Problems) -> Option<T> {
        self.change(path, problems).into_option()
    }

    /// The value of a field that must be there.
    pub(crate) fn required(self, path: &str, problems: &mut Problems) -> Option<T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Absent => {
                problems.body(path, format_args!("Is required, and must be {}.", T::EXPECTED));
                None
            }
            Self::Null | Self::Mistyped => {
                problems.body(path, format_args!("Must be {}.", T::EXPECTED));
                None
            }
        }
    }
}
