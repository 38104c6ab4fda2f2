//! The command line. These texts are the reference.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use axum::http::Uri;
use bytesize::ByteSize;
use clap::{Args, Parser, Subcommand, ValueEnum};
use roster_directory::{AccountName, RetrySchedule, Scope, Scopes, Text, TextError, TokenId};

use roster_postgres::PostgresStore;

use crate::copy_args::CopyArgs;
use crate::webhook_args::{NetworkArgs, WebhookCommand, schedule};

/// A self-hosted directory of the people that a support team talks to.
///
/// roster answers Ada's v2 End Users API and Zendesk's List Users API, over the same people, from
/// one binary and one data folder. Existing clients of either work unchanged once their base URL
/// points here.
///
/// Start with `roster serve`: the first start prints a token and a call to paste.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server
    ///
    /// Over an empty data folder it makes the account `default` with one token, and prints the
    /// token once. It stops on SIGTERM or Ctrl-C, after answering what it has accepted (within
    /// ten seconds), with exit code 0. What the operator must mend ends it with one line on
    /// standard error and exit code 1.
    Serve(Box<ServeArgs>),
    /// Manage accounts, the tenants of the directory
    ///
    /// Works beside a running server, which sees the change at once.
    Account {
        #[command(subcommand)]
        command: AccountCommand,
    },
    /// Manage the tokens that clients authenticate with
    ///
    /// Works beside a running server, which sees the change at once.
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Bring the schema of the data up to date
    ///
    /// `roster serve` does so by itself when it starts. Nodes that run already go on meanwhile.
    Migrate(DataArgs),
    /// Copy all data from a data folder to a PostgreSQL database, or the other way round
    ///
    /// Accounts, tokens, users and all else, with their identifiers. Stop the servers over both
    /// first. One that was interrupted goes on when the same command is run again, and until it is
    /// finished nothing serves the copy. In the end both sides are compared row by row. The key
    /// that opens sensitive values is not copied.
    Copy(Box<CopyArgs>),
    /// Manage webhooks: endpoints that are told of every change of an end user
    ///
    /// Works beside a running server, which delivers; it sees the change within a second.
    Webhook {
        #[command(subcommand)]
        command: Box<WebhookCommand>,
    },
}

/// Where the data are.
#[derive(Debug, Clone, Args)]
pub(crate) struct DataArgs {
    /// The folder that holds the data
    #[arg(long, value_name = "DIR", env = "ROSTER_DATA", default_value = "./roster-data")]
    pub(crate) data: PathBuf,

    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
}

/// A database in place of the folder.
#[derive(Debug, Clone, Args)]
pub(crate) struct DatabaseArgs {
    /// Keep the data in this PostgreSQL database, not in the folder
    ///
    /// Such as `postgres://roster:secret@db.example:5432/roster?sslmode=verify-full`. Any number of
    /// servers may share one. sslmode is disable, prefer, require, verify-ca or verify-full;
    /// sslrootcert names a file with the certificates of whom to trust. Rather set the variable
    /// than the flag, which others on the machine can see.
    #[arg(long, value_name = "URL", env = "ROSTER_DATABASE_URL", hide_env_values = true)]
    pub(crate) database_url: Option<String>,

    /// How many connections to the database a server has at most, no fewer than 12
    #[arg(
        long = "database-connections",
        value_name = "COUNT",
        env = "ROSTER_DATABASE_CONNECTIONS",
        default_value_t = 16,
        value_parser = connections
    )]
    pub(crate) connections: usize,

    /// How long the database may take for one statement
    #[arg(
        long = "database-timeout",
        value_name = "TIME",
        env = "ROSTER_DATABASE_TIMEOUT",
        default_value = "5s",
        value_parser = database_timeout
    )]
    pub(crate) timeout: Duration,

    /// A pooler that shares connections out by transaction, such as `PgBouncer`, lies in between
    ///
    /// Then no statement is prepared under a name. The variable takes true or false.
    #[arg(long = "database-pooler", env = "ROSTER_DATABASE_POOLER", value_parser = yes_or_no)]
    pub(crate) pooler: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,

    /// The address and port to listen on
    #[arg(long, value_name = "ADDRESS", env = "ROSTER_LISTEN", default_value = "127.0.0.1:8080", value_parser = address)]
    pub(crate) listen: SocketAddr,

    /// The address that clients use, for the links in answers, such as `https://people.example`
    ///
    /// Without it links are built from each request's own Host header.
    #[arg(long, value_name = "URL", env = "ROSTER_PUBLIC_URL", value_parser = public_url)]
    pub(crate) public_url: Option<String>,

    /// Build links from X-Forwarded-Proto and X-Forwarded-Host
    ///
    /// Only behind a proxy that sets both: anybody else could forge them. The variable takes true
    /// or false.
    #[arg(long, env = "ROSTER_TRUST_PROXY", value_parser = yes_or_no)]
    pub(crate) trust_proxy: bool,

    /// How long an end user made by POST lives unless a conversation is tied to them
    #[arg(long, value_name = "TIME", env = "ROSTER_UNASSOCIATED_TTL", default_value = "24h", value_parser = duration)]
    pub(crate) unassociated_ttl: Duration,

    /// How long a sensitive value lives after it was last written
    #[arg(long, value_name = "TIME", env = "ROSTER_SENSITIVE_TTL", default_value = "24h", value_parser = duration)]
    pub(crate) sensitive_ttl: Duration,

    /// Which quotas hold
    #[arg(long, value_name = "MODE", env = "ROSTER_LIMITS", default_value = "none")]
    pub(crate) limits: Limits,

    /// How many requests a minute Zendesk's dialect admits to an account, with `--limits vendor`
    ///
    /// The vendor's plans: Team 200, Growth and Professional 400, Enterprise 700, with the High
    /// Volume add-on 2500.
    #[arg(long, value_name = "REQUESTS", env = "ROSTER_ZENDESK_LIMIT", default_value_t = 700, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) zendesk_limit: u32,

    /// The file with the keys that seal sensitive values
    ///
    /// Without it a key is made in the data folder, in sealing.key, at the first start. Back it
    /// up: without it sensitive values cannot be opened. A line for each key: its number, a
    /// colon, 64 hexadecimal digits. The highest number seals; the others still open.
    #[arg(long, value_name = "FILE", env = "ROSTER_KEY_FILE")]
    pub(crate) key_file: Option<PathBuf>,

    /// Serve /metrics on this address instead of the main one
    #[arg(long, value_name = "ADDRESS", env = "ROSTER_METRICS_LISTEN", value_parser = address)]
    pub(crate) metrics_listen: Option<SocketAddr>,

    #[command(flatten)]
    pub(crate) network: NetworkArgs,

    /// When a message of a webhook is sent, and sent again after each failure
    ///
    /// The delays, separated by commas; the first one is that before the first try. They get up to
    /// a tenth longer at random.
    #[arg(
        long,
        value_name = "TIMES",
        env = "ROSTER_WEBHOOK_RETRY",
        default_value = "0s,5s,5m,30m,2h,5h,10h,10h",
        value_parser = schedule
    )]
    pub(crate) webhook_retry: RetrySchedule,

    /// How much memory the cache of users may take
    #[arg(long, value_name = "SIZE", env = "ROSTER_CACHE_SIZE", default_value = "64MiB", value_parser = size)]
    pub(crate) cache_size: ByteSize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Limits {
    /// Only bounds that protect the server itself
    None,
    /// The vendor's documented quotas too, to test a client against them
    Vendor,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Make an account, with its owner
    Create(AccountCreateArgs),
    /// List the accounts and how many users each has
    List(DataArgs),
}

#[derive(Debug, Args)]
pub(crate) struct AccountCreateArgs {
    /// The account's name, unique in the data folder
    #[arg(value_parser = account_name)]
    pub(crate) name: AccountName,

    /// The owner's email address
    #[arg(long, value_name = "EMAIL", env = "ROSTER_OWNER_EMAIL", value_parser = text)]
    pub(crate) owner_email: Option<Text>,

    #[command(flatten)]
    pub(crate) data: DataArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token, and print it alone on standard output
    ///
    /// It is shown this once; the server keeps only its hash. It does not expire.
    Create(TokenCreateArgs),
    /// List the tokens; the secrets themselves are not kept
    List(DataArgs),
    /// Revoke a token: the very next request with it is refused
    Revoke(TokenRevokeArgs),
}

#[derive(Debug, Args)]
pub(crate) struct TokenCreateArgs {
    /// The account that the token belongs to
    #[arg(long, value_name = "NAME", env = "ROSTER_ACCOUNT")]
    pub(crate) account: String,

    /// What to call it in the list
    #[arg(long, value_name = "NAME", env = "ROSTER_NAME", default_value = "", value_parser = label)]
    pub(crate) name: Text,

    /// The user it acts for, by email address; the account's owner without this
    #[arg(long, value_name = "EMAIL", env = "ROSTER_USER", value_parser = text)]
    pub(crate) user: Option<Text>,

    /// What it may do, once for each scope
    #[arg(
        long = "scope",
        value_name = "SCOPE",
        env = "ROSTER_SCOPE",
        value_delimiter = ',',
        long_help = scope_help()
    )]
    pub(crate) scopes: Vec<Scope>,

    #[command(flatten)]
    pub(crate) data: DataArgs,
}

#[derive(Debug, Args)]
pub(crate) struct TokenRevokeArgs {
    /// The token's id, as `roster token list` shows it
    pub(crate) id: TokenId,

    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// Told from the scopes themselves, so that it names every one.
fn scope_help() -> String {
    format!(
        "What it may do, once for each scope: {}. Without this: all but sensitive:read and admin",
        Scopes::ALL
    )
}

fn account_name(name: &str) -> Result<AccountName, String> {
    AccountName::new(name)
        .ok_or_else(|| "must have 1 to 100 characters, none of them a control character".into())
}

fn text(value: &str) -> Result<Text, TextError> {
    Text::new(value)
}

fn label(value: &str) -> Result<Text, String> {
    if value.contains(char::is_control) {
        return Err("must not contain control characters, such as line feeds".into());
    }
    Text::new(value).map_err(|error| error.to_string())
}

fn duration(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text)
        .map_err(|_| "write a number and a unit, such as 24h, 30m or 90s".to_owned())?;
    if duration.is_zero() {
        return Err("must be longer than nothing".into());
    }
    Ok(duration)
}

/// The words that other programs take for a variable that is a switch.
pub(crate) fn yes_or_no(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "" | "false" | "0" | "no" | "off" => Ok(false),
        _ => Err("write true or false".into()),
    }
}

fn database_timeout(text: &str) -> Result<Duration, String> {
    let timeout = duration(text)?;
    let bounds = Duration::from_millis(100)..=Duration::from_secs(3600);
    if bounds.contains(&timeout) {
        Ok(timeout)
    } else {
        Err("write a time from 100ms to 1h".into())
    }
}

fn connections(text: &str) -> Result<usize, String> {
    let fewest = PostgresStore::FEWEST_CONNECTIONS;
    let count = text.parse().ok().filter(|count| (fewest..=1000).contains(count));
    count.ok_or_else(|| format!("write a number from {fewest} to 1000"))
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let resolved = text.to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
    resolved.ok_or_else(|| "write an address and a port, such as 127.0.0.1:8080".into())
}

fn size(text: &str) -> Result<ByteSize, String> {
    text.parse().map_err(|_| "write a number and a unit, such as 64MiB".into())
}

fn public_url(text: &str) -> Result<String, String> {
    let uri = text.parse::<Uri>().ok().filter(|uri| {
        let web = matches!(uri.scheme_str(), Some("http" | "https"));
        web && uri.authority().is_some() && uri.query().is_none()
    });
    match uri {
        Some(_) => Ok(text.trim_end_matches('/').to_owned()),
        None => Err("must start with http:// or https:// and name a host".into()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_public_url_is_kept_without_its_last_slash() {
        assert_eq!(public_url("https://people.example/").as_deref(), Ok("https://people.example"));
        for wrong in ["people.example", "ftp://people.example", "https://", "/", "https://a/?b"] {
            assert!(public_url(wrong).is_err(), "{wrong}");
        }
    }
}
