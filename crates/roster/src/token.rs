//! `roster token`.

use std::collections::BTreeMap;
use std::io;
use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Context, bail};
use roster_directory::{
    AccountId, AccountName, Clock, NewToken, Scopes, Store, Timestamp, TokenId,
};
use roster_server::{PlainToken, SystemClock, SystemRandomness};

use crate::account::new_ids;
use crate::args::{DataArgs, TokenCreateArgs, TokenRevokeArgs};
use crate::backend::Backend;
use crate::output;

/// `roster token create --account NAME`.
pub(crate) async fn create(args: TokenCreateArgs) -> anyhow::Result<()> {
    let store = Backend::existing(&args.data)?.open_for_command()?;
    let names = account_names(&*store).await?;
    let Some(account) = names.iter().find(|(_, name)| name.as_str() == args.account.trim()) else {
        let known: Vec<_> = names.values().map(AccountName::as_str).collect();
        bail!("there is no account {:?}; there is {}", args.account, known.join(", "));
    };
    let token = PlainToken::generate(&SystemRandomness)?;
    let now = SystemClock.now();
    let new_token = NewToken {
        id: TokenId(new_ids()?.next(now)),
        hash: token.hash(),
        label: args.name,
        user_email: args.user,
        scopes: if args.scopes.is_empty() {
            Scopes::SERVER
        } else {
            args.scopes.into_iter().collect()
        },
        created_at: now,
    };
    let made = store.create_token(*account.0, new_token).await?;
    let shown = output::print_once(io::stdout(), &format!("{}\n", token.reveal()));
    if shown.is_err() {
        store.revoke_token(made.id, now).await?;
    }
    store.close().await;
    shown.context("the token could not be shown, and was revoked")
}

/// `roster token list`.
pub(crate) async fn list(args: DataArgs) -> anyhow::Result<()> {
    let store = Backend::existing(&args)?.open_for_command()?;
    let names = account_names(&*store).await?;
    let tokens = store.tokens().await?;
    store.close().await;
    let rows: Vec<_> = tokens
        .iter()
        .map(|token| {
            [
                token.id.to_string(),
                names.get(&token.account).map(ToString::to_string).unwrap_or_default(),
                token.label.to_string(),
                date(token.created_at),
                token.revoked_at.map_or_else(|| "-".into(), date),
                token.scopes.to_string(),
            ]
        })
        .collect();
    output::print_table(["ID", "ACCOUNT", "NAME", "MADE", "REVOKED", "SCOPES"], &rows)
}

/// `roster token revoke ID`.
pub(crate) async fn revoke(args: TokenRevokeArgs) -> anyhow::Result<()> {
    let store = Backend::existing(&args.data)?.open_for_command()?;
    let token = store.revoke_token(args.id, SystemClock.now()).await?;
    store.close().await;
    if token.is_none() {
        bail!("there is no token {}; `roster token list` shows those there are", args.id);
    }
    output::print(&format!("revoked the token {}\n", args.id))
}

async fn account_names(store: &dyn Store) -> anyhow::Result<BTreeMap<AccountId, AccountName>> {
    let accounts = store.accounts().await?.into_iter();
    Ok(accounts.map(|summary| (summary.account.id, summary.account.name)).collect())
}

/// A moment to the second, for a person.
pub(crate) fn date(moment: Timestamp) -> String {
    let since_epoch = Duration::from_secs(u64::try_from(moment.as_seconds()).unwrap_or(0));
    humantime::format_rfc3339_seconds(UNIX_EPOCH + since_epoch).to_string()
}
