//! Rows of any table, read a batch at a time in the order of their keys.

use std::fmt::Write as _;

use roster_directory::StoreError;

use super::tables::{Kind, TABLES, Table};
use crate::sql::{Connection, Fields, FromRow, Row, ToValue, Value, params, query_one, row_count};

/// How many rows are read and written at once.
const BATCH: usize = 1000;

/// A batch ends after so many bytes, so that a store with long rows takes no more memory.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// What a field of a row has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Datum {
    /// Nothing.
    Null,
    /// A number.
    Integer(i64),
    /// A text.
    Text(Box<str>),
    /// Bytes.
    Bytes(Box<[u8]>),
}

impl Datum {
    /// What is in a field of that kind; `None` if that is of another one.
    fn of(kind: Kind, value: Value<'_>) -> Option<Self> {
        match (kind, value) {
            (_, Value::Null) => Some(Self::Null),
            (Kind::Integer, Value::Integer(number)) => Some(Self::Integer(number)),
            (Kind::Text, Value::Text(text)) => Some(Self::Text(text.into())),
            (Kind::Bytes, Value::Bytes(bytes)) => Some(Self::Bytes(bytes.into())),
            (Kind::Integer | Kind::Text | Kind::Bytes, _) => None,
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Null | Self::Integer(_) => size_of::<i64>(),
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }
}

impl ToValue for Datum {
    fn to_value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Integer(number) => Value::Integer(*number),
            Self::Text(text) => Value::Text(text),
            Self::Bytes(bytes) => Value::Bytes(bytes),
        }
    }
}

/// A row, or its key.
pub type Data = Vec<Datum>;

impl Table {
    /// The names of its columns, with commas between them.
    #[must_use]
    pub fn column_list(&self) -> String {
        let names: Vec<_> = self.columns.iter().map(|column| column.name).collect();
        names.join(", ")
    }

    /// The key of a row.
    #[must_use]
    pub fn key_of(&self, row: &[Datum]) -> Data {
        let columns = self.columns.iter().map(|column| column.name);
        let field =
            |name: &str| row.get(columns.clone().position(|column| column == name)?).cloned();
        self.key.iter().filter_map(|name| field(name)).collect()
    }

    /// The query of rows in the order of their keys: of those that have the first `equal` fields
    /// of a key in common with another row, and come after it by the next one. All rows without
    /// that. Each is one run of an index, which a comparison of whole keys is not in SQLite.
    fn select(&self, equal: Option<usize>) -> String {
        let mut sql = format!("SELECT {} FROM {}", self.column_list(), self.name);
        let fields = equal.map_or(0, |equal| equal + 1);
        for (place, field) in self.key.iter().take(fields).enumerate() {
            let word = if place == 0 { "WHERE" } else { "AND" };
            let sign = if place + 1 == fields { ">" } else { "=" };
            // Writing to a string cannot fail.
            let _ = write!(sql, " {word} {field} {sign} ?{}", place + 1);
        }
        let _ = write!(sql, " ORDER BY {} LIMIT ?{}", self.key.join(", "), fields + 1);
        sql
    }

    /// Reads one row.
    fn read(&self, row: &dyn Row) -> Result<Data, StoreError> {
        let mut fields = Fields::new(row, self.name);
        let read = |column: &super::tables::Column| {
            let value = fields.value()?;
            if column.is_left_empty {
                return Ok(Datum::Null);
            }
            Datum::of(column.kind, value).ok_or_else(|| fields.damaged())
        };
        self.columns.iter().map(read).collect()
    }
}

/// Reads the rows that come after this key, or the first ones: none when there are no more.
pub fn read_after(
    connection: &dyn Connection,
    table: &Table,
    after: Option<&[Datum]>,
) -> Result<Vec<Data>, StoreError> {
    let (mut rows, mut size) = (Vec::new(), 0);
    let levels: Vec<_> = match after {
        None => vec![None],
        Some(_) => (0..table.key.len()).rev().map(Some).collect(),
    };
    for equal in levels {
        if rows.len() >= BATCH || size >= BATCH_BYTES {
            break;
        }
        let room = row_count(BATCH - rows.len());
        let fields = equal.map_or(0, |equal| equal + 1);
        let mut params: Vec<&dyn ToValue> = Vec::with_capacity(fields + 1);
        params.extend(after.into_iter().flatten().take(fields).map(|datum| datum as &dyn ToValue));
        params.push(&room);
        connection.query(&table.select(equal), &params, &mut |row| {
            let row = table.read(row)?;
            size += row.iter().map(Datum::size).sum::<usize>();
            rows.push(row);
            Ok(size < BATCH_BYTES)
        })?;
    }
    Ok(rows)
}

/// The key of the last row.
pub fn last_key(connection: &dyn Connection, table: &Table) -> Result<Option<Data>, StoreError> {
    let sql = format!(
        "SELECT {} FROM {} ORDER BY {} DESC LIMIT 1",
        table.key.join(", "),
        table.name,
        table.key.join(" DESC, ")
    );
    let mut found = None;
    connection.query(&sql, params![], &mut |row| {
        let mut fields = Fields::new(row, table.name);
        let mut key = Vec::with_capacity(table.key.len());
        for name in table.key {
            let column = table.columns.iter().find(|column| column.name == *name);
            let kind = column.map_or(Kind::Integer, |column| column.kind);
            let datum = Datum::of(kind, fields.value()?);
            key.push(datum.ok_or_else(|| fields.damaged())?);
        }
        found = Some(key);
        Ok(false)
    })?;
    Ok(found)
}

/// How many rows there are.
pub fn count(connection: &dyn Connection, table: &Table) -> Result<u64, StoreError> {
    let sql = format!("SELECT CAST(count(*) AS BIGINT) FROM {}", table.name);
    let found: Option<Count> = query_one(connection, &sql, params![])?;
    Ok(found.map_or(0, |Count(count)| count))
}

/// Whether there is nothing in any table but what every store has from the beginning.
pub fn is_empty(connection: &dyn Connection) -> Result<bool, StoreError> {
    for table in TABLES.iter().filter(|table| !table.is_replaced) {
        if last_key(connection, table)?.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Those of these rows that are still to be written, in a transaction that nobody else writes in:
/// since they come in the order of their keys, those after the last one that is there.
pub fn missing(
    connection: &dyn Connection,
    table: &Table,
    mut rows: Vec<Data>,
) -> Result<Vec<Data>, StoreError> {
    if table.is_replaced {
        connection.write(&format!("DELETE FROM {}", table.name), params![])?;
    } else if let Some(last) = last_key(connection, table)? {
        rows.retain(|row| table.key_of(row) > last);
    }
    Ok(rows)
}

/// How many rows these are.
pub(super) fn row_total(rows: &[Data]) -> u64 {
    u64::try_from(rows.len()).unwrap_or(u64::MAX)
}

struct Count(u64);

impl FromRow for Count {
    const TABLE: &'static str = "sqlite_schema";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        let count = fields.integer()?;
        u64::try_from(count).map(Self).map_err(|_| fields.damaged())
    }
}
