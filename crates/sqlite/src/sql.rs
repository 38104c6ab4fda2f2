//! Statements, rows and errors: the thin layer between SQLite and the words of the store.

use roster_directory::StoreError;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, Params, Row, Statement, ffi};

/// A type that is one row of a query.
pub(crate) trait FromRow: Sized {
    /// The table that the row comes from, to be named when the row is damaged.
    const TABLE: &'static str;

    /// Reads the row, whose fields come in the order in which the query names them.
    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError>;
}

/// The first row of a query.
pub(crate) fn query_one<T: FromRow>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Option<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(store_error)?;
    first_row(&mut statement, params)
}

/// The first row of a query that was prepared.
pub(crate) fn first_row<T: FromRow>(
    statement: &mut Statement<'_>,
    params: impl Params,
) -> Result<Option<T>, StoreError> {
    let mut rows = statement.query(params).map_err(store_error)?;
    let row = rows.next().map_err(store_error)?;
    row.map(|row| T::from_row(&mut Fields::new(row, T::TABLE))).transpose()
}

/// All rows of a query.
pub(crate) fn query_all<T: FromRow>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(store_error)?;
    let mut rows = statement.query(params).map_err(store_error)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(store_error)? {
        found.push(T::from_row(&mut Fields::new(row, T::TABLE))?);
    }
    Ok(found)
}

/// Hands the rows of a query to `visit`, one after the other, until it has enough.
pub(crate) fn query_while<T: FromRow>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    mut visit: impl FnMut(T) -> bool,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(store_error)?;
    let mut rows = statement.query(params).map_err(store_error)?;
    while let Some(row) = rows.next().map_err(store_error)? {
        if !visit(T::from_row(&mut Fields::new(row, T::TABLE))?) {
            break;
        }
    }
    Ok(())
}

/// Runs a statement and returns how many rows it changed.
pub(crate) fn execute(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<usize, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(store_error)?;
    statement.execute(params).map_err(store_error)
}

/// Reads the file as it is at one moment, however many statements that takes.
pub(crate) fn snapshot<T>(
    connection: &Connection,
    read: impl FnOnce() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    // It is rolled back at the end, which says nothing: there was nothing to be kept.
    let _snapshot = connection.unchecked_transaction().map_err(store_error)?;
    read()
}

/// A number of rows, as SQLite counts them.
pub(crate) fn row_count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The fields of a row, one after the other.
pub(crate) struct Fields<'row> {
    row: &'row Row<'row>,
    table: &'static str,
    next: usize,
}

impl<'row> Fields<'row> {
    fn new(row: &'row Row<'row>, table: &'static str) -> Self {
        Self { row, table, next: 0 }
    }

    /// Whatever it is.
    pub(crate) fn value(&mut self) -> Result<ValueRef<'row>, StoreError> {
        self.next += 1;
        self.row.get_ref(self.next - 1).map_err(|_| self.damaged())
    }

    /// An integer.
    pub(crate) fn integer(&mut self) -> Result<i64, StoreError> {
        self.optional_integer()?.ok_or_else(|| self.damaged())
    }

    /// An integer or nothing.
    pub(crate) fn optional_integer(&mut self) -> Result<Option<i64>, StoreError> {
        self.value()?.as_i64_or_null().map_err(|_| self.damaged())
    }

    /// A text.
    pub(crate) fn text(&mut self) -> Result<&'row str, StoreError> {
        self.optional_text()?.ok_or_else(|| self.damaged())
    }

    /// A text or nothing.
    pub(crate) fn optional_text(&mut self) -> Result<Option<&'row str>, StoreError> {
        self.value()?.as_str_or_null().map_err(|_| self.damaged())
    }

    /// Bytes.
    pub(crate) fn bytes(&mut self) -> Result<&'row [u8], StoreError> {
        self.optional_bytes()?.ok_or_else(|| self.damaged())
    }

    /// Bytes or nothing.
    pub(crate) fn optional_bytes(&mut self) -> Result<Option<&'row [u8]>, StoreError> {
        self.value()?.as_blob_or_null().map_err(|_| self.damaged())
    }

    /// That the field read last breaks a rule.
    pub(crate) fn damaged(&self) -> StoreError {
        let column = self.row.as_ref().column_name(self.next.saturating_sub(1));
        StoreError::Corrupt(format!("{}.{}", self.table, column.unwrap_or("?")))
    }
}

/// What an error of SQLite means to the user of a store.
#[expect(clippy::needless_pass_by_value, reason = "it is the argument of map_err")]
pub(crate) fn store_error(error: rusqlite::Error) -> StoreError {
    let Some(sqlite) = error.sqlite_error() else {
        return StoreError::Unavailable(error.to_string());
    };
    // SQLite tells a full disk apart except where it extends the index of its log.
    if sqlite.extended_code == ffi::SQLITE_IOERR_SHMSIZE {
        return StoreError::Full;
    }
    match sqlite.code {
        ErrorCode::DiskFull => StoreError::Full,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy,
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
            StoreError::Corrupt(error.to_string())
        }
        _ => StoreError::Unavailable(error.to_string()),
    }
}
