//! Names from before they had a limit.

use roster_directory::{RecordKind, RecordPatch};
use roster_relational::copy::CopyError;
use roster_testkit::postgres::Cluster;
use roster_testkit::sample::{custom_role_patch, record_name};

use super::{Place, copied, copy_all, filled, scalar};

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_too_long_is_told_before_anything_is_copied() {
    let (_folder, first) = filled().await;
    let (folder, database) =
        (tempfile::tempdir().unwrap(), Cluster::shared().create_database().await);
    let (second, third) = (Place::database(&database), Place::folder(folder.path()));
    copy_all(&first, &second).await;
    let role = "FROM record WHERE kind = 4 ORDER BY account_id, record_id LIMIT 1";
    let id = scalar(&database, &format!("SELECT record_id {role}")).await;
    let account = scalar(&database, &format!("SELECT account_id {role}")).await;
    let lengthen = format!(
        "UPDATE record SET unique_key = repeat('x', 300), \
         body = jsonb_set(body::jsonb, '{{name}}', to_jsonb(repeat('x', 300)))::text \
         WHERE account_id = {account} AND record_id = {id}"
    );
    database.connect().await.batch_execute(&lengthen).await.unwrap();

    let Err(error) = copied(&second, &third, |_| panic!("it has begun")).await else {
        panic!("it was copied")
    };
    let told = error.to_string();
    assert!(matches!(error, CopyError::NameTooLong { length: 300, .. }), "{told}");
    let named = format!("the custom role {id} of account {account} has a name of 300 characters");
    assert!(told.starts_with(&named), "{told}");

    // It can be read and renamed all the same.
    let store = second.open();
    let accounts = store.accounts().await.unwrap();
    let account =
        accounts.iter().map(|summary| summary.account.id).find(|id| id.get() == account).unwrap();
    let found = store.records_by_id(account, RecordKind::CustomRole, vec![id]).await.unwrap();
    assert_eq!(found.len(), 1);
    let mut patch = custom_role_patch("");
    patch.name = Some(record_name(&"x".repeat(255)));
    let now = roster_testkit::sample::at(1);
    store.update_record(account, id, RecordPatch::CustomRole(patch), now).await.unwrap();
    store.close().await;
    copy_all(&second, &third).await;
}
