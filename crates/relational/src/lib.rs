//! What the stores of roster that keep rows in tables have in common.
//!
//! Two databases, the embedded one and PostgreSQL, have the same tables. So what a store does over
//! its tables is written once, here: the statements with the form of the rows that they read
//! ([`tables`]), the writes, which load rows, let the directory's rules decide and save rows
//! ([`operations`]), and everything that is read a part at a time ([`lists`]).
//!
//! None of it knows which database it speaks to. [`sql`] is the seam: a store brings a
//! [`Connection`](sql::Connection), which runs the statements. How a store opens its database and
//! brings the tables up to date, how it commits and what it undoes, what it remembers in memory
//! and how it learns of what other processes do, is its own.
//!
//! A write of a caller is a [`Unit`](unit::Unit). A store runs units in a transaction, each with a
//! [`Transaction`](transaction::Transaction), and with one [`Ledger`](ledger::Ledger) for all that
//! it commits at once: what units number and count is read at the beginning and written at the
//! end. What else a unit brings about it tells as [`Effects`](transaction::Effects), for the
//! store to act upon once the unit is kept.
//!
//! [`copy`] carries all that one store has over into another, of whatever database.

pub mod copy;
pub mod ledger;
pub mod lists;
pub mod message_waker;
pub mod operations;
pub mod sql;
pub mod stats;
pub mod tables;
pub mod transaction;
pub mod unit;
