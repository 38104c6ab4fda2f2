//! What is tried, tried again, and forgotten.

use roster_directory::{
    AccountId, DeliveryReport, Endpoint, EndpointId, MessageNumber, StoreError, Timestamp,
};

use super::endpoints::endpoints_changed;
use crate::lists::Run;
use crate::tables::{delivery, endpoint, message};
use crate::transaction::Transaction;

/// The most deliveries that one unit looks at to replay them, so that others get their turn. More
/// than [`message::OUT_OF_ORDER`].
const REPLAY_BATCH: usize = 500;

/// What a unit has replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replayed {
    /// How many.
    pub count: u64,
    /// The number before which there may be more.
    pub rest: Option<MessageNumber>,
}

/// Keeps what was tried, unless somebody else delivers to the endpoint by now.
pub fn record(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    id: EndpointId,
    report: &DeliveryReport,
) -> Result<Option<Endpoint>, StoreError> {
    let connection = transaction.connection;
    let found = endpoint::target(connection, account, id)?;
    let Some(target) = found.filter(|target| target.holder == Some(report.holder)) else {
        return Ok(None);
    };
    let mut after = target.endpoint.clone();
    for attempted in &report.attempts {
        if !delivery::record(connection, account, id, attempted)? {
            continue;
        }
        let attempt = &attempted.attempt;
        if attempt.outcome.is_success() {
            after.succeeded();
        } else {
            after.failed(attempt.at, attempt.outcome.is_gone());
        }
    }
    let mut progress = target.progress;
    progress.cursor = progress.cursor.max(report.cursor);
    if after.status != target.endpoint.status {
        let next = transaction.next_message(account)?;
        progress.follow(target.endpoint.status, after.status, next);
        endpoint::update(connection, account, &after, progress)?;
        endpoints_changed(transaction, account)?;
    } else if after != target.endpoint {
        endpoint::update(connection, account, &after, progress)?;
    } else if progress != target.progress {
        endpoint::set_cursor(connection, account, id, progress.cursor)?;
    }
    Ok(Some(after))
}

/// Lets a message be tried again, and says whether there are such an endpoint and such a message.
pub fn replay(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    id: EndpointId,
    number: MessageNumber,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let connection = transaction.connection;
    if endpoint::find(connection, account, id)?.is_none()
        || !message::exists(connection, account, number)?
    {
        return Ok(false);
    }
    delivery::replay(connection, account, id, number, now)?;
    transaction.deliverable();
    Ok(true)
}

/// Lets messages of `since` and later be tried again that have failed, some of those before
/// `before`. `None` if there is no such endpoint.
pub fn replay_failed(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    id: EndpointId,
    (since, before): (Timestamp, MessageNumber),
    now: Timestamp,
) -> Result<Option<Replayed>, StoreError> {
    let connection = transaction.connection;
    if endpoint::find(connection, account, id)?.is_none() {
        return Ok(None);
    }
    let failed = delivery::failed(connection, account, id, before, REPLAY_BATCH)?;
    let mut count = 0;
    for message in failed.iter().filter(|message| message.at >= since) {
        delivery::replay(connection, account, id, message.number, now)?;
        count += 1;
    }
    if count > 0 {
        transaction.deliverable();
    }
    let more = count > 0 && failed.len() == REPLAY_BATCH;
    let rest = failed.last().filter(|_| more).map(|oldest| oldest.number);
    Ok(Some(Replayed { count, rest }))
}

/// Lets messages of `since` and later be tried that the endpoint was not sent, some of those before
/// `before`. `None` if there is no such endpoint.
pub fn replay_passed_over(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    id: EndpointId,
    (since, before): (Timestamp, MessageNumber),
    now: Timestamp,
) -> Result<Option<Replayed>, StoreError> {
    let connection = transaction.connection;
    let Some(target) = endpoint::target(connection, account, id)? else { return Ok(None) };
    let since = since.max(target.endpoint.created_at);
    let types = target.endpoint.event_types.bits();
    // Nearly by time, so that where a part has nothing of `since` what lies before it has not,
    // either. A gap ahead of the cursor may be short, so that it says nothing of what is behind.
    let [gap, tried] = target.progress.behind();
    let (range, is_gap) = if before > gap.start { (gap, true) } else { (tried, false) };
    let range = range.start..range.end.min(before);
    let passed = message::passed(connection, account, (id, types), &range, REPLAY_BATCH)?;
    let (mut count, mut recent) = (0, false);
    for message in passed.iter().filter(|message| message.moment.at >= since) {
        recent = true;
        if message.untried {
            delivery::replay(connection, account, id, message.moment.number, now)?;
            count += 1;
        }
    }
    if count > 0 {
        transaction.deliverable();
    }
    let more = recent && passed.len() == REPLAY_BATCH;
    let rest = passed.last().filter(|_| more).map(|oldest| oldest.moment.number);
    let rest = rest.or_else(|| is_gap.then_some(range.start));
    Ok(Some(Replayed { count, rest }))
}

/// Removes messages with their deliveries, and returns how many there were.
pub fn forget(transaction: &mut Transaction<'_>, runs: &[Run]) -> Result<usize, StoreError> {
    let connection = transaction.connection;
    let mut count = 0;
    for Run { account, first, last } in runs {
        for id in endpoint::ids(connection, *account)? {
            delivery::delete(connection, *account, id, *first, *last)?;
        }
        count += message::delete(connection, *account, *first, *last)?;
    }
    Ok(count)
}
