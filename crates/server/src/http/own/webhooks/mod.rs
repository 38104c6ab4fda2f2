//! What was sent to a webhook, and sending it again.

pub(super) mod deliveries;
pub(super) mod delivery;
pub(super) mod replay;
pub(super) mod replay_failed;
mod view;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use roster_directory::{
    AccountId, Delivery, DeliveryFilter, EndpointId, MessageNumber, PageLimit, Timestamp,
};

use crate::app::App;
use crate::http::ada::{AdaError, only_webhook_id};
use crate::webhook::{message_id, message_number};

/// What a moment must be, for the errors.
const TIME_EXPECTED: &str = "Must be a time such as 2026-10-02T09:15:00Z.";

/// The moment that a text in the form of RFC 3339 names.
fn moment(text: &str) -> Result<Timestamp, &'static str> {
    let moment: jiff::Timestamp = text.parse().map_err(|_| TIME_EXPECTED)?;
    Ok(Timestamp::from_micros(moment.as_microsecond()))
}

/// A path below a webhook and one of its messages.
type MessagePath = Result<Path<(String, String)>, PathRejection>;

/// A message as a path names it.
struct Named {
    endpoint_id: EndpointId,
    number: MessageNumber,
    /// The whole identifier: the number alone is enough to find a message, but does not make
    /// every identifier that ends in it right.
    message_id: String,
}

impl Named {
    fn read(path: MessagePath) -> Result<Self, AdaError> {
        // What cannot be read names no message.
        let Path((webhook, message_id)) = path.map_err(|_| AdaError::MessageNotFound)?;
        let endpoint_id = only_webhook_id(&webhook)?;
        let number = message_number(&message_id).ok_or(AdaError::MessageNotFound)?;
        Ok(Self { endpoint_id, number, message_id })
    }

    /// The delivery of this message, if there is one. A message of this number that has another
    /// identifier is not this one.
    async fn delivery(&self, app: &App, account: AccountId) -> Result<Option<Delivery>, AdaError> {
        if app.store.endpoint(account, self.endpoint_id).await?.is_none() {
            return Err(AdaError::WebhookNotFound);
        }
        let filter = DeliveryFilter {
            endpoint_id: self.endpoint_id,
            state: None,
            since: None,
            before: Some(self.number.next()),
            limit: PageLimit::new(1).unwrap_or_default(),
        };
        let found = app.store.deliveries(account, filter).await?.into_iter().next();
        let found = found.filter(|delivery| delivery.message == self.number);
        match found {
            Some(found) if message_id(found.end_user_id, found.message) != self.message_id => {
                Err(AdaError::MessageNotFound)
            }
            found => Ok(found),
        }
    }
}
