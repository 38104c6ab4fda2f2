//! Users as JSON, kept for as long as they stay what they are.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use arc_swap::ArcSwapOption;
use roster_directory::User;

/// How many users are kept at most.
const SLOTS: usize = 4096;

/// A longer text is not kept, in bytes, so that all of them take at most 16 MiB.
const LARGEST: usize = 4 * 1024;

/// What one dialect wrote for users that were asked for again and again.
///
/// A store that has a user in memory gives out the same shared value until the user changes, and
/// then another one. So a text that belongs to that very value is never out of date, and nobody has
/// to tell this cache of changes.
pub(crate) struct EncodedUsers(Box<[Slot]>);

/// Nothing is written here for a user who is kept already: processors that serve the same users
/// need not wait for each other.
#[derive(Default)]
struct Slot {
    /// The address of the user who was here last, mixed with their number: another one may be in the
    /// same place next. One who comes twice in a row is kept: those who are read once and not again
    /// would only cost copies.
    seen: AtomicU64,
    kept: ArcSwapOption<Kept>,
}

struct Kept {
    /// It keeps the place in memory, so that no other value can be there, but not what the user is.
    user: Weak<User>,
    /// What the text depends on besides the user.
    variant: Box<str>,
    text: Box<[u8]>,
}

impl Default for EncodedUsers {
    fn default() -> Self {
        Self((0..SLOTS).map(|_| Slot::default()).collect())
    }
}

impl EncodedUsers {
    /// Adds the user to `text`, as `encode` writes it. That must depend on nothing but the user and
    /// `variant`.
    pub(crate) fn write(
        &self,
        user: &Arc<User>,
        variant: &str,
        text: &mut Vec<u8>,
        encode: impl FnOnce(&mut Vec<u8>),
    ) {
        let address = Arc::as_ptr(user).addr();
        let slot = self.slot(address);
        if let Some(kept) = &*slot.kept.load()
            && Weak::as_ptr(&kept.user) == Arc::as_ptr(user)
            && is_same(&kept.variant, variant)
        {
            text.extend_from_slice(&kept.text);
            return;
        }
        let start = text.len();
        encode(text);
        let written = text.get(start..).unwrap_or_default();
        let own = user.user_id.get().unsigned_abs().rotate_left(32) ^ address as u64;
        let comes_again = slot.seen.swap(own, Ordering::Relaxed) == own;
        if comes_again && written.len() <= LARGEST {
            let (user, variant, text) = (Arc::downgrade(user), variant.into(), written.into());
            slot.kept.store(Some(Arc::new(Kept { user, variant, text })));
        }
    }

    /// The only place where a user at this address may be.
    fn slot(&self, address: usize) -> &Slot {
        // Values lie at multiples of their size; an odd factor spreads them.
        let spread = address.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (usize::BITS / 2);
        &self.0[spread % SLOTS]
    }
}

/// Whether two texts are the same. Where both are empty no memory is compared: an empty one lies
/// nowhere, and the processor takes longer to find out that it need not read there than to write the
/// user.
fn is_same(one: &str, other: &str) -> bool {
    one.len() == other.len() && (one.is_empty() || one == other)
}

#[cfg(test)]
mod tests {
    use roster_testkit::sample;

    use super::*;

    fn user(number: u32) -> Arc<User> {
        Arc::new(sample::new_end_user(number).into_user(roster_directory::UserId::FIRST))
    }

    /// What is written, and whether it had to be encoded.
    fn written(users: &EncodedUsers, user: &Arc<User>, variant: &str) -> (String, bool) {
        let (mut text, mut encoded) = (b"[".to_vec(), false);
        users.write(user, variant, &mut text, |text| {
            encoded = true;
            text.extend_from_slice(format!("{variant}{}", user.end_user_id).as_bytes());
        });
        (String::from_utf8(text).unwrap(), encoded)
    }

    #[test]
    fn who_comes_again_is_not_encoded_again() {
        let (users, user) = (EncodedUsers::default(), user(1));
        let text = format!("[a{}", user.end_user_id);
        assert_eq!(written(&users, &user, "a"), (text.clone(), true));
        assert_eq!(written(&users, &user, "a"), (text.clone(), true));
        assert_eq!(written(&users, &user, "a"), (text, false));
        let other = format!("[b{}", user.end_user_id);
        assert_eq!(written(&users, &user, "b"), (other.clone(), true));
        assert_eq!(written(&users, &user, "b"), (other, false));
    }

    #[test]
    fn who_has_changed_is_encoded_anew_even_in_the_same_place() {
        let users = EncodedUsers::default();
        for number in 0..20_000 {
            // The one before is gone by then, but for what is kept; its address may come again.
            let user = user(number);
            for _ in 0..3 {
                let (text, _) = written(&users, &user, "");
                assert_eq!(text, format!("[{}", user.end_user_id));
            }
        }
    }

    #[test]
    fn what_is_long_is_not_kept() {
        let (users, user) = (EncodedUsers::default(), user(1));
        for _ in 0..4 {
            let mut encoded = false;
            users.write(&user, "", &mut Vec::new(), |text| {
                encoded = true;
                text.resize(LARGEST + 1, b' ');
            });
            assert!(encoded);
        }
    }
}
