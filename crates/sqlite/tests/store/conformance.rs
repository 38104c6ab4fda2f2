//! The rules of every store, on this one.

use std::sync::Arc;

use roster_sqlite::{OpenMode, SqliteOptions, SqliteStore};
use roster_testkit::Store;
use tempfile::TempDir;

fn fresh(held_back: usize) -> (Arc<dyn Store>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions {
        path: folder.path().join("roster.db"),
        // So small that the model's users do not all fit: both the cache and the file answer.
        cache_bytes: 16 * 1024,
        queue_limit: 1024,
        held_back,
        mode: OpenMode::Serve,
    };
    (Arc::new(SqliteStore::open(options).unwrap()), folder)
}

roster_testkit::conformance_suite!(fresh(4));

#[test]
fn it_agrees_with_the_store_in_memory() {
    roster_testkit::model::agree(48, async || fresh(4));
}

#[test]
fn it_agrees_while_index_entries_are_held_back() {
    roster_testkit::model::agree(24, async || fresh(SqliteOptions::HELD_BACK));
}
