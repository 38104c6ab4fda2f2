//! What is wrong with a request, all of it at once, each with its place.

use roster_directory::{Metadata, MetadataPatch};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::AdaError;

/// How many problems one answer tells; a body can hold any number of them.
const LIMIT: usize = 100;

/// How much of a key is shown in a path, in characters.
const KEY_SHOWN: usize = 64;

/// One thing that is wrong. It shows keys, never values: a value may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Where it is, as a JSON path
    #[schema(example = "$.profile.metadata.vip")]
    parameter: String,
    /// The part of the request that the path starts from: body, query or path
    #[schema(example = "body")]
    location: &'static str,
    /// What would be right
    #[schema(example = "Must be a string, boolean or integer.")]
    message: String,
}

impl Problem {
    /// A problem in the body.
    pub(crate) fn in_body(parameter: impl Into<String>, message: impl ToString) -> Self {
        Self { parameter: parameter.into(), location: "body", message: message.to_string() }
    }
}

/// The problems found so far.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    list: Vec<Problem>,
    /// What a problem says over the list when it is alone.
    headline: Option<String>,
}

impl Problems {
    /// Adds a problem in the body.
    pub(crate) fn body(&mut self, parameter: impl Into<String>, message: impl ToString) {
        self.add("body", parameter.into(), &message);
    }

    /// Adds a problem with a query parameter.
    pub(crate) fn query(&mut self, name: &str, message: impl ToString) {
        self.add("query", format!("$.{name}"), &message);
    }

    /// Adds a problem with a part of the path.
    pub(crate) fn path(&mut self, name: &str, message: impl ToString) {
        self.add("path", format!("$.{name}"), &message);
    }

    fn add(&mut self, location: &'static str, parameter: String, message: &impl ToString) {
        if self.list.len() < LIMIT {
            self.list.push(Problem { parameter, location, message: message.to_string() });
        }
    }

    /// The value, or the problem of the body with it.
    pub(crate) fn check<T, E: ToString>(
        &mut self,
        parameter: impl Into<String>,
        result: Result<T, E>,
    ) -> Option<T> {
        result.map_err(|error| self.body(parameter, error)).ok()
    }

    /// The map that a request alone makes of nothing, or the problem that it is too large. It is
    /// too large then whatever it is merged into, since it removes nothing that it sets.
    pub(crate) fn merged(
        &mut self,
        patch: &MetadataPatch,
        limit: usize,
        parameter: &'static str,
    ) -> Metadata {
        Metadata::default().merged(patch, limit).unwrap_or_else(|error| {
            self.headline = Some(error.to_string());
            self.body(parameter, error);
            Metadata::default()
        })
    }

    /// Fails if there is any problem.
    pub(crate) fn finish(self, message: &'static str) -> Result<(), AdaError> {
        match (self.list.len(), self.headline) {
            (0, _) => Ok(()),
            (1, Some(message)) => Err(AdaError::Invalid { message, problems: self.list }),
            _ => Err(AdaError::Invalid { message: message.into(), problems: self.list }),
        }
    }
}

/// The path of a key below `parent`: with a dot where the key is a plain word.
pub(crate) fn key_path(parent: &str, key: &str) -> String {
    let plain = !key.is_empty()
        && key.len() <= KEY_SHOWN
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if plain {
        return format!("{parent}.{key}");
    }
    let shown: String = key.chars().take(KEY_SHOWN).collect();
    format!("{parent}[{}]", serde_json::Value::String(shown))
}
