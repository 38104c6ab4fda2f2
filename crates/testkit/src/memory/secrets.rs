//! Secrets, and the keys that they were sealed with.

use roster_directory::{
    EndUserId, EventKind, KeyId, Sealed, SealedValue, SealingKey, SensitiveWrite, Timestamp,
    TokenId,
};

use super::rows::{AccountRows, Rows};

impl AccountRows {
    /// Each name stands for itself: the time of one starts anew with each write of it, and the
    /// others keep theirs.
    pub(super) fn write_secrets(&mut self, user: EndUserId, write: SensitiveWrite) {
        let expires_at = write.expires_at;
        for (key, sealed) in write.changes {
            let place = (user, key.clone());
            match sealed {
                Some(sealed) => self.secrets.insert(place, SealedValue { key, sealed, expires_at }),
                None => self.secrets.remove(&place),
            };
        }
    }

    /// How many secrets the user would have after this. One that has expired counts until it is
    /// swept.
    pub(super) fn secrets_after(&self, user: EndUserId, write: &SensitiveWrite) -> usize {
        let of_user = self.secrets.keys().filter(|(owner, _)| *owner == user);
        let kept = of_user.filter(|(_, key)| !write.changes.contains_key(key)).count();
        kept + write.changes.values().flatten().count()
    }

    /// Nobody reads in secret: the read leaves an event even when there is nothing to be read.
    pub(super) fn read_secrets(
        &mut self,
        id: EndUserId,
        reader: TokenId,
        now: Timestamp,
    ) -> Option<Vec<SealedValue>> {
        let user = self.end_user(id)?.clone();
        self.record(now, EventKind::SensitiveRead(reader), &user);
        let of_user = self.secrets.iter().filter(|((owner, _), _)| *owner == id);
        Some(of_user.filter(|(_, value)| value.expires_at > now).map(|(_, v)| v.clone()).collect())
    }
}

impl Rows {
    pub(super) fn sealing_keys(&self) -> Vec<SealingKey> {
        let key = |check: &Sealed| SealingKey {
            check: check.clone(),
            in_use: self.is_in_use(check.key_id),
        };
        self.sealing_keys.values().map(key).collect()
    }

    /// Whether a stored secret, of an end user or an endpoint, was sealed with this key. One that
    /// has expired counts until it is swept, for it is still there.
    fn is_in_use(&self, key_id: KeyId) -> bool {
        self.accounts.values().any(|rows| {
            let of_users = rows.secrets.values().map(|secret| &secret.sealed);
            of_users.chain(rows.webhooks.sealed()).any(|sealed| sealed.key_id == key_id)
        })
    }

    pub(super) fn add_sealing_key(&mut self, check: Sealed) {
        self.sealing_keys.entry(check.key_id).or_insert(check);
    }
}
