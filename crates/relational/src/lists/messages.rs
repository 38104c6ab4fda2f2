//! Messages and their deliveries, a part at a time.

use roster_directory::{
    AccountId, Attempt, Backlog, Delivery, DeliveryFilter, EndpointId, FreshMessages,
    MessageNumber, StoreError, Timestamp,
};

use crate::sql::{Connection, snapshot};
use crate::tables::message::OUT_OF_ORDER;
use crate::tables::{account, attempt, delivery, endpoint, message};

/// How many messages are looked at for one answer, most of which may not be for the endpoint.
const LOOKED_AT: usize = 1000;

/// All messages of an account from `first` to `last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The account.
    pub account: AccountId,
    /// The number of the first one.
    pub first: MessageNumber,
    /// The number of the last one.
    pub last: MessageNumber,
}

/// The messages for an endpoint from `from` on that have no delivery yet.
pub fn fresh_messages(
    connection: &dyn Connection,
    account: AccountId,
    id: EndpointId,
    from: MessageNumber,
    limit: usize,
) -> Result<FreshMessages, StoreError> {
    snapshot(connection, || {
        let mut fresh = FreshMessages { messages: Vec::new(), next: from };
        let found = endpoint::target(connection, account, id)?;
        let Some(target) = found else { return Ok(fresh) };
        let (types, mut left) = (target.endpoint.event_types.bits(), LOOKED_AT);
        for range in target.progress.ahead(from) {
            if fresh.messages.len() >= limit || left == 0 || range.is_empty() {
                continue;
            }
            message::candidates(connection, account, (id, types), &range, left, |candidate| {
                left -= 1;
                fresh.next = candidate.number.next();
                fresh.messages.extend(candidate.message);
                fresh.messages.len() < limit
            })?;
        }
        Ok(fresh)
    })
}

/// A part of the deliveries to an endpoint, the newest messages first.
pub fn deliveries(
    connection: &dyn Connection,
    account: AccountId,
    filter: &DeliveryFilter,
) -> Result<Vec<Delivery>, StoreError> {
    let DeliveryFilter { endpoint_id, state, since, before, limit } = *filter;
    let mut before = before.unwrap_or(MessageNumber(i64::MAX));
    let size = if since.is_some() { OUT_OF_ORDER } else { limit.get() };
    let mut found = Vec::new();
    snapshot(connection, || {
        loop {
            let part = delivery::newest(connection, account, endpoint_id, state, before, size)?;
            let is_last = part.len() < size;
            before = part.last().map_or(before, |oldest| oldest.message);
            let (had, is_young) = (found.len(), |at| since.is_none_or(|since| at >= since));
            found.extend(part.into_iter().filter(|delivery| is_young(delivery.message_at)));
            if is_last || found.len() == had || found.len() >= limit.get() {
                found.truncate(limit.get());
                return Ok(found);
            }
        }
    })
}

/// All attempts of a delivery, the first one first.
pub fn attempts(
    connection: &dyn Connection,
    account: AccountId,
    id: EndpointId,
    message: MessageNumber,
) -> Result<Vec<Attempt>, StoreError> {
    snapshot(connection, || {
        let mut attempts = attempt::former(connection, account, id, message)?;
        attempts.extend(delivery::last_attempt(connection, account, id, message)?);
        Ok(attempts)
    })
}

/// What waits to be delivered.
pub fn backlog(connection: &dyn Connection) -> Result<Backlog, StoreError> {
    snapshot(connection, || {
        let mut backlog = Backlog::default();
        for endpoint::Standing { account, endpoint, progress, next } in
            endpoint::standings(connection)?
        {
            backlog.waiting += progress.untried(next);
            backlog.waiting += delivery::count_waiting(connection, account, endpoint)?;
            let mut first = delivery::oldest_waiting(connection, account, endpoint)?;
            for range in progress.ahead(progress.cursor) {
                first.extend(message::moments(connection, account, &range)?);
            }
            let moments = first.iter().map(|moment| moment.at);
            backlog.oldest = backlog.oldest.into_iter().chain(moments).min();
        }
        Ok(backlog)
    })
}

/// Messages from before `before`, at most `limit`.
pub fn old_messages(
    connection: &dyn Connection,
    before: Timestamp,
    limit: usize,
) -> Result<Vec<Run>, StoreError> {
    snapshot(connection, || {
        let mut runs = Runs { found: Vec::new(), left: limit };
        for account in account::with_messages(connection)? {
            if runs.left == 0 {
                break;
            }
            let mut from = MessageNumber(i64::MIN);
            loop {
                let range = from..MessageNumber::END;
                let part = message::moments(connection, account, &range)?;
                let is_last = part.len() < OUT_OF_ORDER;
                from = part.last().map_or(from, |last| last.number.next());
                let left = runs.left;
                runs.add(account, &part, before);
                if is_last || runs.left == left || runs.left == 0 {
                    break;
                }
            }
        }
        Ok(runs.found)
    })
}

/// Old messages, put together where nothing lies between them.
struct Runs {
    found: Vec<Run>,
    /// How many more are wanted.
    left: usize,
}

impl Runs {
    /// Adds those of a part of an account's messages that are old.
    fn add(&mut self, account: AccountId, part: &[message::Moment], before: Timestamp) {
        for message::Moment { number, at } in part {
            if *at >= before || self.left == 0 {
                continue;
            }
            self.left -= 1;
            match self.found.last_mut() {
                Some(run) if run.account == account && run.last.next() == *number => {
                    run.last = *number;
                }
                Some(_) | None => {
                    self.found.push(Run { account, first: *number, last: *number });
                }
            }
        }
    }
}
