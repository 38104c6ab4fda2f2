//! Whether the store can be used, asked for at most once a second.

use std::time::{Duration, Instant};

use roster_directory::{Store, StoreError};
use tokio::sync::Mutex;

/// How long an answer is taken for true. Asking costs a durable write, and anybody may ask.
const FRESH: Duration = Duration::from_secs(1);

/// The last answer of the store.
#[derive(Default)]
pub(crate) struct Readiness(Mutex<Option<(Instant, Result<(), StoreError>)>>);

impl Readiness {
    /// Whether the store can be read and written.
    pub(crate) async fn check(&self, store: &dyn Store) -> Result<(), StoreError> {
        let mut last = self.0.lock().await;
        if let Some((at, answer)) = &*last
            && at.elapsed() < FRESH
        {
            return answer.clone();
        }
        let answer = store.check().await;
        *last = Some((Instant::now(), answer.clone()));
        answer
    }
}
