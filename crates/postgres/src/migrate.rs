//! Bringing the schema up to date.

use roster_directory::StoreError;
use roster_relational::sql::{Fields, FromRow, query_one};
use roster_relational::{copy, params};

use crate::open_error::OpenError;
use crate::row::Number;
use crate::session::Session;

/// The steps to the present schema, by the version that each leads to. The numbers are those of
/// the embedded store. A step that was released never changes, and leaves what nodes of the
/// version before it need.
const MIGRATIONS: &[(i64, &str)] = &[(4, include_str!("../migrations/0004_directory.sql"))];

/// What nodes that bring the same database up to date wait for: any number will do that nobody
/// else uses.
const LOCK: i64 = 0x7273_7472;

/// The newest version that is known here.
pub(crate) fn known() -> i64 {
    MIGRATIONS.last().map_or(0, |(version, _)| *version)
}

/// Whether the schema is the present one already, of a database that may be opened.
pub(crate) fn is_current(session: &Session, database: &str) -> Result<bool, OpenError> {
    check_encoding(session, database).map_err(failed(database))??;
    Ok(served_version(session, database).map_err(failed(database))?? == known())
}

/// Brings the schema up to date. Any number of nodes may try at once: one does it, and the others
/// wait for it and find nothing to do.
pub(crate) fn migrate(session: &Session, database: &str) -> Result<(), OpenError> {
    transact(session, database, || {
        lock(session)?;
        let found = match served_version(session, database)? {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        take_steps(session, found)?;
        set_version(session, known())?;
        Ok(Ok(()))
    })
}

/// Brings the schema up to date and marks the database as one that is being copied into, so that
/// nobody opens it; if it is marked already, there is more to be copied. Refused, and nothing
/// changed, where something is already.
pub(crate) fn begin_copy(session: &Session, database: &str) -> Result<(), OpenError> {
    check_encoding(session, database).map_err(failed(database))??;
    transact(session, database, || {
        lock(session)?;
        let found = match check_version(session, database)? {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        take_steps(session, found.abs())?;
        if found >= 0 && !copy::is_empty(session)? {
            return Ok(Err(OpenError::NotEmpty { database: database.to_owned() }));
        }
        set_version(session, -known())?;
        Ok(Ok(()))
    })
}

/// Whether the database is being copied into. In a transaction, it stays so until that ends.
pub(crate) fn is_unfinished(session: &Session) -> Result<bool, StoreError> {
    lock(session)?;
    let found: Option<Number> = query_one(session, "SELECT version FROM roster_schema", params![])?;
    Ok(found.is_some_and(|Number(found)| found < 0))
}

/// Lets the database be opened: all of it was copied. In a transaction.
pub(crate) fn end_copy(session: &Session) -> Result<(), StoreError> {
    set_version(session, known())
}

/// Whether there is a schema at all.
pub(crate) fn is_there(session: &Session, database: &str) -> Result<bool, OpenError> {
    let found = served_version(session, database).map_err(failed(database))??;
    Ok(found > 0)
}

/// Does something as a whole or not at all.
fn transact(
    session: &Session,
    database: &str,
    work: impl FnOnce() -> Result<Result<(), OpenError>, StoreError>,
) -> Result<(), OpenError> {
    session.begin();
    match work() {
        Ok(Ok(())) => session.commit().map_err(failed(database)),
        Ok(Err(error)) => {
            session.roll_back();
            Err(error)
        }
        Err(error) => {
            session.roll_back();
            Err(failed(database)(error))
        }
    }
}

fn failed(database: &str) -> impl Fn(StoreError) -> OpenError {
    move |error| OpenError::Migration { database: database.to_owned(), detail: error.to_string() }
}

/// Keeps everybody else from the schema until the transaction ends.
fn lock(session: &Session) -> Result<(), StoreError> {
    let _: Option<Done> = query_one(session, "SELECT pg_advisory_xact_lock(?1)", params![LOCK])?;
    Ok(())
}

fn take_steps(session: &Session, found: i64) -> Result<(), StoreError> {
    for (version, statements) in MIGRATIONS {
        if *version > found {
            session.run(statements)?;
        }
    }
    session.run("CREATE TABLE IF NOT EXISTS roster_schema (version BIGINT PRIMARY KEY)")
}

/// A version below nothing marks a database that is being copied into.
fn set_version(session: &Session, version: i64) -> Result<(), StoreError> {
    session.run(&format!(
        "DELETE FROM roster_schema; INSERT INTO roster_schema (version) VALUES ({version})"
    ))
}

/// The version of the schema of a database that may be opened.
fn served_version(session: &Session, database: &str) -> Result<Result<i64, OpenError>, StoreError> {
    Ok(match check_version(session, database)? {
        Ok(found) if found < 0 => Err(OpenError::Unfinished { database: database.to_owned() }),
        checked => checked,
    })
}

fn check_encoding(session: &Session, database: &str) -> Result<Result<(), OpenError>, StoreError> {
    let sql = "SELECT pg_encoding_to_char(encoding)::text FROM pg_database \
               WHERE datname = current_database()";
    let found: Option<Name> = query_one(session, sql, params![])?;
    Ok(match found {
        Some(Name(encoding)) if encoding != "UTF8" => {
            Err(OpenError::Encoding { database: database.to_owned(), encoding })
        }
        Some(_) | None => Ok(()),
    })
}

/// The version of the schema, once it is sure that it is roster's and not too new; 0 if there is
/// nothing yet, and below that if it is being copied into.
fn check_version(session: &Session, database: &str) -> Result<Result<i64, OpenError>, StoreError> {
    // Both at one moment: between two, another node may have made all of them.
    let sql = "SELECT CAST(count(*) FILTER (WHERE relname = 'roster_schema') AS BIGINT), \
               CAST(count(*) FILTER (WHERE relname <> 'roster_schema') AS BIGINT) \
               FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace \
               WHERE nspname = current_schema() AND relkind IN ('r', 'p') AND relname IN \
               ('roster_schema', 'allocation', 'account', 'user', 'token', 'identity', 'event')";
    let tables: Option<Tables> = query_one(session, sql, params![])?;
    match tables {
        Some(Tables { schema: 1.., .. }) => {}
        Some(Tables { others: 1.., .. }) => {
            return Ok(Err(OpenError::Foreign { database: database.to_owned() }));
        }
        Some(_) | None => return Ok(Ok(0)),
    }
    let sql = "SELECT version FROM roster_schema";
    let found: Option<Number> = query_one(session, sql, params![])?;
    let found = found.map_or(0, |Number(found)| found);
    if found.abs() > known() {
        let database = database.to_owned();
        let found = found.abs();
        return Ok(Err(OpenError::Newer { database, found, known: known() }));
    }
    Ok(Ok(found))
}

/// How many tables there are: the one with the version, and others with names of roster's.
struct Tables {
    schema: i64,
    others: i64,
}

impl FromRow for Tables {
    const TABLE: &'static str = "pg_class";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self { schema: fields.integer()?, others: fields.integer()? })
    }
}

/// A name of the catalogue.
struct Name(String);

impl FromRow for Name {
    const TABLE: &'static str = "pg_database";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        fields.text().map(|name| Self(name.to_owned()))
    }
}

/// That a function has returned.
struct Done;

impl FromRow for Done {
    const TABLE: &'static str = "pg_locks";

    fn from_row(_: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self)
    }
}
