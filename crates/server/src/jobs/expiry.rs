//! Removes what has had its time: end users that no conversation was tied to, secrets, and what
//! is known of old deliveries.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use roster_directory::{DELIVERY_LIFETIME, StoreError, Swept};

use crate::app::App;

/// How many end users, and how many secrets, one unit of work removes at most: few enough that
/// a request never waits long behind it.
const BATCH: usize = 200;

/// How often the job looks.
const INTERVAL: Duration = Duration::from_secs(1);

/// Removes one batch. There may be more when either number is as large as a batch.
pub async fn expire_once(app: &App) -> Result<Swept, StoreError> {
    let swept = app.store.expire(app.now(), BATCH).await?;
    app.metrics.count_expired(swept);
    Ok(swept)
}

/// Forgets one batch of old messages of webhooks, with what is known of their deliveries. There may
/// be more when it was a whole batch.
pub async fn forget_once(app: &App) -> Result<usize, StoreError> {
    app.store.prune_messages(app.now().before(DELIVERY_LIFETIME), BATCH).await
}

/// Sweeps every second until `stop` is done. What a stopped server left behind goes at the next
/// start.
pub async fn run_expiry(app: Arc<App>, stop: impl Future<Output = ()>) {
    let mut stop = pin!(stop);
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        if let Either::Right(_) = select(pin!(ticks.tick()), &mut stop).await {
            return;
        }
        if let Either::Right(_) = select(pin!(sweep(&app)), &mut stop).await {
            return;
        }
    }
}

/// Removes everything that is due now, batch after batch.
async fn sweep(app: &App) {
    loop {
        match expire_once(app).await {
            Ok(swept) => {
                if swept.end_users > 0 || swept.sensitive_values > 0 {
                    tracing::info!(
                        end_users = swept.end_users,
                        sensitive_values = swept.sensitive_values,
                        "expired"
                    );
                }
                if swept.end_users < BATCH && swept.sensitive_values < BATCH {
                    break;
                }
            }
            Err(error) => {
                tracing::warn!(%error, "could not remove what has expired; will try again");
                return;
            }
        }
        tokio::task::yield_now().await;
    }
    loop {
        match forget_once(app).await {
            Ok(BATCH) => tokio::task::yield_now().await,
            Ok(_) => return,
            Err(error) => {
                tracing::warn!(%error, "could not forget old deliveries; will try again");
                return;
            }
        }
    }
}
