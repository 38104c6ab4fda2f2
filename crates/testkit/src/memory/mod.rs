//! A store in memory: the executable specification of [`Store`].
//!
//! Everything lies in plain sorted maps behind one lock, and whatever can be computed from them
//! is computed anew each time. So the rules can be read here, and every other store is tested
//! against what this one does.

mod accounts;
mod conversations;
mod deleted;
mod deliveries;
mod end_users;
mod expiry;
mod identities;
mod lists;
mod record_store;
mod records;
mod rows;
mod search;
mod secrets;
mod store;
mod user_store;
mod users;
mod webhook_store;
mod webhooks;

use std::sync::atomic::{AtomicU32, Ordering};

use parking_lot::Mutex;
use roster_directory::StoreError;
use tokio::sync::Notify;

use rows::Rows;

/// A [`Store`](roster_directory::Store) that forgets everything when it is dropped.
#[derive(Default)]
pub struct MemoryStore {
    rows: Mutex<Rows>,
    /// Wakes who waits for something to be delivered.
    news: Notify,
    /// How many reports of deliveries are still to be refused.
    refused_reports: AtomicU32,
}

impl MemoryStore {
    /// A store with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Refuses the next so many reports of deliveries, as a store does whose database is away.
    pub fn refuse_reports(&self, count: u32) {
        self.refused_reports.store(count, Ordering::SeqCst);
    }

    fn refuses_report(&self) -> bool {
        let fewer = |count: u32| count.checked_sub(1);
        self.refused_reports.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fewer).is_ok()
    }

    fn read<T>(&self, unit: impl FnOnce(&Rows) -> T) -> T {
        unit(&self.rows.lock())
    }

    /// Runs one unit of work. Units make all their checks before their first change: that is what
    /// makes them atomic here.
    fn write<T, E: From<StoreError>>(
        &self,
        unit: impl FnOnce(&mut Rows) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut rows = self.rows.lock();
        if rows.closed {
            return Err(StoreError::Busy.into());
        }
        let news = rows.news();
        let answer = unit(&mut rows)?;
        rows.writes += 1;
        if rows.news() != news {
            self.news.notify_one();
        }
        Ok(answer)
    }
}
