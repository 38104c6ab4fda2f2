//! Labels on a user or an organization.

/// Labels, without repetition, in the order in which they were given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tags(Vec<Box<str>>);

/// Why labels are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TagsError {
    /// There are too many.
    #[error("must be at most 500 tags")]
    TooMany,
    /// One is too long.
    #[error("must each be at most 255 characters long")]
    TooLong,
    /// One holds a character that no tag may have.
    #[error("must not contain U+0000")]
    Nul,
}

impl Tags {
    /// No tags.
    pub const NONE: Self = Self(Vec::new());

    /// The most tags that one thing may have.
    pub const LIMIT: usize = 500;
    /// The most characters of a tag.
    pub const LENGTH_LIMIT: usize = 255;

    /// The tags: in lower case, split at white space, without the empty and the repeated.
    pub fn new<'a>(tags: impl IntoIterator<Item = &'a str>) -> Result<Self, TagsError> {
        let mut kept: Vec<Box<str>> = Vec::new();
        for tag in tags.into_iter().flat_map(str::split_whitespace) {
            let tag = tag.to_lowercase();
            if tag.contains('\0') {
                return Err(TagsError::Nul);
            }
            if tag.chars().count() > Self::LENGTH_LIMIT {
                return Err(TagsError::TooLong);
            }
            if !kept.iter().any(|known| **known == *tag) {
                kept.push(tag.into());
            }
            if kept.len() > Self::LIMIT {
                return Err(TagsError::TooMany);
            }
        }
        Ok(Self(kept))
    }

    /// The tags.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|tag| &**tag)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
