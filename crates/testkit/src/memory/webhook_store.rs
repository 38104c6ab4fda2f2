//! The part of the trait that is about webhooks, method by method.

use async_trait::async_trait;
use roster_directory::{
    AccountId, Attempt, Backlog, CreateEndpointError, Delivery, DeliveryFilter, DeliveryReport,
    DueMessage, Endpoint, EndpointId, EndpointPatch, EndpointSecrets, FreshMessages, Lease,
    LeaseHolder, MessageNumber, NewEndpoint, Page, PageRequest, Sealed, StoreError, Timestamp,
    WebhookStore,
};

use super::MemoryStore;
use super::rows::{Rows, page};
use super::webhooks::Webhooks;

impl MemoryStore {
    fn read_webhooks<T>(
        &self,
        account: AccountId,
        unit: impl FnOnce(&Webhooks) -> T,
    ) -> Result<T, StoreError> {
        self.read(|rows| Ok(unit(&rows.account(account)?.webhooks)))
    }

    fn write_webhooks<T>(
        &self,
        account: AccountId,
        unit: impl FnOnce(&mut Webhooks) -> T,
    ) -> Result<T, StoreError> {
        self.write(|rows| Ok(unit(&mut rows.account_mut(account)?.webhooks)))
    }
}

#[async_trait]
impl WebhookStore for MemoryStore {
    async fn create_endpoint(
        &self,
        account: AccountId,
        new: NewEndpoint,
    ) -> Result<Endpoint, CreateEndpointError> {
        self.write(|rows| rows.account_mut(account)?.webhooks.create_endpoint(new))
    }

    async fn endpoints(
        &self,
        account: AccountId,
        request: PageRequest<EndpointId>,
    ) -> Result<Page<Endpoint, EndpointId>, StoreError> {
        self.read_webhooks(account, |webhooks| {
            let all = webhooks.endpoints.values().map(|rows| rows.endpoint.clone());
            page(all, request, |endpoint| endpoint.endpoint_id)
        })
    }

    async fn endpoint(
        &self,
        account: AccountId,
        id: EndpointId,
    ) -> Result<Option<Endpoint>, StoreError> {
        self.read_webhooks(account, |webhooks| {
            webhooks.endpoints.get(&id).map(|rows| rows.endpoint.clone())
        })
    }

    async fn patch_endpoint(
        &self,
        account: AccountId,
        id: EndpointId,
        patch: EndpointPatch,
        now: Timestamp,
    ) -> Result<Option<Endpoint>, StoreError> {
        self.write_webhooks(account, |webhooks| webhooks.patch_endpoint(id, &patch, now))
    }

    async fn delete_endpoint(
        &self,
        account: AccountId,
        id: EndpointId,
    ) -> Result<bool, StoreError> {
        self.write_webhooks(account, |webhooks| webhooks.endpoints.remove(&id).is_some())
    }

    async fn endpoint_secrets(
        &self,
        account: AccountId,
        id: EndpointId,
    ) -> Result<Option<EndpointSecrets>, StoreError> {
        self.read_webhooks(account, |webhooks| {
            webhooks.endpoints.get(&id).map(|rows| rows.secrets.clone())
        })
    }

    async fn rotate_endpoint_secret(
        &self,
        account: AccountId,
        id: EndpointId,
        secret: Sealed,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write_webhooks(account, |webhooks| webhooks.rotate_secret(id, secret, now))
    }

    async fn lease_endpoints(
        &self,
        holder: LeaseHolder,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Lease>, StoreError> {
        self.write(|rows| Ok(rows.lease_endpoints(holder, now, until)))
    }

    async fn release_endpoints(&self, holder: LeaseHolder) -> Result<(), StoreError> {
        self.write(|rows| {
            rows.release_endpoints(holder);
            Ok(())
        })
    }

    async fn fresh_messages(
        &self,
        account: AccountId,
        id: EndpointId,
        from: MessageNumber,
        limit: usize,
    ) -> Result<FreshMessages, StoreError> {
        self.read_webhooks(account, |webhooks| webhooks.fresh_messages(id, from, limit))
    }

    async fn due_messages(
        &self,
        account: AccountId,
        id: EndpointId,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueMessage>, StoreError> {
        self.read_webhooks(account, |webhooks| webhooks.due_messages(id, now, limit))
    }

    async fn record_attempts(
        &self,
        account: AccountId,
        id: EndpointId,
        report: DeliveryReport,
    ) -> Result<Option<Endpoint>, StoreError> {
        if self.refuses_report() {
            return Err(StoreError::Busy);
        }
        self.write_webhooks(account, |webhooks| webhooks.record_attempts(id, report))
    }

    async fn deliveries(
        &self,
        account: AccountId,
        filter: DeliveryFilter,
    ) -> Result<Vec<Delivery>, StoreError> {
        self.read_webhooks(account, |webhooks| webhooks.deliveries(&filter))
    }

    async fn attempts(
        &self,
        account: AccountId,
        id: EndpointId,
        message: MessageNumber,
    ) -> Result<Vec<Attempt>, StoreError> {
        self.read_webhooks(account, |webhooks| webhooks.attempts(id, message))
    }

    async fn replay(
        &self,
        account: AccountId,
        id: EndpointId,
        message: MessageNumber,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write_webhooks(account, |webhooks| webhooks.replay(id, message, now))
    }

    async fn replay_failed(
        &self,
        account: AccountId,
        id: EndpointId,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        self.write_webhooks(account, |webhooks| webhooks.replay_failed(id, since, now))
    }

    async fn await_messages(&self) {
        self.news.notified().await;
    }

    async fn webhook_backlog(&self) -> Result<Backlog, StoreError> {
        Ok(self.read(Rows::webhook_backlog))
    }

    async fn prune_messages(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.write(|rows| Ok(rows.prune_messages(before, limit)))
    }
}
