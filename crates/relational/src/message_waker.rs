//! How the writer wakes whoever delivers messages.

use std::sync::Arc;

use tokio::sync::Notify;

/// Tells that something may have become deliverable, without ever waiting for anybody.
#[derive(Clone, Default)]
pub struct MessageWaker(Arc<Notify>);

impl MessageWaker {
    /// Says that something was committed that may be deliverable.
    pub fn wake(&self) {
        self.0.notify_one();
    }

    /// Waits until that was said since this last returned.
    pub async fn woken(&self) {
        self.0.notified().await;
    }
}
