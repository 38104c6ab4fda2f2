//! roster over HTTP.
//!
//! [`App`] holds what every request needs; [`router`] is the whole service; [`serve`] runs it on
//! a listener; [`jobs`] is what goes on beside the requests. This crate knows `dyn Store` only:
//! which backend it is, the binary decides.

mod app;
mod clock;
pub mod crypto;
mod first_start;
mod http;
pub mod jobs;
pub mod log;
mod metrics;
mod readiness;
mod settings;
mod token;
pub mod webhook;

pub use app::App;
pub use clock::{Randomness, RandomnessError, SystemClock, SystemRandomness};
pub use first_start::{FirstStartError, first_start};
pub use http::{Routes, ada_openapi, message_body, metrics_router, router, serve, zendesk_openapi};
pub use settings::{LimitMode, Settings, Timeouts};
pub use token::{PlainToken, hash_token};
