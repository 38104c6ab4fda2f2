//! Where the programs of a PostgreSQL server are.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest PostgreSQL that roster works with.
const OLDEST: u32 = 14;
/// Where Debian keeps a folder for each version. They are not on the path.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The folder with the programs of the newest server that there is.
pub(super) fn programs() -> PathBuf {
    let usable = |folder: &PathBuf| folder.join("initdb").is_file() && version(folder) >= OLDEST;
    let Some(folder) = debian().into_iter().chain(on_path()).find(usable) else {
        panic!(
            "these tests need the programs of a PostgreSQL server of version {OLDEST} or newer: \
             run scripts/test, or install the package postgresql (postgresql-server elsewhere \
             than on Debian)"
        );
    };
    folder
}

/// Those of Debian, the newest first.
fn debian() -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(DEBIAN) else { return Vec::new() };
    let number = |name: &str| name.parse::<u32>().ok();
    let mut versions: Vec<_> =
        entries.flatten().filter_map(|entry| number(entry.file_name().to_str()?)).collect();
    versions.sort_unstable();
    versions.iter().rev().map(|version| format!("{DEBIAN}/{version}/bin").into()).collect()
}

fn on_path() -> Vec<PathBuf> {
    env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default()
}

/// The version of the server there, without what comes after its point; 0 if there is none.
fn version(folder: &Path) -> u32 {
    let Ok(told) = Command::new(folder.join("postgres")).arg("--version").output() else {
        return 0;
    };
    // postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1), or 18beta1
    let text = String::from_utf8_lossy(&told.stdout);
    let number = text.split_whitespace().nth(2).unwrap_or_default();
    number
        .split(|letter: char| !letter.is_ascii_digit())
        .next()
        .unwrap_or_default()
        .parse()
        .unwrap_or(0)
}
