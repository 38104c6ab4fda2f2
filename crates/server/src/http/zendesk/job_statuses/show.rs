//! `GET /api/v2/job_statuses/{id}` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::view::{self, JobBody, JobView};
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::respond::json_response;
use crate::http::zendesk::schemas::PlainError;

action!(ShowJobStatus, "api/v2/job_statuses/show", UsersRead, Team);

/// Show what became of a job
///
/// For a day after it was started.
#[utoipa::path(
    get,
    path = "/api/v2/job_statuses/{id}",
    operation_id = "ShowJobStatus",
    tag = "Job Statuses",
    params(("id" = String, Path, description = "The job")),
    responses(
        (status = 200, description = "The job", body = JobBody),
        (status = 404, description = "There is no such job", body = PlainError),
    ),
)]
pub(crate) async fn show(
    request: Authorized<ShowJobStatus>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let id = request.path_text("id").and_then(view::read).ok_or(ZendeskError::RecordNotFound)?;
    let job = app.store.job(request.account, id).await?.ok_or(ZendeskError::RecordNotFound)?;
    let body = JobBody { job_status: JobView::completed(&request, &job) };
    Ok(json_response(StatusCode::OK, &body))
}
