//! The layer between SQLite and the words of the store: how statements run, how rows are read, and
//! what errors mean.

use std::ops::{Deref, DerefMut};

use roster_directory::StoreError;
use roster_relational::sql::{Connection, Fields, FromRow, Row, ToValue, Value};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{ErrorCode, ParamsFromIter, Statement, ToSql, ffi, params_from_iter};

/// A connection to a file. Statements that it has run once it keeps prepared.
pub(crate) struct SqliteConnection(pub(crate) rusqlite::Connection);

impl Deref for SqliteConnection {
    type Target = rusqlite::Connection;

    fn deref(&self) -> &rusqlite::Connection {
        &self.0
    }
}

impl DerefMut for SqliteConnection {
    fn deref_mut(&mut self) -> &mut rusqlite::Connection {
        &mut self.0
    }
}

impl Connection for SqliteConnection {
    fn query(
        &self,
        sql: &str,
        params: &[&dyn ToValue],
        visit: &mut dyn FnMut(&dyn Row) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        query(&mut *self.0.prepare_cached(sql).map_err(store_error)?, params, visit)
    }

    fn execute(&self, sql: &str, params: &[&dyn ToValue]) -> Result<usize, StoreError> {
        execute(&mut *self.0.prepare_cached(sql).map_err(store_error)?, params)
    }

    fn begin_snapshot(&self) -> Result<(), StoreError> {
        self.write("BEGIN DEFERRED", &[])
    }

    fn end_snapshot(&self) {
        // It is rolled back, which says nothing: there was nothing to be kept.
        if !self.0.is_autocommit() {
            let _ = self.write("ROLLBACK", &[]);
        }
    }
}

/// Runs a query that was prepared.
pub(crate) fn query(
    statement: &mut Statement<'_>,
    params: &[&dyn ToValue],
    visit: &mut dyn FnMut(&dyn Row) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let mut rows = statement.query(bound(params)).map_err(store_error)?;
    while let Some(row) = rows.next().map_err(store_error)? {
        if !visit(&SqliteRow(row))? {
            break;
        }
    }
    Ok(())
}

/// Runs a statement that was prepared, and returns how many rows it changed.
pub(crate) fn execute(
    statement: &mut Statement<'_>,
    params: &[&dyn ToValue],
) -> Result<usize, StoreError> {
    statement.execute(bound(params)).map_err(store_error)
}

/// The first row of a query that was prepared.
pub(crate) fn first_row<T: FromRow>(
    statement: &mut Statement<'_>,
    params: &[&dyn ToValue],
) -> Result<Option<T>, StoreError> {
    let mut rows = statement.query(bound(params)).map_err(store_error)?;
    let row = rows.next().map_err(store_error)?;
    row.map(|row| T::from_row(&mut Fields::new(&SqliteRow(row), T::TABLE))).transpose()
}

/// A row of a query.
struct SqliteRow<'a>(&'a rusqlite::Row<'a>);

impl Row for SqliteRow<'_> {
    fn value(&self, place: usize) -> Option<Value<'_>> {
        match self.0.get_ref(place).ok()? {
            ValueRef::Null => Some(Value::Null),
            ValueRef::Integer(number) => Some(Value::Integer(number)),
            ValueRef::Text(text) => str::from_utf8(text).ok().map(Value::Text),
            ValueRef::Blob(bytes) => Some(Value::Bytes(bytes)),
            ValueRef::Real(_) => None,
        }
    }

    fn name(&self, place: usize) -> Option<&str> {
        self.0.as_ref().column_name(place).ok()
    }
}

/// The value of a parameter.
pub(crate) struct Bound<'a>(pub(crate) Value<'a>);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn bound<'a>(params: &'a [&dyn ToValue]) -> ParamsFromIter<impl Iterator<Item = Bound<'a>>> {
    params_from_iter(params.iter().map(|param| Bound(param.to_value())))
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
