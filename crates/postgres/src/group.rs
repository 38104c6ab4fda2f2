//! Committing a group of units at once.

use std::ops::Range;
use std::sync::Arc;

use roster_directory::StoreError;
use roster_relational::ledger::Ledger;
use roster_relational::params;
use roster_relational::sql::query_one;
use roster_relational::tables::account::{self, Marks};
use roster_relational::transaction::{Effects, Transaction};
use roster_relational::unit::{Outcome, Undo, Unit};

use crate::foresight::Foresight;
use crate::link::Link;
use crate::numbers::Blocks;
use crate::row::Number;
use crate::search;
use crate::session::Session;
use crate::unit_queue::{Queued, Scope};
use roster_relational::message_waker::MessageWaker;
use roster_relational::stats::Stats;

/// Runs groups of units on a connection of its own.
pub(crate) struct Committer {
    link: Link,
    numbers: Arc<Blocks>,
    stats: Arc<Stats>,
    messages: MessageWaker,
    /// Whether the last group failed.
    failing: bool,
}

/// What came of a group that was committed.
#[derive(Default)]
struct Committed {
    /// How many units are kept.
    kept: usize,
    /// Whether something may have become deliverable.
    deliverable: bool,
}

impl Committer {
    pub(crate) const fn new(
        link: Link,
        numbers: Arc<Blocks>,
        stats: Arc<Stats>,
        messages: MessageWaker,
    ) -> Self {
        Self { link, numbers, stats, messages, failing: false }
    }

    /// Whether the database answered last.
    pub(crate) fn is_connected(&self) -> bool {
        self.link.is_sound()
    }

    /// Runs, commits and answers a group. An error was told to all of it.
    pub(crate) fn commit(
        &mut self,
        scope: Scope,
        mut group: Vec<Queued>,
    ) -> Result<(), StoreError> {
        group.retain(|queued| !queued.unit.is_abandoned());
        if group.is_empty() {
            return Ok(());
        }
        let outcome = self.transact(scope, &mut group);
        self.report(outcome.as_ref().err());
        match outcome {
            Ok(committed) => {
                // Whoever waits from the answer on shall not be woken by what came before it.
                if committed.deliverable {
                    self.messages.wake();
                }
                if committed.kept > 0 {
                    self.stats.committed(committed.kept);
                }
                for queued in group {
                    queued.unit.answer();
                }
                Ok(())
            }
            Err(error) => {
                for queued in group {
                    queued.unit.fail(error.clone());
                }
                Err(error)
            }
        }
    }

    /// Logs when writes begin to fail and when they work again, but not each that fails.
    fn report(&mut self, failure: Option<&StoreError>) {
        match failure {
            Some(error) if !self.failing => tracing::error!(%error, "writes fail and are undone"),
            None if self.failing => tracing::info!("writes work again"),
            Some(_) | None => {}
        }
        self.failing = failure.is_some();
    }

    /// Runs the units and commits what they did. After an error nothing of it is kept, unless the
    /// connection was lost while the commit was under way: then nobody knows.
    fn transact(&mut self, scope: Scope, group: &mut [Queued]) -> Result<Committed, StoreError> {
        let (numbers, wanted) = (&self.numbers, Blocks::wanted_by(group));
        // Nothing has happened before the scope is locked, so this much may be done again.
        let (mut ledger, end) = self.link.attempt(|session| {
            let Range { start, end } = numbers.take(session, wanted)?;
            session.begin();
            let marks = lock(session, scope).inspect_err(|_| session.roll_back())?;
            let mut ledger = Ledger::new(start, end);
            if let (Scope::Account(account), Some(marks)) = (scope, marks) {
                ledger.know(account, marks);
            }
            Ok((ledger, end))
        })?;
        let session = self.link.current()?;
        let answer = foresee(session, scope, group)
            .and_then(|()| run_and_commit(session, &mut ledger, group));
        match answer {
            Ok(_) => self.numbers.give_back(ledger.next()..end),
            // Nobody may ever know which of its numbers were given out after all.
            Err(_) => session.roll_back(),
        }
        self.link.let_go();
        answer
    }
}

/// Keeps everybody else from what the units are about.
fn lock(session: &Session, scope: Scope) -> Result<Option<Marks>, StoreError> {
    match scope {
        Scope::Account(account) => account::locked_marks(session, account),
        Scope::Store => {
            let sql = "SELECT id FROM allocation WHERE id = 1 FOR UPDATE";
            let _: Option<Number> = query_one(session, sql, params![])?;
            // What is done here may be about rows of many accounts, while whoever works on one of
            // them waits for others. It is this that gives way, and not what a client waits for.
            session.send_text("SET LOCAL lock_timeout = 250".to_owned());
            Ok(None)
        }
    }
}

/// Asks what the units are going to ask.
fn foresee(session: &Session, scope: Scope, group: &[Queued]) -> Result<(), StoreError> {
    let Scope::Account(account) = scope else { return Ok(()) };
    let asks = group.iter().map(|queued| queued.foretold.asks.as_deref().unwrap_or_default());
    session.foresee(Foresight::gather(session, account, asks)?);
    Ok(())
}

fn run_and_commit(
    session: &Session,
    ledger: &mut Ledger,
    group: &mut [Queued],
) -> Result<Committed, StoreError> {
    let alone = group.len() == 1;
    let (mut committed, mut changes) = (Committed::default(), Vec::new());
    for Queued { unit, foretold } in group.iter_mut() {
        if foretold.asks.is_none() {
            session.foresee(Foresight::default());
        }
        let Some(effects) = run(session, unit.as_mut(), ledger, alone)? else { continue };
        committed.kept += 1;
        committed.deliverable |= effects.deliverable;
        if let Some((account, types)) = effects.message_types {
            ledger.set_message_types(session, account, types)?;
        }
        for (counted, delta) in effects.counts {
            ledger.count(session, counted, delta)?;
        }
        changes.extend(effects.users);
    }
    if committed.kept == 0 {
        session.roll_back();
        return Ok(committed);
    }
    if ledger.is_overdrawn() {
        let told = "a unit has taken more numbers than it had told";
        return Err(StoreError::Unavailable(told.to_owned()));
    }
    ledger.save(session)?;
    search::follow(session, &changes)?;
    session.foresee(Foresight::default());
    session.commit()?;
    Ok(committed)
}

/// Runs one unit. `None` if it came to nothing and has left nothing; an error if what it did could
/// not be undone for this unit alone.
fn run(
    session: &Session,
    unit: &mut dyn Unit,
    ledger: &mut Ledger,
    alone: bool,
) -> Result<Option<Effects>, StoreError> {
    let undo = unit.undo();
    let saves = undo == Undo::Alone && !alone;
    if saves {
        session.send_text("SAVEPOINT unit".to_owned());
    }
    let mut transaction = Transaction::new(session, ledger);
    let outcome = unit.run(&mut transaction);
    let effects = transaction.into_effects();
    let failure = match outcome {
        Outcome::Done => {
            if saves {
                session.send_text("RELEASE SAVEPOINT unit".to_owned());
            }
            return Ok(Some(effects));
        }
        Outcome::Refused => None,
        Outcome::Failed(failure) => Some(failure),
    };
    // What the database refused may be of a unit before this one, so all of them are undone.
    if let Some(fault) = session.fault() {
        return Err(crate::fault::store_error(&fault));
    }
    match (failure, undo) {
        // Refused before it wrote anything, or it could not even make its checks.
        (None, Undo::WithGroup) => {}
        (Some(StoreError::Corrupt(_)), Undo::WithGroup) if effects.is_empty() => {}
        (Some(failure), Undo::WithGroup) => return Err(failure),
        // Without anything to be kept, all of it is undone in the end.
        (None | Some(_), Undo::Alone) if alone => {}
        (None | Some(_), Undo::Alone) => {
            session.send_text("ROLLBACK TO SAVEPOINT unit; RELEASE SAVEPOINT unit".to_owned());
        }
    }
    ledger.give_back_messages(&effects.messages);
    Ok(None)
}
