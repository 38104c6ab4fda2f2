//! Copying all that a store has into another store, of whatever database.
//!
//! [`TABLES`] says what a store consists of. Its rows are copied as they are, a batch at a time in
//! the order of their keys, so a copy that was interrupted goes on after the last key that the
//! target has. Only the search index is no part of it: the target makes its own. In the end both
//! sides are read once more, and every table is compared by its number of rows and a checksum.
//!
//! A store brings a [`Target`], which nobody can open as a store until its [`Writer`] has finished.

mod names;
mod rows;
mod sum;
mod tables;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender, SyncSender};
use std::thread;

use roster_directory::{AccountId, RecordName, StoreError};

use rows::row_total;
pub use rows::{Data, Datum, count, is_empty, last_key, missing, read_after};
pub use sum::{Sum, sum};
pub use tables::{Column, Kind, TABLES, Table};

use crate::sql::Connection;

/// How many batches are read ahead of what is written.
const READ_AHEAD: usize = 2;

/// One of the two stores. Several threads read it at once, each on a connection of its own.
pub trait Side: Sync {
    /// A connection for the thread that asks for it.
    fn connect(&self) -> Result<Box<dyn Connection + '_>, StoreError>;
}

/// A store that is made by copying.
pub trait Target: Side {
    /// Begins to write, or goes on.
    fn begin(&self) -> Result<Box<dyn Writer + '_>, StoreError>;
}

/// What writes to a target.
pub trait Writer {
    /// The connection that writes.
    fn connection(&self) -> &dyn Connection;

    /// Keeps those of these rows that are [`missing`], all of them or none.
    fn write(&mut self, table: &Table, rows: Vec<Data>) -> Result<(), StoreError>;

    /// Makes what users are searched with, as far as it is not there, unless the store itself does
    /// when it is served. It asks after every few users, of whom it says how many there were,
    /// whether to go on.
    fn index(&mut self, goes_on: &mut dyn FnMut(u64) -> bool) -> Result<(), StoreError>;

    /// Lets the target be served: all of it is there, and is what it should be.
    fn finish(self: Box<Self>) -> Result<(), StoreError>;
}

/// What a copy does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Copies the rows of a table.
    Copy(&'static str),
    /// Makes what users are searched with.
    Index,
    /// Compares the rows of a table.
    Compare(&'static str),
}

/// Whoever looks on while a store is copied.
pub trait Watch {
    /// A copy begins in which so many rows are gone over in all, of which so many are done.
    fn begin(&mut self, total: u64, done: u64);

    /// A step begins.
    fn enter(&mut self, step: Step);

    /// So many rows more are done. Whether the copy is to go on.
    fn advance(&mut self, rows: u64) -> bool;
}

/// A table that was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// What it is called.
    pub table: &'static str,
    /// What is in it, on either side.
    pub sum: Sum,
}

/// Why a store was not copied to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CopyError {
    /// The source could not be read.
    #[error("the source cannot be read: {0}; run the same command again to go on")]
    Source(StoreError),
    /// The target could not be written or read.
    #[error("the target cannot be written: {0}; run the same command again to go on")]
    Target(StoreError),
    /// Both sides were read to their ends, and are not the same.
    #[error(
        "the table {table} differs: the source has {source_rows} rows of it and the target \
         {target_rows}{same}. Either something has written to the source meanwhile, or the \
         target was begun from another source. The target is not finished, and is not served: stop \
         what writes to the source, give an empty target, and copy again",
        same = if source_rows == target_rows { ", but not the same ones" } else { "" }
    )]
    Differs {
        /// What the table is called.
        table: &'static str,
        /// How many rows of it the source has.
        source_rows: u64,
        /// How many rows of it the target has.
        target_rows: u64,
    },
    /// A name in the source is longer than names may be: from before they had a limit.
    #[error(
        "the {kind} {id} of account {account} has a name of {length} characters, and {limit} are \
         the most; give it a shorter one in the source, then run the same command again",
        limit = RecordName::LIMIT
    )]
    NameTooLong {
        /// What kind of record it is.
        kind: &'static str,
        /// Its number.
        id: i64,
        /// The account that it belongs to.
        account: AccountId,
        /// How many characters it has.
        length: usize,
    },
    /// Whoever looked on has stopped it.
    #[error("the copy was stopped; run the same command again to go on")]
    Stopped,
}

/// Copies a store to its end, or goes on with it, compares the two and lets the target be served.
pub fn copy(
    source: &dyn Side,
    target: &dyn Target,
    watch: &mut dyn Watch,
) -> Result<Vec<Copied>, CopyError> {
    names::check(source)?;
    let mut writer = target.begin().map_err(CopyError::Target)?;
    carry_over(source, &mut *writer, watch)?;
    make_index(&mut *writer, watch)?;
    let copied = compare(source, target, watch)?;
    writer.finish().map_err(CopyError::Target)?;
    Ok(copied)
}

fn make_index(writer: &mut dyn Writer, watch: &mut dyn Watch) -> Result<(), CopyError> {
    let mut stopped = false;
    watch.enter(Step::Index);
    let made = writer.index(&mut |users| {
        stopped = !watch.advance(users);
        !stopped
    });
    made.map_err(CopyError::Target)?;
    if stopped { Err(CopyError::Stopped) } else { Ok(()) }
}

/// A table, and the key after which it is still to be copied.
type Rest = (&'static Table, Option<Data>);

/// Rows of a table, as the thread that reads them hands them over.
type Batch = Result<(&'static Table, Vec<Data>), StoreError>;

/// Copies the rows that the target does not have yet.
fn carry_over(
    source: &dyn Side,
    writer: &mut dyn Writer,
    watch: &mut dyn Watch,
) -> Result<(), CopyError> {
    let (mut total, mut done, mut rest): (_, _, Vec<Rest>) = (0, 0, Vec::new());
    let connection = source.connect().map_err(CopyError::Source)?;
    for table in TABLES {
        // Each row is copied and compared, and users are indexed.
        let times = if table.name == "user" { 3 } else { 2 };
        total += times * count(&*connection, table).map_err(CopyError::Source)?;
        if table.is_replaced {
            rest.push((table, None));
            continue;
        }
        let present = writer.connection();
        done += count(present, table).map_err(CopyError::Target)?;
        rest.push((table, last_key(present, table).map_err(CopyError::Target)?));
    }
    drop(connection);
    watch.begin(total, done);
    thread::scope(|scope| {
        let (sender, batches) = mpsc::sync_channel(READ_AHEAD);
        scope.spawn(move || read_ahead(source, rest, &sender));
        for batch in batches {
            let (table, rows) = batch.map_err(CopyError::Source)?;
            let read = row_total(&rows);
            watch.enter(Step::Copy(table.name));
            writer.write(table, rows).map_err(CopyError::Target)?;
            if !watch.advance(read) {
                return Err(CopyError::Stopped);
            }
        }
        Ok(())
    })
}

/// Reads what is to be copied, until nobody wants more.
fn read_ahead(source: &dyn Side, rest: Vec<Rest>, sender: &SyncSender<Batch>) {
    let read = source.connect().and_then(|connection| {
        for (table, mut after) in rest {
            loop {
                let rows = read_after(&*connection, table, after.as_deref())?;
                let Some(last) = rows.last() else { break };
                after = Some(table.key_of(last));
                if sender.send(Ok((table, rows))).is_err() {
                    return Ok(());
                }
            }
        }
        Ok(())
    });
    if let Err(error) = read {
        // Whoever does not wait any more has failed already.
        let _ = sender.send(Err(error));
    }
}

/// Reads both sides to their ends, at the same time, and compares them.
fn compare(
    source: &dyn Side,
    target: &dyn Side,
    watch: &mut dyn Watch,
) -> Result<Vec<Copied>, CopyError> {
    let ended = &AtomicBool::new(false);
    thread::scope(|scope| {
        let (sender, sums) = mpsc::channel();
        let _end = End(ended);
        scope.spawn(move || add_up(source, &sender, ended));
        let connection = target.connect().map_err(CopyError::Target)?;
        let mut copied = Vec::with_capacity(TABLES.len());
        for table in TABLES {
            watch.enter(Step::Compare(table.name));
            let found = sum(&*connection, table, |rows| watch.advance(rows));
            let found = found.map_err(CopyError::Target)?.ok_or(CopyError::Stopped)?;
            // It is closed without an answer only if the other thread has panicked.
            let expected = sums.recv().unwrap_or(Err(StoreError::Busy));
            let expected = expected.map_err(CopyError::Source)?;
            if found != expected {
                let (source_rows, target_rows) = (expected.rows, found.rows);
                return Err(CopyError::Differs { table: table.name, source_rows, target_rows });
            }
            copied.push(Copied { table: table.name, sum: found });
        }
        Ok(copied)
    })
}

/// Says that nobody waits any more, however that came about.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Adds up all tables of a side, until nobody wants to know.
fn add_up(side: &dyn Side, sender: &Sender<Result<Sum, StoreError>>, ended: &AtomicBool) {
    let told = side.connect().and_then(|connection| {
        for table in TABLES {
            let sum = sum(&*connection, table, |_| !ended.load(Ordering::Relaxed))?;
            let Some(sum) = sum else { break };
            // Whoever does not wait any more has failed already.
            let _ = sender.send(Ok(sum));
        }
        Ok(())
    });
    if let Err(error) = told {
        let _ = sender.send(Err(error));
    }
}
