//! The forms that an error's body has, with their keys in the vendor's order (contract Zendesk
//! §1.8, §4).

use std::borrow::Cow;

use serde::Serialize;

use super::problems::Details;

/// The body of an error.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum ErrorBody<'a> {
    /// A name, mostly with more about it.
    Named(Named<'a>),
    /// The form that RFC 6750 has for tokens.
    Token { error: &'static str, error_description: &'static str },
    /// A title and a text, for a person.
    Titled { error: Titled<'a> },
    /// A list, of which there is one form.
    Listed { errors: [Listed; 1] },
}

/// An error by its name.
#[derive(Debug, Serialize)]
pub(super) struct Named<'a> {
    pub(super) error: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) details: Option<&'a Details>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_count: Option<u32>,
}

/// A title and a text.
#[derive(Debug, Serialize)]
pub(super) struct Titled<'a> {
    pub(super) title: &'static str,
    pub(super) message: Cow<'a, str>,
}

/// An error of a list.
#[derive(Debug, Serialize)]
pub(super) struct Listed {
    pub(super) code: &'static str,
    pub(super) title: &'static str,
    pub(super) detail: &'static str,
}

impl<'a> ErrorBody<'a> {
    /// A name alone.
    pub(super) const fn name(error: &'static str) -> Self {
        Self::Named(Named { error, description: None, details: None, max_count: None })
    }

    /// A name and what is wrong.
    pub(super) fn plain(error: &'static str, description: impl Into<Cow<'a, str>>) -> Self {
        let description = Some(description.into());
        Self::Named(Named { error, description, details: None, max_count: None })
    }

    /// A title and a text.
    pub(super) fn titled(title: &'static str, message: impl Into<Cow<'a, str>>) -> Self {
        Self::Titled { error: Titled { title, message: message.into() } }
    }

    /// What is wrong, for a person.
    pub(super) fn message(&self) -> Option<&str> {
        match self {
            Self::Named(Named { description, .. }) => description.as_deref(),
            Self::Token { error_description, .. } => Some(error_description),
            Self::Titled { error } => Some(&error.message),
            Self::Listed { errors: [error] } => Some(error.title),
        }
    }
}
