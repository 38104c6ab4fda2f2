//! The thread that keeps the index.
//!
//! It reads the logs of the accounts from where the index stands, and brings in the present state
//! of each user that they tell of. So it does no harm to read of a user twice, or of a change that
//! has been brought in already. An index that is new begins with a walk through all users, and
//! goes on where the logs ended when the walk began.

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use roster_directory::{AccountId, EventSequence, StoreError, Timestamp};
use roster_relational::tables::searched::{self, Log};

use super::Shared;
use super::file;
use super::index::{BEFORE_ALL, Fault, Index};
use super::unsearched::Unsearched;
use crate::readers::Readers;
use crate::sql::SqliteConnection;

/// How many users are held in memory at once. Reading them is one short look at the database,
/// which keeps nobody from moving its log.
const BATCH: usize = if cfg!(test) { 2 } else { 512 };

/// About how long one transaction takes at most. The tests of this crate want many short ones.
const LONGEST_RUN: Duration = Duration::from_millis(if cfg!(test) { 0 } else { 100 });

/// What the thread itself has.
pub(super) struct Follower {
    path: PathBuf,
    database: Arc<Readers>,
    shared: Arc<Shared>,
    index: Option<Index>,
    /// Whether the file was thrown away since the index last had everything.
    discarded: bool,
    /// The account that had its turn last.
    turn: AccountId,
    /// Why the last run came to nothing, if it did.
    failing: Option<StoreError>,
}

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Run {
    /// There is more to do.
    More,
    /// The index has all that there was when the run began.
    Done,
}

impl Follower {
    pub(super) fn new(path: PathBuf, database: Arc<Readers>, shared: Arc<Shared>) -> Self {
        let turn = AccountId::from_stored(0);
        Self { path, database, shared, index: None, discarded: false, turn, failing: None }
    }

    /// Keeps the index until the signal says to end.
    pub(super) fn follow(mut self) {
        self.shared.signal.attach();
        while !self.shared.signal.is_closing() {
            let run = self.run();
            self.report(run.as_ref().err());
            self.shared.signal.progressed();
            if run != Ok(Run::More) {
                let end = Instant::now();
                self.merge();
                self.shared.signal.wait(end);
            }
        }
        self.close();
    }

    /// Logs when the index cannot be kept and when it can again, but not each time.
    fn report(&mut self, failure: Option<&StoreError>) {
        if failure == self.failing.as_ref() {
            return;
        }
        if let Some(error) = failure {
            tracing::error!(%error, "the search index is not kept");
        } else {
            tracing::info!("the search index is kept again");
        }
        self.failing = failure.cloned();
    }

    fn run(&mut self) -> Result<Run, StoreError> {
        if self.shared.signal.take_damaged() {
            self.discard("it is damaged")?;
        }
        let run = match &mut self.index {
            None => self.open().map(|()| Run::More),
            Some(index) if index.walk().is_some() => walk(index, &self.database),
            Some(index) => {
                follow_logs(index, &self.database, &self.shared.signal.unsearched, &mut self.turn)
            }
        };
        let fault = match run {
            Ok(run) => {
                self.discarded &= run != Run::Done;
                return Ok(run);
            }
            Err(fault) => fault,
        };
        // What the index remembers need not be what its file has any more.
        self.index = None;
        match fault {
            Fault::Index(StoreError::Corrupt(reason)) => {
                // When a new file is no better, somebody has to ask for the next one.
                let again = self.discarded;
                self.discard(&reason)?;
                if again { Err(StoreError::Corrupt(reason)) } else { Ok(Run::More) }
            }
            Fault::Index(error) | Fault::Database(error) => Err(error),
        }
    }

    /// Opens the file, if it has an index of this very database.
    fn open(&mut self) -> Result<(), Fault> {
        let connection = file::open(&self.path).map_err(Fault::Index)?;
        let index = Index::load(connection).map_err(Fault::Index)?;
        check_origin(&index, &self.database)?;
        if index.walk().is_some() {
            tracing::info!("the search index is being made");
        }
        self.index = Some(index);
        self.shared.open_searchers(&self.path);
        Ok(())
    }

    /// Throws the file away.
    fn discard(&mut self, reason: &str) -> Result<(), StoreError> {
        tracing::warn!(reason, "the search index is made anew");
        self.shared.close_searchers();
        self.index = None;
        self.discarded = true;
        file::remove(&self.path)
    }

    /// Uses the time while there is nothing to do.
    fn merge(&mut self) {
        let Some(index) = &self.index else { return };
        while !self.shared.signal.is_due() {
            match index.merge_some() {
                Ok(true) => {}
                Err(StoreError::Corrupt(_)) => self.shared.signal.damaged(),
                // Whatever another error is, the next run meets it too.
                Ok(false) | Err(_) => break,
            }
        }
    }

    fn close(self) {
        self.shared.close_searchers();
        if let Some(Err(error)) = self.index.map(Index::close) {
            tracing::warn!(%error, "the search index was left with a log");
        }
    }
}

/// Fails if the index was made of another database, or of a later state of this one than that to
/// which it was set back.
fn check_origin(index: &Index, database: &Readers) -> Result<(), Fault> {
    let logs = logs(database)?;
    let logs: HashMap<_, _> = logs.iter().map(|log| (log.account, log)).collect();
    for place in index.places() {
        let log = logs.get(&place.account).ok_or_else(foreign)?;
        let last = event_before(database, log.account, place.next_event)?;
        if log.created_at != place.created_at || last != place.last_event_at {
            return Err(foreign());
        }
    }
    Ok(())
}

fn foreign() -> Fault {
    Fault::Index(StoreError::Corrupt("it is of another database".to_owned()))
}

fn logs(database: &Readers) -> Result<Vec<Log>, Fault> {
    database.read(|connection| searched::logs(connection)).map_err(Fault::Database)
}

/// When the event before a place of the log happened. Had the log gone another way, it would hardly
/// have been at the same moment.
fn event_before(database: &Readers, account: AccountId, place: i64) -> Result<Timestamp, Fault> {
    let read = |connection: &SqliteConnection| searched::event_at(connection, account, place - 1);
    let at = database.read(read).map_err(Fault::Database)?;
    Ok(at.unwrap_or(Timestamp::from_micros(0)))
}

/// Brings in some of all users, but for those of accounts that were made since the walk began:
/// their logs tell of everybody.
pub(super) fn walk(index: &mut Index, database: &Readers) -> Result<Run, Fault> {
    let begin = Instant::now();
    let begins = index.walk() == Some(BEFORE_ALL);
    let logs = if begins { logs(database)? } else { Vec::new() };
    index.transact(|index| {
        for log in &logs {
            index.add_account(log);
            let last = event_before(database, log.account, log.next_event)?;
            index.move_to(log.account, log.next_event, last);
        }
        while let Some(walked) = index.walk() {
            let read =
                |connection: &SqliteConnection| searched::users_after(connection, walked, BATCH);
            let members = database.read(read).map_err(Fault::Database)?;
            index.walk_on(&members).map_err(Fault::Index)?;
            if begin.elapsed() >= LONGEST_RUN {
                break;
            }
        }
        Ok(())
    })?;
    if index.walk().is_none() {
        tracing::info!("the search index was made");
    }
    Ok(Run::More)
}

/// Brings in some of what has changed.
pub(super) fn follow_logs(
    index: &mut Index,
    database: &Readers,
    unsearched: &Unsearched,
    turn: &mut AccountId,
) -> Result<Run, Fault> {
    let begin = Instant::now();
    let is_behind =
        |log: &Log| index.place(log.account).is_none_or(|place| place.next_event < log.next_event);
    let mut behind: VecDeque<_> = logs(database)?.into_iter().filter(is_behind).collect();
    if behind.is_empty() {
        return Ok(Run::Done);
    }
    behind.rotate_left(behind.partition_point(|log| log.account <= *turn));
    index.transact(|index| {
        while let Some(log) = behind.pop_front() {
            *turn = log.account;
            if follow_log(index, database, unsearched, &log)? < log.next_event {
                behind.push_back(log);
            }
            if begin.elapsed() >= LONGEST_RUN {
                break;
            }
        }
        Ok(if behind.is_empty() { Run::Done } else { Run::More })
    })
}

/// Brings in what some events of an account tell of. Says how far the index has come.
fn follow_log(
    index: &mut Index,
    database: &Readers,
    unsearched: &Unsearched,
    log: &Log,
) -> Result<i64, Fault> {
    let account = log.account;
    let Some(place) = index.place(account) else {
        // The log does not tell of the owner's making.
        index.add_account(log);
        let owner = database.read(|connection| searched::user(connection, account, log.owner));
        if let Some(owner) = owner.map_err(Fault::Database)? {
            index.put(account, &owner).map_err(Fault::Index)?;
        }
        return Ok(1);
    };
    let from = place.next_event;
    let read = |connection: &SqliteConnection| searched::changes(connection, account, from, BATCH);
    let mut changes = database.read(read).map_err(Fault::Database)?;
    let last = changes.last().ok_or_else(foreign)?;
    let (next, at) = (last.sequence + 1, last.at);
    let passed_over = unsearched.take(account, EventSequence(last.sequence));
    changes.retain(|change| !passed_over.contains(&EventSequence(change.sequence)));
    index.apply(account, changes).map_err(Fault::Index)?;
    index.move_to(account, next, at);
    Ok(next)
}
