//! The log of what happened to the users of an account.

use crate::{EndUserId, Timestamp, TokenId, UserId};

/// An event's place in the log: events committed later have larger numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventSequence(pub i64);

/// Why a user was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemovalReason {
    /// No conversation was tied to them in time (contract Ada §2.3).
    Expired,
    /// Somebody deleted them.
    Deleted,
    /// They were merged into another user.
    Merged,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// A user was made.
    Created,
    /// Something that can be seen of a user changed.
    Updated,
    /// A user was removed.
    Deleted(RemovalReason),
    /// A token read a user's sensitive values.
    SensitiveRead(TokenId),
}

/// One committed fact about a user, recorded in the same commit as the change itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// Its place in the log.
    pub sequence: EventSequence,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub kind: EventKind,
    /// To whom, by number.
    pub user_id: UserId,
    /// To whom, as Ada's dialect names them.
    pub end_user_id: EndUserId,
}
