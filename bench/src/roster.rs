//! Running the program that is measured.

use std::fs::{File, OpenOptions};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::process::Command;
use tokio::task::yield_now;
use tokio::time::Instant;

use crate::http::Connection;
use crate::server::{Server, free_address};

/// How long roster may take until it is ready.
const PATIENCE: Duration = Duration::from_secs(30);

/// The flag that says how long end users live whom no conversation is tied to.
pub(crate) const LIFETIME: &str = "--unassociated-ttl";

/// The program, and where its log goes.
#[derive(Debug)]
pub(crate) struct Roster {
    program: PathBuf,
    log: File,
}

impl Roster {
    /// The program at `program`, which writes its log into `folder`.
    pub(crate) fn new(program: PathBuf, folder: &Path) -> anyhow::Result<Self> {
        ensure!(program.is_file(), "there is no program at {}", program.display());
        let path = folder.join("roster.log");
        let log = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self { program, log })
    }

    /// Starts to serve the store in `data` and waits until it is ready. Says how long that took.
    pub(crate) async fn serve(&self, data: &Path) -> anyhow::Result<(Server, Duration)> {
        self.serve_with(data, &[]).await
    }

    /// As [`Self::serve`], with further flags.
    pub(crate) async fn serve_with(
        &self,
        data: &Path,
        flags: &[&str],
    ) -> anyhow::Result<(Server, Duration)> {
        let address = free_address().await?;
        let mut command = Command::new(&self.program);
        command
            .arg("serve")
            .arg("--data")
            .arg(data)
            .args(["--listen", &address.to_string()])
            .args(flags)
            .stdout(self.log.try_clone()?);
        if !flags.contains(&LIFETIME) {
            // The users of the bench must not vanish while they are kept for the next run.
            command.args([LIFETIME, "87600h"]);
        }
        let begin = Instant::now();
        let mut server = Server::start(command, address)?;
        while !is_ready(address).await {
            server.check_running()?;
            ensure!(begin.elapsed() < PATIENCE, "roster does not become ready");
            yield_now().await;
        }
        Ok((server, begin.elapsed()))
    }

    /// Makes a token for the store in `data`.
    pub(crate) async fn make_token(&self, data: &Path) -> anyhow::Result<String> {
        let data = data.to_str().context("the path of the data is no text")?;
        self.make_token_with(&["--data", data]).await
    }

    /// Copies the store in `data` to a database.
    pub(crate) async fn copy(&self, data: &Path, url: &str) -> anyhow::Result<()> {
        let mut command = Command::new(&self.program);
        command.arg("copy").arg("--from").arg(data).args(["--to", url]).stdout(Stdio::null());
        let status = command.status().await?;
        ensure!(status.success(), "the users were not copied: {status}");
        Ok(())
    }

    /// Makes a token for the store that these flags name.
    pub(crate) async fn make_token_with(&self, store: &[&str]) -> anyhow::Result<String> {
        let mut command = Command::new(&self.program);
        command.args(["token", "create", "--account", "default"]).args(store);
        let output = command.stderr(Stdio::inherit()).output().await?;
        ensure!(output.status.success(), "no token was made: {}", output.status);
        let token = String::from_utf8(output.stdout).context("the token is no text")?;
        Ok(token.trim().to_owned())
    }

    /// Empties the log, which would fill the disk in a long run.
    pub(crate) fn empty_log(&self) -> std::io::Result<()> {
        self.log.set_len(0)
    }
}

async fn is_ready(address: SocketAddr) -> bool {
    let Ok(mut connection) = Connection::open(address).await else { return false };
    connection.get("/readyz", "").await.is_ok_and(|answer| answer.status == 200)
}
