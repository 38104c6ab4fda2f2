//! `GET /api/v2/channels/` (contract Ada §4).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::{ChannelId, ChannelKind, Page, PageRequest, Scope};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::{ChannelView, modality};
use crate::app::App;
use crate::http::ada::extract::{Authorized, Query};
use crate::http::ada::page::{PageMeta, next_page_url};
use crate::http::ada::problems::Problems;
use crate::http::ada::{AdaError, json};
use crate::http::caller::Operation;
use crate::http::limits::Family;
use crate::http::links::Origin;

pub(crate) enum ListChannels {}

impl Operation for ListChannels {
    const SCOPE: Scope = Scope::EndUsersRead;
    const FAMILY: Family = Family::Other;
}

/// A page of channels
#[derive(Serialize, ToSchema)]
#[schema(as = Channels)]
struct ChannelsView<'a> {
    data: Vec<ChannelView<'a>>,
    meta: PageMeta,
}

/// List channels
#[utoipa::path(
    get,
    path = "/api/v2/channels/",
    operation_id = "list_channels",
    tag = "Channels",
    params(
        ("type" = String, Query, description = "custom or native; there are no native channels here", pattern = "^(custom|native)$"),
        ("modality" = Option<String>, Query, description = "Only channels of this modality", pattern = "^(messaging|email|voice|sms)$"),
        ("cursor" = Option<String>, Query, description = "The channel that the page starts at", format = "id", pattern = "^[0-9a-fA-F]{24}$"),
        ("limit" = Option<i64>, Query, description = "How many channels a page has at most", minimum = 1, maximum = 100),
    ),
    responses((status = 200, description = "A page of channels", body = ChannelsView)),
)]
pub(crate) async fn list(
    caller: Authorized<ListChannels>,
    State(app): State<Arc<App>>,
    origin: Origin,
    query: Query,
) -> Result<Response, AdaError> {
    let mut problems = Problems::default();
    let kind = kind(&query, &mut problems);
    let modality = query.get("modality").and_then(|name| {
        modality(name).map_err(|expected| problems.query("modality", expected)).ok()
    });
    let page = PageRequest::<ChannelId> {
        from: query.cursor(&mut problems),
        limit: query.limit(&mut problems),
    };
    problems.finish("invalid query parameters")?;

    let channels = match kind {
        Some(ChannelKind::Custom) => app.store.channels(caller.account, modality, page).await?,
        Some(ChannelKind::Native) | None => Page { items: Vec::new(), next: None },
    };
    let kept = ["type", "modality"];
    let view = ChannelsView {
        data: channels.items.iter().map(ChannelView::from).collect(),
        meta: PageMeta {
            next_page_url: next_page_url(
                &origin,
                "/api/v2/channels/",
                &query,
                channels.next,
                &kept,
            ),
        },
    };
    Ok(json(StatusCode::OK, &view))
}

fn kind(query: &Query, problems: &mut Problems) -> Option<ChannelKind> {
    match query.get("type") {
        Some("custom") => Some(ChannelKind::Custom),
        Some("native") => Some(ChannelKind::Native),
        Some(_) => {
            problems.query("type", "Must be custom or native.");
            None
        }
        None => {
            problems.query("type", "Is required, and must be custom or native.");
            None
        }
    }
}
