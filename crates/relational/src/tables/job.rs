//! The table `job`.

use std::borrow::Cow;

use roster_directory::{
    AccountId, Job, JobId, JobKind, JobOutcome, StoreError, Text, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};

use crate::sql::{Connection, Fields, FromRow, params, query_one, row_count, write};

/// What became of one user, as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Outcome<'a> {
    Created(i64),
    Updated(i64),
    Deleted(i64),
    Failed(Option<i64>, #[serde(borrow)] Cow<'a, str>),
}

/// Keeps what a job came to.
pub fn insert(
    connection: &dyn Connection,
    account: AccountId,
    job: &Job,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO job (account_id, job_id, kind, outcomes, completed_at) \
               VALUES (?1, ?2, ?3, ?4, ?5)";
    let outcomes: Vec<_> = job.outcomes.iter().map(Outcome::from).collect();
    let outcomes = serde_json::to_string(&outcomes)
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let completed_at = job.completed_at.as_micros();
    let kind = kind_number(job.kind);
    write(connection, sql, params![account.get(), job.id.0, kind, outcomes, completed_at])
}

/// One job.
pub fn find(
    connection: &dyn Connection,
    account: AccountId,
    id: JobId,
) -> Result<Option<Job>, StoreError> {
    let sql = "SELECT job_id, kind, outcomes, completed_at FROM job \
               WHERE account_id = ?1 AND job_id = ?2";
    query_one(connection, sql, params![account.get(), id.0])
}

/// Removes jobs that were done at `moment` or before, those first that have waited longest.
pub fn delete_until(
    connection: &dyn Connection,
    moment: Timestamp,
    limit: usize,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM job WHERE (account_id, job_id) IN (SELECT account_id, job_id FROM job \
               WHERE completed_at <= ?1 ORDER BY completed_at LIMIT ?2)";
    write(connection, sql, params![moment.as_micros(), row_count(limit)])
}

impl FromRow for Job {
    const TABLE: &'static str = "job";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        let id = fields.bytes()?.try_into().map_err(|_| fields.damaged())?;
        Ok(Self {
            id: JobId(id),
            kind: kind(fields)?,
            outcomes: outcomes(fields.text()?).ok_or_else(|| fields.damaged())?,
            completed_at: fields.timestamp()?,
        })
    }
}

const fn kind_number(kind: JobKind) -> i64 {
    match kind {
        JobKind::Create => 0,
        JobKind::CreateOrUpdate => 1,
        JobKind::Update => 2,
        JobKind::Delete => 3,
    }
}

fn kind(fields: &mut Fields<'_>) -> Result<JobKind, StoreError> {
    match fields.integer()? {
        0 => Ok(JobKind::Create),
        1 => Ok(JobKind::CreateOrUpdate),
        2 => Ok(JobKind::Update),
        3 => Ok(JobKind::Delete),
        _ => Err(fields.damaged()),
    }
}

fn outcomes(json: &str) -> Option<Vec<JobOutcome>> {
    let stored: Vec<Outcome<'_>> = serde_json::from_str(json).ok()?;
    stored.into_iter().map(Outcome::read).collect()
}

impl<'a> From<&'a JobOutcome> for Outcome<'a> {
    fn from(outcome: &'a JobOutcome) -> Self {
        match outcome {
            JobOutcome::Created(id) => Self::Created(id.get()),
            JobOutcome::Updated(id) => Self::Updated(id.get()),
            JobOutcome::Deleted(id) => Self::Deleted(id.get()),
            JobOutcome::Failed { id, reason } => {
                Self::Failed(id.map(UserId::get), Cow::Borrowed(reason))
            }
        }
    }
}

impl Outcome<'_> {
    /// What this was kept for, if its text is sound.
    fn read(self) -> Option<JobOutcome> {
        Some(match self {
            Self::Created(id) => JobOutcome::Created(UserId::from_stored(id)),
            Self::Updated(id) => JobOutcome::Updated(UserId::from_stored(id)),
            Self::Deleted(id) => JobOutcome::Deleted(UserId::from_stored(id)),
            Self::Failed(id, reason) => JobOutcome::Failed {
                id: id.map(UserId::from_stored),
                reason: Text::new(&*reason).ok()?,
            },
        })
    }
}
