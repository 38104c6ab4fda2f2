//! The callers that tokens stand for, remembered for a moment.
//!
//! A node asks the database about a token at most once in [`LOOK`]. Whoever revokes a token waits
//! for longer than that before it is told that the token is revoked: so from then on no node
//! accepts it, without any node knowing of the others.

use std::time::{Duration, Instant};

use roster_directory::{Caller, TokenHash};

/// How long a look at a token counts.
const LOOK: Duration = Duration::from_millis(100);

/// How long revoking one takes: clocks of machines do not run equally fast.
const SETTLED: Duration = Duration::from_millis(150);

/// How many callers are remembered.
const CALLERS: usize = 10_000;

/// Remembers callers.
pub(crate) struct TokenCache(quick_cache::sync::Cache<TokenHash, (Caller, Instant)>);

impl TokenCache {
    pub(crate) fn new() -> Self {
        Self(quick_cache::sync::Cache::new(CALLERS))
    }

    /// Whom the token spoke for a moment ago, if that still counts.
    pub(crate) fn recent(&self, hash: &TokenHash) -> Option<Caller> {
        let (caller, seen_at) = self.0.get(hash)?;
        (seen_at.elapsed() < LOOK).then_some(caller)
    }

    /// Remembers what was asked for since `asked_at`.
    pub(crate) fn note(&self, hash: TokenHash, caller: Caller, asked_at: Instant) {
        self.0.insert(hash, (caller, asked_at));
    }
}

/// Waits until no node remembers a token that was revoked before this was called.
pub(crate) async fn revocation_settled() {
    tokio::time::sleep(SETTLED).await;
}
