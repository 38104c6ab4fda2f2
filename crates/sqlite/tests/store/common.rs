//! What the tests of this crate share.

use std::path::Path;

use roster_directory::{AccountId, EndUserId, PageLimit, PageRequest, Store};
use roster_sqlite::{OpenMode, SqliteOptions, SqliteStore};
use roster_testkit::sample;

pub(crate) fn options(path: &Path) -> SqliteOptions {
    SqliteOptions {
        path: path.to_owned(),
        cache_bytes: 1024 * 1024,
        queue_limit: 1024,
        held_back: SqliteOptions::HELD_BACK,
        mode: OpenMode::Serve,
    }
}

pub(crate) fn open(folder: &Path) -> SqliteStore {
    SqliteStore::open(options(&folder.join("roster.db"))).unwrap()
}

/// A store as a command opens it.
pub(crate) fn open_for_command(folder: &Path) -> SqliteStore {
    let options = options(&folder.join("roster.db"));
    SqliteStore::open(SqliteOptions { mode: OpenMode::Command, cache_bytes: 0, ..options }).unwrap()
}

/// Makes an account.
pub(crate) async fn account_of(store: &SqliteStore) -> AccountId {
    store.create_account(sample::new_account("default")).await.unwrap().id
}

pub(crate) fn everything() -> PageRequest<EndUserId> {
    PageRequest { from: None, limit: PageLimit::MAX }
}
