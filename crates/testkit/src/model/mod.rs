//! Random operations, on which a store must agree with [`MemoryStore`].

mod course;
mod deliveries;
mod endpoints;
mod fields;
mod finds;
mod furnish;
mod jobs;
mod lists;
mod people;
mod picks;
mod records;
mod talks;
mod turns;
mod upkeep;
mod users;
mod values;

use std::sync::Arc;

use proptest::collection::vec;
use proptest::test_runner::{Config, TestRunner};
use roster_directory::Store;
use tokio::runtime::Runtime;

use crate::MemoryStore;
use course::{Course, operation};
pub(crate) use furnish::furnish;

/// How many operations a case has at most.
const LENGTH: usize = 100;

/// Runs `cases` random sequences of operations on fresh stores and on [`MemoryStore`], and
/// panics with the shortest sequence found on which the two do not agree: in an answer, or in
/// what they hold at the end.
///
/// `fresh` gives an empty store, and with it anything that must live as long (the guard of a
/// directory, or `()`). It must not be called from within an async runtime.
pub fn agree<Guard, F>(cases: u32, fresh: impl Fn() -> F)
where
    F: Future<Output = (Arc<dyn Store>, Guard)>,
{
    let runtime = Runtime::new().unwrap();
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(&vec(operation(), 1..LENGTH), |operations| {
        runtime.block_on(async {
            let (store, _guard) = fresh().await;
            let mut course = Course::new(Arc::new(MemoryStore::new()), Arc::clone(&store)).await;
            for operation in operations {
                course.step(operation).await?;
            }
            course.finish().await?;
            store.close().await;
            Ok(())
        })
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
