//! The command line of `roster copy`.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser};

use crate::args::yes_or_no;

#[derive(Debug, Args)]
pub(crate) struct CopyArgs {
    /// What is copied: a data folder, or a `postgres://` URL
    ///
    /// Rather set the variable than the flag for a URL with a password in it: others on the machine
    /// can see flags.
    #[arg(
        long,
        value_name = "PLACE",
        env = "ROSTER_FROM",
        hide_env_values = true,
        value_parser = OsStringValueParser::new().map(Place::of)
    )]
    pub(crate) from: Place,

    /// Where the copy is made: a data folder, or a `postgres://` URL
    ///
    /// There must be no accounts yet, or a copy that was interrupted.
    #[arg(
        long,
        value_name = "PLACE",
        env = "ROSTER_TO",
        hide_env_values = true,
        value_parser = OsStringValueParser::new().map(Place::of)
    )]
    pub(crate) to: Place,

    /// A pooler that shares connections out by transaction lies in between
    ///
    /// Then no statement is prepared under a name. The variable takes true or false.
    #[arg(long = "database-pooler", env = "ROSTER_DATABASE_POOLER", value_parser = yes_or_no)]
    pub(crate) pooler: bool,
}

/// Where data are. Any text names some place, so the command line never refuses one, which would
/// show it. Its text form has no secret in it.
#[derive(Clone)]
pub(crate) enum Place {
    /// A data folder.
    Folder(PathBuf),
    /// A PostgreSQL database, by its URL.
    Database(String),
}

impl Place {
    fn of(name: OsString) -> Self {
        let url = name.to_str().filter(|name| is_url(OsStr::new(name)));
        match url {
            Some(url) => Self::Database(url.to_owned()),
            None => Self::Folder(name.into()),
        }
    }
}

/// Whether it is the URL of a database, which may have a password in it.
fn is_url(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("postgres://") || name.starts_with("postgresql://")
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(formatter),
            Self::Database(url) => {
                let name = roster_postgres::database_name(url);
                write!(formatter, "{}", name.unwrap_or_else(|_| "the database".to_owned()))
            }
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Place({self})")
    }
}
