//! Whether two tables have the same rows.

use roster_directory::StoreError;
use sha2::{Digest, Sha256};

use super::rows::{Datum, read_after, row_total};
use super::tables::Table;
use crate::sql::Connection;

/// What two tables have in common that have the same rows, and no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sum {
    /// How many rows there are.
    pub rows: u64,
    /// The SHA-256 of all that is in them, in the order of their keys.
    pub digest: [u8; 32],
}

/// Adds up a table. It asks after every few rows, of which it says how many there were, whether to
/// go on; `None` if not.
pub fn sum(
    connection: &dyn Connection,
    table: &Table,
    mut goes_on: impl FnMut(u64) -> bool,
) -> Result<Option<Sum>, StoreError> {
    let (mut hash, mut rows, mut after) = (Sha256::new(), 0, None);
    loop {
        let batch = read_after(connection, table, after.as_deref())?;
        let Some(last) = batch.last() else {
            return Ok(Some(Sum { rows, digest: hash.finalize().into() }));
        };
        after = Some(table.key_of(last));
        batch.iter().flatten().for_each(|datum| add(&mut hash, datum));
        let read = row_total(&batch);
        rows += read;
        if !goes_on(read) {
            return Ok(None);
        }
    }
}

/// Each field says what it is and how long, so that no two rows run into the same bytes.
fn add(hash: &mut Sha256, datum: &Datum) {
    let (kind, bytes): (u8, &[u8]) = match datum {
        Datum::Null => (0, &[]),
        Datum::Integer(number) => {
            hash.update([1]);
            hash.update(number.to_be_bytes());
            return;
        }
        Datum::Text(text) => (2, text.as_bytes()),
        Datum::Bytes(bytes) => (3, bytes),
    };
    hash.update([kind]);
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}
