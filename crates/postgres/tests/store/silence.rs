//! How long the server is waited for.

use std::time::Duration;

use roster_directory::{
    Change, GroupId, OrganizationPatch, RecordKind, RecordPatch, RecordStore as _, Store as _,
};
use roster_postgres::{PostgresOptions, PostgresStore};
use roster_testkit::sample;

use crate::common::{fresh_database, options};

/// Lets each change of an organization take a while.
const SLOW: &str = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS \
                    $$ BEGIN PERFORM pg_sleep(0.5); RETURN NEW; END $$; \
                    CREATE TRIGGER slow BEFORE UPDATE ON record FOR EACH ROW \
                    WHEN (OLD.kind = 1) EXECUTE FUNCTION slow()";

#[tokio::test]
async fn many_statements_that_take_long_together_are_no_silence() {
    let database = fresh_database().await;
    let statement_timeout = Duration::from_secs(2);
    let options = PostgresOptions { statement_timeout, ..options(database.url()) };
    let store = PostgresStore::open(&options).unwrap();
    let account = sample::account(&store, "acme").await;
    let GroupId(group) = sample::group(&store, account, "Support").await;
    for number in 0..8 {
        let patch = OrganizationPatch {
            group_id: Change::Set(GroupId(group)),
            ..sample::organization_patch(&format!("Organization {number}"))
        };
        sample::record(&store, account, RecordPatch::Organization(patch)).await;
    }
    database.connect().await.batch_execute(SLOW).await.unwrap();
    let deleted = store.delete_record(account, RecordKind::Group, group, sample::at(1)).await;
    assert!(deleted.is_ok(), "{deleted:?}");
    store.close().await;
}
