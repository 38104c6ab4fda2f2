//! `DELETE /api/v2/users/destroy_many` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::{JobKind, JobOutcome};

use super::many::{Failure, Target, named_targets, run};
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::job_statuses::view::JobBody;
use crate::http::zendesk::request::{Authorized, action};

action!(DestroyManyUsers, "api/v2/users/destroy_many", UsersWrite, Team);

/// Delete up to a hundred users
///
/// What became of each of them is the result of the job.
#[utoipa::path(
    delete,
    path = "/api/v2/users/destroy_many",
    operation_id = "DestroyManyUsers",
    tag = "Users",
    params(
        ("ids" = Option<Vec<i64>>, Query, description = "The users' ids; or external_ids", max_items = 100),
        ("external_ids" = Option<Vec<String>>, Query, description = "The users' external ids", max_items = 100),
    ),
    responses((status = 200, description = "The job", body = JobBody)),
)]
pub(crate) async fn destroy_many(
    request: Authorized<DestroyManyUsers>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let targets = named_targets(&request)?.ok_or_else(|| ZendeskError::InvalidAttribute {
        name: "ids".to_owned(),
        expected: "is required and must be a list of integers",
        action: request.action(),
    })?;
    let (app, request) = (&*app, &*request);
    let delete = |target: Target| async move {
        let id = target.id();
        let id = target.resolve(app, request).await.map_err(|error| Failure { id, error })?;
        let deleted = app.store.delete_user(request.account, id, app.now()).await;
        deleted.map_err(|error| Failure { id: Some(id), error: error.into() })?;
        Ok(JobOutcome::Deleted(id))
    };
    run(app, request, JobKind::Delete, targets, delete).await
}
