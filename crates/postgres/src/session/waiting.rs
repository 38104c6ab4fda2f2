//! Waiting for what the server answers.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::error::Elapsed;
use tokio::time::timeout;
use tokio_postgres::Error;

use super::Sent;

/// The first error of what was sent before, if any, and an answer.
pub(super) type Answered<T> = (Option<Error>, Result<T, Error>);

/// Sends something, and waits for its answer and for all that was sent before. The server answers
/// one after the other, and may take so long for each: many statements are no silence.
pub(super) async fn wait_for<T>(
    sent: Vec<Sent>,
    work: impl Future<Output = Result<T, Error>>,
    silence: Duration,
) -> Result<Answered<T>, Elapsed> {
    let mut work = pin!(work);
    // It is on its way before anything is waited for.
    let at_once = (&mut work).now_or_never();
    let mut failed = None;
    for sent in sent {
        if let Err(error) = timeout(silence, sent).await? {
            failed.get_or_insert(error);
        }
    }
    let answer = match at_once {
        Some(answer) => answer,
        None => timeout(silence, work).await?,
    };
    Ok((failed, answer))
}
