//! The binary: the only place that names a backend.

mod account;
mod args;
mod backend;
mod command_line;
mod copy;
mod copy_args;
mod copy_watch;
mod data_folder;
mod output;
mod serve;
mod token;
mod webhook;
mod webhook_args;

use std::process::ExitCode;
use std::time::Duration;

use args::{AccountCommand, Command, DataArgs, TokenCommand};
use backend::Backend;

/// Under load roster allocates small values on several threads at once, which mimalloc does
/// faster than the C library's allocator, and with less memory left over.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long the end waits for what is still at work when all else is closed.
const LAST_WAIT: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    let cli = match command_line::read() {
        Ok(cli) => cli,
        Err(refused) => return refused,
    };
    match run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line, whatever the error is made of.
            let text = format!("{error:#}").replace('\n', " ");
            output::tell(&format!("roster: {text}\n"));
            ExitCode::FAILURE
        }
    }
}

/// `roster migrate`.
async fn migrate(args: DataArgs) -> anyhow::Result<()> {
    let backend = Backend::create(&args)?;
    // To open a store is to bring its schema up to date.
    backend.open_for_command()?.close().await;
    output::print(&format!("the schema of {} is up to date\n", backend.name()))
}

fn run(command: Command) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(async {
        match command {
            Command::Serve(args) => serve::serve(*args).await,
            Command::Account { command } => match command {
                AccountCommand::Create(args) => account::create(args).await,
                AccountCommand::List(args) => account::list(args).await,
            },
            Command::Token { command } => match command {
                TokenCommand::Create(args) => token::create(args).await,
                TokenCommand::List(args) => token::list(args).await,
                TokenCommand::Revoke(args) => token::revoke(args).await,
            },
            Command::Migrate(args) => migrate(args).await,
            // It waits on its own thread.
            Command::Copy(args) => tokio::task::spawn_blocking(move || copy::copy(&args)).await?,
            Command::Webhook { command } => webhook::run(*command).await,
        }
    });
    // A handler that is still at work has had its time.
    runtime.shutdown_timeout(LAST_WAIT);
    done
}
