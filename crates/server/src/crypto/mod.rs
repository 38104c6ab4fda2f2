//! Sealing: how secrets are encrypted before any store sees them.

mod key_file;
mod keyring;
mod unlock;

pub use key_file::{KeyFileError, create_key_file, read_key_file};
pub use keyring::{Keyring, OpenError, SealError, SealedFor};
pub use unlock::{UnlockError, unlock};
