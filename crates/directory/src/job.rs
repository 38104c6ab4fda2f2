//! What work on many users at once came to (contract Zendesk §6).

use std::time::Duration;

use crate::{Text, Timestamp, UserId};

/// How long a job can be asked about once it is done.
pub const JOB_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// A job's identifier: sixteen random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub [u8; 16]);

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    /// Makes users.
    Create,
    /// Makes users, or changes those that are there.
    CreateOrUpdate,
    /// Changes users.
    Update,
    /// Deletes users.
    Delete,
}

/// What became of one of the users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobOutcome {
    /// They were made.
    Created(UserId),
    /// They were changed.
    Updated(UserId),
    /// They were deleted.
    Deleted(UserId),
    /// Nothing was done, for this reason.
    Failed {
        /// Who was asked for, by number, if anybody was.
        id: Option<UserId>,
        /// What was wrong.
        reason: Text,
    },
}

/// A job that is done. It is kept once all of its work is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its identifier.
    pub id: JobId,
    /// What it does.
    pub kind: JobKind,
    /// What became of each user, in the order of the request.
    pub outcomes: Vec<JobOutcome>,
    /// When it was done.
    pub completed_at: Timestamp,
}
