//! Users of one account as they are at one moment.

use std::sync::Arc;

use roster_directory::{AccountId, StoreError, Timestamp, User, UserId};
use roster_relational::lists;
use roster_relational::sql::{Connection, params};
use roster_relational::tables::{account, user};
use rusqlite::{CachedStatement, Transaction};

use crate::cache::{Cache, CacheKey, Ticket};
use crate::sql::{SqliteConnection, first_row, store_error};

/// The file as it is at one moment, however many statements read it, and the cache as far as it
/// says the same: a user who has changed since is read from the file.
pub(crate) struct Snapshot<'a> {
    connection: &'a SqliteConnection,
    cache: &'a Cache,
    account: AccountId,
    ticket: Ticket,
    /// How many users the cache had, and how many it had not.
    hits: u64,
    misses: u64,
    /// Every later change of a user of the account has a later moment than this.
    last_change: Timestamp,
    /// A page of a list has a hundred users, so the statement is not looked for each time.
    by_number: CachedStatement<'a>,
    /// It is rolled back at the end, which says nothing: there was nothing to be kept.
    _transaction: Transaction<'a>,
}

impl<'a> Snapshot<'a> {
    /// The state of now.
    pub(crate) fn begin(
        connection: &'a SqliteConnection,
        cache: &'a Cache,
        account: AccountId,
    ) -> Result<Self, StoreError> {
        let ticket = cache.ticket();
        let transaction = connection.unchecked_transaction().map_err(store_error)?;
        let marks = account::marks(connection, account)?;
        let last_change = marks.map_or(Timestamp::from_micros(i64::MIN), |marks| marks.last_change);
        let by_number = connection.prepare_cached(user::BY_NUMBER).map_err(store_error)?;
        Ok(Self {
            connection,
            cache,
            account,
            ticket,
            hits: 0,
            misses: 0,
            last_change,
            by_number,
            _transaction: transaction,
        })
    }

    /// The user with this number.
    pub(crate) fn user(&mut self, id: UserId) -> Result<Option<Arc<User>>, StoreError> {
        let key = CacheKey::User(self.account, id);
        let cached = self.cache.find(&key);
        if let Some(user) = cached.filter(|user| user.updated_at <= self.last_change) {
            self.hits += 1;
            return Ok(Some(user));
        }
        self.misses += 1;
        let params = params![id.get(), self.account.get()];
        let found: Option<Arc<User>> = first_row(&mut self.by_number, params)?;
        if let Some(user) = &found {
            self.cache.fill(key, user, self.ticket);
        }
        Ok(found)
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        self.cache.count(self.hits, self.misses);
    }
}

impl lists::Snapshot for Snapshot<'_> {
    fn connection(&self) -> &dyn Connection {
        self.connection
    }

    fn last_change(&self) -> Timestamp {
        self.last_change
    }

    fn find(&mut self, ids: &[UserId]) -> Result<Vec<Arc<User>>, StoreError> {
        ids.iter().filter_map(|id| self.user(*id).transpose()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use roster_directory::{EndUserId, ObjectId, Role};
    use roster_relational::sql::write;
    use roster_testkit::sample;

    use super::*;
    use crate::cache::Changes;
    use crate::migrate;

    fn account() -> AccountId {
        AccountId::from_stored(1)
    }

    /// The same user with another name, who changed at this moment.
    fn grace(name: &str, updated_at: i64) -> User {
        let id = UserId::from_stored(7);
        let end_user_id = EndUserId(ObjectId::from_bytes([7; 12]));
        let mut user = User::blank(id, end_user_id, Role::EndUser, Timestamp::from_micros(1));
        user.updated_at = Timestamp::from_micros(updated_at);
        user.profile.display_name = Some(sample::text(name));
        user
    }

    /// Does what the writer does for a group that changes Grace, but for the lists' sake leaves
    /// her in the cache at once.
    fn commit(connection: &SqliteConnection, cache: &Cache, before: &User, after: &User) {
        let key = CacheKey::User(account(), after.user_id);
        let changes = Changes::from_iter([(key, Some(Arc::new(after.clone())))]);
        cache.announce(&changes);
        user::update(connection, account(), before, after).unwrap();
        let sql = "UPDATE account SET last_change = ?1";
        write(connection, sql, params![after.updated_at.as_micros()]).unwrap();
        cache.settle(changes, true);
    }

    #[test]
    fn a_snapshot_does_not_see_what_comes_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roster.db");
        let mut writer = SqliteConnection(rusqlite::Connection::open(&path).unwrap());
        migrate::migrate(&mut writer, Path::new("roster.db")).unwrap();
        let sql = "INSERT INTO account (account_id, name, owner_user_id, end_users, agents, admins, \
                   next_event, last_change, created_at) VALUES (1, 'acme', 1, 1, 0, 0, 1, 1, 1)";
        write(&writer, sql, params![]).unwrap();
        let (old, new) = (grace("old", 1), grace("new", 2));
        user::insert(&writer, account(), &old).unwrap();
        let reader = SqliteConnection(rusqlite::Connection::open(&path).unwrap());
        let cache = Cache::new(1 << 20);

        let mut before = Snapshot::begin(&reader, &cache, account()).unwrap();
        commit(&writer, &cache, &old, &new);
        assert_eq!(before.user(old.user_id).unwrap().as_deref(), Some(&old));
        // The past was not put in place of what there is.
        drop(before);
        let mut after = Snapshot::begin(&reader, &cache, account()).unwrap();
        assert_eq!(after.user(old.user_id).unwrap().as_deref(), Some(&new));
    }
}
