//! The incremental export: every user once for each time they were read after a change, in the
//! order in which the changes were committed.

use crate::{Timestamp, User, UserId};

/// A place in the export. The store gives every change of an account a later moment than the one
/// before, so what is committed after a place was read comes after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExportPosition {
    /// When the user last changed.
    pub updated_at: Timestamp,
    /// Who it was.
    pub user_id: UserId,
}

impl ExportPosition {
    /// The place of a user.
    #[must_use]
    pub const fn of(user: &User) -> Self {
        Self { updated_at: user.updated_at, user_id: user.user_id }
    }

    /// The place before everybody who changed at `moment` or later.
    #[must_use]
    pub const fn before(moment: Timestamp) -> Self {
        Self { updated_at: moment, user_id: UserId::from_stored(0) }
    }
}

impl Timestamp {
    /// The moment of a change that happens now, given that of the change before it in the same
    /// account: `self`, or a microsecond after the other if the clock has not gone on.
    #[must_use]
    pub const fn later_than(self, former: Self) -> Self {
        let next = former.as_micros().saturating_add(1);
        if self.as_micros() > next { self } else { Self::from_micros(next) }
    }
}
