//! Removing those whose time has come.

use std::sync::Arc;

use roster_directory::{JOB_LIFETIME, RemovalReason, Swept, Timestamp};

use super::rows::Rows;

impl Rows {
    /// Users first: the secrets that go with them are not counted as secrets whose own time has
    /// come.
    pub(super) fn expire(&mut self, now: Timestamp, limit: usize) -> Swept {
        self.expire_jobs(now, limit);
        Swept {
            end_users: self.expire_end_users(now, limit),
            sensitive_values: self.expire_secrets(now, limit),
        }
    }

    fn expire_end_users(&mut self, now: Timestamp, limit: usize) -> usize {
        let mut due = Vec::new();
        for (account, rows) in &self.accounts {
            for user in rows.users.values() {
                due.extend(
                    user.expires_at.map(|at| (at, user.user_id, *account, user.end_user_id)),
                );
            }
        }
        due.retain(|(at, ..)| *at <= now);
        due.sort_unstable();
        due.truncate(limit);
        for (_, _, account, id) in &due {
            let Some(rows) = self.accounts.get_mut(account) else { continue };
            let Some(user) = rows.users.get(id).map(Arc::clone) else { continue };
            rows.remove(&user, RemovalReason::Expired, now);
        }
        due.len()
    }

    fn expire_secrets(&mut self, now: Timestamp, limit: usize) -> usize {
        let mut due = Vec::new();
        for (account, rows) in &self.accounts {
            due.extend(
                rows.secrets
                    .iter()
                    .map(|(place, value)| (value.expires_at, *account, place.clone())),
            );
        }
        due.retain(|(at, ..)| *at <= now);
        due.sort_unstable();
        due.truncate(limit);
        for (_, account, place) in &due {
            let Some(rows) = self.accounts.get_mut(account) else { continue };
            rows.secrets.remove(place);
        }
        due.len()
    }

    fn expire_jobs(&mut self, now: Timestamp, limit: usize) {
        let mut due = Vec::new();
        for (account, rows) in &self.accounts {
            due.extend(rows.jobs.values().map(|job| (job.completed_at, *account, job.id)));
        }
        due.retain(|(at, ..)| at.after(JOB_LIFETIME) <= now);
        due.sort_unstable();
        due.truncate(limit);
        for (_, account, id) in &due {
            let Some(rows) = self.accounts.get_mut(account) else { continue };
            rows.jobs.remove(id);
        }
    }
}
