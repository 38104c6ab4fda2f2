//! The part of the trait that is about records, method by method.

use async_trait::async_trait;
use roster_directory::{
    AccountId, PageLimit, Record, RecordError, RecordFilter, RecordKey, RecordKind, RecordPage,
    RecordPatch, RecordStart, RecordStore, StoreError, Timestamp,
};

use super::MemoryStore;

#[async_trait]
impl RecordStore for MemoryStore {
    async fn records(
        &self,
        account: AccountId,
        filter: RecordFilter,
        start: RecordStart,
        limit: PageLimit,
    ) -> Result<RecordPage, StoreError> {
        self.read(|rows| Ok(rows.account(account)?.list_records(filter, start, limit.get())))
    }

    async fn record(
        &self,
        account: AccountId,
        key: RecordKey,
    ) -> Result<Option<Record>, StoreError> {
        self.read(|rows| Ok(rows.account(account)?.record_with(&key)))
    }

    async fn records_by_id(
        &self,
        account: AccountId,
        kind: RecordKind,
        ids: Vec<i64>,
    ) -> Result<Vec<Record>, StoreError> {
        self.read(|rows| Ok(rows.account(account)?.records_by_id(kind, ids)))
    }

    async fn create_record(
        &self,
        account: AccountId,
        patch: RecordPatch,
        now: Timestamp,
    ) -> Result<Record, RecordError> {
        self.write(|rows| {
            let (rows, numbers) = rows.account_and_numbers(account)?;
            rows.create_record(numbers, patch, now)
        })
    }

    async fn update_record(
        &self,
        account: AccountId,
        id: i64,
        patch: RecordPatch,
        now: Timestamp,
    ) -> Result<Record, RecordError> {
        self.write(|rows| rows.account_mut(account)?.update_record(id, &patch, now))
    }

    async fn delete_record(
        &self,
        account: AccountId,
        kind: RecordKind,
        id: i64,
        now: Timestamp,
    ) -> Result<Record, RecordError> {
        self.write(|rows| rows.account_mut(account)?.delete_record(kind, id, now))
    }
}
