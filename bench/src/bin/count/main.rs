//! Counts the instructions that roster takes for a request, and compares them with the figures that
//! are checked in. `bench/count` builds and starts it.
//!
//! Time differs from machine to machine and from minute to minute; instructions hardly do. The
//! server runs under callgrind twice for each kind of request, the second time with twice as many
//! requests, so that what start and end take is in both and cancels out. What the kernel does is
//! not counted, nor is the client, which is this process.

mod client;
mod figures;
mod requests;
mod server;

use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, anyhow, ensure};
use clap::Parser;

use crate::client::Connection;
use crate::figures::Figures;
use crate::requests::{Kind, Users};
use crate::server::Program;

/// Counts the instructions that roster takes for a request, and fails if they have become more.
#[derive(Debug, Parser)]
struct Arguments {
    /// The program, built with the profile `counted`.
    #[arg(long)]
    roster: PathBuf,

    /// The file with the figures that are compared with.
    #[arg(long, default_value = "bench/instructions.txt")]
    figures: PathBuf,

    /// Write what was counted into the file instead.
    #[arg(long)]
    accept: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let file = &arguments.figures;
    let mut figures = Figures::read(file)?;
    let scratch = tempfile::tempdir()?;
    let program = Program::new(&arguments.roster)?;
    let store = scratch.path().join("store");
    let users = Users::make(&program, &store)?;
    let compiler = figures::compiler()?;
    let mut worse = 0;
    for kind in Kind::ALL {
        let counted = count(&program, &store, &users, kind)
            .with_context(|| format!("the instructions of {kind} were not counted"))?;
        if arguments.accept {
            println!("{kind}: {counted} instructions");
            figures.accept(&kind.to_string(), counted)?;
            continue;
        }
        let verdict = figures.compare(&kind.to_string(), counted, &compiler)?;
        println!("{verdict}");
        worse += usize::from(verdict.is_worse());
    }
    if arguments.accept {
        return figures.write(file, &compiler);
    }
    ensure!(
        worse == 0,
        "{worse} of {} kinds of requests take more instructions than {} allows: find out why; if it \
         must be so, run `bench/count --accept`, and say in the commit what it is for",
        Kind::ALL.len(),
        file.display()
    );
    Ok(())
}

/// How many instructions one request of this kind takes.
fn count(program: &Program, store: &Path, users: &Users, kind: Kind) -> anyhow::Result<u64> {
    let requests = kind.requests();
    let (once, twice) = thread::scope(|scope| {
        let once = scope.spawn(|| run(program, store, users, kind, requests));
        let twice = run(program, store, users, kind, 2 * requests);
        (once.join(), twice)
    });
    let once = once.map_err(|_| anyhow!("counting has panicked"))??;
    let more = twice?.checked_sub(once).context("more requests took fewer instructions")?;
    Ok(more / u64::from(requests))
}

/// How many instructions roster takes in all, with so many requests.
fn run(
    program: &Program,
    store: &Path,
    users: &Users,
    kind: Kind,
    requests: u32,
) -> anyhow::Result<u64> {
    let folder = tempfile::tempdir()?;
    let copy = folder.path().join("store");
    server::copy_files(store, &copy)?;
    let server = program.count(&copy, folder.path())?;
    let mut connection = Connection::open(&server)?;
    for number in 0..requests::WARM_UP + requests {
        connection.ask(users.request(kind, number).as_bytes())?;
    }
    drop(connection);
    server.stop()?;
    server::counted(folder.path())
}
