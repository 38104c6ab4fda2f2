//! How a person is known elsewhere: addresses, numbers, names of other services.

use crate::{IdentityId, Text, Timestamp, User, UserId};

macro_rules! identity_kinds {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $name:literal;)*) => {
        /// What an identity is (contract Zendesk §6).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum IdentityKind {
            $($(#[$doc])* $variant = $number,)*
        }

        impl IdentityKind {
            /// Every kind there is.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name in Zendesk's dialect.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The number under which a store keeps it.
            #[must_use]
            pub const fn number(self) -> i64 {
                self as i64
            }
        }
    };
}

identity_kinds! {
    /// An email address.
    Email = 0, "email";
    /// A name on Twitter.
    Twitter = 1, "twitter";
    /// A name on Facebook.
    Facebook = 2, "facebook";
    /// An account at Google.
    Google = 3, "google";
    /// A telephone number that nobody shares.
    PhoneNumber = 4, "phone_number";
    /// A number that calls of an agent are forwarded to.
    AgentForwarding = 5, "agent_forwarding";
    /// A name on an integrated channel.
    AnyChannel = 6, "any_channel";
    /// A name in another system.
    Foreign = 7, "foreign";
    /// A name in an app.
    Sdk = 8, "sdk";
    /// A name in messaging.
    Messaging = 9, "messaging";
    /// An account at Microsoft.
    Microsoft = 10, "microsoft";
}

/// The value of an identity: 1 to 255 characters without white space at its ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityValue {
    written: Box<str>,
    folded: Box<str>,
}

/// Why a value is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentityValueError {
    /// Nothing but white space.
    #[error("cannot be blank")]
    Empty,
    /// Longer than [`IdentityValue::LIMIT`].
    #[error("is too long (maximum is 255 characters)")]
    TooLong,
    /// It holds U+0000.
    #[error("must not contain U+0000")]
    Nul,
    /// An email address without an `@` between two parts, or with white space.
    #[error("is not properly formatted")]
    NoAddress,
}

impl IdentityValue {
    /// The most characters of a value.
    pub const LIMIT: usize = 255;

    /// The value, checked for its kind.
    pub fn new(kind: IdentityKind, text: &str) -> Result<Self, IdentityValueError> {
        let value = Self::claimed(text)?;
        let is_address = || {
            let (local, domain) = value.written.rsplit_once('@')?;
            let blank = |character: char| character.is_whitespace() || character.is_control();
            (!local.is_empty() && !domain.is_empty() && !value.written.contains(blank))
                .then_some(())
        };
        if kind == IdentityKind::Email && is_address().is_none() {
            return Err(IdentityValueError::NoAddress);
        }
        Ok(value)
    }

    /// The value as anybody may have written it: Ada's dialect takes any text for an address.
    pub fn claimed(text: &str) -> Result<Self, IdentityValueError> {
        let written = text.trim();
        if written.is_empty() {
            return Err(IdentityValueError::Empty);
        }
        if written.contains('\0') {
            return Err(IdentityValueError::Nul);
        }
        let folded = written.to_lowercase();
        if written.chars().count().max(folded.chars().count()) > Self::LIMIT {
            return Err(IdentityValueError::TooLong);
        }
        Ok(Self { written: written.into(), folded: folded.into() })
    }

    /// As it was written.
    #[must_use]
    pub fn written(&self) -> &str {
        &self.written
    }

    /// In lower case: two values with the same folded form are the same value.
    #[must_use]
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// The value as a text of a profile.
    #[must_use]
    pub fn to_text(&self) -> Option<Text> {
        // A value is shorter than a text may be, and holds no U+0000.
        Text::new(&*self.written).ok()
    }
}

/// How a person is known elsewhere. Unique per account by kind and folded value.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// The number that the store gave it.
    pub id: IdentityId,
    /// Whose it is.
    pub user_id: UserId,
    /// What it is.
    pub kind: IdentityKind,
    /// Its value.
    pub value: IdentityValue,
    /// Whether it was verified.
    pub verified: bool,
    /// Whether it is the first of its kind. A user's primary email is the `email` of the profile.
    pub primary: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When anything above last changed.
    pub updated_at: Timestamp,
}

/// What it takes to make an identity.
#[derive(Debug, Clone, PartialEq)]
pub struct NewIdentity {
    /// What it is.
    pub kind: IdentityKind,
    /// Its value.
    pub value: IdentityValue,
    /// Whether it is taken to be verified.
    pub verified: bool,
    /// Whether it shall be the primary one of its kind.
    pub primary: bool,
}

/// A change of an identity.
#[derive(Debug, Clone, PartialEq)]
pub enum IdentityChange {
    /// Gives it another value, or says whether it is verified.
    Edit {
        /// The new value.
        value: Option<IdentityValue>,
        /// Whether it is verified.
        verified: Option<bool>,
    },
    /// Makes it the primary one of its kind.
    MakePrimary,
}

/// All identities of one user, and the rules that hold among them: of each kind at most one is
/// primary; of email addresses and telephone numbers the first one is.
#[derive(Debug, Clone, PartialEq)]
pub struct IdentitySet {
    user_id: UserId,
    all: Vec<Identity>,
}

impl IdentitySet {
    /// The identities that a store has of a user, ascending by id.
    #[must_use]
    pub fn from_stored(user_id: UserId, all: Vec<Identity>) -> Self {
        Self { user_id, all }
    }

    /// The identities, ascending by id.
    #[must_use]
    pub fn as_slice(&self) -> &[Identity] {
        &self.all
    }

    /// The one with this number.
    #[must_use]
    pub fn find(&self, id: IdentityId) -> Option<&Identity> {
        self.all.iter().find(|identity| identity.id == id)
    }

    /// Whether the user has this one.
    #[must_use]
    pub fn has(&self, kind: IdentityKind, value: &IdentityValue) -> bool {
        let same = |own: &Identity| own.kind == kind && own.value.folded() == value.folded();
        self.all.iter().any(same)
    }

    /// The primary email address.
    #[must_use]
    pub fn primary_email(&self) -> Option<&Identity> {
        self.all.iter().find(|own| own.kind == IdentityKind::Email && own.primary)
    }

    /// Adds one, which nobody in the account has.
    pub fn add(&mut self, id: IdentityId, new: NewIdentity, now: Timestamp) {
        let NewIdentity { kind, value, verified, primary } = new;
        let user_id = self.user_id;
        let (created_at, updated_at) = (now, now);
        let identity =
            Identity { id, user_id, kind, value, verified, primary: false, created_at, updated_at };
        self.all.push(identity);
        if primary {
            self.make_primary(id, now);
        }
        self.settle(kind);
    }

    /// Changes one; false if there is none with this number. The new value is nobody else's.
    pub fn change(&mut self, id: IdentityId, change: &IdentityChange, now: Timestamp) -> bool {
        let Some(identity) = self.all.iter_mut().find(|identity| identity.id == id) else {
            return false;
        };
        match change {
            IdentityChange::Edit { value, verified } => {
                let before = identity.clone();
                if let Some(value) = value {
                    identity.value = value.clone();
                }
                identity.verified = verified.unwrap_or(identity.verified);
                if *identity != before {
                    identity.updated_at = now;
                }
            }
            IdentityChange::MakePrimary => self.make_primary(id, now),
        }
        true
    }

    /// Removes one; false if there is none with this number. If it was the primary one, the next
    /// of its kind takes its place.
    pub fn remove(&mut self, id: IdentityId) -> bool {
        let Some(place) = self.all.iter().position(|identity| identity.id == id) else {
            return false;
        };
        let removed = self.all.remove(place);
        self.settle(removed.kind);
        true
    }

    /// Follows what Ada's dialect wrote as the email address: the former one is given up, and the
    /// new one, unless somebody else has it, becomes the primary one. `new_id` is taken only then.
    pub fn follow_email(
        &mut self,
        email: Option<IdentityValue>,
        new_id: impl FnOnce() -> IdentityId,
        now: Timestamp,
    ) {
        let former = self.primary_email().map(|identity| identity.id);
        let own = email.as_ref().and_then(|email| {
            let same = |own: &&Identity| {
                own.kind == IdentityKind::Email && own.value.folded() == email.folded()
            };
            self.all.iter().find(same).map(|identity| identity.id)
        });
        if former != own
            && let Some(former) = former
        {
            self.all.retain(|identity| identity.id != former);
        }
        match (own, email) {
            (Some(own), _) => self.make_primary(own, now),
            (None, Some(value)) => {
                let kind = IdentityKind::Email;
                let new = NewIdentity { kind, value, verified: false, primary: true };
                self.add(new_id(), new, now);
            }
            (None, None) => {}
        }
    }

    /// Takes over the identities of somebody who is merged into this user. None of them stays a
    /// primary one, unless this user has none of its kind.
    pub fn absorb(&mut self, other: Self, now: Timestamp) {
        for identity in other.all {
            let kind = identity.kind;
            let (user_id, updated_at) = (self.user_id, now.max(identity.created_at));
            self.all.push(Identity { user_id, primary: false, updated_at, ..identity });
            self.settle(kind);
        }
        self.all.sort_by_key(|identity| identity.id);
    }

    fn make_primary(&mut self, id: IdentityId, now: Timestamp) {
        let Some(kind) = self.find(id).map(|identity| identity.kind) else { return };
        for identity in self.all.iter_mut().filter(|identity| identity.kind == kind) {
            let primary = identity.id == id;
            if identity.primary != primary {
                identity.primary = primary;
                identity.updated_at = now.max(identity.created_at);
            }
        }
    }

    /// Sees to it that a kind that has a primary one has it.
    fn settle(&mut self, kind: IdentityKind) {
        let of_kind = |identity: &&mut Identity| identity.kind == kind;
        let needs_one = matches!(kind, IdentityKind::Email | IdentityKind::PhoneNumber);
        let has_one = self.all.iter().any(|identity| identity.kind == kind && identity.primary);
        if needs_one
            && !has_one
            && let Some(first) = self.all.iter_mut().find(of_kind)
        {
            first.primary = true;
        }
    }
}

impl User {
    /// Follows a change of the user's identities: the `email` of the profile is the primary
    /// address, and whose primary identity is verified is verified.
    pub fn follow(&mut self, before: &IdentitySet, after: &IdentitySet) {
        let email = |set: &IdentitySet| set.primary_email().map(|own| own.value.clone());
        if email(before) != email(after) {
            self.profile.email = email(after).and_then(|value| value.to_text());
        }
        if after.as_slice().iter().any(|identity| identity.primary && identity.verified) {
            self.support.update(|support| support.verified = true);
        }
    }
}
