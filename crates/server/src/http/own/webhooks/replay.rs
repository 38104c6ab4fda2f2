//! `POST /roster/v1/webhooks/{id}/deliveries/{message}/replay`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::Scope;
use serde::Serialize;

use super::{MessagePath, Named};
use crate::app::App;
use crate::http::ada::{AdaError, Authorized, json};
use crate::http::caller::Operation;
use crate::http::limits::Family;

pub(crate) enum ReplayMessage {}

impl Operation for ReplayMessage {
    const SCOPE: Scope = Scope::WebhooksManage;
    const FAMILY: Family = Family::Other;
}

/// Nothing more to say.
#[derive(Serialize)]
struct ReplayView {}

/// Sends a message again, or a message that was never sent to this webhook.
pub(crate) async fn replay(
    caller: Authorized<ReplayMessage>,
    State(app): State<Arc<App>>,
    path: MessagePath,
) -> Result<Response, AdaError> {
    let named = Named::read(path)?;
    // There need be no delivery, but if there is one, it must be of the message that was named.
    named.delivery(&app, caller.account).await?;
    let (id, number) = (named.endpoint_id, named.number);
    if app.store.replay(caller.account, id, number, app.now()).await? {
        Ok(json(StatusCode::ACCEPTED, &ReplayView {}))
    } else {
        Err(AdaError::MessageNotFound)
    }
}
