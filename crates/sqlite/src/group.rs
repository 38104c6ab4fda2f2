//! Committing a group of units at once.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use roster_directory::{AccountId, EventSequence, Role, StoreError, User};
use roster_relational::ledger::Ledger;
use roster_relational::sql::{params, write};
use roster_relational::tables::allocation;
use roster_relational::transaction::{Effects, Transaction, UserChange};
use roster_relational::unit::{Outcome, Undo, Unit};

use crate::cache::{Cache, CacheKey, Changes};
use crate::change_buffer::{ChangeBuffer, Unmerged};
use crate::gather::Gathering;
use crate::log::Log;
use crate::readers::Readers;
use crate::search::SearchWaker;
use crate::sql::{SqliteConnection, store_error};
use crate::token_signal::TokenSignal;
use roster_relational::message_waker::MessageWaker;
use roster_relational::stats::Stats;

/// How long the index entries that are held back may take at the end, when whoever stopped the
/// program waits.
const MERGE_WAIT: Duration = Duration::from_millis(500);

/// Owns the connection that writes.
pub(crate) struct Committer {
    connection: SqliteConnection,
    cache: Arc<Cache>,
    signal: Arc<TokenSignal>,
    stats: Arc<Stats>,
    search: Option<SearchWaker>,
    messages: MessageWaker,
    log: Log,
    buffer: ChangeBuffer,
    /// Why the last group was undone, if it was.
    failing: Option<StoreError>,
}

/// What came of a group that was committed.
#[derive(Default)]
struct Committed {
    /// How many units are kept.
    kept: usize,
    /// The places, in the group, of those that made or revoked a token.
    tokens_changed: Vec<usize>,
    /// Whether something may have become deliverable.
    deliverable: bool,
    /// The events of changes in nothing that is searched.
    unsearched: Vec<(AccountId, EventSequence)>,
}

impl Committer {
    pub(crate) fn new(
        mut connection: SqliteConnection,
        cache: Arc<Cache>,
        signal: Arc<TokenSignal>,
        stats: Arc<Stats>,
    ) -> rusqlite::Result<Self> {
        let log = Log::new(&mut connection)?;
        let (search, messages, failing) = (None, MessageWaker::default(), None);
        let buffer = ChangeBuffer::new(None, 0);
        Ok(Self { connection, cache, signal, stats, search, messages, log, buffer, failing })
    }

    /// Tells the search index of each commit from now on.
    pub(crate) fn waking(self, search: Option<SearchWaker>) -> Self {
        Self { search, ..self }
    }

    /// Holds so many index entries back from now on, of which readers learn here.
    pub(crate) fn holding_back(self, unmerged: Option<Arc<Unmerged>>, limit: usize) -> Self {
        Self { buffer: ChangeBuffer::new(unmerged, limit), ..self }
    }

    /// Ends the snapshots of these readers from now on before the log is moved.
    pub(crate) fn releasing(self, readers: Arc<Readers>) -> Self {
        Self { log: self.log.releasing(readers), ..self }
    }

    /// Has the log moved by a thread of its own from now on, over this connection.
    pub(crate) fn moving_log_over(self, connection: SqliteConnection) -> io::Result<Self> {
        Ok(Self { log: self.log.moved_over(connection)?, ..self })
    }

    /// What tells whoever delivers messages of those commits that they look for.
    pub(crate) fn messages(&self) -> MessageWaker {
        self.messages.clone()
    }

    /// Runs, commits and answers a group, and leaves the vector empty.
    pub(crate) fn commit(&mut self, group: &mut Vec<Box<dyn Unit>>) {
        group.retain(|unit| !unit.is_abandoned());
        if group.is_empty() {
            return;
        }
        self.merge_if_wanted();
        match self.transact(group) {
            Ok(committed) => {
                self.report(None);
                // Whoever waits from the answer on shall not be woken by what came before it.
                if committed.deliverable {
                    self.messages.wake();
                }
                self.answer(group, &committed);
                if let Some(search) = &self.search {
                    search.wake(committed.unsearched);
                }
            }
            Err(error) => {
                self.report(Some(&error));
                self.roll_back();
                group.drain(..).for_each(|unit| unit.fail(error.clone()));
            }
        }
        self.log.shorten(&self.connection);
    }

    /// Whether there are index entries that are held back.
    pub(crate) fn holds_back(&self) -> bool {
        self.buffer.holds_back()
    }

    /// Merges a part of what is held back, while nothing is to be written, and says whether to go on.
    pub(crate) fn tidy(&mut self) -> bool {
        self.merge_some().is_ok() && self.holds_back()
    }

    /// Merges all that is held back if somebody waits for it, in parts, so that the log stays short.
    fn merge_if_wanted(&mut self) {
        if !self.buffer.take_wish() {
            return;
        }
        let mut outcome = Ok(());
        while outcome.is_ok() && self.holds_back() {
            outcome = self.merge_some();
        }
        self.buffer.serve(outcome);
    }

    fn merge_some(&mut self) -> Result<(), StoreError> {
        let merged = self.merge_part();
        if let Err(error) = &merged {
            self.report(Some(error));
        }
        self.roll_back();
        self.log.shorten(&self.connection);
        merged
    }

    fn merge_part(&self) -> Result<(), StoreError> {
        write(&self.connection, "BEGIN IMMEDIATE", params![])?;
        self.buffer.merge_some(&self.connection, allocation::next_user_id(&self.connection)?)?;
        let answer = self.commit_changes(Changes::default());
        self.buffer.settle(answer.is_ok());
        answer
    }

    /// Commits, and lets the cache know what changes.
    fn commit_changes(&self, changes: Changes) -> Result<(), StoreError> {
        self.cache.announce(&changes);
        // The commit may begin the log anew, and from here on nobody keeps a snapshot.
        self.log.release();
        let answer = write(&self.connection, "COMMIT", params![]);
        self.cache.settle(changes, answer.is_ok());
        answer
    }

    /// Logs when writes begin to fail and when they work again, but not each that fails.
    fn report(&mut self, failure: Option<&StoreError>) {
        if failure == self.failing.as_ref() {
            return;
        }
        if let Some(error) = failure {
            tracing::error!(%error, "writes fail and are undone");
        } else {
            tracing::info!("writes work again");
        }
        self.failing = failure.cloned();
    }

    fn answer(&self, group: &mut Vec<Box<dyn Unit>>, committed: &Committed) {
        if committed.kept > 0 {
            self.stats.committed(committed.kept);
        }
        // Every process must be able to know of a token's end before it is reported.
        let told = if committed.tokens_changed.is_empty() { Ok(()) } else { self.signal.raise() };
        for (place, unit) in group.drain(..).enumerate() {
            match &told {
                Err(error) if committed.tokens_changed.contains(&place) => unit.fail(error.clone()),
                Ok(()) | Err(_) => unit.answer(),
            }
        }
    }

    /// Runs the units and commits what they did. After an error nothing of it may be kept.
    fn transact(&self, group: &mut [Box<dyn Unit>]) -> Result<Committed, StoreError> {
        let connection = Gathering::new(&self.connection, &self.buffer);
        write(&connection, "BEGIN IMMEDIATE", params![])?;
        let first_number = allocation::next_user_id(&connection)?;
        // Nobody else gives out numbers as long as this transaction is open.
        let mut ledger = Ledger::new(first_number, i64::MAX);
        self.buffer.begin(first_number);
        let mut committed = Committed::default();
        let mut changes = Changes::default();
        for (place, unit) in group.iter_mut().enumerate() {
            let Some(effects) = self.run(&connection, unit.as_mut(), &mut ledger)? else {
                continue;
            };
            committed.kept += 1;
            if effects.tokens_changed {
                committed.tokens_changed.push(place);
            }
            committed.deliverable |= effects.deliverable;
            committed.unsearched.extend(effects.unsearched);
            if let Some((account, types)) = effects.message_types {
                ledger.set_message_types(&connection, account, types)?;
            }
            changes.extend(effects.users.into_iter().flat_map(cached));
            for (counted, delta) in effects.counts {
                ledger.count(&connection, counted, delta)?;
            }
        }
        connection.insert()?;
        self.buffer.merge(&self.connection, ledger.next())?;
        if ledger.next() != first_number {
            allocation::set_next_user_id(&connection, ledger.next())?;
        }
        ledger.save(&connection)?;
        let answer = self.commit_changes(changes);
        self.buffer.settle(answer.is_ok());
        answer.map(|()| committed)
    }

    /// Runs one unit. `None` if it came to nothing and has left nothing; an error if what it did
    /// could not be undone for this unit alone.
    fn run(
        &self,
        connection: &Gathering<'_>,
        unit: &mut dyn Unit,
        ledger: &mut Ledger,
    ) -> Result<Option<Effects>, StoreError> {
        let undo = unit.undo();
        connection.gather(undo == Undo::WithGroup);
        if undo == Undo::Alone {
            write(connection, "SAVEPOINT unit", params![])?;
        }
        let changes = connection.total_changes();
        let mut transaction = Transaction::new(connection, ledger);
        let outcome = unit.run(&mut transaction);
        let effects = transaction.into_effects();
        let failure = match outcome {
            Outcome::Done => None,
            Outcome::Refused => Some(StoreError::Unavailable("a unit was undone".to_owned())),
            Outcome::Failed(failure) => Some(failure),
        };
        // SQLite undoes the whole transaction by itself when it runs out of space, say.
        if self.connection.is_autocommit() {
            let undone = || StoreError::Unavailable("the transaction was undone".to_owned());
            return Err(failure.unwrap_or_else(undone));
        }
        if let Some(fault) = connection.fault() {
            return Err(fault);
        }
        match (failure, undo) {
            (None, Undo::Alone) => write(connection, "RELEASE unit", params![])?,
            (None, Undo::WithGroup) => {}
            (Some(_), Undo::Alone) => {
                write(connection, "ROLLBACK TO unit", params![])?;
                write(connection, "RELEASE unit", params![])?;
                ledger.give_back_messages(&effects.messages);
                return Ok(None);
            }
            (Some(_), Undo::WithGroup) if connection.total_changes() == changes => {
                ledger.give_back_messages(&effects.messages);
                return Ok(None);
            }
            (Some(failure), Undo::WithGroup) => return Err(failure),
        }
        Ok(Some(effects))
    }

    fn roll_back(&self) {
        if self.connection.is_autocommit() {
            return;
        }
        if let Err(error) = write(&self.connection, "ROLLBACK", params![]) {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }

    /// Closes the connection, if possible with an empty log.
    pub(crate) fn close(mut self, empty_log: bool) {
        // What is left of them then, the next start merges.
        let end = Instant::now() + MERGE_WAIT;
        while self.holds_back() && Instant::now() < end && self.tidy() {}
        self.log.close();
        let done = if empty_log { self.empty_log() } else { Ok(()) };
        let closed = done.and_then(|()| self.connection.0.close().map_err(|(_, error)| error));
        if let Err(error) = closed {
            tracing::warn!(error = %store_error(error), "the store was left with a log");
        }
    }

    fn empty_log(&mut self) -> rusqlite::Result<()> {
        // Another process that reads or writes just now shall not be waited for.
        self.connection.busy_handler(None::<fn(i32) -> bool>)?;
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    }
}

/// What the cache has of a user who has changed. Only an end user is cached as such; who lists
/// users by number next reads them anew.
fn cached(change: UserChange) -> [(CacheKey, Option<Arc<User>>); 2] {
    let UserChange { account, user_id, end_user_id, role: _, now } = change;
    let now = now.filter(|user| user.role == Role::EndUser);
    [(CacheKey::EndUser(account, end_user_id), now), (CacheKey::User(account, user_id), None)]
}

#[cfg(test)]
mod tests;
