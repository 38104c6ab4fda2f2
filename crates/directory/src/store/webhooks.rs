//! What a store does for webhooks.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    AccountId, Attempt, Backlog, Delivery, DeliveryFilter, DeliveryReport, DueMessage, Endpoint,
    EndpointId, EndpointPatch, EndpointSecrets, FreshMessages, Lease, LeaseHolder, MessageNumber,
    NewEndpoint, Page, PageRequest, Sealed, Timestamp,
};

/// Keeps endpoints, what they are to be told, and how far that has come.
///
/// A change of which endpoints are told writes its [`Message`](crate::Message) in its own commit,
/// if an enabled endpoint of the account asks for messages of that type, and else writes none.
#[async_trait]
pub trait WebhookStore: Send + Sync + 'static {
    /// Makes an endpoint, unless the account has [`ENDPOINT_LIMIT`](crate::ENDPOINT_LIMIT) of them.
    /// It gets the messages that are committed from now on.
    async fn create_endpoint(
        &self,
        account: AccountId,
        new: NewEndpoint,
    ) -> Result<Endpoint, CreateEndpointError>;

    /// The endpoints of an account, ascending by id.
    async fn endpoints(
        &self,
        account: AccountId,
        page: PageRequest<EndpointId>,
    ) -> Result<Page<Endpoint, EndpointId>, StoreError>;

    /// One endpoint.
    async fn endpoint(
        &self,
        account: AccountId,
        id: EndpointId,
    ) -> Result<Option<Endpoint>, StoreError>;

    /// Changes an endpoint as [`Endpoint::patched`] says, and returns it as it is then; `None` if
    /// there is no such endpoint.
    ///
    /// One that is enabled again goes on where it was, but for the messages that were committed
    /// while it was not ([`Progress::follow`](crate::Progress::follow)); those that waited to be
    /// tried again wait no longer. One that asks for other types is still sent what it was not yet
    /// sent of those that it goes on asking for.
    async fn patch_endpoint(
        &self,
        account: AccountId,
        id: EndpointId,
        patch: EndpointPatch,
        now: Timestamp,
    ) -> Result<Option<Endpoint>, StoreError>;

    /// Removes an endpoint with its deliveries. Whether there was one.
    async fn delete_endpoint(&self, account: AccountId, id: EndpointId)
    -> Result<bool, StoreError>;

    /// The secrets of an endpoint.
    async fn endpoint_secrets(
        &self,
        account: AccountId,
        id: EndpointId,
    ) -> Result<Option<EndpointSecrets>, StoreError>;

    /// Gives an endpoint another secret, as [`EndpointSecrets::rotated`] says. Whether there is
    /// such an endpoint.
    async fn rotate_endpoint_secret(
        &self,
        account: AccountId,
        id: EndpointId,
        secret: Sealed,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Takes, until `until`, every enabled endpoint that nobody else holds at `now`, and returns
    /// all that `holder` holds then, by account and id.
    async fn lease_endpoints(
        &self,
        holder: LeaseHolder,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Lease>, StoreError>;

    /// Gives back all that `holder` holds.
    async fn release_endpoints(&self, holder: LeaseHolder) -> Result<(), StoreError>;

    /// The messages for an endpoint from `from` on that have no delivery yet, at most `limit`,
    /// among at most a thousand that are looked at. Those that were committed while it was not
    /// enabled are not looked at ([`Progress::ahead`](crate::Progress::ahead)).
    async fn fresh_messages(
        &self,
        account: AccountId,
        id: EndpointId,
        from: MessageNumber,
        limit: usize,
    ) -> Result<FreshMessages, StoreError>;

    /// The messages that wait to be tried again and whose time has come at `now`, those first that
    /// have waited longest.
    async fn due_messages(
        &self,
        account: AccountId,
        id: EndpointId,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueMessage>, StoreError>;

    /// Keeps what was tried, lets the endpoint learn from it ([`Endpoint::succeeded`],
    /// [`Endpoint::failed`]; what was committed from then on is passed over if that disables it),
    /// and returns the endpoint as it is then. `None`, and nothing is kept, if `report.holder` does
    /// not hold the endpoint any more.
    ///
    /// An attempt makes the delivery if there is none, and else follows it: its `tries` grow by one
    /// when it has failed. A message whose delivery has gone is passed over. The cursor never goes
    /// back.
    async fn record_attempts(
        &self,
        account: AccountId,
        id: EndpointId,
        report: DeliveryReport,
    ) -> Result<Option<Endpoint>, StoreError>;

    /// A part of the deliveries to an endpoint, the newest messages first.
    async fn deliveries(
        &self,
        account: AccountId,
        filter: DeliveryFilter,
    ) -> Result<Vec<Delivery>, StoreError>;

    /// All attempts of a delivery, the first one first.
    async fn attempts(
        &self,
        account: AccountId,
        id: EndpointId,
        message: MessageNumber,
    ) -> Result<Vec<Attempt>, StoreError>;

    /// Lets a message be tried at `now`, and from the beginning of the schedule on, whether it was
    /// delivered before, failed, or was never sent to this endpoint. Whether there are such an
    /// endpoint and such a message.
    async fn replay(
        &self,
        account: AccountId,
        id: EndpointId,
        message: MessageNumber,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// As [`Self::replay`], for every message of `since` or later whose delivery to an endpoint has
    /// failed, and for every one that it would be sent but was passed over, because it was disabled
    /// or asked for other types: the endpoint was there by then, the message is among those of
    /// [`Progress::behind`](crate::Progress::behind), and there is no delivery. How many there were;
    /// `None` if there is no such endpoint.
    async fn replay_failed(
        &self,
        account: AccountId,
        id: EndpointId,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError>;

    /// Waits until something may have become deliverable since the last call returned: a message
    /// was committed, one shall be sent again, or an endpoint was made or changed. It is woken by
    /// this process's own commits alone, and wakes one caller at a time.
    async fn await_messages(&self);

    /// What waits to be delivered: to enabled endpoints, what comes after the cursor
    /// ([`Progress::untried`](crate::Progress::untried)) and what waits to be tried again.
    async fn webhook_backlog(&self) -> Result<Backlog, StoreError>;

    /// Removes messages from before `before` with their deliveries, at most `limit`. How many
    /// there were.
    async fn prune_messages(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError>;
}

/// Why an endpoint could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateEndpointError {
    /// The account has [`ENDPOINT_LIMIT`](crate::ENDPOINT_LIMIT) endpoints.
    #[error("the account has {} endpoints, which is as many as it can have", crate::ENDPOINT_LIMIT)]
    TooMany,
    /// The store could not do its work.
    #[error(transparent)]
    Store(#[from] StoreError),
}
