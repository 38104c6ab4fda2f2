//! What jobs came to.

use std::sync::Arc;
use std::time::Duration;

use roster_directory::{JOB_LIFETIME, Job, JobId, JobKind, JobOutcome, Store, Swept, UserId};

use crate::sample::{self, START, new_job, text};

/// A job is kept as given, whatever came of its users; one that is not there is not found.
pub async fn a_job_is_kept_as_given(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let user = UserId::from_stored(1_000_000_000_007);
    let kinds = [JobKind::Create, JobKind::CreateOrUpdate, JobKind::Update, JobKind::Delete];
    for (number, kind) in (1..).zip(kinds) {
        let outcomes = vec![
            JobOutcome::Created(user),
            JobOutcome::Failed { id: None, reason: text("it's \"wrong\" 🙂") },
            JobOutcome::Updated(UserId::FIRST),
            JobOutcome::Failed { id: Some(user), reason: text("") },
            JobOutcome::Deleted(user),
        ];
        let outcomes = if number == 4 { Vec::new() } else { outcomes };
        let job = Job { kind, outcomes, completed_at: sample::at(3), ..new_job(number) };
        store.add_job(account, job.clone()).await.unwrap();
        assert_eq!(store.job(account, job.id).await, Ok(Some(job)));
    }
    let every_byte: Vec<u8> = (240..=255).collect();
    let id = JobId(every_byte.try_into().unwrap());
    assert_eq!(store.job(account, id).await, Ok(None));
    store.add_job(account, Job { id, ..new_job(1) }).await.unwrap();
    assert_eq!(store.job(account, id).await, Ok(Some(Job { id, ..new_job(1) })));
}

/// A job can be asked about for a day after it is done. What a sweep removes of jobs is bounded
/// and not counted; the longest due go first, of all accounts together.
pub async fn a_job_goes_after_a_day(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let other = sample::account(&*store, "other").await;
    let done = |number, seconds| Job { completed_at: sample::at(seconds), ..new_job(number) };
    for (account, job) in [(account, done(1, 5)), (other, done(2, 3)), (account, done(3, 4))] {
        store.add_job(account, job).await.unwrap();
    }
    let kept = async || {
        let mut kept = Vec::new();
        for (account, number) in [(account, 1), (other, 2), (account, 3)] {
            kept.push(store.job(account, JobId([number; 16])).await.unwrap().is_some());
        }
        kept
    };
    let due = START.after(JOB_LIFETIME).after(Duration::from_secs(3));
    let nothing = Ok(Swept::default());
    let just_before = START.after(JOB_LIFETIME).after(Duration::from_micros(2_999_999));
    assert_eq!(store.expire(just_before, 10).await, nothing);
    assert_eq!(kept().await, [true, true, true]);
    assert_eq!(store.expire(due, 10).await, nothing);
    assert_eq!(kept().await, [true, false, true]);
    let late = due.after(Duration::from_secs(9));
    assert_eq!(store.expire(late, 0).await, nothing);
    assert_eq!(store.expire(late, 1).await, nothing);
    assert_eq!(kept().await, [true, false, false]);
    assert_eq!(store.expire(late, 1).await, nothing);
    assert_eq!(kept().await, [false, false, false]);
}
