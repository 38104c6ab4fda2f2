//! The embedded store of roster: one SQLite file in a folder of its own.
//!
//! What it keeps in which tables, and how it is written and listed, is in `roster_relational`, which
//! the store has in common with others. Here is what SQLite needs: the file and its schema, commits,
//! caches, and the search.
//!
//! # Threads
//!
//! One writer thread owns the only connection that writes. A write is a *unit*: a closure that
//! runs on that thread, most in a savepoint of their own. Units wait in a bounded queue; the writer
//! takes what waits, runs it in one transaction, commits once, and only then answers. So one
//! `fsync` is shared by everybody who waited, and a unit that fails or panics harms no other. The
//! units that are made most often do without a savepoint, for they write nothing before all of
//! their checks have passed: only when the disk fails them half way is their group undone. The rows
//! that such units make are gathered and inserted many at a time.
//!
//! Reads do not wait for the writer: each has a read-only connection of a pool to itself. A read
//! of one row runs on the thread that asks, because it takes less time than handing it to another
//! thread would, and so does a part of a list as long as lists are quick. Only a list by name waits
//! until the writer has merged the index entries that it holds back.
//!
//! A thread of its own moves most of the write-ahead log into the database while the writer goes
//! on; `log` says how the log stays short.
//!
//! What endpoints are told of a change is written in the change's own commit, and only where an
//! endpoint asks for it; who delivers it is woken by that commit, and reads like everybody else.
//!
//! Another thread follows the commits and keeps the index that users are searched with. Nobody who
//! writes waits for it; who searches waits until it has come to what was there when they asked.
//!
//! # What lies in memory
//!
//! Decoded users, bounded in bytes, and the callers that tokens stand for. Neither ever lags
//! behind the file: a read that starts after a write was answered sees that write. `cache` and
//! `token_cache` say how, and what they take for granted of other processes: those make accounts,
//! tokens and users, but change no user who is there. And index entries of new users, which are held
//! back and merged many at a time; the rows that they belong to are in the file (`change_buffer`).
//!
//! # Files
//!
//! The database itself; its write-ahead log and shared index, whose names end in `-wal` and
//! `-shm`; the search index, whose name ends in `-search`, with a log of its own; and
//! `tokens.changed`, which grows by a byte whenever a token was made or revoked, so that a running
//! server need not ask the database about tokens at each request. The search index is made of the
//! database: it may be removed while no server runs, and a backup need not have it. Processes that
//! open the store lock it in turn, so that only one at a time makes or migrates the database. A
//! store that is being made by copying is in a file whose name ends in `-copy` until it is finished.

mod backfill;
mod cache;
mod change_buffer;
mod connection;
mod copy;
mod doorkeeper;
mod gather;
mod group;
mod holders;
mod log;
mod migrate;
mod open_error;
mod options;
mod prepare;
mod priority;
mod queue;
mod readers;
mod reads;
mod record_store;
mod search;
mod snapshot;
mod sql;
mod store;
#[cfg(test)]
mod tests;
mod token_cache;
mod token_signal;
mod user_store;
mod webhook_store;
mod writer;

pub use copy::{CopySource, CopyTarget, is_unfinished};
pub use open_error::OpenError;
pub use options::{OpenMode, SqliteOptions};
pub use store::SqliteStore;
