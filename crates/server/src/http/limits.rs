//! The vendors' quotas, for those who want to test a client against them.
//!
//! Windows are fixed: a second, a minute and a day, counted from the epoch. A request that is
//! refused uses nothing up.

use std::collections::HashMap;

use parking_lot::Mutex;
use roster_directory::{AccountId, Timestamp};

/// The lengths of the windows, in seconds.
const WINDOWS: [i64; 3] = [1, 60, 24 * 60 * 60];

/// Which operations share a quota (contract Ada §1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Family {
    /// All of the End Users API (contract §9.25).
    EndUsers,
    /// Starting, reading and ending conversations.
    Conversations,
    /// Making channels.
    ChannelCreation,
    /// Everything else.
    Other,
}

impl Family {
    /// How many requests each window admits.
    const fn quota(self) -> [u32; 3] {
        match self {
            Self::EndUsers | Self::Conversations => [30, 300, 60_000],
            Self::ChannelCreation => [10, 100, 100],
            Self::Other => [10, 100, 10_000],
        }
    }
}

/// The window that will refuse first if requests go on, as the `X-RateLimit-*` headers tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct QuotaState {
    /// How many requests the window admits.
    pub(crate) limit: u32,
    /// How many of them are left.
    pub(crate) remaining: u32,
    /// When the window ends, in Unix seconds.
    pub(crate) reset: i64,
}

/// A quota is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exceeded {
    /// After how many seconds it is worth asking again.
    pub(crate) retry_after: i64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Window {
    index: i64,
    used: u32,
}

/// How much each account has used up.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    used: Mutex<HashMap<(AccountId, Family), [Window; 3]>>,
}

impl Limits {
    /// Counts one request, or refuses it.
    pub(crate) fn take(
        &self,
        account: AccountId,
        family: Family,
        now: Timestamp,
    ) -> Result<QuotaState, Exceeded> {
        let mut used = self.used.lock();
        let windows = used.entry((account, family)).or_default();
        for (window, length) in windows.iter_mut().zip(WINDOWS) {
            let index = now.as_seconds().div_euclid(length);
            if window.index != index {
                *window = Window { index, used: 0 };
            }
        }
        let ends = |window: &Window, length: i64| (window.index + 1) * length;
        let full = windows
            .iter()
            .zip(family.quota())
            .zip(WINDOWS)
            .filter(|((window, quota), _)| window.used >= *quota)
            .map(|((window, _), length)| ends(window, length))
            .max();
        if let Some(end) = full {
            return Err(Exceeded { retry_after: (end - now.as_seconds()).max(1) });
        }
        let mut tightest = None::<QuotaState>;
        for ((window, limit), length) in windows.iter_mut().zip(family.quota()).zip(WINDOWS) {
            window.used += 1;
            let remaining = limit - window.used;
            if tightest.is_none_or(|state| remaining < state.remaining) {
                tightest = Some(QuotaState { limit, remaining, reset: ends(window, length) });
            }
        }
        tightest.ok_or(Exceeded { retry_after: 1 })
    }
}
