//! The language of a profile.

use std::ops::Deref;

use oxilangtag::LanguageTag as Parsed;

/// A well-formed BCP 47 tag, kept as it was written (`en`, `pt-BR`, `zh-Hant-TW`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanguageTag(Box<str>);

/// The text is no well-formed BCP 47 tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Must be a BCP 47 language tag, such as \"en\" or \"pt-BR\".")]
pub struct MalformedLanguage;

impl LanguageTag {
    /// The longest tag that is taken, in characters. The longest that the registry can make has 35.
    pub const LIMIT: usize = 100;

    /// The tag, checked.
    pub fn new(text: &str) -> Result<Self, MalformedLanguage> {
        if text.len() > Self::LIMIT {
            return Err(MalformedLanguage);
        }
        Parsed::parse(text).map_err(|_| MalformedLanguage)?;
        Ok(Self(text.into()))
    }
}

impl Deref for LanguageTag {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_formed_tags_are_kept_as_written() {
        for tag in ["en", "pt-BR", "EN-ca", "zh-Hant-TW", "es-419", "sl-rozaj-biske", "x-ours"] {
            assert_eq!(&*LanguageTag::new(tag).unwrap(), tag);
        }
    }

    #[test]
    fn garbage_is_refused() {
        for tag in ["", "e", "english please", "en_US", "en-", "-en", "en--US", "fr-\u{e9}"] {
            assert_eq!(LanguageTag::new(tag), Err(MalformedLanguage), "{tag:?}");
        }
    }
}
