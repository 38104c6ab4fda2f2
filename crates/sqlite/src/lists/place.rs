//! Places in an index.

use roster_directory::{SortValue, StoreError, UserId, UserKey};
use rusqlite::types::{Value, ValueRef};

use crate::sql::{Fields, FromRow};

/// Where an entry of an index is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// What users are sorted by.
    pub(super) value: Edge,
    /// Who it is.
    pub(super) id: UserId,
}

/// A place between the values of a column: before all that are not less. For the last value that
/// there is, and for all that are not there, it stands for the value itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Edge {
    /// In a column of numbers.
    Number(i64),
    /// In a column of texts.
    Text(String),
    /// After all values.
    End,
}

/// The values from `low` up to but without `high`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) low: Edge,
    pub(super) high: Edge,
}

impl Place {
    /// The place in the index of a place in a list.
    pub(super) fn of(key: &UserKey) -> Self {
        let value = match &key.value {
            SortValue::Id => Edge::Number(key.id.get()),
            SortValue::Name(name) => Edge::Text(name.as_str().to_owned()),
            SortValue::Moment(moment) => Edge::Number(moment.as_micros()),
        };
        Self { value, id: key.id }
    }
}

impl FromRow for Place {
    const TABLE: &'static str = "user";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        let value = match fields.value()? {
            ValueRef::Integer(number) => Edge::Number(number),
            ValueRef::Text(text) => {
                let text = str::from_utf8(text).map_err(|_| fields.damaged())?;
                Edge::Text(text.to_owned())
            }
            ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => return Err(fields.damaged()),
        };
        Ok(Self { value, id: UserId::from_stored(fields.integer()?) })
    }
}

impl Edge {
    /// What it is to SQLite, for which bytes come after all numbers and texts.
    pub(super) fn to_value(&self) -> Value {
        match self {
            Self::Number(number) => Value::Integer(*number),
            Self::Text(text) => Value::Text(text.clone()),
            Self::End => Value::Blob(Vec::new()),
        }
    }

    /// The first value after this one that there could be.
    pub(super) fn next(&self) -> Self {
        match self {
            Self::Number(number) => number.checked_add(1).map_or(Self::End, Self::Number),
            Self::Text(text) => Self::Text(format!("{text}\0")),
            Self::End => Self::End,
        }
    }
}

impl Range {
    /// Every number.
    pub(super) const NUMBERS: Self = Self { low: Edge::Number(i64::MIN), high: Edge::End };

    /// Every text that begins with `prefix`.
    pub(super) fn of_prefix(prefix: &str) -> Self {
        Self { low: Edge::Text(prefix.to_owned()), high: after_prefix(prefix) }
    }
}

/// The first text after all that begin with `prefix`: the next character in place of its last one
/// that has a next one. Texts sort by their bytes, which is by the numbers of their characters.
fn after_prefix(prefix: &str) -> Edge {
    let mut kept: Vec<char> = prefix.chars().collect();
    while let Some(last) = kept.pop() {
        if let Some(next) = (last..=char::MAX).nth(1) {
            kept.push(next);
            return Edge::Text(kept.into_iter().collect());
        }
    }
    Edge::End
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_what_begins_with_its_prefix_and_nothing_else() {
        let texts = [
            "",
            "a",
            "ab",
            "abc",
            "ac",
            "b",
            "é",
            "éa",
            "ê",
            "z\u{d7ff}",
            "z\u{d7ff}z",
            "z\u{e000}",
            "a\u{10ffff}",
            "a\u{10ffff}\u{10ffff}b",
            "\u{10ffff}\u{10ffff}",
            "\u{10ffff}\u{10ffff}\u{10ffff}",
        ];
        for prefix in texts {
            let range = Range::of_prefix(prefix);
            for text in texts {
                let edge = Edge::Text(text.to_owned());
                let inside = range.low <= edge && edge < range.high;
                assert_eq!(inside, text.starts_with(prefix), "{text:?} in {prefix:?}");
            }
        }
    }

    #[test]
    fn nothing_lies_between_a_value_and_the_next() {
        let text = |text: &str| Edge::Text(text.to_owned());
        assert!(text("a") < text("a").next() && text("a").next() < text("a\u{1}"));
        assert_eq!(Edge::Number(1).next(), Edge::Number(2));
        assert_eq!(Edge::Number(i64::MAX).next(), Edge::End);
    }
}
