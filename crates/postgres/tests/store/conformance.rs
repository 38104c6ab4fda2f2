//! The rules of every store, on this one.

use crate::common::fresh;

roster_testkit::conformance_suite!(fresh().await);

#[test]
fn it_agrees_with_the_store_in_memory() {
    roster_testkit::model::agree(48, fresh);
}
