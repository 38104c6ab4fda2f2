//! Lists of users, counts of users and records, the export, and messages: everything that is read a part at
//! a time.
//!
//! A list of users is read from one index, which has all that the list tells users apart by; then
//! each of its users is read by number. [`source`] says which index, [`walk`] how it is read from
//! any place in either direction.

mod bookmarks;
mod counts;
mod export;
mod messages;
mod place;
mod records;
mod search;
mod snapshot;
mod source;
mod statements;
mod users;
mod walk;

pub use bookmarks::Bookmarks;
pub use counts::count_users;
pub use export::export;
pub use messages::{Run, attempts, backlog, deliveries, fresh_messages, old_messages};
pub use records::{records, records_by_id};
pub use search::search;
pub use snapshot::Snapshot;
pub use statements::{statements_of_deleted_users, statements_of_users};
pub use users::{
    deleted_users, end_users, identities, reads_names, user_by_email, users, users_by_external_id,
    users_by_id,
};
