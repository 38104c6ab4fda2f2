//! Removing those whose time has come.
//!
//! Any number of nodes may do this at once: each account is swept under its lock, and whoever
//! comes second finds nothing left.

use std::collections::BTreeMap;

use roster_directory::{AccountId, JOB_LIFETIME, StoreError, Swept, Timestamp, UserId};
use roster_relational::operations::expiry;
use roster_relational::tables::{job, sensitive_value, user};

use crate::session::Session;
use crate::store::PostgresStore;
use crate::unit_queue::Scope;

impl PostgresStore {
    /// As [`Store::expire`](roster_directory::Store::expire) says. Users first: the secrets that go
    /// with them are not counted as secrets whose own time has come.
    pub(crate) async fn sweep(&self, now: Timestamp, limit: usize) -> Result<Swept, StoreError> {
        let read = move |session: &Session| user::expired(session, now, limit);
        let mut accounts: BTreeMap<AccountId, Vec<UserId>> = BTreeMap::new();
        for expired in self.readers.read(read).await? {
            accounts.entry(expired.account).or_default().push(expired.user_id);
        }
        let mut swept = Swept::default();
        for (account, users) in accounts {
            swept.end_users += self
                .writer
                .write(Scope::Account(account), move |transaction| {
                    expiry::expire_users(transaction, account, &users, now)
                })
                .await?;
        }
        swept.sensitive_values = self
            .writer
            .write(Scope::Store, move |transaction| {
                let removed = sensitive_value::delete_expired(transaction.connection, now, limit)?;
                job::delete_until(transaction.connection, now.before(JOB_LIFETIME), limit)?;
                Ok::<_, StoreError>(removed)
            })
            .await?;
        Ok(swept)
    }
}
