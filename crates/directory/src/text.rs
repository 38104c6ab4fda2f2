//! Free text of a profile.

use std::fmt;
use std::ops::Deref;

/// How many characters (Unicode code points) a [`Text`] may have.
///
/// The vendors document no limit; this one keeps a single user small enough to list a hundred.
pub const TEXT_LIMIT: usize = 4096;

/// A name, an address, a label: any text of at most [`TEXT_LIMIT`] characters without U+0000,
/// which `PostgreSQL` cannot keep. It may be empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text(Box<str>);

/// Why a text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// It is longer than [`TEXT_LIMIT`].
    #[error("Must be at most 4096 characters long.")]
    TooLong,
    /// It holds U+0000.
    #[error("Must not contain the character U+0000.")]
    Nul,
}

impl Text {
    /// The text, checked.
    pub fn new(text: impl Into<Box<str>>) -> Result<Self, TextError> {
        let text = text.into();
        check(&text)?;
        Ok(Self(text))
    }
}

/// Whether `text` could be a [`Text`].
pub(crate) fn check(text: &str) -> Result<(), TextError> {
    if text.contains('\0') {
        return Err(TextError::Nul);
    }
    if text.len() > TEXT_LIMIT && text.chars().count() > TEXT_LIMIT {
        return Err(TextError::TooLong);
    }
    Ok(())
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
