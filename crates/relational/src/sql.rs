//! Statements and rows: the seam between the words of a store and the database that it is kept in.
//!
//! Statements are written in the SQL that SQLite and PostgreSQL share, with `?1` for a parameter.
//! Where one needs a hint that the other does not know (`INDEXED BY`, `CROSS JOIN` with a condition),
//! the other passes it over. All else both have to understand: a truth is not a number, so it is
//! compared with one or selected with `CASE`; `ON CONFLICT DO UPDATE` says on which columns; a query
//! within `FROM` has a name; a number that is shifted, or may be nothing at all, has its type
//! written to it. Who names a row names its account with it, by which tables can be spread.

use std::borrow::Cow;

use roster_directory::StoreError;

/// A connection to a database, with a transaction open or not.
pub trait Connection {
    /// Hands the rows of a query to `visit`, one after the other, until it says that it has enough.
    fn query(
        &self,
        sql: &str,
        params: &[&dyn ToValue],
        visit: &mut dyn FnMut(&dyn Row) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError>;

    /// Runs a statement and returns how many rows it changed.
    fn execute(&self, sql: &str, params: &[&dyn ToValue]) -> Result<usize, StoreError>;

    /// Runs a statement of which nobody asks what it has changed. If it fails, that may be said of
    /// a later one, or of the commit.
    fn write(&self, sql: &str, params: &[&dyn ToValue]) -> Result<(), StoreError> {
        self.execute(sql, params).map(|_| ())
    }

    /// From now on, reads all see the state of one moment. Only outside of a transaction.
    fn begin_snapshot(&self) -> Result<(), StoreError>;

    /// Ends that.
    fn end_snapshot(&self);
}

/// A row of a query.
pub trait Row {
    /// What a field has, by its place; `None` if it is of a type that no table has.
    fn value(&self, place: usize) -> Option<Value<'_>>;

    /// What a field is called.
    fn name(&self, place: usize) -> Option<&str>;
}

/// What a field has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// Nothing.
    Null,
    /// A number, or a truth: 0 or 1.
    Integer(i64),
    /// A text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
}

/// What can be a parameter of a statement.
pub trait ToValue {
    /// The value of the parameter.
    fn to_value(&self) -> Value<'_>;
}

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl ToValue for $type {
            fn to_value(&self) -> Value<'_> {
                Value::Integer(i64::from(*self))
            }
        }
    )*};
}

integers!(bool, u8, u16, i32, u32, i64);

impl ToValue for str {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl ToValue for String {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl ToValue for Cow<'_, str> {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl ToValue for [u8] {
    fn to_value(&self) -> Value<'_> {
        Value::Bytes(self)
    }
}

impl<const N: usize> ToValue for [u8; N] {
    fn to_value(&self) -> Value<'_> {
        Value::Bytes(self)
    }
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value<'_> {
        (**self).to_value()
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}

impl ToValue for Value<'_> {
    fn to_value(&self) -> Value<'_> {
        *self
    }
}

/// The parameters of a statement, of whatever types.
#[macro_export]
macro_rules! params {
    ($($param:expr),* $(,)?) => {
        &[$(&$param as &dyn $crate::sql::ToValue),*] as &[&dyn $crate::sql::ToValue]
    };
}
pub use params;

/// A type that is one row of a query.
pub trait FromRow: Sized {
    /// The table that the row comes from, to be named when the row is damaged.
    const TABLE: &'static str;

    /// Reads the row, whose fields come in the order in which the query names them.
    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError>;
}

/// The first row of a query.
pub fn query_one<T: FromRow>(
    connection: &dyn Connection,
    sql: &str,
    params: &[&dyn ToValue],
) -> Result<Option<T>, StoreError> {
    let mut found = None;
    query_while(connection, sql, params, |row| {
        found = Some(row);
        false
    })?;
    Ok(found)
}

/// All rows of a query.
pub fn query_all<T: FromRow>(
    connection: &dyn Connection,
    sql: &str,
    params: &[&dyn ToValue],
) -> Result<Vec<T>, StoreError> {
    let mut found = Vec::new();
    query_while(connection, sql, params, |row| {
        found.push(row);
        true
    })?;
    Ok(found)
}

/// Hands the rows of a query to `visit`, one after the other, until it has enough.
pub fn query_while<T: FromRow>(
    connection: &dyn Connection,
    sql: &str,
    params: &[&dyn ToValue],
    mut visit: impl FnMut(T) -> bool,
) -> Result<(), StoreError> {
    connection
        .query(sql, params, &mut |row| Ok(visit(T::from_row(&mut Fields::new(row, T::TABLE))?)))
}

/// Runs a statement and returns how many rows it changed.
pub fn execute(
    connection: &dyn Connection,
    sql: &str,
    params: &[&dyn ToValue],
) -> Result<usize, StoreError> {
    connection.execute(sql, params)
}

/// Runs a statement of which nobody asks what it has changed.
pub fn write(
    connection: &dyn Connection,
    sql: &str,
    params: &[&dyn ToValue],
) -> Result<(), StoreError> {
    connection.write(sql, params)
}

/// Reads the database as it is at one moment, however many statements that takes.
pub fn snapshot<T>(
    connection: &dyn Connection,
    read: impl FnOnce() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    /// Ends the snapshot even when reading it panics.
    struct End<'a>(&'a dyn Connection);
    impl Drop for End<'_> {
        fn drop(&mut self) {
            self.0.end_snapshot();
        }
    }
    connection.begin_snapshot()?;
    let _end = End(connection);
    read()
}

/// A number of rows, as a database counts them.
#[must_use]
pub fn row_count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The fields of a row, one after the other.
pub struct Fields<'row> {
    row: &'row dyn Row,
    table: &'static str,
    next: usize,
}

impl<'row> Fields<'row> {
    /// The fields of a row of this table, from the first one on.
    pub fn new(row: &'row dyn Row, table: &'static str) -> Self {
        Self { row, table, next: 0 }
    }

    /// Whatever it is.
    pub fn value(&mut self) -> Result<Value<'row>, StoreError> {
        self.next += 1;
        self.row.value(self.next - 1).ok_or_else(|| self.damaged())
    }

    /// An integer.
    pub fn integer(&mut self) -> Result<i64, StoreError> {
        self.optional_integer()?.ok_or_else(|| self.damaged())
    }

    /// An integer or nothing.
    pub fn optional_integer(&mut self) -> Result<Option<i64>, StoreError> {
        match self.value()? {
            Value::Null => Ok(None),
            Value::Integer(number) => Ok(Some(number)),
            Value::Text(_) | Value::Bytes(_) => Err(self.damaged()),
        }
    }

    /// A text.
    pub fn text(&mut self) -> Result<&'row str, StoreError> {
        self.optional_text()?.ok_or_else(|| self.damaged())
    }

    /// A text or nothing.
    pub fn optional_text(&mut self) -> Result<Option<&'row str>, StoreError> {
        match self.value()? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            Value::Integer(_) | Value::Bytes(_) => Err(self.damaged()),
        }
    }

    /// Bytes.
    pub fn bytes(&mut self) -> Result<&'row [u8], StoreError> {
        self.optional_bytes()?.ok_or_else(|| self.damaged())
    }

    /// Bytes or nothing.
    pub fn optional_bytes(&mut self) -> Result<Option<&'row [u8]>, StoreError> {
        match self.value()? {
            Value::Null => Ok(None),
            Value::Bytes(bytes) => Ok(Some(bytes)),
            Value::Integer(_) | Value::Text(_) => Err(self.damaged()),
        }
    }

    /// That the field read last breaks a rule.
    #[must_use]
    pub fn damaged(&self) -> StoreError {
        let column = self.row.name(self.next.saturating_sub(1));
        StoreError::Corrupt(format!("{}.{}", self.table, column.unwrap_or("?")))
    }
}
