//! Where the time of a durable write goes: makes or changes end users, so many at once, and says
//! what each thread took for one, how long the answers took, and how long the log became.
//!
//!     cargo run --release -p roster-sqlite --example writes -- FOLDER create 200000 64
//!
//! The folder keeps its store for the next run, so that writes over many users can be measured, and
//! what a write does can be changed in between. `names` is `create` where no two have the same name,
//! and `patch` changes users that are there, in no order.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use roster_directory::{
    AccountId, EndUserPatch, LanguageTag, MetadataValue, NewEndUser, Profile, Store, StoreStats,
};
use roster_sqlite::{OpenMode, SqliteOptions, SqliteStore};
use roster_testkit::sample;

/// What takes memory is what it is in the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Create,
    Names,
    Patch,
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, kind, count, at_once] = &arguments[..] else {
        return Err("wanted: FOLDER create|names|patch COUNT AT-ONCE".into());
    };
    let log = PathBuf::from(folder).join("roster.db-wal");
    let kind = match &**kind {
        "create" => Kind::Create,
        "names" => Kind::Names,
        "patch" => Kind::Patch,
        other => return Err(format!("there is no kind of write called {other}").into()),
    };
    let store = Arc::new(SqliteStore::open(SqliteOptions {
        path: PathBuf::from(folder).join("roster.db"),
        cache_bytes: 64 * 1024 * 1024,
        queue_limit: 4096,
        held_back: SqliteOptions::HELD_BACK,
        mode: OpenMode::Serve,
    })?);
    let (account, there) = match store.accounts().await?.first() {
        Some(summary) => (summary.account.id, u32::try_from(summary.users.end_users)?),
        None => (store.create_account(sample::new_account("bench")).await?.id, 0),
    };
    measure(&store, account, kind, there, count.parse()?, at_once.parse()?).await?;
    println!("  {} KiB of log at most", log.metadata()?.len() / 1024);
    store.close().await;
    Ok(())
}

async fn measure(
    store: &Arc<SqliteStore>,
    account: AccountId,
    kind: Kind,
    there: u32,
    count: u32,
    at_once: u32,
) -> Result<(), Failure> {
    let next = Arc::new(AtomicU32::new(0));
    let (begun, before) = (Instant::now(), busy()?);
    let tasks: Vec<_> = (0..at_once)
        .map(|_| {
            let (store, next) = (Arc::clone(store), Arc::clone(&next));
            tokio::spawn(async move {
                let mut waits = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return Ok::<_, Failure>(waits);
                    }
                    let begun = Instant::now();
                    write(&store, account, kind, there, number).await?;
                    waits.push(begun.elapsed());
                }
            })
        })
        .collect();
    let mut waits = Vec::new();
    for task in tasks {
        waits.extend(task.await??);
    }
    let (taken, after) = (begun.elapsed(), busy()?);
    let StoreStats { committed, group_sizes, .. } = store.stats();
    println!("{kind:?} over {there} users: {:.0} writes/s", f64::from(count) / taken.as_secs_f64());
    for (thread, nanoseconds) in after {
        let nanoseconds = nanoseconds - before.get(&thread).copied().unwrap_or(0.0);
        println!("  {:6.2} us each of {thread}", nanoseconds / 1000.0 / f64::from(count));
    }
    waits.sort_unstable();
    let after = |share: usize| waits.get(waits.len() * share / 1000).or(waits.last());
    let waits = [500, 990, 999, 1000].map(|share| after(share).copied().unwrap_or_default());
    println!("  answered after {waits:.1?}: p50, p99, p99.9, the longest");
    println!("  {committed} writes, in groups of the sizes {group_sizes:?}");
    Ok(())
}

async fn write(
    store: &SqliteStore,
    account: AccountId,
    kind: Kind,
    there: u32,
    number: u32,
) -> Result<(), Failure> {
    let now = sample::START.after(Duration::from_micros(u64::from(there + number)));
    if kind == Kind::Patch {
        let chosen = scattered(number) % there;
        let metadata =
            sample::metadata_patch(&[("seats", Some(MetadataValue::Integer(number.into())))]);
        let patch = EndUserPatch { metadata, ..EndUserPatch::default() };
        store.patch_end_user(account, sample::end_user_id(chosen), patch, now).await?;
        return Ok(());
    }
    let number = there + number;
    let name = match kind {
        Kind::Names => format!("{:08x} Hopper", scattered(number)),
        Kind::Create | Kind::Patch => "Grace Hopper".to_owned(),
    };
    let profile = Profile {
        first_name: Some(sample::text("Grace")),
        last_name: Some(sample::text("Hopper")),
        display_name: Some(sample::text(&name)),
        avatar: Some(sample::text(&format!("https://images.example.org/people/{number:012}.png"))),
        email: Some(sample::text(&format!("grace.{number:012}@example.org"))),
        language: Some(LanguageTag::new("en-CA")?),
        metadata: sample::metadata(&[
            ("tier", sample::text_value("gold")),
            ("seats", MetadataValue::Integer(12)),
            ("beta", MetadataValue::Bool(false)),
            ("region", sample::text_value("emea")),
        ]),
    };
    let external_id = Some(sample::external_id(&format!("customer-{number:012}")));
    let new = sample::new_end_user(number);
    store
        .create_end_user(account, NewEndUser { external_id, profile, created_at: now, ..new })
        .await?;
    Ok(())
}

/// Another number for each number, in no order.
const fn scattered(number: u32) -> u32 {
    let mixed = (number ^ (number >> 16)).wrapping_mul(0x45d9_f3b5);
    (mixed ^ (mixed >> 15)).wrapping_mul(0x2c1b_3c6d)
}

/// How many nanoseconds each of this process's threads has run, by the name of the thread.
fn busy() -> Result<BTreeMap<String, f64>, Failure> {
    let mut all = BTreeMap::new();
    for thread in std::fs::read_dir("/proc/self/task")? {
        let folder = thread?.path();
        let name = std::fs::read_to_string(folder.join("comm"))?.trim().to_owned();
        let statistics = std::fs::read_to_string(folder.join("schedstat"))?;
        let ran: f64 = statistics.split(' ').next().ok_or("no time")?.parse()?;
        *all.entry(name).or_default() += ran;
    }
    Ok(all)
}
