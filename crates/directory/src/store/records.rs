//! The part of the seam that is about what the team arranges its users by.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    AccountId, MetadataTooLarge, PageLimit, Record, RecordFilter, RecordKey, RecordKind,
    RecordPage, RecordPatch, RecordStart, Timestamp,
};

/// Keeps organizations, groups, memberships and custom roles. The contract is that of
/// [`Store`](super::Store).
#[async_trait]
pub trait RecordStore: Send + Sync + 'static {
    /// A part of a list of records, ascending by number, with the count of the whole list.
    async fn records(
        &self,
        account: AccountId,
        filter: RecordFilter,
        start: RecordStart,
        limit: PageLimit,
    ) -> Result<RecordPage, StoreError>;

    /// One record.
    async fn record(
        &self,
        account: AccountId,
        key: RecordKey,
    ) -> Result<Option<Record>, StoreError>;

    /// Those of these records that there are, ascending by number, each once.
    async fn records_by_id(
        &self,
        account: AccountId,
        kind: RecordKind,
        ids: Vec<i64>,
    ) -> Result<Vec<Record>, StoreError>;

    /// Makes a record. A user's first membership makes its group the default one of the user.
    async fn create_record(
        &self,
        account: AccountId,
        patch: RecordPatch,
        now: Timestamp,
    ) -> Result<Record, RecordError>;

    /// Changes a record.
    async fn update_record(
        &self,
        account: AccountId,
        id: i64,
        patch: RecordPatch,
        now: Timestamp,
    ) -> Result<Record, RecordError>;

    /// Removes a record, and all that refers to it: an organization or a group leaves its users
    /// (which changes them), a group takes its memberships along. A custom role that somebody has
    /// cannot be removed.
    async fn delete_record(
        &self,
        account: AccountId,
        kind: RecordKind,
        id: i64,
        now: Timestamp,
    ) -> Result<Record, RecordError>;
}

/// Why a record could not be made, changed or removed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The account has no such record.
    #[error("there is no such record")]
    NotFound,
    /// Another record has this name, or there is this membership already.
    #[error("there is such a record already")]
    Taken,
    /// Another organization has this external id.
    #[error("another organization has that external id")]
    ExternalIdTaken,
    /// There is no such group.
    #[error("there is no such group")]
    NoGroup,
    /// There is no such member of the team.
    #[error("there is no such member of the team")]
    NoTeamMember,
    /// Somebody has this custom role.
    #[error("the custom role is in use")]
    InUse,
    /// The merged fields would be too large.
    #[error(transparent)]
    MetadataTooLarge(#[from] MetadataTooLarge),
    /// The store could not do its work.
    #[error(transparent)]
    Store(#[from] StoreError),
}
