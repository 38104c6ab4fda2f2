//! Changing an end user: the one place that knows how a patch is merged.

use crate::{
    END_USER_METADATA_LIMIT, ExternalId, LanguageTag, MetadataPatch, MetadataTooLarge,
    SensitiveWrite, Text, Timestamp, User,
};

/// What a request does to one field.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Change<T> {
    /// The request does not name it: it stays.
    #[default]
    Keep,
    /// The request says null: it goes.
    Clear,
    /// The request gives a new value.
    Set(T),
}

impl<T: Clone> Change<T> {
    /// Does to `current` what this change says.
    pub(crate) fn apply(&self, current: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *current = None,
            Self::Set(value) => *current = Some(value.clone()),
        }
    }
}

impl<T> Change<T> {
    /// The value that is set, as a new user would have it.
    #[must_use]
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Keep | Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}

/// A change of an end user, with the merge rules of contract Ada §2.6 and §9.1 to §9.4.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EndUserPatch {
    /// The caller's own key for them.
    pub external_id: Change<ExternalId>,
    /// Given name.
    pub first_name: Change<Text>,
    /// Family name.
    pub last_name: Change<Text>,
    /// The name to show.
    pub display_name: Change<Text>,
    /// Where a picture of the person is.
    pub avatar: Change<Text>,
    /// An address.
    pub email: Change<Text>,
    /// The person's language.
    pub language: Change<LanguageTag>,
    /// The caller's own keys: set, or removed where `None`.
    pub metadata: MetadataPatch,
    /// Secrets. They are no part of [`User`]: a store keeps them beside it.
    pub sensitive_metadata: Option<SensitiveWrite>,
}

impl EndUserPatch {
    /// The user after this change, or `None` when nothing that can be seen would change.
    ///
    /// `updated_at` becomes `now`, but never goes back, whatever the clock does.
    pub fn apply(&self, user: &User, now: Timestamp) -> Result<Option<User>, MetadataTooLarge> {
        let mut changed = user.clone();
        self.external_id.apply(&mut changed.external_id);
        let profile = &mut changed.profile;
        self.first_name.apply(&mut profile.first_name);
        self.last_name.apply(&mut profile.last_name);
        self.display_name.apply(&mut profile.display_name);
        self.avatar.apply(&mut profile.avatar);
        self.email.apply(&mut profile.email);
        self.language.apply(&mut profile.language);
        if !self.metadata.is_empty() {
            profile.metadata = profile.metadata.merged(&self.metadata, END_USER_METADATA_LIMIT)?;
        }
        if changed == *user {
            return Ok(None);
        }
        changed.updated_at = now.max(user.updated_at);
        Ok(Some(changed))
    }
}
