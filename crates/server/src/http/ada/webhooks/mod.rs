//! Webhooks: where changes of end users are told, and in which words (contract Ada §3).

mod body;
pub(super) mod create;
pub(super) mod delete;
pub(super) mod event_types;
pub(super) mod get;
pub(super) mod list;
pub(super) mod patch;
mod payload;
pub(super) mod rotate;
pub(super) mod secret;
mod view;

pub use payload::message_body;

use roster_directory::EndpointId;

use super::AdaError;
use super::extract::PathText;

/// The webhook that a path names. What is no identifier names none: those of the vendor look
/// different, and a client that has one is told the same as with any unknown one.
pub(crate) fn webhook_id(path: &PathText) -> Result<EndpointId, AdaError> {
    path.text().parse().map_err(|_| AdaError::WebhookNotFound)
}
