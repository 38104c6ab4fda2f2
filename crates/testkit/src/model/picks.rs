//! Naming what there is: the numbers of users, identities and records are not known before a case
//! runs, so it names them by their places among those that there are.

use std::sync::Arc;

use proptest::prelude::*;
use roster_directory::{
    GroupId, IdentityId, OrganizationId, Record, RecordFilter, RecordKind, Role, User, UserId,
    UserState,
};

use super::course::Course;
use crate::look;
use crate::walk::ids;

/// Somebody or something, by a place that goes on at the beginning when the end is reached.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pick {
    /// Among what is there.
    There(usize),
    /// Among what there ever was, or of whatever kind or user it is.
    Any(usize),
    /// Among what another account has.
    Elsewhere(usize),
    /// Nobody, and nothing.
    Nothing,
}

/// It is boxed, as a choice is large and there are many of them in one operation: else they would
/// not fit on a test's stack.
pub(super) fn pick() -> BoxedStrategy<Pick> {
    prop_oneof![
        20 => (0..10_usize).prop_map(Pick::There),
        2 => (0..10_usize).prop_map(Pick::Any),
        1 => (0..3_usize).prop_map(Pick::Elsewhere),
        1 => Just(Pick::Nothing),
    ]
    .boxed()
}

/// Every kind of record.
pub(super) const KINDS: &[RecordKind] =
    &[RecordKind::Organization, RecordKind::Group, RecordKind::Membership, RecordKind::CustomRole];

/// What is so of a user who is there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Among {
    /// Nothing.
    Everybody,
    /// They are an end user.
    EndUsers,
    /// They have identities.
    Claimants,
    /// They are not there any more.
    Deleted,
}

impl Pick {
    /// The number of a user.
    pub(super) async fn user(self, course: &Course, account: usize) -> UserId {
        self.user_among(Among::Everybody, course, account).await
    }

    /// The number of a user of whom something is so.
    pub(super) async fn user_among(self, among: Among, course: &Course, account: usize) -> UserId {
        let side = course.model();
        let place = if let Self::Elsewhere(_) = self { 1 - account } else { account };
        let (store, account) = (&*side.store, side.accounts[place]);
        let all = look::exported(store, account, 100).await;
        let there = |user: &User| user.state == UserState::Active;
        let mut numbers = ids(&all);
        if let Self::There(_) = self {
            let is_among = |user: &&Arc<User>| match among {
                Among::Everybody | Among::Claimants => there(user),
                Among::EndUsers => there(user) && user.role == Role::EndUser,
                Among::Deleted => !there(user),
            };
            numbers = all.iter().filter(is_among).map(|user| user.user_id).collect();
            if among == Among::Claimants {
                let claims = store.identities(account, numbers).await.unwrap();
                numbers = claims.into_iter().map(|identity| identity.user_id).collect();
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        UserId::from_stored(self.among(numbers.into_iter().map(UserId::get)))
    }

    /// The number of an identity of a user.
    pub(super) async fn identity(
        self,
        course: &Course,
        account: usize,
        user: UserId,
    ) -> IdentityId {
        let side = course.model();
        let (account, users) = match self {
            Self::There(_) => (side.accounts[account], vec![user]),
            Self::Any(_) | Self::Elsewhere(_) | Self::Nothing => {
                let place = if let Self::Elsewhere(_) = self { 1 - account } else { account };
                let account = side.accounts[place];
                (account, ids(&look::people(&*side.store, account).await))
            }
        };
        let identities = side.store.identities(account, users).await.unwrap();
        IdentityId(self.among(identities.into_iter().map(|identity| identity.id.0)))
    }

    /// The number of a record of a kind.
    pub(super) async fn record(self, course: &Course, account: usize, kind: RecordKind) -> i64 {
        let side = course.model();
        let (account, kinds) = match self {
            Self::There(_) | Self::Nothing => (account, vec![kind]),
            Self::Any(_) => (account, KINDS.to_vec()),
            Self::Elsewhere(_) => (1 - account, vec![kind]),
        };
        let mut numbers = Vec::new();
        for kind in kinds {
            let filter = RecordFilter::All(kind);
            let records = look::records(&*side.store, side.accounts[account], filter).await;
            numbers.extend(records.iter().map(Record::id));
        }
        self.among(numbers.into_iter())
    }

    pub(super) async fn group(self, course: &Course, account: usize) -> GroupId {
        GroupId(self.record(course, account, RecordKind::Group).await)
    }

    pub(super) async fn organization(self, course: &Course, account: usize) -> OrganizationId {
        OrganizationId(self.record(course, account, RecordKind::Organization).await)
    }

    /// The one of these numbers that this names; one that nothing has if there are none.
    fn among(self, mut numbers: impl ExactSizeIterator<Item = i64>) -> i64 {
        let count = numbers.len().max(1);
        let named = match self {
            Self::There(place) | Self::Any(place) | Self::Elsewhere(place) => {
                numbers.nth(place % count)
            }
            Self::Nothing => None,
        };
        named.unwrap_or(1)
    }
}
