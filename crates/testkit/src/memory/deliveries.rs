//! How far messages have come: the rules of deliveries and their attempts.

use std::collections::BTreeMap;

use roster_directory::{
    Attempt, Attempted, Delivery, DeliveryFilter, DeliveryReport, DeliveryState, DueMessage,
    Endpoint, EndpointId, FreshMessages, Message, MessageNumber, Timestamp,
};

use super::webhooks::{EndpointRows, Webhooks};

/// How many messages are looked at for fresh ones.
const LOOKED_AT: usize = 1000;

/// The attempts to bring one message to one endpoint.
pub(super) struct DeliveryRows {
    pub(super) state: DeliveryState,
    tries: u32,
    /// The first one first.
    pub(super) attempts: Vec<Attempt>,
}

impl DeliveryRows {
    /// A delivery that is tried at this moment for the first time.
    fn waiting(now: Timestamp) -> Self {
        Self { state: DeliveryState::Waiting(now), tries: 0, attempts: Vec::new() }
    }

    /// Whatever has become of it, it is tried at this moment as if it never had been.
    fn begin_anew(&mut self, now: Timestamp) {
        self.state = DeliveryState::Waiting(now);
        self.tries = 0;
    }

    /// When it is to be tried, if that is by now.
    fn due(&self, now: Timestamp) -> Option<Timestamp> {
        match self.state {
            DeliveryState::Waiting(at) => (at <= now).then_some(at),
            DeliveryState::Delivered | DeliveryState::Failed => None,
        }
    }

    fn shown(&self, id: EndpointId, message: &Message) -> Delivery {
        Delivery {
            endpoint_id: id,
            message: message.number,
            event_type: message.content.event_type(),
            end_user_id: message.end_user_id,
            message_at: message.at,
            state: self.state,
            tries: self.tries,
            last: self.attempts.last().cloned(),
        }
    }
}

impl EndpointRows {
    /// Keeps an attempt, and lets the endpoint learn from it.
    fn keep(&mut self, attempted: Attempted) {
        let Attempted { message, attempt, state } = attempted;
        let new = DeliveryRows::waiting(attempt.at);
        let delivery = self.deliveries.entry(message).or_insert(new);
        delivery.state = state;
        if attempt.outcome.is_success() {
            self.endpoint.succeeded();
        } else {
            delivery.tries += 1;
            self.endpoint.failed(attempt.at, attempt.outcome.is_gone());
        }
        delivery.attempts.push(attempt);
    }
}

impl Webhooks {
    pub(super) fn fresh_messages(
        &self,
        id: EndpointId,
        from: MessageNumber,
        limit: usize,
    ) -> FreshMessages {
        let mut fresh = FreshMessages { messages: Vec::new(), next: from };
        let Some(rows) = self.endpoints.get(&id) else { return fresh };
        let ahead = rows.progress.ahead(from).into_iter();
        let messages = ahead.flat_map(|ahead| self.messages.range(ahead));
        for (number, message) in messages.take(LOOKED_AT) {
            if fresh.messages.len() == limit {
                break;
            }
            let is_wanted = rows.endpoint.event_types.wants(message.content.event_type());
            if is_wanted && !rows.deliveries.contains_key(number) {
                fresh.messages.push(message.clone());
            }
            fresh.next = number.next();
        }
        fresh
    }

    pub(super) fn due_messages(
        &self,
        id: EndpointId,
        now: Timestamp,
        limit: usize,
    ) -> Vec<DueMessage> {
        let Some(rows) = self.endpoints.get(&id) else { return Vec::new() };
        let mut due = Vec::new();
        for (number, delivery) in &rows.deliveries {
            if let (Some(at), Some(message)) = (delivery.due(now), self.messages.get(number)) {
                let message = message.clone();
                due.push((at, *number, DueMessage { message, tries: delivery.tries }));
            }
        }
        due.sort_by_key(|(at, number, _)| (*at, *number));
        due.into_iter().take(limit).map(|(_, _, message)| message).collect()
    }

    pub(super) fn record_attempts(
        &mut self,
        id: EndpointId,
        report: DeliveryReport,
    ) -> Option<Endpoint> {
        let rows = self.endpoints.get_mut(&id)?;
        // A lease that has ended is still its holder's while nobody else has taken it.
        rows.lease.filter(|(holder, _)| *holder == report.holder)?;
        let before = rows.endpoint.status;
        for attempted in report.attempts {
            if self.messages.contains_key(&attempted.message) {
                rows.keep(attempted);
            }
        }
        rows.progress.cursor = rows.progress.cursor.max(report.cursor);
        rows.progress.follow(before, rows.endpoint.status, self.next);
        Some(rows.endpoint.clone())
    }

    pub(super) fn deliveries(&self, filter: &DeliveryFilter) -> Vec<Delivery> {
        let Some(rows) = self.endpoints.get(&filter.endpoint_id) else { return Vec::new() };
        let newest_first = rows.deliveries.iter().rev();
        let all = newest_first.filter_map(|(number, delivery)| {
            let message = self.messages.get(number)?;
            Some(delivery.shown(filter.endpoint_id, message))
        });
        all.filter(|delivery| lets_through(filter, delivery)).take(filter.limit.get()).collect()
    }

    pub(super) fn attempts(&self, id: EndpointId, message: MessageNumber) -> Vec<Attempt> {
        let rows = self.endpoints.get(&id);
        let delivery = rows.and_then(|rows| rows.deliveries.get(&message));
        delivery.map(|delivery| delivery.attempts.clone()).unwrap_or_default()
    }

    pub(super) fn replay(&mut self, id: EndpointId, number: MessageNumber, now: Timestamp) -> bool {
        let Some(rows) = self.endpoints.get_mut(&id) else { return false };
        if !self.messages.contains_key(&number) {
            return false;
        }
        let new = DeliveryRows::waiting(now);
        rows.deliveries.entry(number).or_insert(new).begin_anew(now);
        self.news += 1;
        true
    }

    pub(super) fn replay_failed(
        &mut self,
        id: EndpointId,
        since: Timestamp,
        now: Timestamp,
    ) -> Option<u64> {
        let rows = self.endpoints.get_mut(&id)?;
        let is_of_then = |number| is_since(&self.messages, number, since);
        let mut replayed = 0;
        for (number, delivery) in &mut rows.deliveries {
            if delivery.state == DeliveryState::Failed && is_of_then(*number) {
                delivery.begin_anew(now);
                replayed += 1;
            }
        }
        let behind = rows.progress.behind().into_iter();
        let passed_over: Vec<_> = behind
            .flat_map(|behind| self.messages.range(behind))
            .map(|(_, message)| message)
            .filter(|message| message.at >= since)
            .filter(|message| message.at >= rows.endpoint.created_at)
            .filter(|message| rows.endpoint.event_types.wants(message.content.event_type()))
            .map(|message| message.number)
            .filter(|number| !rows.deliveries.contains_key(number))
            .collect();
        for number in passed_over {
            self.replay(id, number, now);
            replayed += 1;
        }
        self.news += 1;
        Some(replayed)
    }
}

fn is_since(
    messages: &BTreeMap<MessageNumber, Message>,
    number: MessageNumber,
    since: Timestamp,
) -> bool {
    messages.get(&number).is_some_and(|message| message.at >= since)
}

fn lets_through(filter: &DeliveryFilter, delivery: &Delivery) -> bool {
    filter.before.is_none_or(|before| delivery.message < before)
        && filter.since.is_none_or(|since| delivery.message_at >= since)
        && filter.state.is_none_or(|state| state.is_like(delivery.state))
}
