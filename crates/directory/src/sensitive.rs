//! Secrets that pass through a profile: write-only, sealed, and gone after a while.
//!
//! A plain value never comes here: what the domain and the stores know is [`Sealed`].

use std::collections::BTreeMap;
use std::fmt;

use crate::Timestamp;

/// How many pairs one request may carry (contract Ada §2.7).
pub const SENSITIVE_KEYS_PER_REQUEST: usize = 20;

/// How many secrets an end user may have at a time, so that reading them stays a small answer.
/// The vendor names no limit.
pub const SENSITIVE_KEYS_PER_USER: usize = 200;

/// The name of a secret: one or more of `A-Z a-z 0-9 _ -`. The name itself is not secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SensitiveKey(Box<str>);

/// The text is no name of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Keys of sensitive metadata must match [A-Za-z0-9_-]+ and have at most 256 characters.")]
pub struct MalformedSensitiveKey;

impl SensitiveKey {
    /// The most characters that a name may have.
    pub const LIMIT: usize = 256;

    /// The name, checked.
    pub fn new(text: &str) -> Result<Self, MalformedSensitiveKey> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if text.is_empty() || text.len() > Self::LIMIT || !text.bytes().all(allowed) {
            return Err(MalformedSensitiveKey);
        }
        Ok(Self(text.into()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which key sealed a value. Keys rotate: the newest seals, the older ones still open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub u32);

impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// An encrypted value, with the id of the key that opens it.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The key that sealed it.
    pub key_id: KeyId,
    /// Nonce and ciphertext, as the sealer laid them out.
    pub bytes: Box<[u8]>,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Sealed(key {}, {} bytes)", self.key_id, self.bytes.len())
    }
}

/// What a request does to each secret it names: replace it, or remove it (`None`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SensitiveWrite {
    /// The secrets by name.
    pub changes: BTreeMap<SensitiveKey, Option<Sealed>>,
    /// When the values that are set here must be gone.
    pub expires_at: Timestamp,
}

/// A stored secret that has not expired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedValue {
    /// Its name.
    pub key: SensitiveKey,
    /// Its sealed value.
    pub sealed: Sealed,
    /// When it will be gone.
    pub expires_at: Timestamp,
}

/// A key that this store's secrets were sealed with, and a known text sealed with it: by opening
/// that text, a program knows at start whether it holds the right key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealingKey {
    /// The known text, sealed; its key id is the key's.
    pub check: Sealed,
    /// Whether the store still holds a secret that only this key opens.
    pub in_use: bool,
}
