//! What is wrong with a body, all of it at once, field by field (contract Zendesk §4).

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::error::ZendeskError;

/// How many problems one field tells.
const LIMIT: usize = 20;

/// What is wrong with each field.
pub(crate) type Details = BTreeMap<String, Vec<Detail>>;

/// One thing that is wrong. It never shows a value but an email address or a name that is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Detail {
    /// What is wrong, for a person
    #[schema(example = "Name: is too short (minimum one character)")]
    pub(crate) description: String,
    /// What kind of problem it is
    #[schema(example = "ValueTooShort")]
    pub(crate) error: &'static str,
}

/// The problems found so far.
#[derive(Debug, Default)]
pub(crate) struct Problems(Details);

impl Problems {
    /// Adds a problem of a field. `message` goes on after the field's title and a colon.
    pub(crate) fn add(&mut self, field: &str, error: &'static str, message: impl ToString) {
        let of_field = self.0.entry(field.to_owned()).or_default();
        if of_field.len() < LIMIT {
            let description = format!("{}: {}", title(field), message.to_string());
            of_field.push(Detail { description, error });
        }
    }

    /// Adds the problem of a value that is not what it must be.
    pub(crate) fn invalid(&mut self, field: &str, message: impl ToString) {
        self.add(field, "InvalidValue", message);
    }

    /// The value, or the problem with it.
    pub(crate) fn check<T, E: ToString>(&mut self, field: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.invalid(field, lower_first(&error.to_string()))).ok()
    }

    /// Fails if there is any problem.
    pub(crate) fn finish(self) -> Result<(), ZendeskError> {
        if self.0.is_empty() { Ok(()) } else { Err(ZendeskError::RecordInvalid(self.0)) }
    }

    /// One problem alone.
    pub(crate) fn only(field: &str, error: &'static str, message: impl ToString) -> ZendeskError {
        let mut problems = Self::default();
        problems.add(field, error, message);
        ZendeskError::RecordInvalid(problems.0)
    }
}

/// A field's name as a title: `external_id` is `External id`.
fn title(field: &str) -> String {
    let words = field.replace('_', " ");
    let mut characters = words.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// The texts of the domain are sentences; here they go on after a colon.
fn lower_first(text: &str) -> String {
    let mut characters = text.trim_end_matches('.').chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}
