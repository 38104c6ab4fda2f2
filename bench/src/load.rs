//! Making the users that everything is measured over.

use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::http::{Answer, Connection};
use crate::profile::{self, number};
use crate::roster::Roster;
use crate::team;

/// How long an identifier is, in digits.
pub(crate) const DIGITS: usize = 24;
/// How long making the users may take.
const PATIENCE: Duration = Duration::from_secs(60 * 60);
/// Enough for the store to commit large groups.
const CONNECTIONS: usize = 256;
/// How often the loader empties the log, and says how far it is.
const REPORT: Duration = Duration::from_secs(10);

/// A store full of users.
#[derive(Debug)]
pub(crate) struct Users {
    /// The data folder of roster.
    pub(crate) store: PathBuf,
    /// The file of all identifiers in ascending order, one right after the other.
    pub(crate) identifiers: PathBuf,
    /// How many there are.
    pub(crate) count: usize,
}

impl Users {
    /// The `count` users in a folder within `data`, which are made first if it has none.
    pub(crate) async fn prepare(
        roster: &Roster,
        data: &Path,
        count: usize,
    ) -> anyhow::Result<Self> {
        let folder = folder(data, count);
        let (store, identifiers) = (folder.join("store"), folder.join("identifiers"));
        let users = Self { store, identifiers, count };
        // The file of identifiers is written last: without it an earlier run was interrupted.
        if !users.identifiers.exists() {
            Self::remove_from(data, count)?;
            std::fs::create_dir(folder)?;
            timeout(PATIENCE, users.make(roster))
                .await
                .context("making users takes too long")??;
        }
        Ok(users)
    }

    /// Removes the `count` users in `data`, if there are any.
    pub(crate) fn remove_from(data: &Path, count: usize) -> std::io::Result<()> {
        let folder = folder(data, count);
        if folder.exists() { std::fs::remove_dir_all(folder) } else { Ok(()) }
    }

    /// The identifier at `position` in the list of all users.
    pub(crate) fn identifier(&self, position: usize) -> anyhow::Result<String> {
        identifier_at(&std::fs::File::open(&self.identifiers)?, position)
    }

    /// Writes `count` identifiers, spread evenly over all of them, to `file`.
    pub(crate) fn write_some(&self, count: u32, file: &Path) -> anyhow::Result<()> {
        let count = usize::try_from(count)?.min(self.count);
        let mut some = String::new();
        for place in 0..count {
            some += &self.identifier(place * (self.count / count))?;
        }
        Ok(std::fs::write(file, some)?)
    }

    async fn make(&self, roster: &Roster) -> anyhow::Result<()> {
        let count = self.count;
        eprintln!("making {count} users over HTTP");
        let (server, _) = roster.serve(&self.store).await?;
        let token: Arc<str> = roster.make_token(&self.store).await?.into();
        let begin = Instant::now();
        let mut identifiers = create_all(roster, server.address, &token, count).await?;
        let seconds = begin.elapsed().as_secs_f64();
        team::make(server.address, &token, team::blocks(count)).await?;
        await_index(server.address, &token, count).await?;
        let indexed = begin.elapsed().as_secs_f64();
        eprintln!("made them in {seconds:.1} s, indexed for the search after {indexed:.1} s");
        server.stop().await?;
        roster.empty_log()?;
        identifiers.sort_unstable();
        let unfinished = self.identifiers.with_extension("unfinished");
        let mut file = std::io::BufWriter::new(std::fs::File::create(&unfinished)?);
        for identifier in identifiers {
            file.write_all(&identifier)?;
        }
        file.into_inner()?.sync_all()?;
        Ok(std::fs::rename(unfinished, &self.identifiers)?)
    }
}

fn folder(data: &Path, count: usize) -> PathBuf {
    data.join(count.to_string())
}

/// The identifier at `position` in a file of them.
pub(crate) fn identifier_at(file: &std::fs::File, position: usize) -> anyhow::Result<String> {
    let mut identifier = [0; DIGITS];
    let offset = u64::try_from(position * DIGITS)?;
    file.read_exact_at(&mut identifier, offset).context("there are not that many users")?;
    Ok(str::from_utf8(&identifier)?.to_owned())
}

/// Waits until the search finds the user who was made last.
pub(crate) async fn await_index(
    address: SocketAddr,
    token: &str,
    users: usize,
) -> anyhow::Result<()> {
    while !is_indexed(address, token, users).await? {
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// Waits until a search for a user is no longer told that the index is behind: one that finds it
/// so waits, for a second at most.
pub(crate) async fn await_caught_up(address: SocketAddr, token: &str) -> anyhow::Result<()> {
    let mut connection = Connection::open(address).await?;
    loop {
        let begin = Instant::now();
        connection.get("/api/v2/users/search?query=nobody", token).await?;
        if begin.elapsed() < Duration::from_millis(500) {
            return Ok(());
        }
    }
}

/// Whether the search finds the user who was made last.
pub(crate) async fn is_indexed(
    address: SocketAddr,
    token: &str,
    users: usize,
) -> anyhow::Result<bool> {
    let mut connection = Connection::open(address).await?;
    let path = format!("/api/v2/users/search?query={}", number(users - 1));
    Ok(connection.get(&path, token).await?.body.contains("\"count\":1"))
}

/// Makes users on many connections at a time.
async fn create_all(
    roster: &Roster,
    address: SocketAddr,
    token: &Arc<str>,
    count: usize,
) -> anyhow::Result<Vec<[u8; DIGITS]>> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut tasks = JoinSet::new();
    for _ in 0..CONNECTIONS {
        tasks.spawn(create(address, token.clone(), next.clone(), count));
    }
    let mut identifiers = Vec::with_capacity(count);
    loop {
        match timeout(REPORT, tasks.join_next()).await {
            Ok(None) => return Ok(identifiers),
            Ok(Some(made)) => identifiers.extend(made??),
            Err(_) => eprintln!("{} users", next.load(Ordering::Relaxed).min(count)),
        }
        // A line for each of them would fill the disk.
        roster.empty_log()?;
    }
}

/// Makes users on one connection until `count` numbers are given out.
async fn create(
    address: SocketAddr,
    token: Arc<str>,
    next: Arc<AtomicUsize>,
    count: usize,
) -> anyhow::Result<Vec<[u8; DIGITS]>> {
    let mut connection = Connection::open(address).await?;
    let mut made = Vec::new();
    loop {
        let place = next.fetch_add(1, Ordering::Relaxed);
        if place >= count {
            return Ok(made);
        }
        let body = profile::with_external_id(place);
        let path = "/api/v2/end-users/";
        let mut answer = connection.post(path, &token, &body).await;
        if answer.is_err() {
            // The external id makes it safe to try again, so that a connection which breaks (say,
            // because the machine slept) does not cost all that was made before.
            connection = Connection::open(address).await?;
            answer = connection.post(path, &token, &body).await;
        }
        let Answer { status, body } = answer?;
        ensure!(matches!(status, 200 | 201), "status {status} for a new user: {body}");
        made.push(identifier_in(&body).context("the answer has no end_user_id")?);
    }
}

fn identifier_in(body: &str) -> Option<[u8; DIGITS]> {
    let (_, rest) = body.split_once(r#""end_user_id":""#)?;
    rest.as_bytes().first_chunk().copied()
}
