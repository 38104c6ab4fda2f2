//! The packages of the peers, and the Node that runs them.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use tokio::process::Command;

/// What is installed, and in which versions.
const MANIFEST: &str = include_str!("../../peers/package.json");
const LOCK: &str = include_str!("../../peers/package-lock.json");
/// Where Debian keeps the certificates of the system. Node knows none but its own unless it is told.
const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// A folder with the packages.
#[derive(Debug)]
pub(super) struct Installed {
    /// Where `node_modules` is.
    pub(super) folder: PathBuf,
}

/// Installs the packages of the lock file into `folder`, unless it has them. No script of theirs
/// runs: what is not JavaScript, Node itself included, is in the packages ready to run.
pub(super) async fn install(folder: &Path) -> anyhow::Result<Installed> {
    let folder = std::path::absolute(folder)?;
    let done = folder.join("node_modules/package-lock.json");
    if std::fs::read_to_string(&done).is_ok_and(|lock| lock == LOCK) {
        return Ok(Installed { folder });
    }
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("package.json"), MANIFEST)?;
    std::fs::write(folder.join("package-lock.json"), LOCK)?;
    eprintln!("installing the packages of bench/peers/package-lock.json, once");
    let mut command = Command::new("npm");
    command
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"])
        .arg("--prefix")
        .arg(&folder)
        .kill_on_drop(true);
    if std::env::var_os("NODE_EXTRA_CA_CERTS").is_none() {
        command.env("NODE_EXTRA_CA_CERTS", CERTIFICATES);
    }
    let status = command.status().await.context("cannot run npm, which comes with Node")?;
    ensure!(status.success(), "npm did not install the packages: {status}");
    std::fs::write(done, LOCK)?;
    Ok(Installed { folder })
}

impl Installed {
    /// A command that runs a program of the packages, or a script, by the Node among them. What it
    /// leaves in its home and its working folder goes with `scratch`.
    pub(super) fn command(&self, program: &Path, scratch: &Path) -> Command {
        let mut command = Command::new(self.file(".bin/node"));
        command
            .arg(program)
            .current_dir(scratch)
            .env("HOME", scratch)
            .env("NODE_ENV", "production");
        command
    }

    /// The path of a file of the packages.
    pub(super) fn file(&self, path: &str) -> PathBuf {
        self.folder.join("node_modules").join(path)
    }
}

/// The version of a package, which the manifest names exactly.
pub(super) fn version(package: &str) -> anyhow::Result<&'static str> {
    let rest = MANIFEST.split_once(&format!("\"{package}\": \"")).map(|(_, rest)| rest);
    let version = rest.and_then(|rest| rest.split('"').next());
    version.with_context(|| format!("bench/peers/package.json does not name {package}"))
}
