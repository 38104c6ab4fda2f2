//! The file that holds the sealing keys.
//!
//! A line for each key: its id, a colon, 64 hexadecimal digits. Empty lines and lines that start
//! with `#` are passed over. The key with the highest id seals; keep the others for as long as
//! something that they sealed is alive.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use roster_directory::KeyId;

use super::Keyring;
use crate::clock::{Randomness, RandomnessError};

/// A key file cannot be used. No text holds any part of a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It cannot be read.
    #[error("cannot read the key file {}: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// It cannot be written.
    #[error("cannot write the key file {}: {error}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A line is no key.
    #[error(
        "line {line} of the key file {} is not a key: write a number, a colon and 64 hexadecimal digits",
        path.display()
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// Two lines have one id.
    #[error("the key file {} has two keys with the id {id}", path.display())]
    Twice {
        /// The file.
        path: PathBuf,
        /// The id.
        id: KeyId,
    },
    /// There is no key in it.
    #[error("the key file {} holds no key", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// There were no random bytes for a new key.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
}

/// Reads the keys.
pub fn read_key_file(path: &Path) -> Result<Keyring, KeyFileError> {
    let text = fs::read_to_string(path)
        .map_err(|error| KeyFileError::Read { path: path.into(), error })?;
    let mut keys = BTreeMap::new();
    for (index, line) in text.lines().map(str::trim).enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (id, key) = parse_line(line)
            .ok_or_else(|| KeyFileError::Malformed { path: path.into(), line: index + 1 })?;
        if keys.insert(id, key).is_some() {
            return Err(KeyFileError::Twice { path: path.into(), id });
        }
    }
    Keyring::new(&keys).ok_or_else(|| KeyFileError::Empty { path: path.into() })
}

fn parse_line(line: &str) -> Option<(KeyId, [u8; 32])> {
    let (id, digits) = line.split_once(':')?;
    let digits: &[u8; 64] = digits.trim().as_bytes().try_into().ok()?;
    let mut key = [0; 32];
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *byte = u8::try_from(high << 4 | low).ok()?;
    }
    Some((KeyId(id.trim().parse().ok()?), key))
}

/// Makes a new file with one new key, readable by its owner alone. Fails if the file exists.
pub fn create_key_file(path: &Path, randomness: &dyn Randomness) -> Result<(), KeyFileError> {
    let mut key = [0; 32];
    randomness.fill(&mut key)?;
    let digits: String = key
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect();
    let text = format!(
        "# The keys that seal sensitive metadata. Back this file up, apart from the data.\n1:{digits}\n"
    );
    write_private(path, text.as_bytes())
        .map_err(|error| KeyFileError::Write { path: path.into(), error })
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    // What is sealed must not outlive its key in a power cut, so the name must be durable, too.
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}
