//! The command line of `roster webhook`.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Args, Command, Subcommand, ValueEnum};
use ipnet::IpNet;
use roster_directory::{
    Description, EndpointId, EndpointUrl, EndpointUrlError, EventType, MalformedDescription,
    RetrySchedule, SILENT_EVENT_TYPES, Timestamp,
};

use crate::args::DataArgs;

/// Which networks webhooks may reach, for the server and for what a command calls itself.
#[derive(Debug, Clone, Args)]
pub(crate) struct NetworkArgs {
    /// A network that webhooks may call though it is not public, such as 10.0.0.0/8; once for each
    ///
    /// Without this only public addresses are called, and only with https. An address within an
    /// allowed network may be called with plain http, too.
    #[arg(
        long = "webhook-allow",
        value_name = "CIDR",
        env = "ROSTER_WEBHOOK_ALLOW",
        value_delimiter = ',',
        value_parser = network
    )]
    pub(crate) allowed: Vec<IpNet>,
}

/// An account, and where it is.
#[derive(Debug, Clone, Args)]
pub(crate) struct AccountArgs {
    /// The account that the endpoint belongs to
    #[arg(long, value_name = "NAME", env = "ROSTER_ACCOUNT", default_value = "default")]
    pub(crate) account: String,

    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// The keys that open secrets.
#[derive(Debug, Clone, Args)]
pub(crate) struct KeyArgs {
    /// The file with the keys that seal secrets, if the server was given one
    #[arg(long, value_name = "FILE", env = "ROSTER_KEY_FILE")]
    pub(crate) key_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WebhookCommand {
    /// Register an endpoint, and print its identifier
    ///
    /// It is sent what happens from now on. Its secret, which it verifies messages with, is shown
    /// by `roster webhook secret`.
    Add(AddArgs),
    /// List the endpoints of an account
    List(AccountArgs),
    /// Remove an endpoint, with what is known of deliveries to it
    Remove(EndpointArgs),
    /// Print an endpoint's secret alone on standard output
    Secret(SecretArgs),
    /// List deliveries to an endpoint, the newest messages first
    Deliveries(DeliveriesArgs),
    /// Send an endpoint a message again, or all that have failed since a time
    ///
    /// The server sends them; this command does not wait for it.
    Replay(ReplayArgs),
    /// Send an endpoint a message about an end user who does not exist, now
    ///
    /// This command calls the endpoint itself, and prints how it answered. It fails unless the
    /// answer is a success.
    Test(TestArgs),
}

#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// Where messages are posted to, such as `https://example.com/hooks`
    #[arg(value_parser = UrlParser)]
    pub(crate) url: EndpointUrl,

    /// What to call it in the list
    #[arg(long, value_name = "TEXT", default_value = "", value_parser = description)]
    pub(crate) description: Description,

    /// A type of event that it is sent, once for each
    #[arg(long = "event", value_name = "TYPE", value_delimiter = ',', long_help = event_help())]
    pub(crate) events: Vec<String>,

    #[command(flatten)]
    pub(crate) network: NetworkArgs,

    #[command(flatten)]
    pub(crate) keys: KeyArgs,

    #[command(flatten)]
    pub(crate) account: AccountArgs,
}

#[derive(Debug, Args)]
pub(crate) struct EndpointArgs {
    /// The endpoint, as `roster webhook list` shows it
    pub(crate) id: EndpointId,

    #[command(flatten)]
    pub(crate) account: AccountArgs,
}

#[derive(Debug, Args)]
pub(crate) struct SecretArgs {
    /// Make another secret first; the old one signs for 24 hours more
    #[arg(long)]
    pub(crate) rotate: bool,

    #[command(flatten)]
    pub(crate) keys: KeyArgs,

    #[command(flatten)]
    pub(crate) endpoint: EndpointArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StateArg {
    /// To be tried again
    Waiting,
    /// Taken by the endpoint
    Delivered,
    /// Not tried any more
    Failed,
}

#[derive(Debug, Args)]
pub(crate) struct DeliveriesArgs {
    /// Only those that stand like this
    #[arg(long, value_name = "STATE")]
    pub(crate) state: Option<StateArg>,

    /// Only messages of this time and later, such as 2026-10-02T09:15:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) since: Option<Timestamp>,

    /// How many
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=100))]
    pub(crate) limit: u64,

    #[command(flatten)]
    pub(crate) endpoint: EndpointArgs,
}

#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct ReplayArgs {
    #[command(flatten)]
    pub(crate) endpoint: EndpointArgs,

    /// The message, by its svix-id, as `roster webhook deliveries` shows it
    #[arg(value_name = "MESSAGE", required_unless_present = "failed_since")]
    pub(crate) message: Option<String>,

    /// In place of one message: all that have failed and are of this time or later
    #[arg(long, value_name = "TIME", value_parser = moment, conflicts_with = "message")]
    pub(crate) failed_since: Option<Timestamp>,
}

#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    #[command(flatten)]
    pub(crate) network: NetworkArgs,

    #[command(flatten)]
    pub(crate) keys: KeyArgs,

    #[command(flatten)]
    pub(crate) endpoint: EndpointArgs,
}

/// Told from the types themselves, so that it names every one.
fn event_help() -> String {
    let types = EventType::ALL.iter().map(|event_type| event_type.name());
    format!(
        "A type of event that it is sent, once for each: {}. Without this: the first two. These of the vendor's are taken and never sent: {}",
        types.collect::<Vec<_>>().join(", "),
        SILENT_EVENT_TYPES.join(", ")
    )
}

fn network(text: &str) -> Result<IpNet, String> {
    let single = || text.parse::<std::net::IpAddr>().map(IpNet::from);
    text.parse::<IpNet>()
        .or_else(|_| single())
        .map_err(|_| "write a network, such as 10.0.0.0/8 or fd00::/8".into())
}

/// Reads a URL. One that is refused may hold a password, so it is not repeated, as clap itself
/// would.
#[derive(Debug, Clone, Copy)]
struct UrlParser;

impl TypedValueParser for UrlParser {
    type Value = EndpointUrl;

    fn parse_ref(
        &self,
        command: &Command,
        _: Option<&Arg>,
        value: &OsStr,
    ) -> Result<EndpointUrl, clap::Error> {
        let text = value.to_str().ok_or(EndpointUrlError::Malformed);
        text.and_then(EndpointUrl::new).map_err(|error| {
            let message = format!("the URL is refused: {error}\n");
            clap::Error::raw(ErrorKind::ValueValidation, message).with_cmd(command)
        })
    }
}

fn description(text: &str) -> Result<Description, MalformedDescription> {
    Description::new(text)
}

/// A moment as RFC 3339 writes it.
fn moment(text: &str) -> Result<Timestamp, String> {
    let wrong = || "write a time, such as 2026-10-02T09:15:00Z".to_owned();
    let time = humantime::parse_rfc3339(text).map_err(|_| wrong())?;
    let since_epoch = time.duration_since(std::time::UNIX_EPOCH).map_err(|_| wrong())?;
    i64::try_from(since_epoch.as_micros()).map(Timestamp::from_micros).map_err(|_| wrong())
}

/// The delays of a schedule, such as `0s,5s,5m`.
pub(crate) fn schedule(text: &str) -> Result<RetrySchedule, String> {
    let delay = |text: &str| {
        let text = text.trim();
        let zero = (text == "0").then_some(Duration::ZERO);
        let read = zero.map_or_else(|| humantime::parse_duration(text).map_err(|_| text), Ok);
        read.map_err(|text| format!("{text:?} is no delay; write some, such as 0s,5s,5m,30m"))
    };
    let delays: Result<Vec<_>, _> = text.split(',').map(delay).collect();
    RetrySchedule::new(delays?).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_a_list_of_delays() {
        let seconds = |all: &[u64]| all.iter().copied().map(Duration::from_secs).collect();
        let expected = RetrySchedule::new(seconds(&[0, 5, 300])).unwrap();
        assert_eq!(schedule("0s,5s,5m"), Ok(expected.clone()));
        assert_eq!(schedule("0, 5s, 5min"), Ok(expected));
        for wrong in ["", "5", "5s,", "soon", &"1s,".repeat(60)] {
            assert!(schedule(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_refused_url_is_not_repeated() {
        for url in ["https://ada:hunter2@example.com/", "ada:hunter2@example.com", "hunter2"] {
            let command = AddArgs::augment_args(Command::new("add"));
            let refused = command.try_get_matches_from(["add", url]).unwrap_err();
            let text = format!("{}{refused:?}", refused.render());
            assert!(text.contains("the URL is refused: Must"), "{text}");
            assert!(!text.contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn a_network_may_be_one_address() {
        for text in ["127.0.0.1", "10.0.0.0/8", "::1", "fd00::/8"] {
            assert!(network(text).is_ok(), "{text}");
        }
        for wrong in ["", "10.0.0.0/33", "localhost", "10/8"] {
            assert!(network(wrong).is_err(), "{wrong:?}");
        }
    }
}
