//! What goes on beside the requests. Jobs and `http` meet only in the directory.

mod expiry;

pub use expiry::{expire_once, forget_once, run_expiry};
