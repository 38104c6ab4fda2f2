//! What a record is called.

use std::fmt;
use std::ops::Deref;

/// The name of an organization, a group or a custom role: at most [`RecordName::LIMIT`] characters
/// without U+0000. A dialect decides whether it may be empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RecordName(Box<str>);

/// Why a name is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordNameError {
    /// Longer than [`RecordName::LIMIT`].
    #[error("is too long (maximum is {} characters)", RecordName::LIMIT)]
    TooLong,
    /// It holds U+0000.
    #[error("must not contain U+0000")]
    Nul,
}

impl RecordName {
    /// The most characters (Unicode code points) of a name. An index of names takes no entries of
    /// any length; this is far below what `PostgreSQL` has room for.
    pub const LIMIT: usize = 255;

    /// The name, checked.
    pub fn new(text: &str) -> Result<Self, RecordNameError> {
        if text.contains('\0') {
            return Err(RecordNameError::Nul);
        }
        if text.len() > Self::LIMIT && text.chars().count() > Self::LIMIT {
            return Err(RecordNameError::TooLong);
        }
        Ok(Self(text.into()))
    }

    /// The name as a store kept it, perhaps before names had a limit.
    #[must_use]
    pub fn from_stored(text: &str) -> Self {
        Self(text.into())
    }
}

impl Deref for RecordName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RecordName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_counts_characters() {
        for character in ["a", "é", "漢", "🙂"] {
            assert!(RecordName::new(&character.repeat(255)).is_ok(), "{character}");
            let refused = RecordName::new(&character.repeat(256));
            assert_eq!(refused, Err(RecordNameError::TooLong), "{character}");
        }
        assert_eq!(RecordName::new("a\0"), Err(RecordNameError::Nul));
    }
}
