//! Operations on jobs.

use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;
use roster_directory::{JOB_LIFETIME, Job, JobKind, JobOutcome, Timestamp, UserId};

use super::course::{Agreed, Course, Side};
use super::values::account;
use crate::sample::{new_job, text};

#[derive(Debug, Clone)]
pub(super) enum Jobs {
    Add { account: usize, kind: JobKind, outcomes: usize },
    Read { account: usize, job: u8 },
}

const KINDS: &[JobKind] =
    &[JobKind::Create, JobKind::CreateOrUpdate, JobKind::Update, JobKind::Delete];

/// How long a job is still kept.
const SOON: Duration = Duration::from_millis(3_500_500);

impl Jobs {
    pub(super) fn any() -> impl Strategy<Value = Self> {
        prop_oneof![
            (account(), select(KINDS), 0..4_usize)
                .prop_map(|(account, kind, outcomes)| Self::Add { account, kind, outcomes }),
            (account(), 0..4_u8).prop_map(|(account, job)| Self::Read { account, job }),
        ]
    }

    pub(super) async fn run(self, course: &mut Course) -> Agreed {
        match self {
            Self::Add { account, kind, outcomes } => {
                let job = job(course.jobs, kind, outcomes, course.now());
                course.jobs += 1;
                let add = async |Side { store, accounts }: &Side| {
                    store.add_job(accounts[account], job.clone()).await
                };
                course.both(add).await
            }
            Self::Read { account, job } => {
                let id = new_job(job).id;
                course.both(async |side| side.store.job(side.accounts[account], id).await).await
            }
        }
    }
}

/// A job that was done nearly a day ago, so that it goes soon. No two go at the same moment.
fn job(number: u8, kind: JobKind, outcomes: usize, now: Timestamp) -> Job {
    let all = [
        JobOutcome::Created(UserId::FIRST),
        JobOutcome::Failed { id: Some(UserId::FIRST), reason: text("it's") },
        JobOutcome::Failed { id: None, reason: text("") },
    ];
    let life = i64::try_from(JOB_LIFETIME.as_micros()).unwrap();
    let completed_at = Timestamp::from_micros(now.as_micros() - life).after(SOON);
    Job { kind, outcomes: all[..outcomes].to_vec(), completed_at, ..new_job(number) }
}
