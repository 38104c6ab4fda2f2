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
use super::problems::Problems;

/// The webhook that a part of a path names, or a problem with it.
pub(crate) fn webhook_id(text: &str, problems: &mut Problems) -> Option<EndpointId> {
    text.parse().map_err(|_| problems.path("id", MALFORMED)).ok()
}

/// The webhook that a path names, where nothing else is checked.
pub(crate) fn only_webhook_id(text: &str) -> Result<EndpointId, AdaError> {
    let mut problems = Problems::default();
    let id = webhook_id(text, &mut problems);
    problems.finish("invalid path")?;
    id.ok_or(AdaError::WebhookNotFound)
}

/// What an identifier of a webhook must be.
const MALFORMED: &str = "Must be ep_ and 24 hexadecimal digits.";
