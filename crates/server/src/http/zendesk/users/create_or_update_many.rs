//! `POST /api/v2/users/create_or_update_many` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::{JobKind, JobOutcome, Saved};

use super::fields::Purpose;
use super::many::{UsersRequest, read_record, read_users, read_written, run};
use super::save;
use crate::app::App;
use crate::http::zendesk::body::JsonBody;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::job_statuses::view::JobBody;
use crate::http::zendesk::request::{Authorized, action};

action!(CreateOrUpdateManyUsers, "api/v2/users/create_or_update_many", UsersWrite, Team);

/// Create up to a hundred users, or change those with the same external id or email address
///
/// What became of each of them is the result of the job.
#[utoipa::path(
    post,
    path = "/api/v2/users/create_or_update_many",
    operation_id = "CreateOrUpdateManyUsers",
    tag = "Users",
    request_body = UsersRequest,
    responses((status = 200, description = "The job", body = JobBody)),
)]
pub(crate) async fn create_or_update_many(
    request: Authorized<CreateOrUpdateManyUsers>,
    State(app): State<Arc<App>>,
    mut body: JsonBody,
) -> Result<Response, ZendeskError> {
    let users = read_users(&mut body, request.action(), "created")?;
    let (app, request) = (&*app, &*request);
    let save = |user| async move {
        let written = read_written(read_record(user)?, Purpose::Create)?;
        Ok(match save::create_or_update(app, request, written).await? {
            Saved::Created(user) => JobOutcome::Created(user.user_id),
            Saved::Updated(user) => JobOutcome::Updated(user.user_id),
        })
    };
    run(app, request, JobKind::CreateOrUpdate, users, save).await
}
