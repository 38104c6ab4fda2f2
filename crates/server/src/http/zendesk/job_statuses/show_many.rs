//! `GET /api/v2/job_statuses/show_many` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::view::{self, JobView};
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::respond::json_response;

action!(ShowManyJobStatuses, "api/v2/job_statuses/show_many", UsersRead, Team);

/// The most jobs that one request names.
const LIMIT: usize = 100;

/// Show what became of up to a hundred jobs
///
/// Those that there are, in the order in which they are named; unknown ones are left out.
#[utoipa::path(
    get,
    path = "/api/v2/job_statuses/show_many",
    operation_id = "ShowManyJobStatuses",
    tag = "Job Statuses",
    params(("ids" = Option<Vec<String>>, Query, description = "The jobs' ids", max_items = 100)),
    responses((status = 200, description = "The jobs", body = JobsBody)),
)]
pub(crate) async fn show_many(
    request: Authorized<ShowManyJobStatuses>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let named: Vec<_> = request.query.items("ids").collect();
    if named.len() > LIMIT {
        return Err(ZendeskError::TooManyIds);
    }
    let mut jobs = Vec::with_capacity(named.len());
    for id in named.into_iter().filter_map(view::read) {
        jobs.extend(app.store.job(request.account, id).await?);
    }
    let job_statuses = jobs.iter().map(|job| JobView::completed(&request, job)).collect();
    Ok(json_response(StatusCode::OK, &JobsBody { job_statuses }))
}

/// Some jobs
#[derive(Serialize, ToSchema)]
#[schema(as = JobStatusesResponse)]
struct JobsBody<'a> {
    job_statuses: Vec<JobView<'a>>,
}
