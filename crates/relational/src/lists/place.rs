//! Places in an index.

use roster_directory::{NameKey, SortValue, StoreError, UserId, UserKey};

use crate::sql::{Fields, FromRow, ToValue, Value};

/// Where an entry of an index is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// What users are sorted by.
    pub(super) value: Edge,
    /// Who it is.
    pub(super) id: UserId,
}

/// A place between the values of a column: before all that are not less. Of a value of the column
/// it is the place right before that value, and stands for the value itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Edge {
    /// In a column of numbers.
    Number(i64),
    /// In a column of texts.
    Text(String),
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
            Value::Integer(number) => Edge::Number(number),
            Value::Text(text) => Edge::Text(text.to_owned()),
            Value::Null | Value::Bytes(_) => return Err(fields.damaged()),
        };
        Ok(Self { value, id: UserId::from_stored(fields.integer()?) })
    }
}

impl ToValue for Edge {
    fn to_value(&self) -> Value<'_> {
        match self {
            Self::Number(number) => Value::Integer(*number),
            Self::Text(text) => Value::Text(text),
        }
    }
}

impl Edge {
    /// After all numbers. Neither a number of a user nor a moment is ever as large as this.
    const LAST_NUMBER: Self = Self::Number(i64::MAX);

    /// After all texts: they are names to sort by, which are shorter.
    fn last_text() -> Self {
        Self::Text(char::MAX.to_string().repeat(NameKey::LIMIT + 1))
    }

    /// The first value after this one that there could be. No text has U+0000, so what begins
    /// with this text and goes on does so with U+0001 at the least.
    pub(super) fn next(&self) -> Self {
        match self {
            Self::Number(number) => Self::Number(number.saturating_add(1)),
            Self::Text(text) => Self::Text(format!("{text}\u{1}")),
        }
    }
}

impl Range {
    /// Every number.
    pub(super) const NUMBERS: Self = Self { low: Edge::Number(i64::MIN), high: Edge::LAST_NUMBER };

    /// Every text that begins with `prefix`. None has U+0000, which not every database can be
    /// asked for.
    pub(super) fn of_prefix(prefix: &str) -> Self {
        if let Some((before, _)) = prefix.split_once('\0') {
            let nowhere = Edge::Text(before.to_owned());
            return Self { low: nowhere.clone(), high: nowhere };
        }
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
    Edge::last_text()
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
    fn nobody_is_asked_for_a_text_that_there_cannot_be() {
        let Range { low, high } = Range::of_prefix("a\0b");
        assert_eq!((&low, &high), (&Edge::Text("a".to_owned()), &low));
    }

    #[test]
    fn nothing_lies_between_a_value_and_the_next() {
        let text = |text: &str| Edge::Text(text.to_owned());
        assert!(text("a") < text("a").next() && text("a").next() <= text("a\u{1}"));
        assert_eq!(Edge::Number(1).next(), Edge::Number(2));
        assert_eq!(Edge::Number(i64::MAX).next(), Edge::LAST_NUMBER);
    }

    #[test]
    fn every_name_is_in_the_range_of_all_names() {
        let all = Range::of_prefix("");
        for name in ["", "a", &char::MAX.to_string().repeat(2 * NameKey::LIMIT)] {
            let edge = Edge::Text(NameKey::new(name).as_str().to_owned());
            assert!(all.low <= edge && edge < all.high, "{name:?}");
        }
    }
}
