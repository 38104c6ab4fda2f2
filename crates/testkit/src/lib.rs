//! For tests only: [`MemoryStore`] shows what the rules of a store are, [`conformance`] and
//! [`model`] hold other stores to them, [`sample`] and [`FixedClock`] keep tests short and exact.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "only tests use this crate, and a panic is how a test tells that something is wrong"
)]

pub mod belongings;
mod clock;
pub mod conformance;
mod look;
mod memory;
pub mod model;
pub mod postgres;
pub mod sample;
mod walk;

pub use clock::FixedClock;
pub use memory::MemoryStore;

// The suite names it, so that its users need no other crate in scope.
pub use roster_directory::Store;
