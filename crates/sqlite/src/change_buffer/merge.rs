//! Writing entries into the two indexes, which are tables (`migrations/0005_change_buffer.sql`).

use std::sync::LazyLock;

use roster_directory::StoreError;
use roster_relational::sql::{Connection, params, row_count, write};
use rusqlite::{OptionalExtension, TransactionBehavior};

use super::batch::Entry;
use crate::sql::{SqliteConnection, store_error};

/// The statement that writes one entry of the users by name at once.
pub(crate) const INSERT_NAME: &str =
    "INSERT INTO user_by_name (account_id, name_key, user_id, role) VALUES (?1, ?2, ?3, ?4)";

/// The statement that writes one entry of the identities by value at once.
pub(crate) const INSERT_VALUE: &str = "INSERT INTO identity_by_value (account_id, kind, value_key, identity_id, user_id) \
     VALUES (?1, ?2, ?3, ?4, ?5)";

/// How many entries one statement merges. Within one, SQLite stays in the index where the last entry
/// went, which is next to where the next one goes.
const ROWS: usize = 32;

/// Merges entries of users by name, whose numbers are the first parameters; the last one says how
/// many there are. Each is made of the row as it is, if it is still there.
static MERGE_NAMES: LazyLock<String> = LazyLock::new(|| {
    format!(
        "INSERT OR IGNORE INTO user_by_name (account_id, name_key, user_id, role) \
         SELECT user.account_id, user.name_key, user.user_id, user.role \
         FROM (SELECT column1 FROM (VALUES {}) LIMIT ?) AS entry \
         CROSS JOIN user ON user.user_id = entry.column1",
        rows("(?)")
    )
});

/// Likewise for identities, of which each has an account, a user and a number.
static MERGE_VALUES: LazyLock<String> = LazyLock::new(|| {
    format!(
        "INSERT OR IGNORE INTO identity_by_value (account_id, kind, value_key, identity_id, user_id) \
         SELECT account_id, kind, value_key, identity_id, user_id \
         FROM (SELECT column1, column2, column3 FROM (VALUES {}) LIMIT ?) AS entry \
         CROSS JOIN identity ON account_id = column1 AND user_id = column2 \
         AND identity_id = column3",
        rows("(?, ?, ?)")
    )
});

fn rows(row: &str) -> String {
    vec![row; ROWS].join(", ")
}

/// Merges entries, in their order.
pub(super) fn entries(connection: &SqliteConnection, entries: &[Entry]) -> Result<(), StoreError> {
    let is_name = |entry: &Entry| matches!(entry, Entry::Name { .. });
    for entries in entries.chunk_by(|one, next| is_name(one) == is_name(next)) {
        for entries in entries.chunks(ROWS) {
            merge(connection, entries).map_err(store_error)?;
        }
    }
    Ok(())
}

/// Merges as many entries of one index as a statement takes.
fn merge(connection: &SqliteConnection, entries: &[Entry]) -> rusqlite::Result<()> {
    let Some(first) = entries.first() else { return Ok(()) };
    let (sql, width) = match first {
        Entry::Name { .. } => (&MERGE_NAMES, 1),
        Entry::Value { .. } => (&MERGE_VALUES, 3),
    };
    let mut statement = connection.prepare_cached(sql)?;
    for (place, entry) in (1..).step_by(width).zip(entries) {
        match entry {
            Entry::Name { user, .. } => statement.raw_bind_parameter(place, user)?,
            Entry::Value { account, holder, .. } => {
                let key = [*account, holder.user, holder.identity];
                for (place, number) in (place..).zip(key) {
                    statement.raw_bind_parameter(place, number)?;
                }
            }
        }
    }
    statement.raw_bind_parameter(ROWS * width + 1, row_count(entries.len()))?;
    statement.raw_execute().map(|_| ())
}

/// Notes that no entries are missing of users with lower numbers.
pub(super) fn set_merged_until(connection: &dyn Connection, next: i64) -> Result<(), StoreError> {
    write(connection, "UPDATE change_buffer SET merged_until = ?1 WHERE id = 1", params![next])
}

/// Whether there is nobody whose entries may be missing.
pub(crate) fn is_complete(connection: &SqliteConnection) -> rusqlite::Result<bool> {
    let sql = "SELECT NOT EXISTS (SELECT 1 FROM user WHERE user_id >= \
               (SELECT merged_until FROM change_buffer WHERE id = 1))";
    connection.prepare_cached(sql)?.query_row([], |row| row.get(0))
}

/// Writes the entries that are missing because the server that held them back was killed.
pub(crate) fn everything(connection: &SqliteConnection) -> rusqlite::Result<()> {
    let sql = "SELECT merged_until FROM change_buffer WHERE merged_until < \
               (SELECT next_user_id FROM allocation)";
    let transaction =
        rusqlite::Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    let Some(from) = transaction.query_row(sql, [], |row| row.get(0)).optional()? else {
        return Ok(());
    };
    from_user(&transaction, from)?;
    transaction.commit()
}

/// Writes the entries of all users with this number and higher ones, as far as they are missing.
pub(crate) fn from_user(connection: &rusqlite::Connection, number: i64) -> rusqlite::Result<()> {
    let names = "INSERT OR IGNORE INTO user_by_name (account_id, name_key, user_id, role) \
                 SELECT account_id, name_key, user_id, role FROM user WHERE user_id >= ?1 \
                 ORDER BY account_id, name_key, user_id";
    let values = "INSERT OR IGNORE INTO identity_by_value \
                  (account_id, kind, value_key, identity_id, user_id) \
                  SELECT identity.account_id, kind, value_key, identity_id, identity.user_id \
                  FROM user CROSS JOIN identity ON identity.account_id = user.account_id \
                  AND identity.user_id = user.user_id WHERE user.user_id >= ?1 \
                  ORDER BY identity.account_id, kind, value_key";
    connection.execute(names, [number])?;
    connection.execute(values, [number])?;
    let merged = "UPDATE change_buffer SET merged_until = (SELECT next_user_id FROM allocation)";
    connection.execute(merged, []).map(|_| ())
}
