//! The writes of the store: each loads rows, lets the directory's rules decide, and saves rows.
//! The transaction that it runs in is committed, or undone, by the store.

pub mod accounts;
pub mod conversations;
pub mod deliveries;
mod edit;
pub mod end_users;
pub mod endpoints;
pub mod expiry;
pub mod identities;
pub mod records;
pub mod removal;
pub mod secrets;
pub mod tokens;
pub mod users;
