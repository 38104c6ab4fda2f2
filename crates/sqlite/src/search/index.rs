//! The index as the thread that writes it has it.

use std::collections::BTreeMap;

use roster_directory::{AccountId, StoreError, Timestamp, User, UserId};
use roster_relational::sql::{Fields, FromRow, params, query_one, write};
use roster_relational::tables::searched::{Change, Log, Member};

use super::place::Place;
use super::words::{Document, prefix_of};
use crate::sql::{SqliteConnection, store_error};

/// Where the walk through all users begins.
pub(super) const BEFORE_ALL: UserId = UserId::from_stored(0);

/// What went wrong, by where.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Reading the database.
    Database(StoreError),
    /// Reading or writing the index.
    Index(StoreError),
}

/// The connection that writes, and where the index stands.
pub(super) struct Index {
    connection: SqliteConnection,
    places: BTreeMap<AccountId, Place>,
    /// Whose place has changed in this transaction.
    moved: Vec<AccountId>,
    /// The user that the walk through all users has come to, as long as there is one.
    walk: Option<UserId>,
    document: Document,
}

impl Index {
    /// The index in a file.
    pub(super) fn load(connection: SqliteConnection) -> Result<Self, StoreError> {
        let places = Place::load_all(&connection)?;
        let places = places.into_iter().map(|place| (place.account, place)).collect();
        let sql = "SELECT last_user_id FROM walk";
        let walk = query_one(&connection, sql, params![])?.map(|Walked(id)| id);
        Ok(Self { connection, places, moved: Vec::new(), walk, document: Document::default() })
    }

    /// The accounts that are in the index.
    pub(super) fn places(&self) -> impl Iterator<Item = &Place> {
        self.places.values()
    }

    /// The place of an account.
    pub(super) fn place(&self, account: AccountId) -> Option<&Place> {
        self.places.get(&account)
    }

    /// The user that the walk has come to, if the index is still being made.
    pub(super) const fn walk(&self) -> Option<UserId> {
        self.walk
    }

    /// Does some work in one transaction. After an error the index cannot be used any more, for
    /// what it remembers is not what the file has.
    pub(super) fn transact<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        write(&self.connection, "BEGIN IMMEDIATE", params![]).map_err(Fault::Index)?;
        let answer = work(self)?;
        self.commit().map_err(Fault::Index)?;
        Ok(answer)
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.moved.sort_unstable();
        self.moved.dedup();
        for account in self.moved.drain(..) {
            if let Some(place) = self.places.get_mut(&account) {
                place.save(&self.connection)?;
            }
        }
        write(&self.connection, "COMMIT", params![])
    }

    /// Takes up an account, from the beginning of its log.
    pub(super) fn add_account(&mut self, log: &Log) {
        self.places.insert(log.account, Place::new(log.account, log.created_at));
        self.moved.push(log.account);
    }

    /// Notes that an account's log is in the index up to an event.
    pub(super) fn move_to(&mut self, account: AccountId, next_event: i64, last: Timestamp) {
        if let Some(place) = self.places.get_mut(&account) {
            place.next_event = next_event;
            place.last_event_at = last;
            self.moved.push(account);
        }
    }

    /// Brings the users in that events of an account tell of.
    pub(super) fn apply(
        &mut self,
        account: AccountId,
        mut changes: Vec<Change>,
    ) -> Result<(), StoreError> {
        changes.retain(|change| !change.only_read);
        // All of them have the present state of the user, so one is as good as another. The index
        // takes up users fastest in their order.
        changes.sort_unstable_by_key(|change| change.user_id);
        changes.dedup_by_key(|change| change.user_id);
        for change in changes {
            match change.user {
                Some(user) => self.put(account, &user)?,
                None => self.remove(change.user_id)?,
            }
        }
        Ok(())
    }

    /// Brings in some users of the walk, who come after those that it has come to.
    pub(super) fn walk_on(&mut self, members: &[Member]) -> Result<(), StoreError> {
        for Member { account, user } in members {
            self.put(*account, user)?;
        }
        let Some(last) = members.last().map(|member| member.user.user_id) else {
            self.walk = None;
            return write(&self.connection, "DELETE FROM walk", params![]);
        };
        self.walk = Some(last);
        write(&self.connection, "UPDATE walk SET last_user_id = ?1", params![last.get()])
    }

    /// Brings in a user, in place of what they were, if the index has their account.
    pub(super) fn put(&mut self, account: AccountId, user: &User) -> Result<(), StoreError> {
        let Some(place) = self.places.get_mut(&account) else { return Ok(()) };
        self.moved.push(account);
        let block = place.block_of(user.user_id);
        self.document.describe(&prefix_of(account, block), user);
        let sql = "INSERT OR REPLACE INTO term (rowid, name, email, phone, external_id, notes, \
                   details, tags, traits) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let insert = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            statement.raw_bind_parameter(1, user.user_id.get())?;
            for (place, text) in (2..).zip(self.document.columns()) {
                statement.raw_bind_parameter(place, text)?;
            }
            statement.raw_execute()
        };
        insert().map(|_| ()).map_err(store_error)
    }

    /// Takes a user out.
    fn remove(&self, id: UserId) -> Result<(), StoreError> {
        write(&self.connection, "DELETE FROM term WHERE rowid = ?1", params![id.get()])
    }

    /// Merges some of the runs of terms that commits have left, if there are enough of a size.
    /// Says whether there were.
    pub(super) fn merge_some(&self) -> Result<bool, StoreError> {
        let before = self.connection.total_changes();
        let sql = "INSERT INTO term (term, rank) VALUES ('merge', 200)";
        write(&self.connection, sql, params![])?;
        // One change is this statement itself.
        Ok(self.connection.total_changes() - before > 1)
    }

    /// Closes the file, with an empty log if nobody reads it.
    pub(super) fn close(mut self) -> rusqlite::Result<()> {
        self.connection.busy_handler(None::<fn(i32) -> bool>)?;
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        self.connection.0.close().map_err(|(_, error)| error)
    }
}

struct Walked(UserId);

impl FromRow for Walked {
    const TABLE: &'static str = "walk";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        fields.integer().map(|id| Self(UserId::from_stored(id)))
    }
}
