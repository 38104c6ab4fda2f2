//! Reads that memory answers, or else the file.

use std::sync::Arc;

use roster_directory::{
    AccountId, Caller, EndUserId, ExternalId, Role, StoreError, TokenHash, User,
};
use roster_relational::sql::Connection;
use roster_relational::tables::{token, user};

use crate::cache::{CacheKey, Ticket};
use crate::snapshot::Snapshot;
use crate::sql::SqliteConnection;
use crate::store::SqliteStore;

impl SqliteStore {
    /// The user whom the cache has under this key, or the file.
    pub(crate) fn cached(
        &self,
        key: CacheKey,
        read: impl Fn(&dyn Connection) -> Result<Option<User>, StoreError>,
    ) -> Result<Option<Arc<User>>, StoreError> {
        if let Some(user) = self.cache.get(&key) {
            return Ok(Some(user));
        }
        let ticket = self.cache.ticket();
        let found = self.read_user(ticket, read)?;
        if let Some(user) = &found {
            self.cache.fill(key, user, ticket);
        }
        Ok(found)
    }

    /// The user whom the file has now; the ticket is of now.
    fn read_user(
        &self,
        ticket: Ticket,
        read: impl Fn(&dyn Connection) -> Result<Option<User>, StoreError>,
    ) -> Result<Option<Arc<User>>, StoreError> {
        let found = match self.readers.read_known(ticket, |connection| read(connection))? {
            Some(user) => Some(user),
            None => self.readers.read(|connection| read(connection))?,
        };
        Ok(found.map(Arc::new))
    }

    /// Waits until the index by name has everybody who is there now, if this process holds any
    /// entries back.
    pub(crate) async fn merge_names(&self) -> Result<(), StoreError> {
        let Some(unmerged) = self.unmerged.as_ref().filter(|unmerged| !unmerged.is_empty()) else {
            return Ok(());
        };
        unmerged.want();
        self.writer.next_group().await?;
        unmerged.outcome()
    }

    pub(crate) fn caller(&self, hash: &TokenHash) -> Result<Option<Caller>, StoreError> {
        let read = || self.readers.read(|connection| token::caller(connection, hash));
        self.tokens.caller(&self.signal, hash, read)
    }

    pub(crate) fn find_end_user(
        &self,
        account: AccountId,
        id: EndUserId,
    ) -> Result<Option<Arc<User>>, StoreError> {
        let key = CacheKey::EndUser(account, id);
        self.cached(key, |connection| user::end_user(connection, account, id))
    }

    /// The end user with an external id. Who that was last is remembered; whether they still have
    /// it, the user says.
    pub(crate) fn find_holder(
        &self,
        account: AccountId,
        id: &ExternalId,
    ) -> Result<Option<Arc<User>>, StoreError> {
        let is_holder =
            |user: &User| user.external_id.as_ref().map(ExternalId::folded) == Some(id.folded());
        if let Some(last) = self.holders.get(account, id)
            && let Some(user) = self.cache.get(&CacheKey::EndUser(account, last))
            && is_holder(&user)
        {
            return Ok(Some(user));
        }
        let ticket = self.cache.ticket();
        let read = |connection: &dyn Connection| user::holder_of(connection, account, id);
        let found = self.read_user(ticket, read)?.filter(|user| user.role == Role::EndUser);
        if let Some(user) = &found {
            self.cache.fill(CacheKey::EndUser(account, user.end_user_id), user, ticket);
            self.holders.remember(account, id, user.end_user_id);
        }
        Ok(found)
    }

    /// Reads a part of a list at one moment.
    pub(crate) async fn list<T: Send + 'static>(
        &self,
        account: AccountId,
        read: impl FnOnce(&mut Snapshot<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let cache = Arc::clone(&self.cache);
        let read = move |connection: &SqliteConnection| {
            read(&mut Snapshot::begin(connection, &cache, account)?)
        };
        self.readers.short_list(read).await
    }
}
