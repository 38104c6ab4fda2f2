//! What the store does for what the team arranges its users by.

use async_trait::async_trait;
use roster_directory::{
    AccountId, PageLimit, Record, RecordError, RecordFilter, RecordKey, RecordKind, RecordPage,
    RecordPatch, RecordStart, RecordStore, StoreError, Timestamp,
};
use roster_relational::lists;
use roster_relational::operations::records;
use roster_relational::tables::record;

use crate::sql::SqliteConnection;
use crate::store::SqliteStore;

#[async_trait]
impl RecordStore for SqliteStore {
    async fn records(
        &self,
        account: AccountId,
        filter: RecordFilter,
        start: RecordStart,
        limit: PageLimit,
    ) -> Result<RecordPage, StoreError> {
        let read = move |connection: &SqliteConnection| {
            lists::records(connection, account, filter, start, limit)
        };
        self.readers.list(read).await
    }

    async fn record(
        &self,
        account: AccountId,
        key: RecordKey,
    ) -> Result<Option<Record>, StoreError> {
        self.readers.read(|connection| record::find(connection, account, &key))
    }

    async fn records_by_id(
        &self,
        account: AccountId,
        kind: RecordKind,
        ids: Vec<i64>,
    ) -> Result<Vec<Record>, StoreError> {
        let read = move |connection: &SqliteConnection| {
            lists::records_by_id(connection, account, kind, ids)
        };
        self.readers.short_list(read).await
    }

    async fn create_record(
        &self,
        account: AccountId,
        patch: RecordPatch,
        now: Timestamp,
    ) -> Result<Record, RecordError> {
        self.writer
            .write(move |transaction| records::create(transaction, account, &patch, now))
            .await
    }

    async fn update_record(
        &self,
        account: AccountId,
        id: i64,
        patch: RecordPatch,
        now: Timestamp,
    ) -> Result<Record, RecordError> {
        self.writer
            .write(move |transaction| records::update(transaction, account, id, &patch, now))
            .await
    }

    async fn delete_record(
        &self,
        account: AccountId,
        kind: RecordKind,
        id: i64,
        now: Timestamp,
    ) -> Result<Record, RecordError> {
        // What has many users goes in several units, so that other writes get their turn.
        loop {
            let deleted = self
                .writer
                .write(move |transaction| records::delete(transaction, account, kind, id, now))
                .await?;
            if let Some(record) = deleted {
                return Ok(record);
            }
        }
    }
}
