//! `GET /roster/v1/webhooks/{id}/deliveries`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::{DeliveryFilter, MessageNumber, PageLimit, Scope};
use serde::Serialize;

use super::moment;
use super::view::{DeliveryView, state};
use crate::app::App;
use crate::http::ada::{
    AdaError, Authorized, PageMeta, PathText, Problems, Query, json, next_page_url, webhook_id,
};
use crate::http::caller::Operation;
use crate::http::limits::Family;
use crate::http::links::Origin;
use crate::webhook::{message_id, message_number};

pub(crate) enum ListDeliveries {}

impl Operation for ListDeliveries {
    const SCOPE: Scope = Scope::WebhooksManage;
    const FAMILY: Family = Family::Other;
}

/// A page of deliveries, the newest messages first.
#[derive(Serialize)]
struct DeliveriesView<'a> {
    data: Vec<DeliveryView<'a>>,
    meta: PageMeta,
}

/// Lists what was sent to a webhook, or waits to be sent again.
pub(crate) async fn list(
    caller: Authorized<ListDeliveries>,
    State(app): State<Arc<App>>,
    path: PathText,
    origin: Origin,
    query: Query,
) -> Result<Response, AdaError> {
    let filter = read(&path, &query)?;
    let id = filter.endpoint_id;
    if app.store.endpoint(caller.account, id).await?.is_none() {
        return Err(AdaError::WebhookNotFound);
    }
    let deliveries = app.store.deliveries(caller.account, filter.clone()).await?;
    let next = match deliveries.last() {
        // Only a full page may have another one behind it, and it has if there is one more item.
        Some(last) if deliveries.len() == filter.limit.get() => {
            let limit = PageLimit::new(1).unwrap_or_default();
            let rest = DeliveryFilter { before: Some(last.message), limit, ..filter };
            let rest = app.store.deliveries(caller.account, rest).await?;
            rest.first().map(|first| message_id(first.end_user_id, first.message))
        }
        Some(_) | None => None,
    };
    let path = format!("/roster/v1/webhooks/{id}/deliveries");
    let view = DeliveriesView {
        data: deliveries.iter().map(DeliveryView::from).collect(),
        meta: PageMeta {
            next_page_url: next_page_url(&origin, &path, &query, next, &["state", "since"]),
        },
    };
    Ok(json(StatusCode::OK, &view))
}

fn read(path: &PathText, query: &Query) -> Result<DeliveryFilter, AdaError> {
    let mut problems = Problems::default();
    let id = webhook_id(path.text(), &mut problems);
    let state = query
        .get("state")
        .and_then(|name| state(name).map_err(|error| problems.query("state", error)).ok());
    let since = query
        .get("since")
        .and_then(|text| moment(text).map_err(|error| problems.query("since", error)).ok());
    let from = query.get("cursor").and_then(|text| {
        let number = message_number(text);
        if number.is_none() {
            problems.query("cursor", "Must be the id of a message.");
        }
        number
    });
    let limit = query.limit(&mut problems);
    problems.finish("invalid query parameters")?;

    let endpoint_id = id.ok_or(AdaError::WebhookNotFound)?;
    // The page starts at the cursor, as everywhere in this dialect.
    Ok(DeliveryFilter { endpoint_id, state, since, before: from.map(MessageNumber::next), limit })
}
