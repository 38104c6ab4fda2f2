//! At start: whether the keyring fits the store.

use roster_directory::{KeyId, SealingKey, Store, StoreError};

use super::{Keyring, OpenError, SealError, SealedFor};
use crate::clock::Randomness;

/// The text that every key seals once, so that it is recognised later.
const KNOWN_TEXT: &[u8] = b"roster";

/// The keyring does not fit the store. To start all the same would lose secrets silently.
#[derive(Debug, thiserror::Error)]
pub enum UnlockError {
    /// The key file has another key under an id that the store knows.
    #[error(
        "key {0} of the key file is not the key {0} that this store was sealed with; give the right file with --key-file"
    )]
    WrongKey(KeyId),
    /// The key file lacks a key that is needed.
    #[error(
        "this store holds secrets sealed with key {0}, which the key file does not have; give the right file with --key-file"
    )]
    MissingKey(KeyId),
    /// The check could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store could not do its work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes sure that every secret in the store can be opened, and makes new keys known to it.
///
/// A key may be left out of the keyring once nothing in the store was sealed with it.
pub async fn unlock(
    store: &dyn Store,
    keyring: &Keyring,
    randomness: &dyn Randomness,
) -> Result<(), UnlockError> {
    let stored = store.sealing_keys().await?;
    check(keyring, &stored)?;
    let mut is_news = false;
    for key_id in keyring.key_ids() {
        if !stored.iter().any(|key| key.check.key_id == key_id) {
            let check = keyring.seal_with(key_id, KNOWN_TEXT, SealedFor::KeyCheck, randomness)?;
            store.add_sealing_key(check).await?;
            is_news = true;
        }
    }
    if is_news {
        // Another server may have started with another key of that number at the same moment.
        check(keyring, &store.sealing_keys().await?)?;
    }
    Ok(())
}

fn check(keyring: &Keyring, stored: &[SealingKey]) -> Result<(), UnlockError> {
    for key in stored {
        let key_id = key.check.key_id;
        match keyring.open(&key.check, SealedFor::KeyCheck) {
            Ok(text) if text == KNOWN_TEXT => {}
            Ok(_) | Err(OpenError::Damaged(_)) => return Err(UnlockError::WrongKey(key_id)),
            Err(OpenError::UnknownKey(_)) if key.in_use => {
                return Err(UnlockError::MissingKey(key_id));
            }
            Err(OpenError::UnknownKey(_)) => {}
        }
    }
    Ok(())
}
