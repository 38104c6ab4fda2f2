//! What the store does for webhooks.

use async_trait::async_trait;
use roster_directory::{
    AccountId, Attempt, Backlog, CreateEndpointError, Delivery, DeliveryFilter, DeliveryReport,
    DueMessage, Endpoint, EndpointId, EndpointPatch, EndpointSecrets, FreshMessages, Lease,
    LeaseHolder, MessageNumber, NewEndpoint, Page, PageRequest, Sealed, StoreError, Timestamp,
    WebhookStore,
};
use roster_relational::lists;
use roster_relational::operations::{deliveries, endpoints};
use roster_relational::tables::{delivery, endpoint};
use roster_relational::transaction::Transaction;

use crate::session::Session;
use crate::store::PostgresStore;
use crate::unit_queue::Scope;

/// Replays a part of what an endpoint has missed.
type Replay = fn(
    &mut Transaction<'_>,
    AccountId,
    EndpointId,
    (Timestamp, MessageNumber),
    Timestamp,
) -> Result<Option<deliveries::Replayed>, StoreError>;

#[async_trait]
impl WebhookStore for PostgresStore {
    async fn create_endpoint(
        &self,
        account: AccountId,
        new: NewEndpoint,
    ) -> Result<Endpoint, CreateEndpointError> {
        self.writer
            .write(Scope::Account(account), move |transaction| {
                endpoints::create(transaction, account, new)
            })
            .await
    }

    async fn endpoints(
        &self,
        account: AccountId,
        page: PageRequest<EndpointId>,
    ) -> Result<Page<Endpoint, EndpointId>, StoreError> {
        let read = move |connection: &Session| endpoint::page(connection, account, page);
        let rows = self.readers.read(read).await?;
        Ok(Page::from_rows(rows, page.limit, |endpoint| endpoint.endpoint_id))
    }

    async fn endpoint(
        &self,
        account: AccountId,
        id: EndpointId,
    ) -> Result<Option<Endpoint>, StoreError> {
        self.readers.read(move |connection: &Session| endpoint::find(connection, account, id)).await
    }

    async fn patch_endpoint(
        &self,
        account: AccountId,
        id: EndpointId,
        patch: EndpointPatch,
        now: Timestamp,
    ) -> Result<Option<Endpoint>, StoreError> {
        self.writer
            .write(Scope::Account(account), move |transaction| {
                endpoints::patch(transaction, account, id, &patch, now)
            })
            .await
    }

    async fn delete_endpoint(
        &self,
        account: AccountId,
        id: EndpointId,
    ) -> Result<bool, StoreError> {
        // What has many deliveries goes in several units, so that other writes get their turn.
        loop {
            let deleted = self
                .writer
                .write(Scope::Account(account), move |transaction| {
                    endpoints::delete(transaction, account, id)
                })
                .await?;
            if let Some(deleted) = deleted {
                return Ok(deleted);
            }
        }
    }

    async fn endpoint_secrets(
        &self,
        account: AccountId,
        id: EndpointId,
    ) -> Result<Option<EndpointSecrets>, StoreError> {
        self.readers
            .read(move |connection: &Session| endpoint::secrets(connection, account, id))
            .await
    }

    async fn rotate_endpoint_secret(
        &self,
        account: AccountId,
        id: EndpointId,
        secret: Sealed,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.writer
            .write(Scope::Account(account), move |transaction| {
                endpoints::rotate_secret(transaction, account, id, secret, now)
            })
            .await
    }

    async fn lease_endpoints(
        &self,
        holder: LeaseHolder,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Lease>, StoreError> {
        self.writer
            .write(Scope::Store, move |transaction| {
                endpoints::lease(transaction, holder, now, until)
            })
            .await
    }

    async fn release_endpoints(&self, holder: LeaseHolder) -> Result<(), StoreError> {
        self.writer
            .write(Scope::Store, move |transaction| {
                endpoint::release(transaction.connection, holder)
            })
            .await
    }

    async fn fresh_messages(
        &self,
        account: AccountId,
        id: EndpointId,
        from: MessageNumber,
        limit: usize,
    ) -> Result<FreshMessages, StoreError> {
        let read =
            move |connection: &Session| lists::fresh_messages(connection, account, id, from, limit);
        self.readers.read(read).await
    }

    async fn due_messages(
        &self,
        account: AccountId,
        id: EndpointId,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueMessage>, StoreError> {
        let read = move |connection: &Session| delivery::due(connection, account, id, now, limit);
        self.readers.read(read).await
    }

    async fn record_attempts(
        &self,
        account: AccountId,
        id: EndpointId,
        report: DeliveryReport,
    ) -> Result<Option<Endpoint>, StoreError> {
        // Whether the lease still holds is checked first, and then nothing is refused.
        self.writer
            .write(Scope::Account(account), move |transaction| {
                deliveries::record(transaction, account, id, &report)
            })
            .await
    }

    async fn deliveries(
        &self,
        account: AccountId,
        filter: DeliveryFilter,
    ) -> Result<Vec<Delivery>, StoreError> {
        self.readers
            .read(move |connection: &Session| lists::deliveries(connection, account, &filter))
            .await
    }

    async fn attempts(
        &self,
        account: AccountId,
        id: EndpointId,
        message: MessageNumber,
    ) -> Result<Vec<Attempt>, StoreError> {
        let read = move |connection: &Session| lists::attempts(connection, account, id, message);
        self.readers.read(read).await
    }

    async fn replay(
        &self,
        account: AccountId,
        id: EndpointId,
        message: MessageNumber,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.writer
            .write(Scope::Account(account), move |transaction| {
                deliveries::replay(transaction, account, id, message, now)
            })
            .await
    }

    async fn replay_failed(
        &self,
        account: AccountId,
        id: EndpointId,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let mut count = 0;
        let replays: [Replay; 2] = [deliveries::replay_failed, deliveries::replay_passed_over];
        for replay in replays {
            // Many go in several units, so that other writes get their turn.
            let mut before = Some(MessageNumber(i64::MAX));
            while let Some(part) = before.map(|before| (since, before)) {
                let replayed = self
                    .writer
                    .write(Scope::Account(account), move |transaction| {
                        replay(transaction, account, id, part, now)
                    })
                    .await?;
                let Some(replayed) = replayed else { return Ok(None) };
                count += replayed.count;
                before = replayed.rest;
            }
        }
        Ok(Some(count))
    }

    async fn await_messages(&self) {
        self.messages.woken().await;
    }

    async fn webhook_backlog(&self) -> Result<Backlog, StoreError> {
        self.readers.read(move |connection: &Session| lists::backlog(connection)).await
    }

    async fn prune_messages(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        // Looking for them takes longer than removing them, so only that is left to the writer. A
        // number is never given out again, so these are the same messages then.
        let read = move |connection: &Session| lists::old_messages(connection, before, limit);
        let runs = self.readers.read(read).await?;
        let mut count = 0;
        for run in runs {
            count += self
                .writer
                .write(Scope::Account(run.account), move |transaction| {
                    deliveries::forget(transaction, &[run])
                })
                .await?;
        }
        Ok(count)
    }
}
