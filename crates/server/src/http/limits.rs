//! The vendors' quotas, for those who want to test a client against them.
//!
//! Windows are fixed: a second, a minute and a day, counted from the epoch. A request that is
//! refused uses nothing up.

use std::collections::HashMap;

use parking_lot::Mutex;
use roster_directory::{AccountId, Timestamp, UserId};

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
    /// Everything else of Ada's.
    Other,
    /// All of Zendesk's dialect: so many requests a minute, by the plan (contract Zendesk §4).
    Support,
    /// Zendesk's incremental exports.
    SupportExport,
    /// Changes of one user through Zendesk's dialect.
    SupportUserUpdate(UserId),
}

/// No bound.
const ANY: u32 = u32::MAX;

impl Family {
    /// How many requests each window admits.
    const fn quota(self, support_per_minute: u32) -> [u32; 3] {
        match self {
            Self::Support => [ANY, support_per_minute, ANY],
            Self::SupportExport => [ANY, 10, ANY],
            Self::SupportUserUpdate(_) => [ANY, 5, ANY],
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
    /// In how many seconds that is.
    pub(crate) seconds_left: i64,
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
#[derive(Debug)]
pub(crate) struct Limits {
    /// How many requests a minute the plan of Zendesk's dialect admits.
    support_per_minute: u32,
    used: Mutex<HashMap<(AccountId, Family), [Window; 3]>>,
}

/// How many windows are kept before those that have passed are forgotten.
const FORGET_BEYOND: usize = 10_000;

impl Limits {
    /// Nothing is used up yet.
    pub(crate) fn new(support_per_minute: u32) -> Self {
        Self { support_per_minute, used: Mutex::default() }
    }

    /// Counts one request, or refuses it.
    pub(crate) fn take(
        &self,
        account: AccountId,
        family: Family,
        now: Timestamp,
    ) -> Result<QuotaState, Exceeded> {
        let mut used = self.used.lock();
        if used.len() > FORGET_BEYOND {
            let day = now.as_seconds().div_euclid(WINDOWS[2]);
            let minute = now.as_seconds().div_euclid(WINDOWS[1]);
            let stands = |family: &Family, windows: &[Window; 3]| match family {
                Family::SupportUserUpdate(_) => windows[1].index == minute,
                _ => windows[2].index == day,
            };
            used.retain(|(_, family), windows| stands(family, windows));
        }
        let quota = family.quota(self.support_per_minute);
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
            .zip(quota)
            .zip(WINDOWS)
            .filter(|((window, quota), _)| window.used >= *quota)
            .map(|((window, _), length)| ends(window, length))
            .max();
        if let Some(end) = full {
            return Err(Exceeded { retry_after: (end - now.as_seconds()).max(1) });
        }
        let mut tightest = None::<QuotaState>;
        for ((window, limit), length) in windows.iter_mut().zip(quota).zip(WINDOWS) {
            window.used += 1;
            let remaining = limit - window.used;
            if tightest.is_none_or(|state| remaining < state.remaining) {
                let reset = ends(window, length);
                let seconds_left = (reset - now.as_seconds()).max(1);
                tightest = Some(QuotaState { limit, remaining, reset, seconds_left });
            }
        }
        tightest.ok_or(Exceeded { retry_after: 1 })
    }
}
