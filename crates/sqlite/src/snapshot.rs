//! Users of one account as they are at one moment.

use std::sync::Arc;

use roster_directory::{AccountId, StoreError, Timestamp, User, UserId};
use roster_relational::lists;
use roster_relational::sql::{Connection, Fields, FromRow, Value, params, row_count};
use roster_relational::tables::{account, user};
use rusqlite::CachedStatement;

use crate::cache::{Cache, CacheKey, Ticket};
use crate::change_buffer::merge;
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
    _moment: Moment<'a>,
}

/// The moment at which a connection reads, until this is dropped.
struct Moment<'a>(&'a SqliteConnection);

impl<'a> Moment<'a> {
    fn begin(connection: &'a SqliteConnection) -> Result<Self, StoreError> {
        connection.begin_snapshot()?;
        Ok(Self(connection))
    }
}

impl Drop for Moment<'_> {
    fn drop(&mut self) {
        self.0.end_snapshot();
    }
}

impl<'a> Snapshot<'a> {
    /// The state of now.
    pub(crate) fn begin(
        connection: &'a SqliteConnection,
        cache: &'a Cache,
        account: AccountId,
    ) -> Result<Self, StoreError> {
        let ticket = cache.ticket();
        let moment = Moment::begin(connection)?;
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
            _moment: moment,
        })
    }

    /// The user with this number.
    pub(crate) fn user(&mut self, id: UserId) -> Result<Option<Arc<User>>, StoreError> {
        match self.cached(id) {
            Some(user) => Ok(Some(user)),
            None => self.read(id),
        }
    }

    /// Whether no index entry of anybody who is there is held back.
    pub(crate) fn has_all_entries(&self) -> Result<bool, StoreError> {
        merge::is_complete(self.connection).map_err(store_error)
    }

    fn cached(&mut self, id: UserId) -> Option<Arc<User>> {
        let cached = self.cache.find(&CacheKey::User(self.account, id));
        let found = cached.filter(|user| user.updated_at <= self.last_change);
        *(if found.is_some() { &mut self.hits } else { &mut self.misses }) += 1;
        found
    }

    fn read(&mut self, id: UserId) -> Result<Option<Arc<User>>, StoreError> {
        let params = params![id.get(), self.account.get()];
        let found: Option<Arc<User>> = first_row(&mut self.by_number, params)?;
        if let Some(user) = &found {
            self.fill(user);
        }
        Ok(found)
    }

    fn fill(&self, user: &Arc<User>) {
        self.cache.fill(CacheKey::User(self.account, user.user_id), user, self.ticket);
    }

    /// Those of these users who are there, ascending by number. They ascend.
    fn read_all(&mut self, ids: &[UserId]) -> Result<Vec<Arc<User>>, StoreError> {
        let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return Ok(Vec::new()) };
        let apart = last.get().saturating_sub(first.get());
        if ids.len() < MANY || apart > DENSE.saturating_mul(row_count(ids.len())) {
            return ids.iter().filter_map(|id| self.read(*id).transpose()).collect();
        }
        let mut users = Vec::with_capacity(ids.len());
        let params = params![first.get(), last.get(), self.account.get()];
        self.connection.query(user::BETWEEN, params, &mut |row| {
            // Whoever lies in between is not looked at, even if their row is damaged.
            let is_wanted = matches!(row.value(0), Some(Value::Integer(number))
                if ids.binary_search(&UserId::from_stored(number)).is_ok());
            if is_wanted {
                users.push(Arc::<User>::from_row(&mut Fields::new(row, User::TABLE))?);
            }
            Ok(true)
        })?;
        for user in &users {
            self.fill(user);
        }
        Ok(users)
    }
}

/// So many users are read with one statement, which goes from one row to the next.
const MANY: usize = 8;

/// But only if their numbers lie at most so many times as far apart as there are users: it passes
/// over those in between.
const DENSE: i64 = 8;

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
        let cached: Vec<_> = ids.iter().map(|id| (*id, self.cached(*id))).collect();
        let is_missing = |(id, user): &(UserId, Option<_>)| user.is_none().then_some(*id);
        let mut missing: Vec<UserId> = cached.iter().filter_map(is_missing).collect();
        missing.sort_unstable();
        missing.dedup();
        let read = self.read_all(&missing)?;
        let place = |id| read.binary_search_by_key(&id, |user| user.user_id).ok();
        let user = |(id, user): (UserId, Option<Arc<User>>)| {
            user.or_else(|| place(id).and_then(|place| read.get(place).cloned()))
        };
        Ok(cached.into_iter().filter_map(user).collect())
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

    #[test]
    fn many_at_once_are_those_who_were_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roster.db");
        let mut connection = SqliteConnection(rusqlite::Connection::open(&path).unwrap());
        migrate::migrate(&mut connection, Path::new("roster.db")).unwrap();
        let person = |number: i64| {
            let mut bytes = [0; 12];
            bytes[4..].copy_from_slice(&number.to_be_bytes());
            let id = UserId::from_stored(number);
            User::blank(
                id,
                EndUserId(ObjectId::from_bytes(bytes)),
                Role::EndUser,
                Timestamp::from_micros(1),
            )
        };
        for number in 1..=40 {
            // Every fifth is somebody else's.
            let own = AccountId::from_stored(if number % 5 == 0 { 2 } else { 1 });
            user::insert(&connection, own, &person(number)).unwrap();
        }
        // Nobody asks for these, and nobody could read them.
        write(&connection, "UPDATE user SET metadata = '{' WHERE user_id IN (7, 8)", params![])
            .unwrap();
        let find = |cached: &[i64], ids: &[i64]| {
            let cache = Cache::new(1 << 20);
            for number in cached {
                let key = CacheKey::User(account(), UserId::from_stored(*number));
                cache.fill(key, &Arc::new(person(*number)), cache.ticket());
            }
            let mut snapshot = Snapshot::begin(&connection, &cache, account()).unwrap();
            snapshot.last_change = Timestamp::from_micros(1);
            let ids: Vec<_> = ids.iter().map(|number| UserId::from_stored(*number)).collect();
            let found = lists::Snapshot::find(&mut snapshot, &ids).unwrap();
            found.iter().map(|user| user.user_id.get()).collect::<Vec<_>>()
        };
        let asked = [31, 4, 9, 5, 12, 6, 41, 11, 4, 3, 2, 1, 14, 10, 13, 21];
        let found = [31, 4, 9, 12, 6, 11, 4, 3, 2, 1, 14, 13, 21];
        for cached in [&[][..], &[4, 12], &[4, 9, 12, 6, 11, 3, 2, 1, 14]] {
            assert_eq!(find(cached, &asked), found, "{cached:?}");
        }
        // They lie too far apart, or are too few.
        assert_eq!(find(&[], &[1, 2, 3, 4, 6, 9, 11, 1_000_000]), [1, 2, 3, 4, 6, 9, 11]);
        assert_eq!(find(&[], &[3, 1]), [3, 1]);
        assert_eq!(find(&[], &[]), Vec::<i64>::new());
    }
}
