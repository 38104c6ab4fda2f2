//! `GET /api/v2/webhooks/` (contract Ada §3.2).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::{EndpointId, PageRequest, Scope};
use serde::Serialize;
use utoipa::ToSchema;

use super::MALFORMED;
use super::view::WebhookView;
use crate::app::App;
use crate::http::ada::extract::{Authorized, Query};
use crate::http::ada::page::{PageMeta, next_page_url};
use crate::http::ada::problems::Problems;
use crate::http::ada::{AdaError, json};
use crate::http::caller::Operation;
use crate::http::limits::Family;
use crate::http::links::Origin;

pub(crate) enum ListWebhooks {}

impl Operation for ListWebhooks {
    const SCOPE: Scope = Scope::WebhooksManage;
    const FAMILY: Family = Family::Other;
}

/// A page of webhooks
#[derive(Serialize, ToSchema)]
#[schema(as = Webhooks)]
struct WebhooksView<'a> {
    data: Vec<WebhookView<'a>>,
    meta: PageMeta,
}

/// List webhooks
#[utoipa::path(
    get,
    path = "/api/v2/webhooks/",
    operation_id = "list_webhooks",
    tag = "Webhooks",
    params(
        ("cursor" = Option<String>, Query, description = "The webhook that the page starts at", pattern = "^ep_[0-9a-fA-F]{24}$"),
        ("limit" = Option<i64>, Query, description = "How many webhooks a page has at most", minimum = 1, maximum = 100),
    ),
    responses((status = 200, description = "A page of webhooks", body = WebhooksView)),
)]
pub(crate) async fn list(
    caller: Authorized<ListWebhooks>,
    State(app): State<Arc<App>>,
    origin: Origin,
    query: Query,
) -> Result<Response, AdaError> {
    let mut problems = Problems::default();
    let page = PageRequest {
        from: query.parsed::<EndpointId>("cursor", MALFORMED, &mut problems),
        limit: query.limit(&mut problems),
    };
    problems.finish("invalid query parameters")?;

    let endpoints = app.store.endpoints(caller.account, page).await?;
    let path = "/api/v2/webhooks/";
    let view = WebhooksView {
        data: endpoints.items.iter().map(WebhookView::from).collect(),
        meta: PageMeta { next_page_url: next_page_url(&origin, path, &query, endpoints.next, &[]) },
    };
    Ok(json(StatusCode::OK, &view))
}
