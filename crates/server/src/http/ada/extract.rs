//! What handlers of this dialect take from a request. Every rejection is Ada's error body.

use std::marker::PhantomData;
use std::ops::Deref;
use std::str::FromStr;
use std::sync::Arc;

use axum::body::{Body, HttpBody};
use axum::extract::{FromRequest, FromRequestParts, Path, RawQuery};
use axum::http::Request;
use axum::http::request::Parts;
use roster_directory::{Caller, EndUserId, ObjectId, PageLimit};
use serde::de::DeserializeOwned;

use super::error::AdaError;
use super::field::REPEATED_KEY;
use super::problems::{Problem, Problems};
use crate::app::App;
use crate::http::caller::{Operation, authorize, bearer};
use crate::http::json::{NESTING_LIMIT, nests_too_deep};

/// The authenticated caller of an operation.
pub(crate) struct Authorized<O>(Caller, PhantomData<O>);

impl<O> Deref for Authorized<O> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.0
    }
}

impl<O: Operation> FromRequestParts<Arc<App>> for Authorized<O> {
    type Rejection = AdaError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, AdaError> {
        let caller = authorize::<O>(app, parts, bearer(parts)).await?;
        Ok(Self(caller, PhantomData))
    }
}

/// The last part of the path that is a parameter, as it was sent. It is checked together with
/// the body, so that all problems are told at once.
pub(crate) struct PathText(Option<String>);

impl FromRequestParts<Arc<App>> for PathText {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &Arc<App>,
    ) -> Result<Self, Self::Rejection> {
        Ok(Self(Path::from_request_parts(parts, app).await.ok().map(|Path(text)| text)))
    }
}

impl PathText {
    /// The text; empty if it cannot be read.
    pub(crate) fn text(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    /// The identifier, or a problem with the parameter `name`.
    pub(crate) fn id<Id: From<ObjectId>>(&self, name: &str, problems: &mut Problems) -> Option<Id> {
        let id = self.text().parse::<ObjectId>();
        id.map_err(|error| problems.path(name, error)).ok().map(Id::from)
    }

    /// The identifier, where nothing else is checked.
    pub(crate) fn only_id<Id: From<ObjectId>>(&self, name: &str) -> Result<Id, AdaError> {
        let mut problems = Problems::default();
        let id = self.id(name, &mut problems);
        problems.finish("invalid path")?;
        id.ok_or(AdaError::UnknownRoute)
    }
}

/// The end user that a path names.
pub(crate) fn end_user_id(path: &PathText) -> Result<EndUserId, AdaError> {
    path.only_id("end_user_id")
}

/// A JSON object as body.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for JsonBody<T> {
    type Rejection = AdaError;

    async fn from_request(request: Request<Body>, app: &Arc<App>) -> Result<Self, AdaError> {
        let body = app.body_limits.read(request).await?;
        parse_object(text_of(&body.bytes)?).map(Self)
    }
}

/// A JSON object as body where there need be none: an empty body and null say the same as an
/// empty object.
pub(crate) struct OptionalJsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned + Default> FromRequest<Arc<App>> for OptionalJsonBody<T> {
    type Rejection = AdaError;

    async fn from_request(request: Request<Body>, app: &Arc<App>) -> Result<Self, AdaError> {
        // Nothing is nothing, whatever the client declares it to be.
        if request.body().is_end_stream() {
            return Ok(Self(T::default()));
        }
        let body = app.body_limits.read(request).await?;
        let text = text_of(&body.bytes)?;
        if matches!(text.trim(), "" | "null") {
            return Ok(Self(T::default()));
        }
        parse_object(text).map(Self)
    }
}

/// The text of a body, which may be JSON.
fn text_of(bytes: &[u8]) -> Result<&str, AdaError> {
    let text = str::from_utf8(bytes)
        .map_err(|_| AdaError::BadRequest("The request body is not UTF-8.".into()))?;
    if nests_too_deep(text) {
        return Err(AdaError::BadRequest(format!(
            "The request body nests deeper than {NESTING_LIMIT} levels."
        )));
    }
    Ok(text)
}

fn parse_object<T: DeserializeOwned>(text: &str) -> Result<T, AdaError> {
    let is_object = text.trim_start().starts_with('{');
    let message = match serde_json::from_str(text) {
        Ok(value) if is_object => return Ok(value),
        // These messages speak of the grammar and the place. Those about data would quote it.
        Err(error) if error.is_syntax() || error.is_eof() => {
            let message = format!("The request body is not valid JSON: {error}.");
            return Err(AdaError::BadRequest(message));
        }
        Err(_) if is_object => REPEATED_KEY,
        Ok(_) | Err(_) => "Must be a JSON object.",
    };
    let problems = vec![Problem::in_body("$", message)];
    Err(AdaError::Invalid { message: "invalid request body".into(), problems })
}

/// The query of a request: what this dialect knows of it. Unknown parameters are passed over; of
/// a repeated one the last counts.
pub(crate) struct Query(Vec<(String, String)>);

impl FromRequestParts<Arc<App>> for Query {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &Arc<App>,
    ) -> Result<Self, Self::Rejection> {
        let RawQuery(query) = RawQuery::from_request_parts(parts, app).await?;
        let query = query.unwrap_or_default();
        Ok(Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
    }
}

impl Query {
    /// The value of a parameter, if it is there.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// `limit`: 1 to 100, 100 if it is not there (contract Ada §9.16).
    pub(crate) fn limit(&self, problems: &mut Problems) -> PageLimit {
        let Some(text) = self.get("limit") else { return PageLimit::default() };
        text.parse().ok().and_then(PageLimit::new).unwrap_or_else(|| {
            problems.query("limit", "Must be an integer from 1 to 100.");
            PageLimit::default()
        })
    }

    /// A parameter that has a form of its own.
    pub(crate) fn parsed<T: FromStr>(
        &self,
        name: &str,
        expected: &str,
        problems: &mut Problems,
    ) -> Option<T> {
        self.get(name)?.parse().map_err(|_| problems.query(name, expected)).ok()
    }

    /// `cursor`: the id that the page starts at.
    pub(crate) fn cursor<Id: From<ObjectId>>(&self, problems: &mut Problems) -> Option<Id> {
        let id = self.get("cursor")?.parse::<ObjectId>();
        id.map_err(|error| problems.query("cursor", error)).ok().map(Id::from)
    }
}
