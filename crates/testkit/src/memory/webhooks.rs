//! What endpoints are told, and who tells them: the rules of messages, endpoints and leases.

use std::collections::BTreeMap;

use roster_directory::{
    AccountId, Backlog, Content, CreateEndpointError, DeliveryState, ENDPOINT_LIMIT, EndUserId,
    Endpoint, EndpointId, EndpointPatch, EndpointSecrets, EndpointStatus, Lease, LeaseHolder,
    Message, MessageNumber, NewEndpoint, Progress, Sealed, Timestamp,
};

use super::deliveries::DeliveryRows;
use super::rows::Rows;

/// The messages and the endpoints of one account.
pub(super) struct Webhooks {
    /// The number of the next message.
    pub(super) next: MessageNumber,
    pub(super) messages: BTreeMap<MessageNumber, Message>,
    pub(super) endpoints: BTreeMap<EndpointId, EndpointRows>,
    /// How often something may have become deliverable.
    pub(super) news: u64,
}

/// One endpoint with what is its own.
pub(super) struct EndpointRows {
    pub(super) endpoint: Endpoint,
    pub(super) secrets: EndpointSecrets,
    pub(super) progress: Progress,
    /// Who delivers to it, and until when nobody else may.
    pub(super) lease: Option<(LeaseHolder, Timestamp)>,
    pub(super) deliveries: BTreeMap<MessageNumber, DeliveryRows>,
}

impl Default for Webhooks {
    fn default() -> Self {
        let (messages, endpoints) = (BTreeMap::new(), BTreeMap::new());
        Self { next: MessageNumber::FIRST, messages, endpoints, news: 0 }
    }
}

impl Webhooks {
    /// Tells the endpoints of a change. What none of them wants is not kept, and takes no number.
    pub(super) fn tell(&mut self, at: Timestamp, end_user_id: EndUserId, content: Content) {
        let event_type = content.event_type();
        if self.endpoints.values().any(|rows| rows.endpoint.wants(event_type)) {
            let number = self.next;
            self.next = number.next();
            self.messages.insert(number, Message { number, at, end_user_id, content });
            self.news += 1;
        }
    }

    pub(super) fn create_endpoint(
        &mut self,
        new: NewEndpoint,
    ) -> Result<Endpoint, CreateEndpointError> {
        if self.endpoints.len() >= ENDPOINT_LIMIT {
            return Err(CreateEndpointError::TooMany);
        }
        let rows = EndpointRows {
            endpoint: new.endpoint.clone(),
            secrets: EndpointSecrets { current: new.secret, former: None },
            progress: Progress::begin(new.endpoint.status, self.next),
            lease: None,
            deliveries: BTreeMap::new(),
        };
        self.endpoints.insert(new.endpoint.endpoint_id, rows);
        self.news += 1;
        Ok(new.endpoint)
    }

    pub(super) fn patch_endpoint(
        &mut self,
        id: EndpointId,
        patch: &EndpointPatch,
        now: Timestamp,
    ) -> Option<Endpoint> {
        let rows = self.endpoints.get_mut(&id)?;
        if let Some(after) = rows.endpoint.patched(patch, now) {
            rows.progress.follow(rows.endpoint.status, after.status, self.next);
            rows.endpoint = after;
            self.news += 1;
        }
        Some(rows.endpoint.clone())
    }

    pub(super) fn rotate_secret(&mut self, id: EndpointId, secret: Sealed, now: Timestamp) -> bool {
        let Some(rows) = self.endpoints.get_mut(&id) else { return false };
        rows.secrets = rows.secrets.clone().rotated(secret, now);
        true
    }

    /// Every secret that signs or has signed.
    pub(super) fn sealed(&self) -> impl Iterator<Item = &Sealed> {
        self.endpoints.values().flat_map(|EndpointRows { secrets, .. }| {
            let former = secrets.former.as_ref().map(|(sealed, _)| sealed);
            former.into_iter().chain([&secrets.current])
        })
    }

    /// What waits for one endpoint: how much, and since when.
    fn backlog_of(&self, rows: &EndpointRows) -> Backlog {
        let is_waiting = |delivery: &DeliveryRows| match delivery.state {
            DeliveryState::Waiting(_) => true,
            DeliveryState::Delivered | DeliveryState::Failed => false,
        };
        let deliveries = rows.deliveries.iter().filter(|(_, delivery)| is_waiting(delivery));
        let begun: Vec<_> = deliveries.filter_map(|(id, _)| self.messages.get(id)).collect();
        // Their number, and not how many are kept: that is quicker to tell.
        let fresh = rows.progress.untried(self.next);
        let ahead = rows.progress.ahead(rows.progress.cursor).into_iter();
        let kept = ahead.flat_map(|ahead| self.messages.range(ahead)).map(|(_, message)| message);
        let oldest = kept.chain(begun.iter().copied()).map(|message| message.at).min();
        Backlog { waiting: fresh + begun.len() as u64, oldest }
    }
}

impl EndpointRows {
    /// Lets `holder` have the endpoint if nobody else has it.
    fn is_leased_to(&mut self, holder: LeaseHolder, now: Timestamp, until: Timestamp) -> bool {
        let is_free = self.lease.is_none_or(|(other, end)| other == holder || end <= now);
        let leased = is_free && self.endpoint.status == EndpointStatus::Enabled;
        if leased {
            self.lease = Some((holder, until));
        }
        leased
    }

    /// The secrets that sign at this moment.
    fn secrets_at(&self, now: Timestamp) -> EndpointSecrets {
        let EndpointSecrets { current, former } = self.secrets.clone();
        EndpointSecrets { current, former: former.filter(|(_, until)| *until > now) }
    }
}

impl Rows {
    pub(super) fn lease_endpoints(
        &mut self,
        holder: LeaseHolder,
        now: Timestamp,
        until: Timestamp,
    ) -> Vec<Lease> {
        let mut leases = Vec::new();
        for (account, rows) in &mut self.accounts {
            for endpoint in rows.webhooks.endpoints.values_mut() {
                if endpoint.is_leased_to(holder, now, until) {
                    leases.push(Lease {
                        account: *account,
                        account_name: rows.account.name.clone(),
                        endpoint: endpoint.endpoint.clone(),
                        secrets: endpoint.secrets_at(now),
                        cursor: endpoint.progress.cursor,
                    });
                }
            }
        }
        leases
    }

    /// How often something may have become deliverable.
    pub(super) fn news(&self) -> u64 {
        self.accounts.values().map(|rows| rows.webhooks.news).sum()
    }

    pub(super) fn release_endpoints(&mut self, holder: LeaseHolder) {
        let accounts = self.accounts.values_mut();
        for endpoint in accounts.flat_map(|rows| rows.webhooks.endpoints.values_mut()) {
            endpoint.lease = endpoint.lease.filter(|(other, _)| *other != holder);
        }
    }

    pub(super) fn webhook_backlog(&self) -> Backlog {
        let mut all = Backlog::default();
        for webhooks in self.accounts.values().map(|rows| &rows.webhooks) {
            let enabled = |rows: &&EndpointRows| rows.endpoint.status == EndpointStatus::Enabled;
            for own in webhooks.endpoints.values().filter(enabled) {
                let Backlog { waiting, oldest } = webhooks.backlog_of(own);
                all.waiting += waiting;
                all.oldest = all.oldest.into_iter().chain(oldest).min();
            }
        }
        all
    }

    pub(super) fn prune_messages(&mut self, before: Timestamp, limit: usize) -> usize {
        let mut old: Vec<(AccountId, MessageNumber)> = Vec::new();
        for (account, rows) in &self.accounts {
            let messages = rows.webhooks.messages.values().filter(|message| message.at < before);
            old.extend(messages.map(|message| (*account, message.number)));
        }
        old.truncate(limit);
        for (account, number) in &old {
            let Some(rows) = self.accounts.get_mut(account) else { continue };
            rows.webhooks.messages.remove(number);
            for endpoint in rows.webhooks.endpoints.values_mut() {
                endpoint.deliveries.remove(number);
            }
        }
        old.len()
    }
}
