//! `PUT /api/v2/users/update_many` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::{Change, JobKind, JobOutcome};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::fields::Purpose;
use super::many::{
    Failure, Target, UsersRequest, named_targets, read_record, read_users, read_written, run,
};
use super::save;
use crate::app::App;
use crate::http::zendesk::body::{Fields, JsonBody};
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::job_statuses::view::JobBody;
use crate::http::zendesk::problems::Problems;
use crate::http::zendesk::request::{Authorized, Request, action};
use crate::http::zendesk::schemas::UserRequest;

action!(UpdateManyUsers, "api/v2/users/update_many", UsersWrite, Team);

/// Change up to a hundred users
///
/// All of them in the same way (`ids` or `external_ids`, and `user`), or each in their own
/// (`users`, of which each has an `id` or an `external_id`). What became of each of them is the
/// result of the job.
#[utoipa::path(
    put,
    path = "/api/v2/users/update_many",
    operation_id = "UpdateManyUsers",
    tag = "Users",
    params(
        ("ids" = Option<Vec<i64>>, Query, description = "The users' ids", max_items = 100),
        ("external_ids" = Option<Vec<String>>, Query, description = "The users' external ids", max_items = 100),
    ),
    request_body = UpdateManyRequest,
    responses((status = 200, description = "The job", body = JobBody)),
)]
pub(crate) async fn update_many(
    request: Authorized<UpdateManyUsers>,
    State(app): State<Arc<App>>,
    mut body: JsonBody,
) -> Result<Response, ZendeskError> {
    let changes = read_changes(&request, &mut body)?;
    let (app, request) = (&*app, &*request);
    let update = |change: Result<(Target, Map<String, Value>), ZendeskError>| async move {
        let (target, record) = change?;
        let id = target.id();
        let failure = |error| Failure { id, error };
        let written = read_written(record, Purpose::Change).map_err(failure)?;
        let id = target.resolve(app, request).await.map_err(failure)?;
        let user = save::update(app, request, id, written).await;
        let user = user.map_err(|error| Failure { id: Some(id), error })?;
        Ok(JobOutcome::Updated(user.user_id))
    };
    run(app, request, JobKind::Update, changes, update).await
}

/// Either form of the body.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it is there for the OpenAPI document alone")]
enum UpdateManyRequest {
    /// With `ids` or `external_ids`
    Same(UserRequest),
    /// Without
    Each(UsersRequest),
}

type Changes = Vec<Result<(Target, Map<String, Value>), ZendeskError>>;

/// Who is changed, and how.
fn read_changes(request: &Request, body: &mut JsonBody) -> Result<Changes, ZendeskError> {
    let Some(targets) = named_targets(request)? else {
        let users = read_users(body, request.action(), "updated")?;
        return Ok(users.into_iter().map(read_change).collect());
    };
    let record = body.record("user", request.action())?;
    Ok(targets.into_iter().map(|target| Ok((target, record.clone()))).collect())
}

/// One of the users of a body. The `id` says who is meant, else the `external_id` does.
fn read_change(user: Value) -> Result<(Target, Map<String, Value>), ZendeskError> {
    let mut record = read_record(user)?;
    let mut problems = Problems::default();
    let id = Fields::new(&mut record, &mut problems).id("id");
    problems.finish()?;
    let target = match (id, record.get("external_id")) {
        (Change::Set(id), _) => Target::Id(roster_directory::UserId::from_stored(id)),
        (_, Some(Value::String(text))) => Target::ExternalId(text.clone()),
        (_, Some(Value::Number(number))) => Target::ExternalId(number.to_string()),
        (_, _) => return Err(Problems::only("id", "BlankValue", "cannot be blank")),
    };
    Ok((target, record))
}
