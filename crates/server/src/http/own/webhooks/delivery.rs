//! `GET /roster/v1/webhooks/{id}/deliveries/{message}`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::Scope;
use serde::Serialize;

use super::view::{AttemptView, DeliveryView};
use super::{MessagePath, Named};
use crate::app::App;
use crate::http::ada::{AdaError, Authorized, json};
use crate::http::caller::Operation;
use crate::http::limits::Family;

pub(crate) enum ShowDelivery {}

impl Operation for ShowDelivery {
    const SCOPE: Scope = Scope::WebhooksManage;
    const FAMILY: Family = Family::Other;
}

/// A delivery with every attempt, the first one first.
#[derive(Serialize)]
struct HistoryView<'a> {
    #[serde(flatten)]
    delivery: DeliveryView<'a>,
    history: Vec<AttemptView<'a>>,
}

/// Shows all attempts to bring one message.
pub(crate) async fn show(
    caller: Authorized<ShowDelivery>,
    State(app): State<Arc<App>>,
    path: MessagePath,
) -> Result<Response, AdaError> {
    let named = Named::read(path)?;
    let delivery = named.delivery(&app, caller.account).await?;
    let delivery = delivery.ok_or(AdaError::MessageNotFound)?;
    let attempts = app.store.attempts(caller.account, named.endpoint_id, named.number).await?;
    let view = HistoryView {
        delivery: DeliveryView::from(&delivery),
        history: attempts.iter().map(AttemptView::from).collect(),
    };
    Ok(json(StatusCode::OK, &view))
}
