//! The caller's own key for a user.

/// A caller's own key for a user, unique per account after folding.
///
/// It is kept as written (trimmed) for the dialect that shows it so, and folded (trimmed,
/// Unicode lower case) for uniqueness and look-up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExternalId {
    written: Box<str>,
    folded: Box<str>,
}

/// Why an external id is refused. Each text says what would be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExternalIdError {
    /// Nothing but white space.
    #[error("Must not be empty.")]
    Empty,
    /// Longer than the dialect allows, before or after folding.
    #[error("Must be at most {0} characters long.")]
    TooLong(usize),
    /// It holds `<` or `>`.
    #[error("Must not contain \"<\" or \">\".")]
    AngleBracket,
    /// It holds U+0000.
    #[error("Must not contain the character U+0000.")]
    Nul,
}

impl ExternalId {
    /// The most characters (Unicode code points) that Ada's dialect writes (contract §2.8).
    pub const ADA_LIMIT: usize = 36;
    /// The most characters that any dialect writes.
    pub const LIMIT: usize = 255;

    /// An external id as Ada's dialect allows it: 1 to 36 characters, no `<`, no `>`.
    pub fn ada(text: &str) -> Result<Self, ExternalIdError> {
        let id = Self::within(text, Self::ADA_LIMIT)?;
        if id.written.contains(['<', '>']) {
            return Err(ExternalIdError::AngleBracket);
        }
        Ok(id)
    }

    /// An external id as any dialect may have written it: 1 to 255 characters.
    pub fn new(text: &str) -> Result<Self, ExternalIdError> {
        Self::within(text, Self::LIMIT)
    }

    /// Lower case can be longer than upper case (`İ`), and the folded form is what Ada's clients
    /// read and send back: so what was sent and what is kept must both fit.
    fn within(text: &str, limit: usize) -> Result<Self, ExternalIdError> {
        let written = text.trim();
        let folded = written.to_lowercase();
        if written.is_empty() {
            return Err(ExternalIdError::Empty);
        }
        if written.contains('\0') {
            return Err(ExternalIdError::Nul);
        }
        if text.chars().count().max(folded.chars().count()) > limit {
            return Err(ExternalIdError::TooLong(limit));
        }
        Ok(Self { written: written.into(), folded: folded.into() })
    }

    /// As the caller wrote it, trimmed.
    #[must_use]
    pub fn written(&self) -> &str {
        &self.written
    }

    /// Trimmed and in lower case: two ids with the same folded form are the same id.
    #[must_use]
    pub fn folded(&self) -> &str {
        &self.folded
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn limits_count_characters_of_both_forms() {
        assert!(ExternalId::ada(&"é".repeat(36)).is_ok());
        assert_eq!(ExternalId::ada(&"a".repeat(37)), Err(ExternalIdError::TooLong(36)));
        assert_eq!(ExternalId::ada(&"İ".repeat(20)), Err(ExternalIdError::TooLong(36)));
        assert_eq!(ExternalId::ada(" \t "), Err(ExternalIdError::Empty));
        assert_eq!(ExternalId::ada("a<b"), Err(ExternalIdError::AngleBracket));
    }

    proptest! {
        #[test]
        fn what_is_read_can_be_written_again(text in "\\PC{1,40}") {
            if let Ok(id) = ExternalId::ada(&text) {
                let again = ExternalId::ada(id.folded()).unwrap();
                prop_assert_eq!(again.folded(), id.folded());
            }
        }
    }
}
