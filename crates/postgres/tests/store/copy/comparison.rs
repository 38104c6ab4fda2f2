//! What the comparison in the end finds out.

use roster_relational::copy::{Copied, CopyError, Step};
use roster_testkit::postgres::Cluster;
use tokio::runtime::Handle;

use super::{Place, copied, copy_all, filled};

/// Copies from a folder through a database to another folder, runs a statement in the database
/// when a step of one of the two copies begins, and returns what that copy came to.
async fn disturbed(
    sql: &'static str,
    at: Step,
    is_source: bool,
) -> (Result<Vec<Copied>, CopyError>, bool) {
    let (_folder, first) = filled().await;
    let (folder, database) =
        (tempfile::tempdir().unwrap(), Cluster::shared().create_database().await);
    let (second, third) = (Place::database(&database), Place::folder(folder.path()));
    let (client, runtime) = (database.connect().await, Handle::current());
    let disturb = move |step: Option<Step>| {
        if step == Some(at) {
            runtime.block_on(client.batch_execute(sql)).unwrap();
        }
        true
    };
    if is_source {
        copy_all(&first, &second).await;
        let came_to = copied(&second, &third, disturb).await;
        (came_to, third.is_unfinished())
    } else {
        let came_to = copied(&first, &second, disturb).await;
        (came_to, second.is_unfinished())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_changes_is_found_out() {
    let sql = "UPDATE event SET at = at + 1 WHERE sequence = 3";
    let (came_to, unfinished) = disturbed(sql, Step::Index, true).await;
    let Err(CopyError::Differs { table, source_rows, target_rows }) = came_to else {
        panic!("{came_to:?}")
    };
    assert_eq!((table, source_rows), ("event", target_rows));
    assert!(unfinished);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_grows_is_found_out() {
    // Where the copy has come past already.
    let sql = "INSERT INTO sealing_key (key_id, known_text) VALUES (0, 'x')";
    let (came_to, unfinished) = disturbed(sql, Step::Copy("user"), true).await;
    let Err(error) = came_to else { panic!("{came_to:?}") };
    let expected = CopyError::Differs { table: "sealing_key", source_rows: 3, target_rows: 2 };
    assert_eq!(error, expected);
    assert!(error.to_string().contains("sealing_key"));
    assert!(unfinished);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_target_is_found_out() {
    for (sql, damaged) in [
        ("UPDATE \"user\" SET metadata = '{}' WHERE metadata <> '{}'", "user"),
        ("UPDATE \"user\" SET first_name = translate(first_name, 'r', 'R')", "user"),
        ("UPDATE sensitive_value SET sealed = '\\x00fe07' WHERE key = 'pin'", "sensitive_value"),
        ("DELETE FROM attempt WHERE place = 1", "attempt"),
        ("UPDATE allocation SET next_user_id = next_user_id - 1", "allocation"),
        ("UPDATE endpoint SET former_sealed = NULL", "endpoint"),
    ] {
        let (came_to, unfinished) = disturbed(sql, Step::Index, false).await;
        let Err(CopyError::Differs { table, .. }) = came_to else { panic!("{came_to:?}") };
        assert_eq!(table, damaged);
        assert!(unfinished);
    }
}
