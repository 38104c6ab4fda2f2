//! The writes of the store: each loads rows, lets the directory's rules decide, and saves rows.
//! The transaction that it runs in is committed, or undone, by [`crate::group`].

pub(crate) mod accounts;
pub(crate) mod conversations;
pub(crate) mod deliveries;
mod edit;
pub(crate) mod end_users;
pub(crate) mod endpoints;
pub(crate) mod expiry;
pub(crate) mod identities;
pub(crate) mod records;
pub(crate) mod removal;
pub(crate) mod secrets;
pub(crate) mod tokens;
pub(crate) mod users;
