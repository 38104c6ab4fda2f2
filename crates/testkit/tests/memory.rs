//! The store in memory keeps every rule of a store.

use std::sync::Arc;

use roster_testkit::{MemoryStore, Store};

roster_testkit::conformance_suite!((Arc::new(MemoryStore::new()), ()));

/// A store agrees with itself: what is compared does not change from one run to the next.
#[test]
fn it_agrees_with_itself() {
    roster_testkit::model::agree(64, async || (Arc::new(MemoryStore::new()) as Arc<dyn Store>, ()));
}
