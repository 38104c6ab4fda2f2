//! Making the users that everything is measured over.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::http::Connection;
use crate::profile;
use crate::roster::Roster;

/// Among how many users there is one agent.
const USERS_PER_AGENT: usize = 10_000;
/// How long an identifier is, in digits.
const DIGITS: usize = 24;
/// How long making the users may take.
const PATIENCE: Duration = Duration::from_secs(30 * 60);
/// Enough for the store to commit large groups.
const CONNECTIONS: usize = 64;

/// A store full of users, which nothing writes to any more.
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
    /// The `count` users in `folder`, which are made first if the folder has none.
    pub(crate) async fn prepare(
        roster: &Roster,
        folder: &Path,
        count: usize,
    ) -> anyhow::Result<Self> {
        let users =
            Self { store: folder.join("store"), identifiers: folder.join("identifiers"), count };
        if let Ok(file) = std::fs::metadata(&users.identifiers) {
            let found = file.len() / DIGITS as u64;
            ensure!(
                found == count as u64,
                "{} holds {found} users, not {count}: name another folder with --data, or remove it",
                folder.display()
            );
            return Ok(users);
        }
        // Without the file of identifiers, which is written last, an earlier run was interrupted.
        if users.store.exists() {
            std::fs::remove_dir_all(&users.store)?;
        }
        timeout(PATIENCE, users.make(roster)).await.context("making users takes too long")??;
        Ok(users)
    }

    /// The identifier at `position` in the list of all users.
    pub(crate) fn identifier(&self, position: usize) -> anyhow::Result<String> {
        let identifiers = std::fs::read_to_string(&self.identifiers)?;
        let identifier = identifiers.get(position * DIGITS..(position + 1) * DIGITS);
        Ok(identifier.context("there are not that many users")?.to_owned())
    }

    /// Writes `count` identifiers, spread evenly over all of them, to `file`.
    pub(crate) fn write_some(&self, count: u32, file: &Path) -> anyhow::Result<()> {
        let identifiers = std::fs::read(&self.identifiers)?;
        let step = (identifiers.len() / DIGITS / count as usize).max(1);
        let some: Vec<u8> = identifiers
            .chunks_exact(DIGITS)
            .step_by(step)
            .take(count as usize)
            .flatten()
            .copied()
            .collect();
        Ok(std::fs::write(file, some)?)
    }

    async fn make(&self, roster: &Roster) -> anyhow::Result<()> {
        let count = self.count;
        eprintln!("making {count} users over HTTP, once");
        let (server, _) = roster.serve(&self.store).await?;
        let token: Arc<str> = roster.make_token(&self.store).await?.into();
        let begin = Instant::now();
        let next = Arc::new(AtomicUsize::new(0));
        let mut tasks = JoinSet::new();
        for _ in 0..CONNECTIONS {
            tasks.spawn(create(server.address, token.clone(), next.clone(), count));
        }
        let mut identifiers = Vec::with_capacity(count);
        while let Some(made) = tasks.join_next().await {
            identifiers.extend(made??);
        }
        make_agents(server.address, &token, count).await?;
        await_index(server.address, &token, count).await?;
        eprintln!("made them in {:.1} s", begin.elapsed().as_secs_f64());
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

/// The number of a user, as it stands in their profile.
pub(crate) fn number(place: usize) -> String {
    format!("{place:012}")
}

/// Makes agents through Zendesk's dialect, one for each ten thousand users.
async fn make_agents(address: SocketAddr, token: &str, users: usize) -> anyhow::Result<()> {
    let mut connection = Connection::open(address).await?;
    for number in 0..users / USERS_PER_AGENT {
        let body = format!(r#"{{"user":{{"name":"Agent {number}","role":"agent"}}}}"#);
        let answer = connection.post("/api/v2/users", token, &body).await?;
        ensure!(answer.status == 201, "status {} for a new agent: {}", answer.status, answer.body);
    }
    Ok(())
}

/// Waits until the search finds the user who was made last.
pub(crate) async fn await_index(
    address: SocketAddr,
    token: &str,
    users: usize,
) -> anyhow::Result<()> {
    let mut connection = Connection::open(address).await?;
    let path = format!("/api/v2/users/search?query={}", number(users - 1));
    while !connection.get(&path, token).await?.body.contains("\"count\":1") {
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// Makes users on one connection until `count` numbers are given out.
async fn create(
    address: SocketAddr,
    token: Arc<str>,
    next: Arc<AtomicUsize>,
    count: usize,
) -> anyhow::Result<Vec<[u8; DIGITS]>> {
    let body = profile::with_external_id();
    let mut connection = Connection::open(address).await?;
    let mut made = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= count {
            return Ok(made);
        }
        let body = body.replace(profile::NUMBER, &crate::load::number(number));
        let answer = connection.post("/api/v2/end-users/", &token, &body).await?;
        ensure!(answer.status == 201, "status {} for a new user: {}", answer.status, answer.body);
        made.push(identifier_in(&answer.body).context("the answer has no end_user_id")?);
    }
}

fn identifier_in(body: &str) -> Option<[u8; DIGITS]> {
    let (_, rest) = body.split_once(r#""end_user_id""#)?;
    let rest = rest.trim_start_matches([':', ' ', '"']);
    rest.as_bytes().first_chunk().copied()
}
