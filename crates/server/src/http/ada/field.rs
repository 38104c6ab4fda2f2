//! Fields of a body that tell absent, null and wrong apart.
//!
//! A field never fails to deserialize: a value of the wrong type is kept as that fact, so that
//! every problem of a body can be told at once, and no value is echoed by a parser's message.

use std::collections::BTreeMap;
use std::fmt;

use roster_directory::Change;
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::problems::Problems;

/// The most keys that a map is read with. No map of 10 KB has as many, so a request with more is
/// too large whatever they are; the rest of them is not kept in memory.
pub(crate) const KEYS_LIMIT: usize = 2048;

/// A map whose values are looked at one by one. Of a repeated key the last value counts.
#[derive(Debug, Default)]
pub(crate) struct RawMap {
    /// The keys and values, at most [`KEYS_LIMIT`].
    pub(crate) entries: BTreeMap<Box<str>, Box<RawValue>>,
    /// Whether there were more.
    pub(crate) overflows: bool,
}

impl<'de> Deserialize<'de> for RawMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RawMapVisitor)
    }
}

/// The most items that a list of texts is read with. Nothing that takes such a list knows as many.
pub(crate) const ITEMS_LIMIT: usize = 100;

/// A list of texts whose items are looked at one by one.
#[derive(Debug, Default)]
pub(crate) struct TextList {
    /// The items, at most [`ITEMS_LIMIT`].
    items: Vec<Field<String>>,
    /// Whether there were more.
    overflows: bool,
}

impl TextList {
    /// What each item is read as, without those that have a problem.
    pub(crate) fn read<T, E: ToString>(
        self,
        path: &str,
        problems: &mut Problems,
        mut parse: impl FnMut(String) -> Result<T, E>,
    ) -> Vec<T> {
        if self.overflows {
            problems.body(path, format_args!("Must have at most {ITEMS_LIMIT} items."));
        }
        let items = self.items.into_iter().enumerate();
        let read = items.filter_map(|(place, item)| {
            let path = format!("{path}[{place}]");
            let text = item.required(&path, problems)?;
            problems.check(path, parse(text))
        });
        read.collect()
    }
}

impl<'de> Deserialize<'de> for TextList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(TextListVisitor)
    }
}

struct TextListVisitor;

impl<'de> Visitor<'de> for TextListVisitor {
    type Value = TextList;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<TextList, A::Error> {
        let mut list = TextList::default();
        while list.items.len() < ITEMS_LIMIT {
            let Some(item) = access.next_element()? else { return Ok(list) };
            list.items.push(item);
        }
        while access.next_element::<IgnoredAny>()?.is_some() {
            list.overflows = true;
        }
        Ok(list)
    }
}

struct RawMapVisitor;

impl<'de> Visitor<'de> for RawMapVisitor {
    type Value = RawMap;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<RawMap, A::Error> {
        let mut map = RawMap::default();
        while map.entries.len() < KEYS_LIMIT {
            let Some((key, value)) = access.next_entry()? else { return Ok(map) };
            map.entries.insert(key, value);
        }
        while access.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            map.overflows = true;
        }
        Ok(map)
    }
}

/// What is wrong with text whose escapes are no Unicode: JSON can say half of a surrogate pair,
/// and programs that cut text do.
pub(crate) const HALF_A_PAIR: &str =
    "Must be valid Unicode: it has an escape that is half of a surrogate pair.";

/// What is wrong with an object of ours that does not read.
pub(crate) const REPEATED_KEY: &str = "Must not repeat a key.";

/// A type that a field may have.
pub(crate) trait Shape: DeserializeOwned {
    /// What the value must be, for the error.
    const EXPECTED: &str;
    /// The characters that such a value can start with. A structure would otherwise also be read
    /// from an array.
    const STARTS: &[char];
    /// What such a value must be to be read, where its type is right.
    const READABLE: &str;
}

impl Shape for String {
    const EXPECTED: &str = "a string";
    const STARTS: &[char] = &['"'];
    const READABLE: &str = HALF_A_PAIR;
}

impl Shape for bool {
    const EXPECTED: &str = "true or false";
    const STARTS: &[char] = &['t', 'f'];
    const READABLE: &str = "Must be true or false.";
}

impl Shape for RawMap {
    const EXPECTED: &str = "an object";
    const STARTS: &[char] = &['{'];
    const READABLE: &str = HALF_A_PAIR;
}

impl Shape for TextList {
    const EXPECTED: &str = "an array";
    const STARTS: &[char] = &['['];
    const READABLE: &str = "Must be an array.";
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
    /// It has the right type and cannot be read all the same.
    Unreadable,
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
        Ok(serde_json::from_str(raw).map_or(Self::Unreadable, Self::Given))
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
            Self::Unreadable => {
                problems.body(path, T::READABLE);
                Change::Keep
            }
        }
    }

    /// The value, where null says the same as nothing.
    pub(crate) fn optional(self, path: &str, problems: &mut Problems) -> Option<T> {
        self.change(path, problems).into_option()
    }

    /// The value of a field that may be absent, but not null.
    pub(crate) fn given(self, path: &str, problems: &mut Problems) -> Option<T> {
        match self {
            Self::Absent => None,
            other => other.required(path, problems),
        }
    }

    /// The value of a field that must be there.
    pub(crate) fn required(self, path: &str, problems: &mut Problems) -> Option<T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Absent => {
                problems.body(path, format_args!("Is required, and must be {}.", T::EXPECTED));
                None
            }
            Self::Unreadable => {
                problems.body(path, T::READABLE);
                None
            }
            Self::Null | Self::Mistyped => {
                problems.body(path, format_args!("Must be {}.", T::EXPECTED));
                None
            }
        }
    }
}
