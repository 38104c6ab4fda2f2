//! `roster serve`.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use roster_directory::{Clock, Store};
use roster_server::crypto::{Keyring, create_key_file, read_key_file, unlock};
use roster_server::jobs::run_expiry;
use roster_server::log::{LogFormat, LogSink};
use roster_server::webhook::{AddressPolicy, Deliverer, WebhookOptions, run_deliveries};
use roster_server::{
    App, LimitMode, PlainToken, Settings, SystemClock, SystemRandomness, first_start, message_body,
    metrics_router, router,
};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::args::{Limits, ServeArgs};
use crate::backend::Backend;
use crate::output;

/// The most connections that are open at a time, where the system allows that many files.
const MAX_CONNECTIONS: u64 = 10_000;

/// Files that the process needs for other things than connections.
const OTHER_FILES: u64 = 128;

/// How long the store may take to write what was accepted, at the end.
const CLOSE_WAIT: Duration = Duration::from_secs(1);

/// How long whoever reads the log may take with the last lines.
const LOG_WAIT: Duration = Duration::from_millis(500);

/// Runs the server until it is told to stop.
pub(crate) async fn serve(args: ServeArgs) -> anyhow::Result<()> {
    // The port first: a start that fails must not have made and told a token already.
    let listener = bind(args.listen, "--listen").await?;
    let metrics_listener = match args.metrics_listen {
        Some(address) => Some(bind(address, "--metrics-listen").await?),
        None => None,
    };
    let named_keys = args.key_file.as_deref().map(read_key_file).transpose()?;
    let backend = Backend::create(&args.data)?;
    let _lock = backend.lock()?;
    let cache_bytes = usize::try_from(args.cache_size.as_u64()).context("--cache-size")?;
    let store = backend.open_to_serve(cache_bytes)?;
    let keyring = match named_keys {
        Some(keyring) => keyring,
        None => own_keys(&backend, &*store).await?,
    };
    unlock(&*store, &keyring, &SystemRandomness).await?;

    let log = LogSink::new(LogFormat::for_stdout(), io::stdout())?;
    log.install();
    let app = App::new(
        Arc::clone(&store),
        Arc::new(SystemClock),
        Arc::new(SystemRandomness),
        keyring,
        settings(&args),
        Some(log.clone()),
    )?;
    let policy = app.settings().webhook_policy.clone();
    let options = WebhookOptions {
        policy,
        schedule: args.webhook_retry.clone(),
        in_all: deliveries_in_all(),
        ..WebhookOptions::default()
    };
    let deliverer = Deliverer::new(Arc::clone(&app), options, message_body)?;
    let stop = stop_signal()?;
    let address = listener.local_addr()?;
    if let Some((id, token)) = first_start(&app).await?
        && let Err(error) = greet(&token, &args, address)
    {
        store.revoke_token(id, SystemClock.now()).await?;
        bail!(
            "the first token could not be shown, and was revoked ({error}); make another with roster token create --account default"
        );
    }
    tracing::info!(%address, data = backend.name(), "roster serves");

    run(&app, deliverer, listener, metrics_listener, &stop).await;
    if tokio::time::timeout(CLOSE_WAIT, store.close()).await.is_err() {
        tracing::warn!("the store did not close in time; it is sound all the same");
        // To drop it would be to wait for it: for a database that does not answer, for instance.
        std::mem::forget(Arc::clone(&store));
    }
    tracing::info!("roster has stopped");
    log.flush(LOG_WAIT);
    Ok(())
}

async fn run(
    app: &Arc<App>,
    deliverer: Deliverer,
    listener: TcpListener,
    metrics_listener: Option<TcpListener>,
    stop: &watch::Receiver<bool>,
) {
    let expiry = tokio::spawn(run_expiry(Arc::clone(app), stopped(stop.clone())));
    let deliveries = tokio::spawn(run_deliveries(deliverer, stopped(stop.clone())));
    let main = roster_server::serve(
        listener,
        router(app, metrics_listener.is_none()),
        Arc::clone(app),
        stopped(stop.clone()),
    );
    let metrics = async {
        if let Some(listener) = metrics_listener {
            let router = metrics_router(app);
            let stop = stopped(stop.clone());
            roster_server::serve(listener, router, Arc::clone(app), stop).await;
        }
    };
    tokio::join!(main, metrics);
    // The jobs end by the same signal; if one panicked, the panic has been printed.
    let _ = tokio::join!(expiry, deliveries);
}

async fn bind(address: SocketAddr, flag: &str) -> anyhow::Result<TcpListener> {
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            bail!("{address} is in use by another program; choose another address with {flag}")
        }
        Err(error) => Err(error).with_context(|| format!("cannot listen on {address} ({flag})")),
    }
}

/// The keys in the data folder, where a first one is made.
async fn own_keys(backend: &Backend, store: &dyn Store) -> anyhow::Result<Keyring> {
    let path = backend.key_file()?;
    if !path.exists() {
        make_first_key(&path, store).await?;
    }
    Ok(read_key_file(&path)?)
}

/// A new key over a store that was sealed with another would lose its secrets silently.
async fn make_first_key(path: &Path, store: &dyn Store) -> anyhow::Result<()> {
    if !store.sealing_keys().await?.is_empty() {
        bail!(
            "the key file {} is gone, but these data were sealed with it; put it back, or name it with --key-file",
            path.display()
        );
    }
    create_key_file(path, &SystemRandomness)?;
    output::tell(&format!(
        "roster made the key that seals sensitive values, {}. Back it up, apart from the data.\n",
        path.display()
    ));
    Ok(())
}

fn settings(args: &ServeArgs) -> Settings {
    Settings {
        public_url: args.public_url.clone(),
        trust_proxy: args.trust_proxy,
        unassociated_ttl: args.unassociated_ttl,
        sensitive_ttl: args.sensitive_ttl,
        limits: match args.limits {
            Limits::None => LimitMode::None,
            Limits::Vendor => LimitMode::Vendor,
        },
        support_per_minute: args.zendesk_limit,
        webhook_policy: AddressPolicy::new(args.network.allowed.clone()),
        max_connections: max_connections(),
        ..Settings::default()
    }
}

/// Tells the token of the first start. It goes to standard error, because standard output is the
/// log, which holds no secret.
fn greet(token: &PlainToken, args: &ServeArgs, address: SocketAddr) -> io::Result<()> {
    let url = args.public_url.clone().unwrap_or_else(|| {
        let host = if address.ip().is_unspecified() {
            IpAddr::V4(Ipv4Addr::LOCALHOST)
        } else {
            address.ip()
        };
        format!("http://{}", SocketAddr::new(host, address.port()))
    });
    let token = token.reveal();
    let text = format!(
        "\nWelcome to roster. This is the token of the account \"default\"; it is shown only now:\n\n    \
         {token}\n\nMake an end user:\n\n    \
         curl -X POST {url}/api/v2/end-users/ -H 'Authorization: Bearer {token}' \
         -H 'Content-Type: application/json' -d '{{\"profile\": {{\"first_name\": \"Grace\"}}}}'\n\n\
         List them:\n\n    \
         curl {url}/api/v2/end-users/ -H 'Authorization: Bearer {token}'\n\n\
         The same people in Zendesk's words:\n\n    \
         curl -u 'me@example.org/token:{token}' {url}/api/v2/users.json\n\n"
    );
    output::print_once(io::stderr(), &text)
}

/// As many as the system allows, which is raised first as far as it goes.
fn max_connections() -> usize {
    let webhooks = u64::try_from(2 * deliveries_in_all()).unwrap_or(0);
    let connections = max_files().saturating_sub(OTHER_FILES).saturating_sub(webhooks);
    usize::try_from(connections.clamp(16, MAX_CONNECTIONS)).unwrap_or(16)
}

/// How many deliveries may be under way. Each has a connection, and an idle one is kept for it.
fn deliveries_in_all() -> usize {
    let most = WebhookOptions::default().in_all;
    usize::try_from(max_files() / 8).unwrap_or(most).clamp(16, most)
}

fn max_files() -> u64 {
    let wanted = MAX_CONNECTIONS + OTHER_FILES + 1024;
    rlimit::increase_nofile_limit(wanted).unwrap_or(1024)
}

/// Becomes true at the first SIGTERM or SIGINT.
fn stop_signal() -> anyhow::Result<watch::Receiver<bool>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        // Nobody listens any more only when the server is ending anyway.
        let _ = sender.send(true);
    });
    Ok(receiver)
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // An error means that the sender is gone, which is a reason to stop, too.
    let _ = stop.wait_for(|stopping| *stopping).await;
}
