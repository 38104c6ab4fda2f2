//! HTTP: what is common to the dialects, and each dialect in its folder.

mod ada;
mod body;
mod calendar;
mod caller;
mod compress;
mod dialect;
mod drain;
mod fast_path;
mod json;
mod limits;
mod links;
mod log_line;
mod observe;
mod operations;
mod own;
mod record;
mod request_id;
mod request_notes;
mod router;
mod serve;
mod zendesk;

pub use ada::message_body;
pub(crate) use ada::write_timestamp;
pub(crate) use body::BodyLimits;
pub(crate) use json::EncodedUsers;
pub(crate) use limits::Limits;
pub use router::{Routes, ada_openapi, metrics_router, router, zendesk_openapi};
pub use serve::serve;
