//! A clock that a test moves by hand.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use roster_directory::{Clock, Timestamp};

use crate::sample;

/// A clock that stands still until it is told to go on. Clones are hands of the same clock.
#[derive(Debug, Clone)]
pub struct FixedClock(Arc<Mutex<Timestamp>>);

impl FixedClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(now)))
    }

    /// Moves the clock on.
    pub fn advance(&self, duration: Duration) {
        let mut now = self.0.lock();
        *now = now.after(duration);
    }
}

impl Default for FixedClock {
    /// A clock that stands at [`sample::START`].
    fn default() -> Self {
        Self::new(sample::START)
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_moves_only_when_told() {
        let clock = FixedClock::default();
        assert_eq!(clock.now(), clock.now());
        clock.clone().advance(Duration::from_micros(5));
        assert_eq!(clock.now(), sample::START.after(Duration::from_micros(5)));
    }
}
