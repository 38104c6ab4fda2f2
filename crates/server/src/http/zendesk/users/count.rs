//! `GET /api/v2/users/count` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::{Segment, UserFilter};
use serde::Serialize;
use utoipa::ToSchema;

use super::filter::read_filter;
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::request::{Authorized, Request, action};
use crate::http::zendesk::respond::json_response;
use crate::http::zendesk::schemas::UserFilterParameters;
use crate::http::zendesk::time::ZendeskTime;

action!(CountUsers, "api/v2/users/count", UsersRead, Team);

/// Count users
#[utoipa::path(
    get,
    path = "/api/v2/users/count",
    operation_id = "CountUsers",
    tag = "Users",
    params(UserFilterParameters),
    responses((status = 200, description = "How many there are", body = CountBody)),
)]
pub(crate) async fn count(
    request: Authorized<CountUsers>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let filter = read_filter(&app, &request, Segment::Account).await?;
    answer_count(&app, &request, filter).await
}

/// A count
#[derive(Serialize, ToSchema)]
#[schema(as = CountResponse)]
pub(in crate::http::zendesk) struct CountBody {
    count: Count,
}

/// How many there are, and when that was so
#[derive(Serialize, ToSchema)]
struct Count {
    value: u64,
    refreshed_at: ZendeskTime,
}

impl CountBody {
    /// A count that holds now.
    pub(in crate::http::zendesk) fn now(app: &App, value: u64) -> Self {
        Self { count: Count { value, refreshed_at: ZendeskTime(app.now()) } }
    }
}

/// Answers how many users a filter admits. It is exact, however many there are.
pub(in crate::http::zendesk) async fn answer_count(
    app: &App,
    request: &Request,
    filter: Option<UserFilter>,
) -> Result<Response, ZendeskError> {
    let value = match filter {
        Some(filter) => app.store.count_users(request.account, filter).await?,
        None => 0,
    };
    Ok(json_response(StatusCode::OK, &CountBody::now(app, value)))
}
