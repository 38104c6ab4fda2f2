//! Reading a body: the record under its key, field by field, with every problem told at once.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::FromRequest;
use axum::http::Request;
use roster_directory::{Change, Decimal, Metadata, MetadataPatch, MetadataValue, Text};
use serde_json::{Map, Value};

use super::error::ZendeskError;
use super::problems::Problems;
use crate::app::App;
use crate::http::json::{NESTING_LIMIT, nests_too_deep};

/// The object that a body is.
#[derive(Debug, Default)]
pub(super) struct JsonBody(pub(super) Map<String, Value>);

impl FromRequest<Arc<App>> for JsonBody {
    type Rejection = ZendeskError;

    async fn from_request(request: Request<Body>, app: &Arc<App>) -> Result<Self, ZendeskError> {
        let body = app.body_limits.read(request).await?;
        let text = str::from_utf8(&body.bytes)
            .map_err(|_| ZendeskError::BadRequest("The request body is not UTF-8".into()))?;
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        if nests_too_deep(text) {
            return Err(ZendeskError::BadRequest(format!(
                "The request body nests deeper than {NESTING_LIMIT} levels"
            )));
        }
        match serde_json::from_str(text) {
            Ok(Value::Object(map)) => Ok(Self(map)),
            // Some clients write this where others write nothing.
            Ok(Value::Null) => Ok(Self::default()),
            Ok(_) => Err(ZendeskError::BadRequest("The request body must be an object".into())),
            // These messages speak of the grammar and the place, and quote nothing.
            Err(error) => Err(ZendeskError::BadRequest(format!(
                "The request body is not valid JSON: {error}"
            ))),
        }
    }
}

impl JsonBody {
    /// The record under its key.
    pub(super) fn record(
        &mut self,
        key: &'static str,
        action: &'static str,
    ) -> Result<Map<String, Value>, ZendeskError> {
        let invalid =
            |expected| ZendeskError::InvalidAttribute { name: key.to_owned(), expected, action };
        match self.0.remove(key) {
            Some(Value::Object(record)) => Ok(record),
            Some(_) => Err(invalid("must be a hash")),
            None => Err(invalid("is required and must be a hash")),
        }
    }
}

/// Reads the fields of a record. A field that is not read is passed over.
pub(super) struct Fields<'a> {
    map: &'a mut Map<String, Value>,
    pub(super) problems: &'a mut Problems,
}

impl<'a> Fields<'a> {
    /// The fields of this record.
    pub(super) const fn new(map: &'a mut Map<String, Value>, problems: &'a mut Problems) -> Self {
        Self { map, problems }
    }

    /// The value of a field as it is; the field counts as read.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.map.remove(name)
    }

    /// Whether there is such a field.
    pub(super) fn has(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    /// What a field of text does. A number is taken as its digits, as the vendor does.
    pub(super) fn string(&mut self, name: &str) -> Change<String> {
        match self.take(name) {
            None => Change::Keep,
            Some(Value::Null) => Change::Clear,
            Some(Value::String(text)) => Change::Set(text),
            Some(Value::Number(number)) => Change::Set(number.to_string()),
            Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => {
                self.problems.invalid(name, "must be a string");
                Change::Keep
            }
        }
    }

    /// What a field of text does to something that `parse` makes of it.
    pub(super) fn parsed<T, E: ToString>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Change<T> {
        match self.string(name) {
            Change::Keep => Change::Keep,
            Change::Clear => Change::Clear,
            Change::Set(text) => {
                self.problems.check(name, parse(&text)).map_or(Change::Keep, Change::Set)
            }
        }
    }

    /// What a field of free text does.
    pub(super) fn text(&mut self, name: &str) -> Change<Text> {
        self.parsed(name, |text| Text::new(text))
    }

    /// A field that is true or false; null says nothing.
    pub(super) fn bool(&mut self, name: &str) -> Option<bool> {
        match self.take(name)? {
            Value::Null => None,
            Value::Bool(value) => Some(value),
            Value::String(text) if text == "true" => Some(true),
            Value::String(text) if text == "false" => Some(false),
            _ => {
                self.problems.invalid(name, "must be true or false");
                None
            }
        }
    }

    /// What a field that holds a number of a record does. Clients send such numbers as text, too.
    pub(super) fn id(&mut self, name: &str) -> Change<i64> {
        let id = match self.take(name) {
            None => return Change::Keep,
            Some(Value::Null) => return Change::Clear,
            Some(Value::Number(number)) => number.as_i64(),
            Some(Value::String(text)) if text.is_empty() => return Change::Clear,
            Some(Value::String(text)) => text.parse().ok(),
            Some(_) => None,
        };
        if id.is_none() {
            self.problems.invalid(name, "must be an integer");
        }
        id.map_or(Change::Keep, Change::Set)
    }

    /// A list of texts; null is an empty one, and a text is split at commas and white space.
    pub(super) fn strings(&mut self, name: &str) -> Option<Vec<String>> {
        match self.take(name)? {
            Value::Null => Some(Vec::new()),
            Value::String(text) => {
                let parts = text.split(|c: char| c == ',' || c.is_whitespace());
                Some(parts.filter(|part| !part.is_empty()).map(str::to_owned).collect())
            }
            Value::Array(values) => {
                let texts: Option<Vec<_>> = values.into_iter().map(into_string).collect();
                if texts.is_none() {
                    self.problems.invalid(name, "must be a list of strings");
                }
                texts
            }
            _ => {
                self.problems.invalid(name, "must be a list of strings");
                None
            }
        }
    }

    /// A list of objects; null is an empty one.
    pub(super) fn objects(&mut self, name: &str) -> Vec<Map<String, Value>> {
        let values = match self.take(name) {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Array(values)) => values,
            Some(_) => {
                self.problems.invalid(name, "must be a list of objects");
                return Vec::new();
            }
        };
        let mut objects = Vec::new();
        for value in values {
            if let Value::Object(object) = value {
                objects.push(object);
            } else {
                self.problems.invalid(name, "must be a list of objects");
            }
        }
        objects
    }

    /// The caller's own keys: text, true or false, numbers; null removes one. A list, as of a
    /// field with several choices, is kept as its items with commas between.
    pub(super) fn metadata(&mut self, name: &str) -> MetadataPatch {
        let map = match self.take(name) {
            None | Some(Value::Null) => return MetadataPatch::new(),
            Some(Value::Object(map)) => map,
            Some(_) => {
                self.problems.invalid(name, "must be an object");
                return MetadataPatch::new();
            }
        };
        let mut patch = MetadataPatch::new();
        for (key, value) in map {
            let value = Metadata::check_key(&key)
                .map_err(|error| error.to_string())
                .and_then(|()| metadata_value(value));
            if let Some(value) = self.problems.check(name, value) {
                patch.insert(key.into(), value);
            }
        }
        patch
    }
}

fn into_string(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn metadata_value(value: Value) -> Result<Option<MetadataValue>, String> {
    let text =
        |text: String| MetadataValue::text(text).map(Some).map_err(|error| error.to_string());
    match value {
        Value::Null => Ok(None),
        Value::Bool(value) => Ok(Some(MetadataValue::Bool(value))),
        Value::Number(number) => {
            if let Some(integer) = number.as_i64() {
                return Ok(Some(MetadataValue::Integer(integer)));
            }
            let decimal = number.as_f64().and_then(Decimal::new);
            decimal
                .map(|value| Some(MetadataValue::Decimal(value)))
                .ok_or_else(|| "Must have values that are strings, booleans or numbers.".to_owned())
        }
        Value::String(value) => text(value),
        Value::Array(values) => {
            let items: Option<Vec<_>> = values.into_iter().map(into_string).collect();
            items.map(|items| items.join(",")).map_or_else(
                || Err("Must have values that are strings, booleans or numbers.".to_owned()),
                text,
            )
        }
        Value::Object(_) => {
            Err("Must have values that are strings, booleans or numbers.".to_owned())
        }
    }
}
