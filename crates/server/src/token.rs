//! Plain tokens: shown once to whoever made them, and otherwise only ever hashed.

use roster_directory::TokenHash;
use sha2::{Digest, Sha256};

use crate::clock::{Randomness, RandomnessError};

/// The text that every token starts with, so that a leaked one is recognised.
const PREFIX: &str = "roster_";

/// A bearer token in clear. It has no `Debug`, `Display` or `Serialize`.
pub struct PlainToken(String);

impl PlainToken {
    /// A new token: the prefix and 192 random bits as 48 hexadecimal digits.
    pub fn generate(randomness: &dyn Randomness) -> Result<Self, RandomnessError> {
        let mut bytes = [0; 24];
        randomness.fill(&mut bytes)?;
        let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let hex = digits.filter_map(|digit| char::from_digit(digit.into(), 16));
        Ok(Self(PREFIX.chars().chain(hex).collect()))
    }

    /// The token itself, to be shown once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What a store knows of it.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        hash_token(&self.0)
    }
}

/// The hash of what a client presents as its token.
#[must_use]
pub fn hash_token(text: &str) -> TokenHash {
    TokenHash(Sha256::digest(text.as_bytes()).into())
}
