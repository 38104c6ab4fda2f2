//! XChaCha20-Poly1305 under keys that rotate.

use std::collections::BTreeMap;
use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use roster_directory::{AccountId, EndUserId, EndpointId, KeyId, Sealed, SensitiveKey};

use crate::clock::{Randomness, RandomnessError};

/// Random nonces of this length need no counter.
const NONCE_LENGTH: usize = 24;

/// The keys that seal and open secrets: the one with the highest id seals, all of them open.
pub struct Keyring {
    ciphers: BTreeMap<KeyId, XChaCha20Poly1305>,
    newest: KeyId,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Keyring({:?})", self.ciphers.keys())
    }
}

/// What a sealed value is bound to: opened for anything else, it does not open.
#[derive(Debug, Clone, Copy)]
pub enum SealedFor<'a> {
    /// A secret of an end user.
    Secret(AccountId, EndUserId, &'a SensitiveKey),
    /// The secret that signs what an endpoint is sent.
    Endpoint(AccountId, EndpointId),
    /// The known text by which a key is recognised at start.
    KeyCheck,
}

impl SealedFor<'_> {
    /// Every part before the last has a fixed length, so two different bindings never give the
    /// same bytes.
    fn associated_data(self) -> Vec<u8> {
        match self {
            Self::Secret(account, end_user, key) => [
                b"roster secret 1".as_slice(),
                &account.get().to_be_bytes(),
                end_user.0.as_bytes(),
                key.as_str().as_bytes(),
            ]
            .concat(),
            Self::Endpoint(account, endpoint) => [
                b"roster endpoint 1".as_slice(),
                &account.get().to_be_bytes(),
                endpoint.0.as_bytes(),
            ]
            .concat(),
            Self::KeyCheck => b"roster key check 1".to_vec(),
        }
    }
}

/// A value could not be sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// There were no random bytes for the nonce.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    /// There is no such key.
    #[error("there is no key {0}")]
    UnknownKey(KeyId),
    /// The cipher refused; it does so only for texts of hundreds of gigabytes.
    #[error("the value is too large to seal")]
    TooLarge,
}

/// A sealed value could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It was sealed with a key that is not here.
    #[error("it was sealed with key {0}, which the key file does not hold")]
    UnknownKey(KeyId),
    /// It was sealed with another key of that id, for another place, or was changed since.
    #[error("it does not open with key {0}")]
    Damaged(KeyId),
}

impl Keyring {
    /// The keyring with these keys; `None` when there are none.
    #[must_use]
    pub fn new(keys: &BTreeMap<KeyId, [u8; 32]>) -> Option<Self> {
        let newest = *keys.last_key_value()?.0;
        let ciphers = keys.iter().map(|(id, key)| (*id, XChaCha20Poly1305::new(key.into())));
        Some(Self { ciphers: ciphers.collect(), newest })
    }

    /// The ids of the keys, ascending.
    pub fn key_ids(&self) -> impl Iterator<Item = KeyId> {
        self.ciphers.keys().copied()
    }

    /// Seals `plain` with the newest key.
    pub fn seal(
        &self,
        plain: &[u8],
        bound_to: SealedFor<'_>,
        randomness: &dyn Randomness,
    ) -> Result<Sealed, SealError> {
        self.seal_with(self.newest, plain, bound_to, randomness)
    }

    /// Seals `plain` with a given key.
    pub(crate) fn seal_with(
        &self,
        key_id: KeyId,
        plain: &[u8],
        bound_to: SealedFor<'_>,
        randomness: &dyn Randomness,
    ) -> Result<Sealed, SealError> {
        let cipher = self.ciphers.get(&key_id).ok_or(SealError::UnknownKey(key_id))?;
        let mut nonce = [0; NONCE_LENGTH];
        randomness.fill(&mut nonce)?;
        let payload = Payload { msg: plain, aad: &bound_to.associated_data() };
        let ciphertext =
            cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| SealError::TooLarge)?;
        Ok(Sealed { key_id, bytes: [nonce.as_slice(), &ciphertext].concat().into() })
    }

    /// Opens what was sealed for exactly this.
    pub fn open(&self, sealed: &Sealed, bound_to: SealedFor<'_>) -> Result<Vec<u8>, OpenError> {
        let cipher =
            self.ciphers.get(&sealed.key_id).ok_or(OpenError::UnknownKey(sealed.key_id))?;
        let damaged = OpenError::Damaged(sealed.key_id);
        let (nonce, ciphertext) =
            sealed.bytes.split_first_chunk::<NONCE_LENGTH>().ok_or(damaged)?;
        let payload = Payload { msg: ciphertext, aad: &bound_to.associated_data() };
        cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| damaged)
    }
}

#[cfg(test)]
mod tests {
    use roster_directory::ObjectId;

    use super::*;
    use crate::clock::SystemRandomness;

    fn keyring(keys: &[(u32, u8)]) -> Keyring {
        Keyring::new(&keys.iter().map(|(id, byte)| (KeyId(*id), [*byte; 32])).collect()).unwrap()
    }

    fn end_user(byte: u8) -> EndUserId {
        EndUserId(ObjectId::from_bytes([byte; 12]))
    }

    #[test]
    fn a_value_opens_only_where_it_was_sealed() {
        let keyring = keyring(&[(1, 7)]);
        let (key, other_key) = (SensitiveKey::new("a").unwrap(), SensitiveKey::new("b").unwrap());
        let account = AccountId::from_stored(1);
        let place = SealedFor::Secret(account, end_user(1), &key);
        let sealed = keyring.seal(b"hush", place, &SystemRandomness).unwrap();

        assert_eq!(keyring.open(&sealed, place).unwrap(), b"hush");
        assert!(!sealed.bytes.windows(4).any(|window| window == b"hush"));
        for elsewhere in [
            SealedFor::Secret(AccountId::from_stored(2), end_user(1), &key),
            SealedFor::Secret(account, end_user(2), &key),
            SealedFor::Secret(account, end_user(1), &other_key),
            SealedFor::KeyCheck,
        ] {
            assert_eq!(keyring.open(&sealed, elsewhere), Err(OpenError::Damaged(KeyId(1))));
        }
    }

    #[test]
    fn the_newest_key_seals_and_older_ones_open() {
        let (old, both) = (keyring(&[(1, 7)]), keyring(&[(1, 7), (2, 8)]));
        let sealed = old.seal(b"hush", SealedFor::KeyCheck, &SystemRandomness).unwrap();
        assert_eq!(both.open(&sealed, SealedFor::KeyCheck).unwrap(), b"hush");

        let newer = both.seal(b"hush", SealedFor::KeyCheck, &SystemRandomness).unwrap();
        assert_eq!(newer.key_id, KeyId(2));
        assert_eq!(old.open(&newer, SealedFor::KeyCheck), Err(OpenError::UnknownKey(KeyId(2))));
    }

    #[test]
    fn what_is_too_short_or_changed_does_not_open() {
        let keyring = keyring(&[(1, 7)]);
        let mut sealed = keyring.seal(b"hush", SealedFor::KeyCheck, &SystemRandomness).unwrap();
        let damaged = Err(OpenError::Damaged(KeyId(1)));
        sealed.bytes[30] ^= 1;
        assert_eq!(keyring.open(&sealed, SealedFor::KeyCheck), damaged);
        sealed.bytes = Box::from([0; 5]);
        assert_eq!(keyring.open(&sealed, SealedFor::KeyCheck), damaged);
    }
}
