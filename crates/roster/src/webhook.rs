//! `roster webhook`.

use std::sync::Arc;

use anyhow::{Context, bail};
use roster_directory::{
    Account, Attempt, AttemptOutcome, Clock, Delivery, DeliveryFilter, DeliveryState, Endpoint,
    EndpointId, EndpointStatus, EventTypes, MessageNumber, NewEndpoint, PageLimit, PageRequest,
    Store,
};
use roster_server::crypto::{Keyring, read_key_file, unlock};
use roster_server::webhook::{
    AddressPolicy, Probe, WebhookOptions, WebhookSecret, message_id, message_number, probe,
};
use roster_server::{SystemClock, SystemRandomness, message_body};

use crate::account::new_ids;
use crate::backend::Backend;
use crate::output;
use crate::token::date;
use crate::webhook_args::{
    AccountArgs, AddArgs, DeliveriesArgs, EndpointArgs, KeyArgs, ReplayArgs, SecretArgs, StateArg,
    TestArgs, WebhookCommand,
};

/// Runs one of the commands.
pub(crate) async fn run(command: WebhookCommand) -> anyhow::Result<()> {
    match command {
        WebhookCommand::Add(args) => add(args).await,
        WebhookCommand::List(args) => list(args).await,
        WebhookCommand::Remove(args) => remove(args).await,
        WebhookCommand::Secret(args) => secret(args).await,
        WebhookCommand::Deliveries(args) => deliveries(args).await,
        WebhookCommand::Replay(args) => replay(args).await,
        WebhookCommand::Test(args) => test(args).await,
    }
}

/// An open store, and the account that is meant.
struct Desk {
    backend: Backend,
    store: Arc<dyn Store>,
    account: Account,
}

impl Desk {
    async fn open(args: &AccountArgs) -> anyhow::Result<Self> {
        let backend = Backend::existing(&args.data)?;
        let store = backend.open_for_command()?;
        let accounts = store.accounts().await?;
        let names: Vec<_> =
            accounts.iter().map(|summary| summary.account.name.to_string()).collect();
        let wanted = |account: &Account| account.name.as_str() == args.account.trim();
        let account = accounts.into_iter().map(|summary| summary.account).find(wanted);
        let Some(account) = account else {
            bail!("there is no account {:?}; there is {}", args.account, names.join(", "));
        };
        Ok(Self { backend, store, account })
    }

    /// The keys, checked to be those of this store.
    async fn keys(&self, args: &KeyArgs) -> anyhow::Result<Keyring> {
        let path = match &args.key_file {
            Some(path) => path.clone(),
            None => self.backend.key_file()?,
        };
        let keyring = read_key_file(&path)?;
        unlock(&*self.store, &keyring, &SystemRandomness).await?;
        Ok(keyring)
    }

    async fn endpoint(&self, id: EndpointId) -> anyhow::Result<Endpoint> {
        let found = self.store.endpoint(self.account.id, id).await?;
        found.with_context(|| self.no_endpoint(id))
    }

    fn no_endpoint(&self, id: EndpointId) -> String {
        format!(
            "the account {} has no endpoint {id}; `roster webhook list` shows those there are",
            self.account.name
        )
    }
}

async fn add(args: AddArgs) -> anyhow::Result<()> {
    let desk = Desk::open(&args.account).await?;
    let keyring = desk.keys(&args.keys).await?;
    let allow = "allow its network with --webhook-allow, here and for the server";
    let policy = AddressPolicy::new(args.network.allowed);
    policy
        .check_url(&args.url)
        .map_err(|error| anyhow::anyhow!("the URL is refused: {error} Or {allow}"))?;
    let event_types = EventTypes::named(args.events.iter().map(|name| name.trim()))
        .context("--event is not known")?;
    let now = SystemClock.now();
    let endpoint = Endpoint {
        endpoint_id: EndpointId(new_ids()?.next(now)),
        url: args.url,
        description: args.description,
        event_types,
        status: EndpointStatus::Enabled,
        failing_since: None,
        last_failed_at: None,
        created_at: now,
        updated_at: now,
    };
    let id = endpoint.endpoint_id;
    let secret = WebhookSecret::generate(&SystemRandomness)?;
    let secret = secret.seal(&keyring, desk.account.id, id, &SystemRandomness)?;
    desk.store.create_endpoint(desk.account.id, NewEndpoint { endpoint, secret }).await?;
    desk.store.close().await;
    output::print(&format!("{id}\n"))
}

async fn list(args: AccountArgs) -> anyhow::Result<()> {
    let desk = Desk::open(&args).await?;
    let mut rows = Vec::new();
    let mut from = None;
    loop {
        let request = PageRequest { from, limit: PageLimit::MAX };
        let page = desk.store.endpoints(desk.account.id, request).await?;
        rows.extend(page.items.iter().map(|endpoint| {
            let events: Vec<_> = endpoint.event_types.names().collect();
            [
                endpoint.endpoint_id.to_string(),
                status(endpoint),
                date(endpoint.created_at),
                if events.is_empty() { "-".into() } else { events.join(",") },
                endpoint.url.as_str().to_owned(),
                endpoint.description.as_str().replace(char::is_control, " "),
            ]
        }));
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    desk.store.close().await;
    output::print_table(["ID", "STATUS", "MADE", "EVENTS", "URL", "DESCRIPTION"], &rows)
}

fn status(endpoint: &Endpoint) -> String {
    let text = match (endpoint.status, endpoint.failing_since) {
        (EndpointStatus::Enabled, None) => "enabled",
        (EndpointStatus::Enabled, Some(since)) => {
            let last = endpoint.last_failed_at.unwrap_or(since);
            return format!("failing since {}, last {}", date(since), date(last));
        }
        (EndpointStatus::Disabled, _) => "disabled",
        (EndpointStatus::Failed, _) => "disabled: it failed for five days",
        (EndpointStatus::Gone, _) => "disabled: it answered 410 Gone",
    };
    text.to_owned()
}

async fn remove(args: EndpointArgs) -> anyhow::Result<()> {
    let desk = Desk::open(&args.account).await?;
    let removed = desk.store.delete_endpoint(desk.account.id, args.id).await?;
    desk.store.close().await;
    if !removed {
        bail!(desk.no_endpoint(args.id));
    }
    output::print(&format!("removed the endpoint {}\n", args.id))
}

async fn secret(args: SecretArgs) -> anyhow::Result<()> {
    let (id, desk) = (args.endpoint.id, Desk::open(&args.endpoint.account).await?);
    let keyring = desk.keys(&args.keys).await?;
    let account = desk.account.id;
    if args.rotate {
        let secret = WebhookSecret::generate(&SystemRandomness)?;
        let secret = secret.seal(&keyring, account, id, &SystemRandomness)?;
        desk.store.rotate_endpoint_secret(account, id, secret, SystemClock.now()).await?;
    }
    let secrets = desk.store.endpoint_secrets(account, id).await?;
    let secrets = secrets.with_context(|| desk.no_endpoint(id))?;
    let secret = WebhookSecret::open(&keyring, account, id, &secrets.current)?;
    desk.store.close().await;
    output::print_once(std::io::stdout(), &format!("{}\n", secret.reveal()))
        .context("cannot write to standard output")
}

async fn deliveries(args: DeliveriesArgs) -> anyhow::Result<()> {
    let (id, desk) = (args.endpoint.id, Desk::open(&args.endpoint.account).await?);
    desk.endpoint(id).await?;
    let state = args.state.map(|state| match state {
        StateArg::Waiting => DeliveryState::Waiting(SystemClock.now()),
        StateArg::Delivered => DeliveryState::Delivered,
        StateArg::Failed => DeliveryState::Failed,
    });
    let limit = PageLimit::new(args.limit).unwrap_or_default();
    let filter = DeliveryFilter { endpoint_id: id, state, since: args.since, before: None, limit };
    let found = desk.store.deliveries(desk.account.id, filter).await?;
    desk.store.close().await;
    let rows: Vec<_> = found.iter().map(row).collect();
    output::print_table(["MESSAGE", "EVENT", "AT", "STATE", "FAILED TRIES", "LAST ANSWER"], &rows)
}

fn row(delivery: &Delivery) -> [String; 6] {
    let state = match delivery.state {
        DeliveryState::Waiting(next) => format!("waiting until {}", date(next)),
        DeliveryState::Delivered => "delivered".into(),
        DeliveryState::Failed => "failed".into(),
    };
    [
        message_id(delivery.end_user_id, delivery.message),
        delivery.event_type.name().into(),
        date(delivery.message_at),
        state,
        delivery.tries.to_string(),
        delivery.last.as_ref().map_or_else(|| "-".into(), told),
    ]
}

/// How an attempt ended, for a person.
fn told(attempt: &Attempt) -> String {
    let took = attempt.latency_ms;
    match &attempt.outcome {
        AttemptOutcome::Answered(status) => {
            let answer: String = attempt.answer.chars().take(60).collect();
            format!("{status} in {took} ms {}", answer.replace(char::is_control, " "))
        }
        AttemptOutcome::TimedOut => format!("no answer within {took} ms"),
        AttemptOutcome::Forbidden => "its address may not be called (--webhook-allow)".into(),
        AttemptOutcome::Failed(why) => format!("no connection: {why}"),
    }
}

async fn replay(args: ReplayArgs) -> anyhow::Result<()> {
    let (id, desk) = (args.endpoint.id, Desk::open(&args.endpoint.account).await?);
    let (account, now) = (desk.account.id, SystemClock.now());
    let told = if let Some(since) = args.failed_since {
        let count = desk.store.replay_failed(account, id, since, now).await?;
        let count = count.with_context(|| desk.no_endpoint(id))?;
        format!("{count} messages will be sent again\n")
    } else {
        let text = args.message.unwrap_or_default();
        let number: MessageNumber = message_number(&text)
            .with_context(|| format!("{text:?} is no message; it begins with msg_"))?;
        desk.endpoint(id).await?;
        if !desk.store.replay(account, id, number, now).await? {
            bail!("there is no message {text} any more");
        }
        format!("{text} will be sent again\n")
    };
    desk.store.close().await;
    output::print(&told)
}

async fn test(args: TestArgs) -> anyhow::Result<()> {
    let (id, desk) = (args.endpoint.id, Desk::open(&args.endpoint.account).await?);
    let keyring = desk.keys(&args.keys).await?;
    let endpoint = desk.endpoint(id).await?;
    let secrets = desk.store.endpoint_secrets(desk.account.id, id).await?;
    let secrets = secrets.with_context(|| desk.no_endpoint(id))?;
    desk.store.close().await;
    let (account, account_name) = (desk.account.id, desk.account.name);
    let trial = Probe { account, account_name, endpoint, secrets };
    let policy = AddressPolicy::new(args.network.allowed);
    let options = WebhookOptions { policy, ..WebhookOptions::default() };
    let attempt = probe(trial, &options, &keyring, SystemClock.now(), message_body).await?;
    if !attempt.outcome.is_success() {
        bail!("the endpoint did not take the message: {}", told(&attempt));
    }
    output::print(&format!("the endpoint took the message: {}\n", told(&attempt)))
}
