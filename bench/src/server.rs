//! A server that runs for as long as it is held.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

/// How long a server may take to come up, and to go down.
const PATIENCE: Duration = Duration::from_secs(30);

/// A child process that listens on `address`. It is killed when this is dropped, and whatever it
/// has started too.
#[derive(Debug)]
pub(crate) struct Server {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// The number of the process, and of the group of processes that it leads.
    id: u32,
    process: Child,
}

impl Server {
    /// Starts `command`, which is to listen on `address`, and does not wait for it.
    pub(crate) fn start(mut command: Command, address: SocketAddr) -> anyhow::Result<Self> {
        let started = command.stdin(Stdio::null()).process_group(0).spawn();
        let process = started.with_context(|| {
            format!("cannot start {}", command.as_std().get_program().display())
        })?;
        let id = process.id().context("the server has ended")?;
        Ok(Self { address, id, process })
    }

    /// Waits until the server takes connections.
    pub(crate) async fn listening(&mut self) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(self.address).await.is_err() {
            self.check_running()?;
            ensure!(Instant::now() < deadline, "nothing listens on {}", self.address);
            sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    /// Fails when the process has ended.
    pub(crate) fn check_running(&mut self) -> anyhow::Result<()> {
        match self.process.try_wait()? {
            Some(status) => bail!("the server on {} ended: {status}", self.address),
            None => Ok(()),
        }
    }

    /// How much memory the process and its children have resident, in bytes.
    pub(crate) fn resident_memory(&self) -> anyhow::Result<u64> {
        let id = self.id;
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"))?;
        std::iter::once(id.to_string())
            .chain(children.split_whitespace().map(str::to_owned))
            .map(|id| resident_memory_of(&id))
            .sum()
    }

    /// Asks the process to end, as an operator would, and waits until it has.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        ensure!(self.signal("TERM"), "cannot signal process {}", self.id);
        let ended = timeout(PATIENCE, self.process.wait()).await;
        let status = ended.context("the server does not stop")??;
        ensure!(status.success(), "the server on {} stopped badly: {status}", self.address);
        Ok(())
    }

    /// Sends a signal to the whole group. The standard library can only kill one process; a
    /// shell can do this.
    fn signal(&self, name: &str) -> bool {
        let kill = format!("kill -s {name} -- -{} 2>/dev/null", self.id);
        let sent = std::process::Command::new("sh").args(["-c", &kill]).status();
        sent.is_ok_and(|status| status.success())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // There is nobody left to tell if it has ended already.
        self.signal("KILL");
    }
}

/// An address on the loopback interface that nobody listens on.
pub(crate) async fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0").await?.local_addr()?)
}

/// As many such addresses, no two alike.
pub(crate) async fn free_addresses(count: usize) -> anyhow::Result<Vec<SocketAddr>> {
    let mut listeners = Vec::new();
    for _ in 0..count {
        listeners.push(TcpListener::bind("127.0.0.1:0").await?);
    }
    listeners.iter().map(|listener| Ok(listener.local_addr()?)).collect()
}

fn resident_memory_of(id: &str) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(kilobytes.context("the kernel does not tell VmRSS")?.parse::<u64>()? * 1024)
}
