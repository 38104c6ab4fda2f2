//! Why a store on PostgreSQL could not be opened.

/// Why a store on PostgreSQL could not be opened. The texts are for the operator and hold no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The URL cannot be read.
    #[error("the database URL cannot be used: {0}")]
    Url(String),
    /// TLS cannot be set up.
    #[error("TLS to the database cannot be set up: {0}")]
    Tls(String),
    /// The server does not answer, or refuses.
    #[error("the database {database} cannot be reached: {detail}")]
    Unreachable {
        /// Which database it is.
        database: String,
        /// What went wrong.
        detail: String,
    },
    /// The database's texts are not in UTF-8.
    #[error(
        "the database {database} is in the encoding {encoding}; create one with ENCODING 'UTF8'"
    )]
    Encoding {
        /// Which database it is.
        database: String,
        /// The encoding it is in.
        encoding: String,
    },
    /// The schema is newer than this binary.
    #[error(
        "the database {database} was made by a newer roster: its schema is version {found}, and \
         this binary knows {known}; start the newer binary, or restore a backup"
    )]
    Newer {
        /// Which database it is.
        database: String,
        /// The version of its schema.
        found: i64,
        /// The newest version that is known here.
        known: i64,
    },
    /// The database holds something else.
    #[error(
        "the database {database} holds tables that are not roster's; give it an empty database"
    )]
    Foreign {
        /// Which database it is.
        database: String,
    },
    /// It is still being copied, or that was interrupted.
    #[error(
        "the copy into the database {database} is not finished; run the same `roster copy` again, \
         or give it up and name an empty database"
    )]
    Unfinished {
        /// Which database it is.
        database: String,
    },
    /// Nothing may be copied there.
    #[error(
        "the database {database} holds data already; copy into an empty one (nothing was changed \
         in this one)"
    )]
    NotEmpty {
        /// Which database it is.
        database: String,
    },
    /// There is nothing to be copied.
    #[error("there are no roster data in the database {database}")]
    Nothing {
        /// Which database it is.
        database: String,
    },
    /// The schema could not be made or brought up to date.
    #[error("the schema of the database {database} cannot be brought up to date: {detail}")]
    Migration {
        /// Which database it is.
        database: String,
        /// What went wrong.
        detail: String,
    },
    /// A thread could not be started.
    #[error("the store could not be started: {0}")]
    Other(String),
}
