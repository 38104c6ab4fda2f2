//! Figures for the operator.

use std::sync::atomic::{AtomicU64, Ordering};

use roster_directory::{GROUP_SIZE_BOUNDS, StoreStats};

/// Counters since the store was opened.
#[derive(Default)]
pub struct Stats {
    group_sizes: [AtomicU64; GROUP_SIZE_BOUNDS.len() + 1],
    committed: AtomicU64,
}

impl Stats {
    /// Counts a commit that carried `writes` writes.
    pub fn committed(&self, writes: usize) {
        let writes = u64::try_from(writes).unwrap_or(u64::MAX);
        let bucket = GROUP_SIZE_BOUNDS.partition_point(|bound| *bound < writes);
        self.group_sizes[bucket].fetch_add(1, Ordering::Relaxed);
        self.committed.fetch_add(writes, Ordering::Relaxed);
    }

    /// The figures that are counted here; the others are zero.
    pub fn snapshot(&self) -> StoreStats {
        let mut stats = StoreStats {
            committed: self.committed.load(Ordering::Relaxed),
            ..StoreStats::default()
        };
        for (size, counter) in stats.group_sizes.iter_mut().zip(&self.group_sizes) {
            *size = counter.load(Ordering::Relaxed);
        }
        stats
    }
}
