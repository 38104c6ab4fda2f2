//! How a store on PostgreSQL is opened.

use std::time::Duration;

/// How a store on PostgreSQL is opened.
#[derive(Debug, Clone)]
pub struct PostgresOptions {
    /// Where the database is: `postgres://user:password@host:port/name`, several hosts with commas
    /// between them, and the parameters that libpq knows: `sslmode` (`disable`, `prefer`,
    /// `require`, `verify-ca`, `verify-full`), `sslrootcert`, `target_session_attrs` and others.
    pub url: String,
    /// How many connections there are at most; at least
    /// [`FEWEST_CONNECTIONS`](crate::PostgresStore::FEWEST_CONNECTIONS).
    pub connections: usize,
    /// How long one statement may take before it is given up.
    pub statement_timeout: Duration,
    /// Whether a pooler lies in between that gives each transaction another connection: then no
    /// statement is prepared under a name.
    pub pooler: bool,
    /// How many writes may wait; the next one is refused.
    pub queue_limit: usize,
}
