//! Running roster, also under callgrind.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use anyhow::{Context, ensure};

/// The file that callgrind writes.
const COUNTED: &str = "callgrind.out";

/// The program that is counted.
#[derive(Debug)]
pub(crate) struct Program(PathBuf);

impl Program {
    /// The program at `path`.
    pub(crate) fn new(path: &Path) -> anyhow::Result<Self> {
        ensure!(path.is_file(), "there is no program at {}: run bench/count", path.display());
        Ok(Self(path.to_owned()))
    }

    /// Serves a store.
    pub(crate) fn serve(&self, store: &Path) -> anyhow::Result<Server> {
        Server::start(Command::new(&self.0), store, store.with_extension("errors"))
    }

    /// Serves a store under callgrind, which writes into `folder` when the server has ended.
    pub(crate) fn count(&self, store: &Path, folder: &Path) -> anyhow::Result<Server> {
        let mut command = Command::new("valgrind");
        command
            .args(["--tool=callgrind", "--quiet", "--fair-sched=yes"])
            .arg(format!("--callgrind-out-file={}", folder.join(COUNTED).display()))
            .arg(&self.0)
            // One thread for requests: whom a second one would wake is left to chance.
            .env("TOKIO_WORKER_THREADS", "1");
        Server::start(command, store, folder.join("errors"))
    }

    /// Makes a token for a store.
    pub(crate) fn make_token(&self, store: &Path) -> anyhow::Result<String> {
        let mut command = Command::new(&self.0);
        command.args(["token", "create", "--account", "default", "--data"]).arg(store);
        let output = command.stderr(Stdio::inherit()).output()?;
        ensure!(output.status.success(), "no token was made: {}", output.status);
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }
}

/// A server that runs for as long as it is held.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    process: Child,
    /// What it has said on standard error.
    errors: PathBuf,
}

impl Server {
    /// Starts the server and waits until it says where it listens.
    fn start(mut command: Command, store: &Path, errors: PathBuf) -> anyhow::Result<Self> {
        command.arg("serve").arg("--data").arg(store).args(["--listen", "127.0.0.1:0"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(&errors)?);
        let started = command.spawn();
        let mut process =
            started.with_context(|| format!("cannot start {}", command.get_program().display()))?;
        let log = process.stdout.take().context("the log is not to be had")?;
        let mut server = Self { address: ([127, 0, 0, 1], 0).into(), process, errors };
        let mut log = BufReader::new(log);
        let mut line = String::new();
        while server.address.port() == 0 {
            line.clear();
            ensure!(log.read_line(&mut line)? > 0, "roster has ended: {}", server.said());
            if let Some(address) = address_in(&line) {
                server.address = address.parse()?;
            }
        }
        // The rest is read so that roster can go on writing.
        thread::spawn(move || io::copy(&mut log, &mut io::sink()));
        Ok(server)
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Asks the process to end, as an operator would, and waits until it has.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        // The standard library can only kill; a shell can ask.
        let kill = format!("kill -s TERM {}", self.process.id());
        let asked = Command::new("sh").args(["-c", &kill]).status()?;
        ensure!(asked.success(), "cannot signal process {}", self.process.id());
        let status = self.process.wait()?;
        ensure!(status.success(), "roster stopped badly: {status}: {}", self.said());
        Ok(())
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.errors).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // There is nobody left to tell if it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The address in the log's line that tells it.
fn address_in(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once(r#""address":""#)?;
    Some(rest.split_once('"')?.0)
}

/// What callgrind counted, in all threads.
pub(crate) fn counted(folder: &Path) -> anyhow::Result<u64> {
    let text = fs::read_to_string(folder.join(COUNTED))?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals:"));
    Ok(total.context("callgrind tells no total")?.trim().parse()?)
}

/// Copies a folder that has only files in it.
pub(crate) fn copy_files(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
