//! Keeping the write-ahead log short.
//!
//! A thread of its own moves the pages of a log that has become long into the database, while the
//! writer goes on. SQLite begins the log anew only when all of it has been moved, and by then the
//! writer has added to it; so the writer moves what little that is, between two groups.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use rusqlite::hooks::Wal;

use crate::priority::{Niceness, step_back};
use crate::readers::Readers;
use crate::sql::{SqliteConnection, store_error};

/// How many pages the log has before it is moved: 16 MiB. The longer it is, the more often a page
/// has been changed again when it is moved once.
const LIMIT: u32 = 4096;

/// How many pages it has before the writer waits for the thread that moves it: 48 MiB.
const HARD_LIMIT: u32 = 3 * LIMIT;

/// So few pages are left for the writer to move.
const REST: u32 = 256;

/// How often the thread goes after what the writer adds meanwhile.
const PASSES: u32 = 4;

/// The log, as the thread that writes sees it.
pub(crate) struct Log {
    /// How many pages it had after the last commit.
    pages: Arc<AtomicU32>,
    mover: Option<Mover>,
    /// Those who keep snapshots, and with them a part of the log.
    readers: Option<Arc<Readers>>,
    progress: Progress,
}

/// How far the moving of a log that has become long has come.
#[derive(Clone, Copy)]
enum Progress {
    NotBegun,
    /// The mover is at it.
    Moving,
    /// What is left is for the writer to move.
    Moved,
}

impl Log {
    /// The log of this connection, which nobody but the writer moves.
    pub(crate) fn new(connection: &mut SqliteConnection) -> rusqlite::Result<Self> {
        let pages = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&pages);
        connection.wal_hook(Some(move |_: &mut Wal, pages: i32| {
            counter.store(u32::try_from(pages).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }))?;
        Ok(Self { pages, mover: None, readers: None, progress: Progress::NotBegun })
    }

    /// Ends the snapshots that these readers keep before it is moved.
    pub(crate) fn releasing(self, readers: Arc<Readers>) -> Self {
        Self { readers: Some(readers), ..self }
    }

    /// Has most of it moved over this other connection, by a thread of its own.
    pub(crate) fn moved_over(self, connection: SqliteConnection) -> io::Result<Self> {
        let mover = Some(Mover::start(connection, Arc::clone(&self.pages))?);
        Ok(Self { mover, ..self })
    }

    /// Ends the snapshots that readers keep, if the log has become long: it can neither be moved nor
    /// begun anew as long as somebody may read it.
    pub(crate) fn release(&self) {
        if self.pages.load(Ordering::Relaxed) >= LIMIT
            && let Some(readers) = &self.readers
        {
            readers.release();
        }
    }

    /// Sees to it, between two groups, that it does not become too long. What cannot be moved now,
    /// because a reader still needs it, is moved the next time.
    pub(crate) fn shorten(&mut self, connection: &SqliteConnection) {
        let pages = self.pages.load(Ordering::Relaxed);
        self.release();
        self.progress = match (self.progress, &self.mover) {
            (Progress::Moving, Some(mover)) => mover.next(pages >= HARD_LIMIT),
            _ if pages < LIMIT => Progress::NotBegun,
            (Progress::NotBegun, Some(mover)) => mover.begin(),
            _ => Progress::Moved,
        };
        if matches!(self.progress, Progress::Moved) {
            move_pages(connection);
        }
    }

    /// Waits until nobody but the writer's connection moves it, and lets it be emptied.
    pub(crate) fn close(&mut self) {
        self.mover = None;
        if let Some(readers) = &self.readers {
            readers.release();
        }
    }
}

/// The thread that moves the log. Dropping it waits until it has ended.
struct Mover {
    asking: Option<Sender<()>>,
    /// Whether only a rest is left.
    answers: Receiver<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Mover {
    fn start(connection: SqliteConnection, pages: Arc<AtomicU32>) -> io::Result<Self> {
        let (asking, asked) = channel();
        let (answer, answers) = channel();
        let name = "roster-log".to_owned();
        let thread = thread::Builder::new().name(name).spawn(move || {
            step_back(Niceness::Little);
            while asked.recv().is_ok() {
                if answer.send(move_most(&connection, &pages)).is_err() {
                    break;
                }
            }
        })?;
        Ok(Self { asking: Some(asking), answers, thread: Some(thread) })
    }

    /// Asks it to begin.
    fn begin(&self) -> Progress {
        let asked = self.asking.as_ref().is_some_and(|asking| asking.send(()).is_ok());
        if asked { Progress::Moving } else { Progress::Moved }
    }

    /// Looks how far it has come, and waits for it if the log is too long. If a reader was in its
    /// way, it begins again.
    fn next(&self, is_too_long: bool) -> Progress {
        let answer = if is_too_long {
            self.answers.recv().map_err(TryRecvError::from)
        } else {
            self.answers.try_recv()
        };
        match answer {
            Err(TryRecvError::Empty) => Progress::Moving,
            Ok(false) if !is_too_long => self.begin(),
            // Without the thread, the writer moves all of it.
            Ok(_) | Err(TryRecvError::Disconnected) => Progress::Moved,
        }
    }
}

impl Drop for Mover {
    fn drop(&mut self) {
        self.asking = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported when it happened.
            let _ = thread.join();
        }
    }
}

/// Moves the log until little is left of it, however fast the writer adds to it, and says whether
/// that went well: not if a reader or another process was in the way.
fn move_most(connection: &Connection, pages: &AtomicU32) -> bool {
    for _ in 0..PASSES {
        let Some(Moved { found, moved }) = move_pages(connection) else { return false };
        if moved < found {
            return false;
        }
        if pages.load(Ordering::Relaxed).saturating_sub(found) < REST {
            break;
        }
    }
    true
}

/// How many pages the log had, and how many of them have been moved.
struct Moved {
    found: u32,
    moved: u32,
}

/// Moves what can be moved without anybody's waiting. `None` if nothing could, perhaps because
/// another process is at it.
fn move_pages(connection: &Connection) -> Option<Moved> {
    let answer = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
        let busy: bool = row.get(0)?;
        Ok(if busy { None } else { Some(Moved { found: row.get(1)?, moved: row.get(2)? }) })
    });
    answer.unwrap_or_else(|error| {
        tracing::warn!(error = %store_error(error), "the log could not be moved");
        None
    })
}
