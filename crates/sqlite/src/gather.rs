//! Many rows of one table as one statement.
//!
//! A group of units inserts the same kinds of rows over and over. SQLite opens a table and all of
//! its indexes anew for each statement, and looks for the place of each row from the root; within
//! one statement it stays where the last row went, which is next to where most go that come after.
//! So rows are gathered, and inserted before anything is asked that they could be the answer to.

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::sync::LazyLock;

use roster_directory::StoreError;
use roster_relational::sql::{Connection, Row, ToValue, Value, row_count};
use roster_relational::tables::{event, identity, user};
use rusqlite::{CachedStatement, Statement};

use crate::change_buffer::merge::{INSERT_NAME, INSERT_VALUE};
use crate::change_buffer::{ChangeBuffer, Entry, Visit, query_holder};
use crate::sql::{Bound, SqliteConnection, execute, query, store_error};

/// How many rows one statement inserts at most.
const MOST_ROWS: usize = 32;

/// How many statements are at hand, which are looked through one after the other.
const MOST_STATEMENTS: usize = 8;

/// The statements whose rows are gathered, and those that insert many such rows.
static INSERTS: LazyLock<[Insert; 3]> =
    LazyLock::new(|| [user::INSERT, identity::INSERT, event::INSERT].map(Insert::new));

struct Insert {
    one: &'static str,
    many: String,
    params: usize,
}

impl Insert {
    fn new(one: &'static str) -> Self {
        let (head, values) = one.split_once(" VALUES ").unwrap_or((one, ""));
        let params = values.matches('?').count();
        // If a row is refused, those before it stay; the whole group is undone then, so SQLite need
        // not remember each page that the statement touches as it was before.
        let head = head.replacen("INSERT", "INSERT OR FAIL", 1);
        let mut many = format!("{head} SELECT * FROM (VALUES ");
        for row in 0..MOST_ROWS {
            let mut separator = if row == 0 { "(" } else { ", (" };
            for param in 1..=params {
                // Writing to a string cannot fail.
                let _ = write!(many, "{separator}?{}", row * params + param);
                separator = ", ";
            }
            many.push(')');
        }
        let _ = write!(many, ") LIMIT ?{}", MOST_ROWS * params + 1);
        Self { one, many, params }
    }
}

/// The connection that writes, while a group of units runs.
pub(crate) struct Gathering<'a> {
    connection: &'a SqliteConnection,
    /// Holds back what new rows have in some indexes.
    buffer: &'a ChangeBuffer,
    tables: RefCell<[Gathered<'a>; 3]>,
    /// The statements that were run already. A group runs the same ones again and again, and here
    /// they are found faster than among all that the connection keeps.
    statements: RefCell<Vec<(Box<str>, CachedStatement<'a>)>>,
    gathers: Cell<bool>,
    fault: RefCell<Option<StoreError>>,
}

/// The rows of one table that are not inserted yet. Their values are bound to the statement.
#[derive(Default)]
struct Gathered<'a> {
    statement: Option<CachedStatement<'a>>,
    rows: usize,
    /// What they could be found by.
    keys: Vec<Key>,
}

/// What a row is found by.
#[derive(PartialEq)]
enum Key {
    Integer(i64),
    Text(Box<str>),
    Bytes(Box<[u8]>),
}

impl Key {
    fn is(&self, value: Value<'_>) -> bool {
        match (self, value) {
            (Self::Integer(own), Value::Integer(other)) => *own == other,
            (Self::Text(own), Value::Text(other)) => **own == *other,
            (Self::Bytes(own), Value::Bytes(other)) => **own == *other,
            _ => false,
        }
    }

    fn of(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Null => None,
            Value::Integer(number) => Some(Self::Integer(number)),
            Value::Text(text) => Some(Self::Text(text.into())),
            Value::Bytes(bytes) => Some(Self::Bytes(bytes.into())),
        }
    }
}

impl<'a> Gathering<'a> {
    /// Nothing is gathered until [`Self::gather`] says so.
    pub(crate) fn new(connection: &'a SqliteConnection, buffer: &'a ChangeBuffer) -> Self {
        Self {
            connection,
            buffer,
            tables: RefCell::default(),
            statements: RefCell::default(),
            gathers: Cell::new(false),
            fault: RefCell::new(None),
        }
    }

    /// Whether rows are gathered from now on. A unit that may be undone alone must not leave its
    /// rows to the next one.
    pub(crate) fn gather(&self, gathers: bool) {
        self.gathers.set(gathers);
    }

    /// How many rows were changed since the connection was opened, with those that are gathered.
    pub(crate) fn total_changes(&self) -> u64 {
        let gathered: usize = self.tables.borrow().iter().map(|table| table.rows).sum();
        self.connection.total_changes() + gathered as u64
    }

    /// Why gathered rows could not be inserted. They are of many units, so none of those may be
    /// kept.
    pub(crate) fn fault(&self) -> Option<StoreError> {
        self.fault.borrow().clone()
    }

    /// Inserts what was gathered.
    pub(crate) fn insert(&self) -> Result<(), StoreError> {
        for (table, insert) in self.tables.borrow_mut().iter_mut().zip(INSERTS.iter()) {
            self.note(table.insert(insert))?;
        }
        Ok(())
    }

    fn with_statement<T>(
        &self,
        sql: &str,
        run: impl FnOnce(&mut Statement<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut statements = self.statements.borrow_mut();
        let found = statements.iter().position(|(own, _)| **own == *sql);
        let mut kept = match found {
            Some(place) => statements.swap_remove(place),
            None => (sql.into(), self.connection.prepare_cached(sql).map_err(store_error)?),
        };
        drop(statements);
        let answer = run(&mut kept.1);
        let mut statements = self.statements.borrow_mut();
        if statements.len() < MOST_STATEMENTS {
            statements.push(kept);
        }
        answer
    }

    fn note<T>(&self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        answer.inspect_err(|error| *self.fault.borrow_mut() = Some(error.clone()))
    }

    /// Inserts what was gathered if a statement could tell.
    fn settle(&self, sql: &str, params: &[&dyn ToValue]) -> Result<(), StoreError> {
        let is_told = {
            let [users, identities, events] = &*self.tables.borrow();
            match (sql, params) {
                (user::HOLDER | user::END_USER, [_, key]) => users.has(*key),
                (user::UPDATE_PROFILE, [id, ..]) => users.has(*id),
                (identity::HOLDER, [_, _, key]) => identities.has(*key),
                _ => users.rows + identities.rows + events.rows > 0,
            }
        };
        if is_told { self.insert() } else { Ok(()) }
    }

    /// Holds back what a new row has in an index, or writes it.
    fn index(&self, sql: &str, params: &[&dyn ToValue]) -> Result<(), StoreError> {
        let entry = ChangeBuffer::entry(sql, params);
        let Some(entry) = entry.and_then(|entry| self.buffer.hold_back(entry)) else {
            return Ok(());
        };
        let (sql, params): (_, &[&dyn ToValue]) = match &entry {
            Entry::Name { account, name, user, role } => {
                (INSERT_NAME, &[account, &&**name, user, role])
            }
            Entry::Value { account, kind, value, holder } => {
                (INSERT_VALUE, &[account, kind, &&**value, &holder.identity, &holder.user])
            }
        };
        self.with_statement(sql, |statement| execute(statement, params)).map(|_| ())
    }

    fn add(&self, place: usize, params: &[&dyn ToValue]) -> Result<(), StoreError> {
        let (insert, mut tables) = (&INSERTS[place], self.tables.borrow_mut());
        let table = &mut tables[place];
        self.note(table.add(self.connection, insert, params))?;
        match (insert.one, params) {
            (user::INSERT, [_, number, id, _, _, external, ..]) => {
                let keys = [number, id, external].map(|key| Key::of(key.to_value()));
                table.keys.extend(keys.into_iter().flatten());
            }
            (identity::INSERT, [_, _, _, _, _, value, ..]) => {
                table.keys.extend(Key::of(value.to_value()));
            }
            _ => {}
        }
        if table.rows == MOST_ROWS { self.note(table.insert(insert)) } else { Ok(()) }
    }
}

impl<'a> Gathered<'a> {
    fn has(&self, key: &dyn ToValue) -> bool {
        let value = key.to_value();
        self.keys.iter().any(|own| own.is(value))
    }

    fn add(
        &mut self,
        connection: &'a SqliteConnection,
        insert: &Insert,
        params: &[&dyn ToValue],
    ) -> Result<(), StoreError> {
        let statement = match &mut self.statement {
            Some(statement) => statement,
            none => none.insert(connection.prepare_cached(&insert.many).map_err(store_error)?),
        };
        for (place, param) in (self.rows * insert.params + 1..).zip(params) {
            let bound = statement.raw_bind_parameter(place, Bound(param.to_value()));
            bound.map_err(store_error)?;
        }
        self.rows += 1;
        Ok(())
    }

    fn insert(&mut self, insert: &Insert) -> Result<(), StoreError> {
        let rows = std::mem::take(&mut self.rows);
        self.keys.clear();
        let Some(statement) = self.statement.as_mut().filter(|_| rows > 0) else { return Ok(()) };
        let limit = statement.raw_bind_parameter(MOST_ROWS * insert.params + 1, row_count(rows));
        limit.and_then(|()| statement.raw_execute()).map(|_| ()).map_err(store_error)
    }
}

impl Connection for Gathering<'_> {
    fn query(
        &self,
        sql: &str,
        params: &[&dyn ToValue],
        visit: &mut dyn FnMut(&dyn Row) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        self.settle(sql, params)?;
        if sql == identity::HOLDER {
            let ask = |sql: &str, params: &[&dyn ToValue], visit: Visit<'_>| {
                self.with_statement(sql, |statement| query(statement, params, visit))
            };
            return query_holder(self.buffer.guess(params), params, visit, ask);
        }
        self.with_statement(sql, |statement| query(statement, params, visit))
    }

    fn execute(&self, sql: &str, params: &[&dyn ToValue]) -> Result<usize, StoreError> {
        self.settle(sql, params)?;
        self.with_statement(sql, |statement| execute(statement, params))
    }

    fn write(&self, sql: &str, params: &[&dyn ToValue]) -> Result<(), StoreError> {
        let place = INSERTS.iter().position(|insert| insert.one == sql);
        match place.filter(|_| self.gathers.get()) {
            Some(place) => self.add(place, params)?,
            None => self.execute(sql, params).map(|_| ())?,
        }
        self.index(sql, params)
    }

    fn begin_snapshot(&self) -> Result<(), StoreError> {
        self.connection.begin_snapshot()
    }

    fn end_snapshot(&self) {
        self.connection.end_snapshot();
    }
}
