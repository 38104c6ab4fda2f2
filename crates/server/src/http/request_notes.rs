//! What the parts of one request tell each other beside the answer.

use std::sync::{Arc, OnceLock};

use axum::http::request::Parts;
use roster_directory::AccountId;

use super::limits::QuotaState;

/// Travels with a request from the outermost layer, which writes what it holds into the log and
/// the headers of the answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestNotes(Arc<Notes>);

#[derive(Debug, Default)]
struct Notes {
    account: OnceLock<AccountId>,
    quota: OnceLock<QuotaState>,
}

impl RequestNotes {
    /// The notes of this request.
    pub(crate) fn of(parts: &Parts) -> Self {
        parts.extensions.get::<Self>().cloned().unwrap_or_default()
    }

    /// Notes whose request it is.
    pub(crate) fn set_account(&self, account: AccountId) {
        let _ = self.0.account.set(account);
    }

    /// Whose request it is, once that is known.
    pub(crate) fn account(&self) -> Option<AccountId> {
        self.0.account.get().copied()
    }

    /// Notes what is left of the vendor's quota.
    pub(crate) fn set_quota(&self, quota: QuotaState) {
        let _ = self.0.quota.set(quota);
    }

    /// What is left of the vendor's quota, if it holds.
    pub(crate) fn quota(&self) -> Option<QuotaState> {
        self.0.quota.get().copied()
    }
}

/// Why an answer is a 5xx, for the log alone. Put into the answer's extensions.
#[derive(Debug, Clone)]
pub(crate) struct InternalCause(pub(crate) String);
