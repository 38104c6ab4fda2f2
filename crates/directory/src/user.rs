//! The person that the directory is about.

use crate::{
    EndUserId, ExternalId, LanguageTag, Metadata, SensitiveWrite, Support, Text, Timestamp, UserId,
};

/// The largest metadata of an end user: 10 KB (contract Ada §2.5, §9.14).
pub const END_USER_METADATA_LIMIT: usize = 10 * 1024;

/// What a user is in their account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Somebody the support team talks to. The only role that Ada's dialect sees.
    EndUser,
    /// A member of the support team.
    Agent,
    /// A member of the support team who administers the account.
    Admin,
}

/// What is known of a person.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Profile {
    /// Given name.
    pub first_name: Option<Text>,
    /// Family name.
    pub last_name: Option<Text>,
    /// The name to show.
    pub display_name: Option<Text>,
    /// Where a picture of the person is. Not checked to be a URL (contract Ada §9.28).
    pub avatar: Option<Text>,
    /// An address. Not checked to be one (contract Ada §9.28).
    pub email: Option<Text>,
    /// The person's language.
    pub language: Option<LanguageTag>,
    /// The caller's own keys.
    pub metadata: Metadata,
}

/// Whether a user is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserState {
    /// They are.
    Active,
    /// They were deleted: no list shows them, their email address and external id are free, their
    /// secrets are gone. The incremental export and the list of the deleted still tell of them.
    Deleted,
    /// They were deleted for good: nothing is known of them but that they were there.
    Erased,
}

/// A person in an account.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// The number that the store gave them.
    pub user_id: UserId,
    /// Their identifier in Ada's dialect.
    pub end_user_id: EndUserId,
    /// What they are in the account.
    pub role: Role,
    /// The caller's own key for them.
    pub external_id: Option<ExternalId>,
    /// What is known of them.
    pub profile: Profile,
    /// What Zendesk's dialect alone knows of them.
    pub support: Support,
    /// Whether they are there.
    pub state: UserState,
    /// When they were made.
    pub created_at: Timestamp,
    /// When anything above last changed.
    pub updated_at: Timestamp,
    /// When they will be deleted unless a conversation is tied to them first; `None` once that
    /// has happened, and for those to whom the rule does not apply.
    pub expires_at: Option<Timestamp>,
}

/// What it takes to make an end user.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEndUser {
    /// The new identifier.
    pub end_user_id: EndUserId,
    /// The caller's own key for them.
    pub external_id: Option<ExternalId>,
    /// What is known of them.
    pub profile: Profile,
    /// Their secrets, if any came along.
    pub sensitive_metadata: Option<SensitiveWrite>,
    /// When they are made.
    pub created_at: Timestamp,
    /// When they will be deleted unless a conversation is tied to them first.
    pub expires_at: Option<Timestamp>,
}

impl NewEndUser {
    /// The user that this makes, under the number that the store gives out.
    #[must_use]
    pub fn into_user(self, user_id: UserId) -> User {
        User {
            user_id,
            end_user_id: self.end_user_id,
            role: Role::EndUser,
            external_id: self.external_id,
            profile: self.profile,
            support: Support::default(),
            state: UserState::Active,
            created_at: self.created_at,
            updated_at: self.created_at,
            expires_at: self.expires_at,
        }
    }
}

impl User {
    /// Somebody of whom nothing is known yet.
    #[must_use]
    pub fn blank(user_id: UserId, end_user_id: EndUserId, role: Role, now: Timestamp) -> Self {
        Self {
            user_id,
            end_user_id,
            role,
            external_id: None,
            profile: Profile::default(),
            support: Support::default(),
            state: UserState::Active,
            created_at: now,
            updated_at: now,
            expires_at: None,
        }
    }

    /// The owner of a new account. Whoever makes the account vouches for them.
    #[must_use]
    pub fn owner(
        user_id: UserId,
        end_user_id: EndUserId,
        email: Option<Text>,
        now: Timestamp,
    ) -> Self {
        let mut owner = Self::blank(user_id, end_user_id, Role::Admin, now);
        owner.profile.display_name = Text::new("Owner").ok();
        owner.profile.email = email;
        owner.support.update(|support| support.verified = true);
        owner
    }

    /// The user as the incremental export tells of them once they are deleted.
    #[must_use]
    pub fn deleted(&self, now: Timestamp) -> Self {
        let updated_at = now.max(self.updated_at);
        Self { state: UserState::Deleted, updated_at, expires_at: None, ..self.clone() }
    }

    /// The user without anything personal, for good.
    #[must_use]
    pub fn erased(&self, now: Timestamp) -> Self {
        Self {
            state: UserState::Erased,
            created_at: self.created_at,
            updated_at: now.max(self.updated_at),
            ..Self::blank(self.user_id, self.end_user_id, self.role, now)
        }
    }
}
