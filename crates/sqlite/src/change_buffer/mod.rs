//! Index entries that are held back and merged many at a time.
//!
//! Two indexes get their entries in no order: users by name, and identities by value. Of a large
//! directory nearly each new entry belongs to another page, and each such page would be written
//! whole, to the log and later into the database, for a few bytes. So the entries of new users are
//! held back here. When there are many, they are sorted and merged a part at a time, each group of
//! writes doing its share; entries that belong to one page then go there together.
//!
//! Nothing depends on what is held in memory:
//!
//! - *Durability*: an entry is made of its row, which is committed as ever. `change_buffer` in the
//!   file says from which user on entries may be missing, and a server that finds some missing when
//!   it starts makes them ([`merge::everything`]).
//! - *Changes*: a row that is changed or removed takes its entry along at once, by triggers. An
//!   entry that is merged is made of the row as it is then.
//! - *Looking up an identity*: who holds a value is first looked up among the [`Unmerged`]. That is
//!   a guess, which the row confirms; otherwise the index tells.
//! - *Lists by name*: they first have everything merged that is held back, and fail if that does.
//! - *Other processes*: a command holds nothing back, and looks through the rows whose entries may
//!   be missing.

mod batch;
mod lookup;
pub(crate) mod merge;
mod unmerged;

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use roster_directory::StoreError;
use roster_relational::sql::{ToValue, Value};
use roster_relational::tables::{identity, user};

pub(crate) use self::batch::Entry;
use self::batch::{Batch, Part};
pub(crate) use self::lookup::{Guess, Informed, Visit, query_holder};
pub(crate) use self::unmerged::{Holder, Unmerged};
use crate::sql::SqliteConnection;

/// The entries that are held back, as the thread that writes sees them.
pub(crate) struct ChangeBuffer {
    /// What readers know of them. Without it nothing is held back.
    unmerged: Option<Arc<Unmerged>>,
    /// So many entries are merged together. The more there are, the more of them share a page; but
    /// a list by name waits for all of them.
    limit: usize,
    /// Those that came since the last batch was sorted.
    fresh: RefCell<Batch>,
    /// Those that are being merged.
    merging: RefCell<Batch>,
    /// What the group that runs merges.
    part: Cell<Part>,
    /// The number of the first user that the group that runs can make.
    first: Cell<i64>,
    /// How many entries the group that runs has added.
    added: Cell<usize>,
}

impl ChangeBuffer {
    /// So many entries take a few milliseconds.
    const PART: usize = 1024;

    /// Holds back about `limit` entries, of which readers learn from `unmerged`. Without that, every
    /// entry is written at once.
    pub(crate) fn new(unmerged: Option<Arc<Unmerged>>, limit: usize) -> Self {
        Self {
            unmerged,
            limit,
            fresh: RefCell::default(),
            merging: RefCell::default(),
            part: Cell::default(),
            first: Cell::new(i64::MAX),
            added: Cell::new(0),
        }
    }

    /// A group begins, whose first user will have this number.
    pub(crate) fn begin(&self, first: i64) {
        self.first.set(first);
        self.added.set(0);
    }

    /// The entry that a statement's new row has in one of the indexes.
    pub(crate) fn entry(sql: &str, params: &[&dyn ToValue]) -> Option<Entry> {
        let integer = |place: usize| match params.get(place)?.to_value() {
            Value::Integer(number) => Some(number),
            Value::Null | Value::Text(_) | Value::Bytes(_) => None,
        };
        let text = |place: usize| match params.get(place)?.to_value() {
            Value::Text(text) => Some(Arc::from(text)),
            Value::Null | Value::Integer(_) | Value::Bytes(_) => None,
        };
        match sql {
            user::INSERT => Some(Entry::Name {
                account: integer(0)?,
                name: text(16)?,
                user: integer(1)?,
                role: integer(3)?,
            }),
            identity::INSERT => Some(Entry::Value {
                account: integer(0)?,
                kind: integer(3)?,
                value: text(5)?,
                holder: Holder { identity: integer(1)?, user: integer(2)? },
            }),
            _ => None,
        }
    }

    /// Holds an entry back, or returns it, if it must be written at once: of a user who was there
    /// before the group, or of a value that is held back for another holder, who has lost it.
    pub(crate) fn hold_back(&self, entry: Entry) -> Option<Entry> {
        let Some(unmerged) = self.unmerged.as_ref().filter(|_| entry.user() >= self.first.get())
        else {
            return Some(entry);
        };
        // Only while groups fail, one after the other, are there as many.
        let is_full = self.fresh.borrow().len() >= 2 * self.limit;
        if is_full || !unmerged.add(&entry) {
            return Some(entry);
        }
        self.added.set(self.added.get() + 1);
        self.fresh.borrow_mut().add(entry);
        None
    }

    /// What is known of the holder for whom [`identity::HOLDER`] asks.
    pub(crate) fn guess(&self, params: &[&dyn ToValue]) -> Guess {
        self.unmerged.as_ref().map_or(Guess::Unknown, |unmerged| {
            let asked_for = lookup::asked_for(params);
            Guess::Holder(
                asked_for.and_then(|(account, kind, value)| unmerged.holder(account, kind, value)),
            )
        })
    }

    /// Whether anything is held back.
    pub(crate) fn holds_back(&self) -> bool {
        !(self.fresh.borrow().is_empty() && self.merging.borrow().is_empty())
    }

    /// How many entries are held back that are in no batch yet.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.fresh.borrow().len()
    }

    /// Whether somebody waits until everything is merged; they are [served](Self::serve) next.
    pub(crate) fn take_wish(&self) -> bool {
        self.unmerged.as_ref().is_some_and(|unmerged| unmerged.take_wish())
    }

    /// Tells those who waited what came of it.
    pub(crate) fn serve(&self, outcome: Result<(), StoreError>) {
        if let Some(unmerged) = &self.unmerged {
            unmerged.serve(outcome);
        }
    }

    /// Merges the group's share in its transaction. `next` is the number of the user who will be
    /// made next.
    pub(crate) fn merge(&self, connection: &SqliteConnection, next: i64) -> Result<(), StoreError> {
        // A batch is merged before the next one is full.
        let share = self.added.get() * 5 / 4 + 1;
        let is_full = self.merging.borrow().is_empty() && self.fresh.borrow().len() >= self.limit;
        self.merge_part(connection, share, is_full, next)
    }

    /// Merges a part of what is there in a transaction of its own, however little that is.
    pub(crate) fn merge_some(
        &self,
        connection: &SqliteConnection,
        next: i64,
    ) -> Result<(), StoreError> {
        let begins = self.merging.borrow().is_empty();
        self.merge_part(connection, Self::PART, begins, next)
    }

    /// Merges `most` entries, of all that there are if a batch `begins`.
    fn merge_part(
        &self,
        connection: &SqliteConnection,
        most: usize,
        begins: bool,
        next: i64,
    ) -> Result<(), StoreError> {
        let (mut fresh, mut merging) = (self.fresh.borrow_mut(), self.merging.borrow_mut());
        if begins {
            merging.sort_in(&mut fresh);
        }
        let part = merging.part(most);
        merge::entries(connection, merging.entries(part))?;
        if !part.is_nothing() && merging.ends_with(part) {
            merge::set_merged_until(connection, fresh.lowest().unwrap_or(next))?;
        }
        self.part.set(part);
        Ok(())
    }

    /// The group's transaction is over. If it failed, what it merged is merged again.
    pub(crate) fn settle(&self, committed: bool) {
        let part = self.part.take();
        let Some(unmerged) = &self.unmerged else { return };
        if committed {
            self.merging.borrow_mut().remove(part, unmerged);
        }
    }
}
