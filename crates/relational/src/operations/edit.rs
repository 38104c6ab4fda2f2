//! A change of a user and of their identities, from what there is to what is kept.

use std::sync::Arc;

use roster_directory::{
    AccountId, IdentityId, IdentitySet, NewIdentity, StoreError, Timestamp, User, UserId,
};

use crate::tables::{identity, user};
use crate::transaction::Transaction;

/// A user who is being changed.
pub(super) struct Edit {
    before: User,
    identities_before: IdentitySet,
    /// The user as they become.
    pub(super) user: User,
    /// Their identities as they become.
    pub(super) identities: IdentitySet,
}

impl Edit {
    /// Begins to change a user who is there.
    pub(super) fn begin(
        transaction: &Transaction<'_>,
        account: AccountId,
        id: UserId,
    ) -> Result<Option<Self>, StoreError> {
        let connection = transaction.connection;
        let Some(before) = user::by_id(connection, account, id)? else { return Ok(None) };
        let identities_before = identity::of_user(connection, account, id)?;
        let (user, identities) = (before.clone(), identities_before.clone());
        Ok(Some(Self { before, identities_before, user, identities }))
    }

    /// The user as they are.
    pub(super) const fn before(&self) -> &User {
        &self.before
    }

    /// Adds identities, which nobody has.
    pub(super) fn add(
        &mut self,
        transaction: &mut Transaction<'_>,
        identities: Vec<NewIdentity>,
        stamp: Timestamp,
    ) {
        for new in identities {
            self.identities.add(IdentityId(transaction.next_number()), new, stamp);
        }
    }

    /// Keeps what the user has become. When that is what they were, nothing happens.
    pub(super) fn save(
        mut self,
        transaction: &mut Transaction<'_>,
        account: AccountId,
        stamp: Timestamp,
    ) -> Result<Arc<User>, StoreError> {
        self.user.follow(&self.identities_before, &self.identities);
        if self.user == self.before && self.identities == self.identities_before {
            return Ok(Arc::new(self.before));
        }
        let connection = transaction.connection;
        identity::save(connection, account, &self.identities_before, &self.identities)?;
        keep(transaction, account, &self.before, self.user, stamp)
    }
}

/// Keeps a user as they have become, and tells of it.
pub(super) fn keep(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    before: &User,
    after: User,
    stamp: Timestamp,
) -> Result<Arc<User>, StoreError> {
    let after = Arc::new(User { updated_at: stamp, ..after });
    transaction.update_user(account, before, &after)?;
    transaction.record_change(account, before, &after)?;
    Ok(after)
}
