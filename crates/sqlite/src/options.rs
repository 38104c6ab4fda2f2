//! What a store is opened with.

use std::path::PathBuf;

/// How to open a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteOptions {
    /// The database file. Its folder must exist; the file is made if it does not.
    pub path: PathBuf,
    /// How much memory the cache of users may take, in bytes.
    pub cache_bytes: usize,
    /// How many writes may wait. One more is [`Busy`](roster_directory::StoreError::Busy).
    pub queue_limit: usize,
    /// How many index entries a server holds back until they are merged in their order. The more
    /// there are, the less is written for each, and the longer the first list by name takes that
    /// comes after many new users. [`SqliteOptions::HELD_BACK`] is a good compromise.
    pub held_back: usize,
    /// Who opens it.
    pub mode: OpenMode,
}

impl SqliteOptions {
    /// How many index entries are best held back: about 64,000 users have so many. They take up to
    /// 40 MiB of memory, and over a million users a list by name, and who writes meanwhile, waits for
    /// them for half a second.
    pub const HELD_BACK: usize = 128 * 1024;
}

/// Who opens a store. Either may make the file and bring its schema up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// The server, which stays.
    Serve,
    /// A command that does one thing and ends, perhaps while a server has the same file open:
    /// it takes little memory, and leaves the tidying of files to the server.
    Command,
}

impl OpenMode {
    /// The page cache of the writing connection, in KiB.
    pub(crate) const fn writer_cache_kib(self) -> u32 {
        match self {
            Self::Serve => 16 * 1024,
            Self::Command => 2 * 1024,
        }
    }
}
