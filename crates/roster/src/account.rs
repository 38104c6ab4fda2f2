//! `roster account`.

use roster_directory::{AccountSummary, Clock, EndUserId, NewAccount, ObjectIdSource};
use roster_server::{Randomness, SystemClock, SystemRandomness};

use crate::args::{AccountCreateArgs, DataArgs};
use crate::backend::Backend;
use crate::output;

/// `roster account create NAME`.
pub(crate) async fn create(args: AccountCreateArgs) -> anyhow::Result<()> {
    let store = Backend::create(&args.data)?.open_for_command()?;
    let now = SystemClock.now();
    let account = NewAccount {
        name: args.name,
        owner_email: args.owner_email,
        owner_end_user_id: EndUserId(new_ids()?.next(now)),
        created_at: now,
    };
    let account = store.create_account(account).await?;
    store.close().await;
    output::print(&format!(
        "made the account {}\nmake a token for it: roster token create --account {:?}\n",
        account.name,
        account.name.as_str()
    ))
}

/// `roster account list`.
pub(crate) async fn list(args: DataArgs) -> anyhow::Result<()> {
    let store = Backend::existing(&args)?.open_for_command()?;
    let accounts = store.accounts().await?;
    store.close().await;
    let rows: Vec<_> = accounts
        .iter()
        .map(|AccountSummary { account, users }| {
            let team = users.agents + users.admins;
            let made = crate::token::date(account.created_at);
            [account.name.to_string(), users.end_users.to_string(), team.to_string(), made]
        })
        .collect();
    output::print_table(["NAME", "END USERS", "TEAM", "MADE"], &rows)
}

/// A source of identifiers for this process.
pub(crate) fn new_ids() -> anyhow::Result<ObjectIdSource> {
    let mut process = [0; 5];
    SystemRandomness.fill(&mut process)?;
    Ok(ObjectIdSource::new(process))
}
