//! The name that Zendesk's dialect shows and sorts by.

use std::borrow::Cow;

use crate::{Text, User, UserState};

impl User {
    /// The name of a user, who always has one: the display name, else first and last name, else
    /// the email address, else the phone number, else the external id, else one made of the
    /// end-user id. Of the erased nothing is known.
    #[must_use]
    pub fn name(&self) -> Cow<'_, str> {
        if self.state == UserState::Erased {
            return Cow::Borrowed("Permanently Deleted User");
        }
        let profile = &self.profile;
        let both = match (given(profile.first_name.as_ref()), given(profile.last_name.as_ref())) {
            (Some(first), Some(last)) => Some(Cow::Owned(format!("{first} {last}"))),
            (one, other) => one.or(other).map(Cow::Borrowed),
        };
        given(profile.display_name.as_ref())
            .map(Cow::Borrowed)
            .or(both)
            .or_else(|| given(profile.email.as_ref()).map(Cow::Borrowed))
            .or_else(|| given(self.support.phone.as_ref()).map(Cow::Borrowed))
            .or_else(|| self.external_id.as_ref().map(|id| Cow::Borrowed(id.written())))
            .unwrap_or_else(|| Cow::Owned(format!("End user {}", self.end_user_id)))
    }
}

/// What users are sorted by when they are sorted by name: the name in lower case, cut to
/// [`NameKey::LIMIT`] characters so that a cursor that carries it stays short.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameKey(Box<str>);

impl NameKey {
    /// The most characters of a key.
    pub const LIMIT: usize = 100;

    /// The key of a name, or of the beginning of one.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let name = name.trim();
        if name.is_ascii() {
            return Self(name[..name.len().min(Self::LIMIT)].to_ascii_lowercase().into());
        }
        let folded = name.chars().flat_map(char::to_lowercase);
        Self(folded.take(Self::LIMIT).collect::<String>().into())
    }

    /// The key as a store kept it.
    #[must_use]
    pub fn from_stored(key: &str) -> Self {
        Self(key.into())
    }

    /// The key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that says something.
fn given(text: Option<&Text>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}
