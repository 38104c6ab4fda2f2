//! `POST /roster/v1/webhooks/{id}/replay`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::Scope;
use serde::{Deserialize, Serialize};

use super::moment;
use crate::app::App;
use crate::http::ada::{
    AdaError, Authorized, Field, JsonBody, PathText, Problems, json, webhook_id,
};
use crate::http::caller::Operation;
use crate::http::limits::Family;

pub(crate) enum ReplayFailed {}

impl Operation for ReplayFailed {
    const SCOPE: Scope = Scope::WebhooksManage;
    const FAMILY: Family = Family::Other;
}

/// Since when.
#[derive(Deserialize, Default)]
pub(crate) struct ReplayBody {
    #[serde(default)]
    since: Field<String>,
}

/// How many messages are sent again.
#[derive(Serialize)]
struct ReplayedView {
    count: u64,
}

/// Sends again whatever has failed since a time.
pub(crate) async fn replay_failed(
    caller: Authorized<ReplayFailed>,
    State(app): State<Arc<App>>,
    path: PathText,
    JsonBody(body): JsonBody<ReplayBody>,
) -> Result<Response, AdaError> {
    let mut problems = Problems::default();
    let id = webhook_id(path.text(), &mut problems);
    let since = body.since.required("$.since", &mut problems);
    let since = since.and_then(|text| problems.check("$.since", moment(&text)));
    problems.finish("invalid replay data")?;
    let since = since.ok_or_else(|| AdaError::internal("a problem of a replay was lost"))?;

    let id = id.ok_or(AdaError::WebhookNotFound)?;
    let count = app.store.replay_failed(caller.account, id, since, app.now()).await?;
    let count = count.ok_or(AdaError::WebhookNotFound)?;
    Ok(json(StatusCode::ACCEPTED, &ReplayedView { count }))
}
