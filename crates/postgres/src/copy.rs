//! Copying a store on PostgreSQL, and making one by copying.
//!
//! A thread that copies waits on its own connection, so it must not be one of a runtime.

use std::time::Duration;

use roster_directory::{AccountId, StoreError, UserId};
use roster_relational::copy::{
    Data, Datum, Kind, Side, TABLES, Table, Target as CopiedTo, Writer, missing,
};
use roster_relational::params;
use roster_relational::sql::{Connection, Fields, FromRow, query_one};
use roster_relational::tables::searched;
use tokio_postgres::types::{ToSql, Type};

use crate::fault::store_error;
use crate::link::Route;
use crate::migrate;
use crate::open_error::OpenError;
use crate::search;
use crate::session::{Manner, Session};
use crate::target::Target;

/// How long one statement may take. Counting a table takes longer than what a server asks.
const STATEMENT_LIMIT: Duration = Duration::from_secs(600);

/// How many users are indexed at once.
const INDEXED: usize = 1000;

/// A store that is copied.
pub struct CopySource(Route);

impl CopySource {
    /// Opens a store that is there, and brings its schema up to date. `pooler` is that of
    /// [`PostgresOptions`](crate::PostgresOptions).
    pub fn open(url: &str, pooler: bool) -> Result<Self, OpenError> {
        let route = route(url, pooler)?;
        let (session, database) = connect(&route)?;
        if !migrate::is_there(&session, &database)? {
            return Err(OpenError::Nothing { database });
        }
        migrate::migrate(&session, &database)?;
        Ok(Self(route))
    }
}

impl Side for CopySource {
    fn connect(&self) -> Result<Box<dyn Connection + '_>, StoreError> {
        Ok(Box::new(session(&self.0)?))
    }
}

/// A store that is made by copying. Until it is finished no store opens on its database.
pub struct CopyTarget(Route);

impl CopyTarget {
    /// Makes the schema in a database where there is nothing yet, or goes on with one that is not
    /// finished. `pooler` is that of [`PostgresOptions`](crate::PostgresOptions).
    pub fn open(url: &str, pooler: bool) -> Result<Self, OpenError> {
        let route = route(url, pooler)?;
        let (session, database) = connect(&route)?;
        migrate::begin_copy(&session, &database)?;
        Ok(Self(route))
    }
}

impl Side for CopyTarget {
    fn connect(&self) -> Result<Box<dyn Connection + '_>, StoreError> {
        Ok(Box::new(session(&self.0)?))
    }
}

impl CopiedTo for CopyTarget {
    fn begin(&self) -> Result<Box<dyn Writer + '_>, StoreError> {
        Ok(Box::new(CopyWriter { route: &self.0, session: session(&self.0)? }))
    }
}

struct CopyWriter<'a> {
    route: &'a Route,
    session: Session,
}

impl CopyWriter<'_> {
    /// Does something as a whole or not at all, and one copy after the other: one that was killed
    /// may still be at its last statement.
    fn transact(
        &self,
        work: impl FnOnce(&Session) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let session = &self.session;
        session.begin();
        let done = migrate::is_unfinished(session).and_then(|unfinished| {
            if !unfinished {
                let told = "another copy into it has been finished meanwhile";
                return Err(StoreError::Unavailable(told.to_owned()));
            }
            work(session)?;
            session.commit()
        });
        done.inspect_err(|_| session.roll_back())
    }
}

impl Writer for CopyWriter<'_> {
    fn connection(&self) -> &dyn Connection {
        &self.session
    }

    fn write(&mut self, table: &Table, rows: Vec<Data>) -> Result<(), StoreError> {
        self.transact(|session| insert(session, table, &missing(session, table, rows)?))
    }

    fn index(&mut self, goes_on: &mut dyn FnMut(u64) -> bool) -> Result<(), StoreError> {
        let sql = "SELECT account_id, user_id FROM searched \
                   ORDER BY account_id DESC, user_id DESC LIMIT 1";
        let last: Option<Indexed> = query_one(&self.session, sql, params![])?;
        let nobody = (AccountId::from_stored(0), UserId::from_stored(0));
        let mut after = last.map_or(nobody, |Indexed(account, id)| (account, id));
        loop {
            let users = searched::users_by_account(&self.session, after, INDEXED)?;
            let Some(last) = users.last() else { return Ok(()) };
            after = (last.account, last.user.user_id);
            let whose = users.iter().map(|member| (member.account, &member.user));
            self.transact(|session| search::keep(session, whose))?;
            if !goes_on(u64::try_from(users.len()).unwrap_or(u64::MAX)) {
                return Ok(());
            }
        }
    }

    fn finish(self: Box<Self>) -> Result<(), StoreError> {
        // What is known of the tables decides how they are read. Databases that know of it by
        // other ways refuse this, so nothing hangs on it.
        let tables = TABLES.iter().map(|table| quoted(table.name)).chain(["searched".to_owned()]);
        let names: Vec<_> = tables.collect();
        if let Ok(session) = session(self.route) {
            for name in names {
                if session.run(&format!("VACUUM (ANALYZE) {name}")).is_err() {
                    break;
                }
            }
        }
        self.transact(migrate::end_copy)
    }
}

/// A user who is in the search index.
struct Indexed(AccountId, UserId);

impl FromRow for Indexed {
    const TABLE: &'static str = "searched";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        let account = AccountId::from_stored(fields.integer()?);
        Ok(Self(account, UserId::from_stored(fields.integer()?)))
    }
}

fn route(url: &str, pooler: bool) -> Result<Route, OpenError> {
    let manner = Manner { named: !pooler, statement_timeout: STATEMENT_LIMIT };
    Ok(Route { target: Target::of(url)?, manner })
}

fn connect(route: &Route) -> Result<(Session, String), OpenError> {
    let database = route.target.name();
    match Session::connect(route) {
        Ok(session) => Ok((session, database)),
        Err(fault) => Err(OpenError::Unreachable { database, detail: fault.text().to_owned() }),
    }
}

fn session(route: &Route) -> Result<Session, StoreError> {
    Session::connect(route).map_err(|fault| store_error(&fault))
}

/// A table by its name, which may be a word of PostgreSQL's own.
fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// The fields of a column, of many rows.
enum Fieldlist<'a> {
    Integers(Vec<Option<i64>>),
    Texts(Vec<Option<&'a str>>),
    Bytes(Vec<Option<&'a [u8]>>),
}

impl<'a> Fieldlist<'a> {
    fn of(kind: Kind, place: usize, rows: &'a [Data]) -> Self {
        let fields = rows.iter().map(|row| row.get(place).unwrap_or(&Datum::Null));
        match kind {
            Kind::Integer => Self::Integers(
                fields
                    .map(|field| match field {
                        Datum::Integer(number) => Some(*number),
                        Datum::Null | Datum::Text(_) | Datum::Bytes(_) => None,
                    })
                    .collect(),
            ),
            Kind::Text => Self::Texts(
                fields
                    .map(|field| match field {
                        Datum::Text(text) => Some(&**text),
                        Datum::Null | Datum::Integer(_) | Datum::Bytes(_) => None,
                    })
                    .collect(),
            ),
            Kind::Bytes => Self::Bytes(
                fields
                    .map(|field| match field {
                        Datum::Bytes(bytes) => Some(&**bytes),
                        Datum::Null | Datum::Integer(_) | Datum::Text(_) => None,
                    })
                    .collect(),
            ),
        }
    }

    fn param(&self) -> (&(dyn ToSql + Sync), Type) {
        match self {
            Self::Integers(numbers) => (numbers, Type::INT8_ARRAY),
            Self::Texts(texts) => (texts, Type::TEXT_ARRAY),
            Self::Bytes(bytes) => (bytes, Type::BYTEA_ARRAY),
        }
    }
}

/// Keeps rows of a table, all in one statement.
fn insert(session: &Session, table: &Table, rows: &[Data]) -> Result<(), StoreError> {
    let columns = table.columns.iter().enumerate();
    let lists: Vec<_> =
        columns.map(|(place, column)| Fieldlist::of(column.kind, place, rows)).collect();
    let params: Vec<_> = lists.iter().map(Fieldlist::param).collect();
    let places: Vec<_> = (1..=params.len()).map(|place| format!("${place}")).collect();
    let sql = format!(
        "INSERT INTO {} ({}) SELECT * FROM unnest({})",
        quoted(table.name),
        table.column_list(),
        places.join(", ")
    );
    session.rows(&sql, &params).map(|_| ())
}
