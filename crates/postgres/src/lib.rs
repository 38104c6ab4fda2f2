//! The store of roster for more than one machine: PostgreSQL, or what speaks its wire.
//!
//! # Nodes
//!
//! Any number of processes share one database, and none knows of another. Nothing is remembered of
//! a user beyond one answer; of a token, for a tenth of a second, which whoever revokes one waits
//! out.
//!
//! # Writes
//!
//! Whoever changes anything of an account locks the account's row first, so changes of an account
//! come one after the other, whichever node makes them: that is what gives its users' changes
//! moments that ascend, and its log numbers without gaps. So that this costs little, a thread takes
//! all writes that wait for one account, runs them in one transaction, and answers after its commit.
//! Statements that nobody waits for are sent along without waiting ([`session`]).
//!
//! # Reads
//!
//! Single users and callers are read many at once: what is asked while a statement is under way
//! goes with the next one ([`lookup`]). Lists read one moment, on a pool of threads.
//!
//! # When the database is away
//!
//! What cannot be done is refused with [`StoreError::Away`](roster_directory::StoreError::Away) as
//! soon as that is known, at the latest after the time that a statement may take. The next call
//! connects again. When the connection is lost during a commit, nobody knows whether it took place,
//! and that is what is said.

mod copy;
mod fault;
mod foresight;
mod foretold;
mod gather;
mod group;
mod keys;
mod link;
mod lookup;
mod migrate;
mod numbers;
mod open_error;
mod options;
mod reader;
mod record_store;
mod row;
mod search;
mod session;
mod snapshot;
mod store;
mod sweep;
mod target;
mod token_cache;
mod translate;
mod unit_queue;
mod user_store;
mod value;
mod webhook_store;
mod writer;

pub use copy::{CopySource, CopyTarget};
pub use open_error::OpenError;
pub use options::PostgresOptions;
pub use store::PostgresStore;
pub use target::database_name;
