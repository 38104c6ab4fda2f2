//! HTTP: what is common to the dialects, and each dialect in its folder.

mod ada;
mod body;
mod calendar;
mod caller;
mod compress;
mod dialect;
mod drain;
mod json;
mod limits;
mod links;
mod observe;
mod operations;
mod own;
mod record;
mod request_notes;
mod router;
mod serve;
mod zendesk;

pub use ada::message_body;
pub(crate) use ada::write_timestamp;
pub(crate) use body::BodyLimits;
pub(crate) use limits::Limits;
pub use router::{ada_openapi, metrics_router, router, zendesk_openapi};
pub use serve::serve;
