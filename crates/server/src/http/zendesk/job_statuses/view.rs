//! A job as it is answered (contract Zendesk §6).

use roster_directory::{Job, JobId, JobKind, JobOutcome, Timestamp, UserId};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use crate::http::calendar::write_seconds;
use crate::http::zendesk::request::Request;
use crate::http::zendesk::schemas::schema;

/// A job
#[derive(Serialize, ToSchema)]
#[schema(as = JobStatusResponse)]
pub(in crate::http::zendesk) struct JobBody<'a> {
    pub(in crate::http::zendesk) job_status: JobView<'a>,
}

/// Work on many users at once
#[derive(Serialize, ToSchema)]
#[schema(as = JobStatus)]
pub(in crate::http::zendesk) struct JobView<'a> {
    #[schema(example = "V3-291e720c98aef4d953563ab090486213")]
    id: String,
    #[schema(example = "Bulk Update User")]
    job_type: &'static str,
    /// The address of this job
    url: String,
    /// How many users it is about
    total: usize,
    /// How many of them are done; null while it is queued
    #[schema(required = true)]
    progress: Option<usize>,
    #[schema(schema_with = status)]
    status: &'static str,
    #[schema(required = true, example = "Completed at 2023-09-18 23:27:39 +0000")]
    message: Option<String>,
    /// What became of each user, in the order of the request; null while it is queued
    #[schema(required = true)]
    results: Option<Vec<ResultView<'a>>>,
}

fn status() -> RefOr<Schema> {
    schema(json!({"type": "string", "enum": ["queued", "working", "completed", "failed"]}))
}

/// What became of one user
#[derive(Default, Serialize, ToSchema)]
#[schema(as = JobResult)]
struct ResultView<'a> {
    /// The user; null if nobody was made, or if it is not known who was meant
    #[schema(required = true)]
    id: Option<i64>,
    /// Of a failure: the place in the request, from 0
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = i64)]
    index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = String, example = "update")]
    action: Option<&'static str>,
    /// Of a failure: what failed
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = String, example = "UserUpdateError")]
    error: Option<&'static str>,
    /// Of a failure: what is wrong, for a person
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = String)]
    details: Option<&'a str>,
    #[schema(example = "Updated")]
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = bool)]
    success: Option<bool>,
}

impl<'a> JobView<'a> {
    /// The job as somebody sees it who has just started it.
    pub(in crate::http::zendesk) fn queued(request: &Request, job: &Job) -> Self {
        let id = written(job.id);
        Self {
            url: request.link_to(&format!("/api/v2/job_statuses/{id}.json")),
            id,
            job_type: job_type(job.kind),
            total: job.outcomes.len(),
            progress: None,
            status: "queued",
            message: None,
            results: None,
        }
    }

    /// The job as it is.
    pub(in crate::http::zendesk) fn completed(request: &Request, job: &'a Job) -> Self {
        let results = job.outcomes.iter().enumerate();
        Self {
            progress: Some(job.outcomes.len()),
            status: "completed",
            message: Some(message(job.completed_at)),
            results: Some(results.map(|(at, one)| ResultView::new(job.kind, at, one)).collect()),
            ..Self::queued(request, job)
        }
    }
}

impl<'a> ResultView<'a> {
    fn new(kind: JobKind, index: usize, outcome: &'a JobOutcome) -> Self {
        let done = |id: &UserId, status| Self { id: Some(id.get()), status, ..Self::default() };
        let success = Some(true);
        match outcome {
            JobOutcome::Created(id) => done(id, "Created"),
            // Only where nobody can be made, the vendor says that it was a change.
            JobOutcome::Updated(id) if kind == JobKind::Update => {
                Self { action: Some("update"), success, ..done(id, "Updated") }
            }
            JobOutcome::Updated(id) => done(id, "Updated"),
            JobOutcome::Deleted(id) => {
                Self { action: Some("delete"), success, ..done(id, "Deleted") }
            }
            JobOutcome::Failed { id, reason } => Self {
                id: id.map(UserId::get),
                index: Some(index),
                action: None,
                error: Some(error(kind)),
                details: Some(reason),
                status: "Failed",
                success: Some(false),
            },
        }
    }
}

/// The vendor has one name for both ways of making users.
const fn job_type(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Create | JobKind::CreateOrUpdate => "Bulk Create User",
        JobKind::Update => "Bulk Update User",
        JobKind::Delete => "Bulk Delete User",
    }
}

const fn error(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Create => "UserCreateError",
        JobKind::CreateOrUpdate | JobKind::Update => "UserUpdateError",
        JobKind::Delete => "UserDeleteError",
    }
}

/// `Completed at 2023-09-18 23:27:39 +0000`.
fn message(completed_at: Timestamp) -> String {
    let mut moment = Vec::with_capacity(19);
    write_seconds(&mut moment, completed_at);
    let moment = String::from_utf8(moment).unwrap_or_default().replace('T', " ");
    format!("Completed at {moment} +0000")
}

const PREFIX: &str = "V3-";

/// A job's identifier as clients know it: `V3-` and 32 hexadecimal digits.
fn written(id: JobId) -> String {
    format!("{PREFIX}{:032x}", u128::from_be_bytes(id.0))
}

/// The identifier that a client writes, if it is one.
pub(super) fn read(text: &str) -> Option<JobId> {
    let digits = text.strip_prefix(PREFIX)?;
    let are_digits = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = are_digits.then(|| u128::from_str_radix(digits, 16).ok()).flatten()?;
    Some(JobId(number.to_be_bytes()))
}
