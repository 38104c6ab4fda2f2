//! Zendesk's error bodies, and every error that this dialect answers with (contract Zendesk §4).

use std::borrow::Cow;

use axum::http::header::{HeaderName, HeaderValue, RETRY_AFTER};
use axum::http::{StatusCode, header::CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use roster_directory::{Scope, StoreError};

use super::error_body::{ErrorBody, Listed, Named};
use super::problems::Details;
use super::respond::json_response;
use crate::http::body::{BODY_LIMIT, BodyError};
use crate::http::caller::Refusal;
use crate::http::dialect::Fault;
use crate::http::limits::Exceeded;
use crate::http::observe::{HEADER_COUNT_LIMIT, HEADERS_LIMIT};
use crate::http::request_notes::InternalCause;

/// Every error of this dialect. The status is chosen by an exhaustive match.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ZendeskError {
    /// An offset beyond the documented depth (§1.8).
    PaginationDepth,
    /// A parameter of a page that is not valid, and what is wrong with it.
    Pagination(&'static str),
    /// A parameter of the wrong type: its name, what it must be, and the vendor's name of the
    /// operation.
    InvalidAttribute { name: String, expected: &'static str, action: &'static str },
    /// A query parameter names too many things.
    TooManyIds,
    /// A body has too many users, and what would be done to them.
    TooManyUsers(&'static str),
    /// A value that cannot be.
    InvalidValue(&'static str),
    /// The body cannot be read.
    BadRequest(String),
    /// No credentials, or none that are known.
    NotAuthenticated,
    /// A bearer token that is unknown or was revoked.
    InvalidToken,
    /// The acting user's role does not allow it.
    Forbidden,
    /// The token lacks a scope.
    MissingScope(Scope),
    /// There is no such record.
    RecordNotFound,
    /// No route matches.
    InvalidEndpoint,
    /// The route does not have this method.
    MethodNotAllowed,
    /// The client took too long to send the body.
    TimedOut,
    /// The body is too large.
    BodyTooLarge,
    /// The path and query are too long.
    UriTooLong { limit: usize },
    /// The body is not declared to be JSON, or is encoded in an unknown way.
    UnsupportedMediaType(&'static str),
    /// Fields of the body break rules.
    RecordInvalid(Details),
    /// The vendor's quota is used up.
    TooManyRequests(Exceeded),
    /// The headers are too large.
    HeadersTooLarge,
    /// Too many writes or large bodies are waiting, or the server is stopping.
    Busy,
    /// The disk is full.
    DiskFull,
    /// The database cannot be reached. The cause is for the log alone.
    Away { cause: String },
    /// Something failed that the client cannot mend. The cause is for the log alone.
    Internal { cause: String },
}

const TOO_MANY_REQUESTS: &str = "Number of allowed API requests per minute exceeded";
const FORBIDDEN: &str = "You do not have access to this page. Please contact the account owner of this help desk for further help.";
const INVALID_TOKEN: &str =
    "The access token provided is expired, revoked, malformed or invalid for other reasons.";
const DEPTH_TITLE: &str = "Pagination requests using Offset Pagination are limited to page 100 or up to 10000 records (page * per_page)";
const DEPTH_DETAIL: &str = "There are limits to the page depth in Offset Pagination. Offset Pagination will be deprecated fully in the near future.\nPlease switch to Cursor Pagination at the earliest. Cursor Pagination does not have any limits.\nSee https://developer.zendesk.com/documentation/api-basics/pagination/comparing-cursor-pagination-and-offset-pagination\n";

/// What is said while the database cannot be reached.
const AWAY: &str =
    "The database is away. A change may or may not have happened; try the same again";

impl ZendeskError {
    /// An error that the client cannot mend. `cause` goes to the log and nowhere else.
    pub(crate) fn internal(cause: impl ToString) -> Self {
        Self::Internal { cause: cause.to_string() }
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::PaginationDepth
            | Self::Pagination(_)
            | Self::InvalidAttribute { .. }
            | Self::TooManyIds
            | Self::TooManyUsers(_)
            | Self::InvalidValue(_)
            | Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::NotAuthenticated | Self::InvalidToken => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::MissingScope(_) => StatusCode::FORBIDDEN,
            Self::RecordNotFound | Self::InvalidEndpoint => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TimedOut => StatusCode::REQUEST_TIMEOUT,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UriTooLong { .. } => StatusCode::URI_TOO_LONG,
            Self::UnsupportedMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::RecordInvalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyRequests(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Busy | Self::DiskFull | Self::Away { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The body. The quota's is plain text and made elsewhere.
    pub(super) fn body(&self) -> ErrorBody<'_> {
        match self {
            Self::PaginationDepth => ErrorBody::Listed {
                errors: [Listed {
                    code: "InvalidPaginationDepth",
                    title: DEPTH_TITLE,
                    detail: DEPTH_DETAIL,
                }],
            },
            Self::InvalidAttribute { name, expected, action } => ErrorBody::titled(
                "Invalid attribute",
                format!(
                    "You passed an invalid value for the {name} attribute. Invalid parameter: {name} {expected} from {action}"
                ),
            ),
            // Both spaces are the vendor's.
            Self::TooManyIds => ErrorBody::Named(Named {
                error: "TooManyValues",
                description: Some("Parameter  cannot specify more than 100 values".into()),
                details: None,
                max_count: Some(100),
            }),
            Self::NotAuthenticated => ErrorBody::name("Couldn't authenticate you"),
            Self::InvalidToken => {
                ErrorBody::Token { error: "invalid_token", error_description: INVALID_TOKEN }
            }
            Self::Forbidden => ErrorBody::titled("Forbidden", FORBIDDEN),
            Self::RecordInvalid(details) => ErrorBody::Named(Named {
                error: "RecordInvalid",
                description: Some("Record validation errors".into()),
                details: Some(details),
                max_count: None,
            }),
            other => other.plain(),
        }
    }

    /// The body of an error that has nothing but a name and a description.
    fn plain(&self) -> ErrorBody<'_> {
        let unavailable = "ServiceUnavailable";
        let (error, description): (_, Cow<'_, str>) = match self {
            Self::Pagination(description) => {
                ("InvalidPaginationParameter", (*description).into())
            }
            Self::TooManyUsers(done) => {
                ("TooManyValues", format!("Maximum 100 users may be {done} per call").into())
            }
            Self::InvalidValue(description) => ("InvalidValue", (*description).into()),
            Self::BadRequest(description) => ("BadRequest", description.into()),
            Self::MissingScope(scope) => ("Forbidden", missing_scope(*scope).into()),
            Self::RecordNotFound => ("RecordNotFound", "Not found".into()),
            Self::InvalidEndpoint => ("InvalidEndpoint", "Not found".into()),
            Self::MethodNotAllowed => (
                "MethodNotAllowed",
                "This path does not have this method; the Allow header names those it has".into(),
            ),
            Self::TimedOut => ("RequestTimeout", "The request body did not arrive in time".into()),
            Self::BodyTooLarge => (
                "RequestEntityTooLarge",
                format!("The request body exceeds {} MB", BODY_LIMIT >> 20).into(),
            ),
            Self::UriTooLong { limit } => (
                "RequestURITooLong",
                format!("The path and query must not exceed {limit} bytes").into(),
            ),
            Self::UnsupportedMediaType(description) => {
                ("UnsupportedMediaType", (*description).into())
            }
            Self::HeadersTooLarge => (
                "RequestHeaderFieldsTooLarge",
                format!(
                    "There must be at most {HEADER_COUNT_LIMIT} request headers of {HEADERS_LIMIT} bytes in all"
                )
                .into(),
            ),
            Self::Busy => (
                unavailable,
                "The server is busy or stopping; nothing was changed. Try again".into(),
            ),
            Self::DiskFull => (
                unavailable,
                "The server's disk is full; nothing was changed. Reading still works".into(),
            ),
            Self::Away { .. } => (unavailable, AWAY.into()),
            Self::Internal { .. } => {
                ("InternalError", "The server failed. Its log says why".into())
            }
            Self::TooManyRequests(_) => ("TooManyRequests", TOO_MANY_REQUESTS.into()),
            Self::PaginationDepth
            | Self::InvalidAttribute { .. }
            | Self::TooManyIds
            | Self::NotAuthenticated
            | Self::InvalidToken
            | Self::Forbidden
            | Self::RecordInvalid(_) => ("Invalid", "The request is not valid".into()),
        };
        ErrorBody::plain(error, description)
    }

    /// The log's share.
    pub(super) fn cause(&self) -> Option<InternalCause> {
        match self {
            Self::Internal { cause } | Self::Away { cause } => Some(InternalCause(cause.clone())),
            Self::DiskFull => Some(InternalCause(StoreError::Full.to_string())),
            Self::Busy => Some(InternalCause(StoreError::Busy.to_string())),
            _ => None,
        }
    }

    fn headers(&self) -> Vec<(HeaderName, HeaderValue)> {
        match self {
            Self::TooManyRequests(exceeded) => vec![
                (RETRY_AFTER, HeaderValue::from(exceeded.retry_after)),
                (HeaderName::from_static("x-rate-limit-remaining"), HeaderValue::from(0)),
            ],
            Self::Busy | Self::Away { .. } => vec![(RETRY_AFTER, HeaderValue::from_static("1"))],
            Self::DiskFull => vec![(RETRY_AFTER, HeaderValue::from_static("60"))],
            _ => Vec::new(),
        }
    }
}

/// The vendor's words, which clients look for, and then the scope by roster's name.
fn missing_scope(scope: Scope) -> String {
    let theirs = match scope {
        Scope::UsersRead => "read",
        _ => "write",
    };
    format!("You are missing the following required scopes: {theirs} ({})", scope.name())
}

impl IntoResponse for ZendeskError {
    fn into_response(self) -> Response {
        let mut response = if let Self::TooManyRequests(_) = self {
            let content_type = [(CONTENT_TYPE, "text/plain; charset=utf-8")];
            (self.status(), content_type, TOO_MANY_REQUESTS).into_response()
        } else {
            json_response(self.status(), &self.body())
        };
        response.headers_mut().extend(self.headers());
        if let Some(cause) = self.cause() {
            response.extensions_mut().insert(cause);
        }
        response
    }
}

impl From<Fault> for ZendeskError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::UnknownRoute => Self::InvalidEndpoint,
            Fault::MethodNotAllowed => Self::MethodNotAllowed,
            Fault::UriTooLong { limit } => Self::UriTooLong { limit },
            Fault::HeadersTooLarge => Self::HeadersTooLarge,
            Fault::NoHost => Self::BadRequest("Send a Host header: links are built from it".into()),
            Fault::Panicked => Self::internal("a handler panicked"),
        }
    }
}

impl From<Refusal> for ZendeskError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NoToken => Self::NotAuthenticated,
            Refusal::BadToken => Self::InvalidToken,
            Refusal::MissingScope(scope) => Self::MissingScope(scope),
            Refusal::QuotaExceeded(exceeded) => Self::TooManyRequests(exceeded),
            Refusal::Store(error) => error.into(),
        }
    }
}

impl From<BodyError> for ZendeskError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Self::BodyTooLarge,
            BodyError::TimedOut => Self::TimedOut,
            BodyError::Busy => Self::Busy,
            BodyError::Broken => Self::BadRequest("The request body broke off".into()),
            BodyError::NotJson => {
                Self::UnsupportedMediaType("Send JSON: \"Content-Type: application/json\"")
            }
            BodyError::UnknownEncoding => Self::UnsupportedMediaType(
                "The Content-Encoding must be gzip or deflate, or absent",
            ),
            BodyError::Undecodable => {
                Self::BadRequest("The request body is not what its Content-Encoding says".into())
            }
        }
    }
}

impl From<StoreError> for ZendeskError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Busy,
            StoreError::Full => Self::DiskFull,
            StoreError::Away(cause) => Self::Away { cause },
            StoreError::Unavailable(_) | StoreError::Corrupt(_) => Self::internal(error),
        }
    }
}
