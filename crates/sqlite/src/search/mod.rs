//! The index behind the search for users.
//!
//! It is a file of its own beside the database, which is made of the database alone: it can be
//! removed at any time, and is made anew when it is missing, damaged, of another form or of
//! another database. A thread of its own keeps it, after the commits and not in them, so writing
//! does not wait for it. The first event of each account that it has not read yet is committed in
//! the file together with the users; so it goes on where it ended, however it ended.
//!
//! A search waits until the index has come to what was committed before the search began, but not
//! for long: then it answers from what there is.

mod expression;
mod file;
mod follower;
mod index;
mod place;
mod searcher;
mod signal;
mod unsearched;
mod words;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::Mutex;
use roster_directory::{AccountId, EventSequence, SearchPage, SearchQuery, StoreError};
use roster_relational::tables::{record, searched};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use self::expression::{Expression, Organizations};
use self::follower::Follower;
use self::searcher::Found;
use self::signal::Signal;
use crate::cache::Cache;
use crate::priority::{Niceness, step_back};
use crate::readers::Readers;
use crate::snapshot::Snapshot;
use crate::sql::SqliteConnection;

/// How long a search waits for what was committed before it began.
const PATIENCE: Duration = Duration::from_secs(1);

/// The face of the thread that keeps the index.
pub(crate) struct SearchIndex {
    database: Arc<Readers>,
    shared: Arc<Shared>,
    /// Closed when the thread has ended.
    ended: watch::Receiver<()>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What the thread and those who search share.
struct Shared {
    signal: Arc<Signal>,
    /// The connections that search; `None` as long as there is nothing to be searched.
    searchers: Mutex<Option<Arc<Readers>>>,
}

/// Tells the thread of commits, without ever waiting for it.
#[derive(Clone)]
pub(crate) struct SearchWaker(Arc<Signal>);

impl SearchWaker {
    /// A waker that the index which is opened with it listens to.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Signal::new()))
    }

    /// Says that something was committed, and which events of it change nothing that is searched.
    pub(crate) fn wake(&self, unsearched: Vec<(AccountId, EventSequence)>) {
        if !unsearched.is_empty() {
            self.0.unsearched.add(unsearched);
        }
        self.0.changed();
    }
}

impl SearchIndex {
    /// Starts the thread that keeps the index of the database at `path`. All else it does itself,
    /// so this takes no time.
    pub(crate) fn open(
        path: &Path,
        database: Arc<Readers>,
        waker: SearchWaker,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared { signal: waker.0, searchers: Mutex::new(None) });
        let (end, ended) = watch::channel(());
        let path = file::path_beside(path);
        let follower = Follower::new(path, Arc::clone(&database), Arc::clone(&shared));
        let thread = thread::Builder::new().name("roster-search".to_owned()).spawn(move || {
            // Dropped at the end, in whatever way the thread gets there.
            let _end: watch::Sender<()> = end;
            step_back(Niceness::Much);
            follower.follow();
        })?;
        Ok(Self { database, shared, ended, thread: Mutex::new(Some(thread)) })
    }

    /// The users that a query finds; see
    /// [`UserStore::search_users`](roster_directory::UserStore::search_users).
    pub(crate) async fn find(
        &self,
        cache: &Arc<Cache>,
        account: AccountId,
        query: SearchQuery,
        offset: u64,
        limit: u64,
    ) -> Result<SearchPage, StoreError> {
        self.catch_up(account).await?;
        let (shared, cache) = (Arc::clone(&self.shared), Arc::clone(cache));
        let read = move |database: &SqliteConnection| {
            let organizations = organizations_of(database, account, &query)?;
            let Some(expression) = Expression::of(&query, &organizations) else {
                return Ok(SearchPage::default());
            };
            let found = shared
                .search(|index| searcher::search(index, account, &expression, offset, limit))?;
            let snapshot = Snapshot::begin(database, &cache, account)?;
            page(snapshot, &query, &organizations, found)
        };
        self.database.list(read).await
    }

    /// Waits until the index has come to where the account's log ends now.
    async fn catch_up(&self, account: AccountId) -> Result<(), StoreError> {
        let log = self.database.read(|database| searched::log(database, account))?;
        let Some(log) = log else { return Ok(()) };
        let deadline = Instant::now() + PATIENCE;
        let mut progress = self.shared.signal.listen();
        loop {
            let next = self.shared.search(|index| place::next_event(index, account));
            if next.is_ok_and(|next| next >= Some(log.next_event)) {
                return Ok(());
            }
            self.shared.signal.wanted();
            if timeout_at(deadline, progress.changed()).await.is_err() {
                return Ok(());
            }
        }
    }

    /// Ends the thread, and waits until its files are closed.
    pub(crate) async fn close(&self) {
        self.shared.signal.close();
        let mut ended = self.ended.clone();
        // An error means that the thread has ended, and nothing else ever comes.
        while ended.changed().await.is_ok() {}
    }
}

impl Drop for SearchIndex {
    fn drop(&mut self) {
        self.shared.signal.close();
        if let Some(thread) = self.thread.lock().take() {
            // A panic of the thread was reported when it happened.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn open_searchers(&self, path: &Path) {
        *self.searchers.lock() = Some(Arc::new(Readers::new(path.to_owned())));
    }

    fn close_searchers(&self) {
        if let Some(searchers) = self.searchers.lock().take() {
            searchers.close();
        }
    }

    /// Reads the index on this thread.
    fn search<T>(
        &self,
        read: impl FnOnce(&SqliteConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let searchers = self.searchers.lock().clone();
        // That is over in a moment: it is being opened, or made anew.
        let searchers = searchers.ok_or(StoreError::Busy)?;
        searchers.read(read).map_err(|error| match error {
            StoreError::Corrupt(_) => {
                self.condemn(&searchers);
                StoreError::Busy
            }
            error => error,
        })
    }

    /// Has the index made anew, unless that was done since these connections were opened.
    fn condemn(&self, searchers: &Arc<Readers>) {
        let mut present = self.searchers.lock();
        if present.as_ref().is_some_and(|present| Arc::ptr_eq(present, searchers)) {
            *present = None;
            searchers.close();
            self.signal.damaged();
        }
    }
}

/// What the names or numbers of organizations in a query stand for.
fn organizations_of(
    database: &SqliteConnection,
    account: AccountId,
    query: &SearchQuery,
) -> Result<Organizations, StoreError> {
    let mut organizations = Organizations::new();
    for name in query.organizations() {
        if let Some(id) = record::organization_called(database, account, name)? {
            organizations.insert(name.into(), id);
        }
    }
    Ok(organizations)
}

/// The users that were found, as they are now. Whoever has changed so that the query does not find
/// them any more is left out.
fn page(
    mut snapshot: Snapshot<'_>,
    query: &SearchQuery,
    organizations: &Organizations,
    found: Found,
) -> Result<SearchPage, StoreError> {
    let mut page = SearchPage { users: Vec::with_capacity(found.users.len()), count: found.count };
    for id in found.users {
        let user = snapshot.user(id)?;
        match user.filter(|user| query.matches(user, |name| organizations.get(name).copied())) {
            Some(user) => page.users.push(user),
            None => page.count -= 1,
        }
    }
    Ok(page)
}

#[cfg(test)]
mod tests;
