//! What the operations on many users at once have in common (contract Zendesk §6).
//!
//! All of the work is done before the answer, but the answer has the form that clients know: a
//! job that is queued, whose result they ask for.

use axum::http::StatusCode;
use axum::response::Response;
use futures_util::future::join_all;
use roster_directory::{ExternalId, Job, JobId, JobKind, JobOutcome, TEXT_LIMIT, Text, UserId};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use super::fields::{self, Purpose, Written};
use super::show_many::{LIMIT, named_ids};
use crate::app::App;
use crate::http::zendesk::body::JsonBody;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::job_statuses::view::{JobBody, JobView};
use crate::http::zendesk::problems::Problems;
use crate::http::zendesk::request::Request;
use crate::http::zendesk::respond::json_response;
use crate::http::zendesk::schemas::{schema, user_request};

/// Whom a request means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// The user with this number.
    Id(UserId),
    /// The user with this external id.
    ExternalId(String),
}

impl Target {
    /// The number of the user, if the request says it.
    pub(super) const fn id(&self) -> Option<UserId> {
        match self {
            Self::Id(id) => Some(*id),
            Self::ExternalId(_) => None,
        }
    }

    /// The number of the user. Somebody with a number may still not be there.
    pub(super) async fn resolve(
        self,
        app: &App,
        request: &Request,
    ) -> Result<UserId, ZendeskError> {
        let text = match self {
            Self::Id(id) => return Ok(id),
            Self::ExternalId(text) => text,
        };
        let id = ExternalId::new(&text).map_err(|_| ZendeskError::RecordNotFound)?;
        let found = app.store.users_by_external_id(request.account, vec![id]).await?;
        found.first().map(|user| user.user_id).ok_or(ZendeskError::RecordNotFound)
    }
}

/// Whom `ids` or `external_ids` name, at most a hundred. `None` if there is neither.
pub(super) fn named_targets(request: &Request) -> Result<Option<Vec<Target>>, ZendeskError> {
    if request.query.get("ids").is_some() {
        let ids = named_ids(request)?;
        return Ok(Some(ids.into_iter().map(Target::Id).collect()));
    }
    if request.query.get("external_ids").is_none() {
        return Ok(None);
    }
    let texts = request.query.items("external_ids");
    let targets: Vec<_> = texts.map(|text| Target::ExternalId(text.to_owned())).collect();
    if targets.len() > LIMIT {
        return Err(ZendeskError::TooManyIds);
    }
    Ok(Some(targets))
}

/// The users of a body, at most a hundred. `done` says what is to be done to them.
pub(super) fn read_users(
    body: &mut JsonBody,
    action: &'static str,
    done: &'static str,
) -> Result<Vec<Value>, ZendeskError> {
    let invalid =
        |expected| ZendeskError::InvalidAttribute { name: "users".to_owned(), expected, action };
    match body.0.remove("users") {
        Some(Value::Array(users)) if users.len() > LIMIT => Err(ZendeskError::TooManyUsers(done)),
        Some(Value::Array(users)) => Ok(users),
        Some(_) => Err(invalid("must be a list")),
        None => Err(invalid("is required and must be a list")),
    }
}

/// One of the users of a body, which must be an object.
pub(super) fn read_record(user: Value) -> Result<Map<String, Value>, ZendeskError> {
    match user {
        Value::Object(record) => Ok(record),
        _ => Err(Problems::only("user", "InvalidValue", "must be an object")),
    }
}

/// One of the users of a body, with all that is to be written.
pub(super) fn read_written(
    record: Map<String, Value>,
    purpose: Purpose,
) -> Result<Written, ZendeskError> {
    let mut problems = Problems::default();
    let written = fields::read(record, purpose, &mut problems);
    problems.finish()?;
    Ok(written)
}

/// Why nothing was done for one of the users, and who it was, as far as the request says.
pub(super) struct Failure {
    pub(super) id: Option<UserId>,
    pub(super) error: ZendeskError,
}

impl From<ZendeskError> for Failure {
    fn from(error: ZendeskError) -> Self {
        Self { id: None, error }
    }
}

/// Does some work for each of at most a hundred users, at the same time, and answers with the job
/// that this was. What fails for one of them does not touch the others.
pub(super) async fn run<Item, Work>(
    app: &App,
    request: &Request,
    kind: JobKind,
    items: Vec<Item>,
    work: impl Fn(Item) -> Work,
) -> Result<Response, ZendeskError>
where
    Work: Future<Output = Result<JobOutcome, Failure>>,
{
    // Nothing has been done yet should there be no identifier.
    let id = new_id(app)?;
    let results = join_all(items.into_iter().map(work)).await;
    let cause = results.iter().find_map(|result| result.as_ref().err()?.error.cause());
    let outcomes = results.into_iter().map(|result| result.unwrap_or_else(failed)).collect();
    let job = Job { id, kind, outcomes, completed_at: app.now() };
    let kept = app.store.add_job(request.account, job.clone()).await.map_err(ZendeskError::from);
    let view = match &kept {
        Ok(()) => JobView::queued(request, &job),
        // The work is done and cannot be taken back, so this is the last chance to tell of it.
        Err(_) => JobView::completed(request, &job),
    };
    let mut response = json_response(StatusCode::OK, &JobBody { job_status: view });
    if let Some(cause) = kept.err().and_then(|error| error.cause()).or(cause) {
        response.extensions_mut().insert(cause);
    }
    Ok(response)
}

fn new_id(app: &App) -> Result<JobId, ZendeskError> {
    let mut bytes = [0; 16];
    app.randomness.fill(&mut bytes).map_err(ZendeskError::internal)?;
    Ok(JobId(bytes))
}

fn failed(failure: Failure) -> JobOutcome {
    let mut reason = in_words(&failure.error);
    if let Some((end, _)) = reason.char_indices().nth(TEXT_LIMIT) {
        reason.truncate(end);
    }
    // It is short enough now, and no problem quotes a text that could have U+0000.
    let reason = Text::new(reason).unwrap_or_default();
    JobOutcome::Failed { id: failure.id, reason }
}

/// What is wrong, as one line.
fn in_words(error: &ZendeskError) -> String {
    if let ZendeskError::RecordInvalid(details) = error {
        let all = details.values().flatten().map(|detail| detail.description.as_str());
        return all.collect::<Vec<_>>().join("; ");
    }
    error.body().message().unwrap_or("Failed").to_owned()
}

/// Up to a hundred users in a request
#[derive(Serialize, ToSchema)]
pub(super) struct UsersRequest {
    #[schema(schema_with = users_request)]
    users: (),
}

fn users_request() -> RefOr<Schema> {
    let mut user = json!(user_request());
    user["properties"]["id"] = json!({"type": ["integer", "null"]});
    schema(json!({"type": "array", "maxItems": LIMIT, "items": user}))
}
