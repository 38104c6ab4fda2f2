//! What reading the shared lists finds in this database, and what it costs it.

mod copy;
mod expiry;
mod lists;
mod messages;
