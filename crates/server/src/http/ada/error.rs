//! Ada's error body, and every error that this dialect answers with (contract Ada §1.5).

use axum::http::header::{HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use roster_directory::{
    CreateConversationError, CreateEndUserError, CreateEndpointError, ENDPOINT_LIMIT,
    MetadataTooLarge, PatchConversationError, PatchEndUserError, SENSITIVE_KEYS_PER_USER, Scope,
    StoreError,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::problems::Problem;
use super::respond::json;
use crate::http::body::{BODY_LIMIT, BodyError};
use crate::http::caller::Refusal;
use crate::http::dialect::Fault;
use crate::http::limits::Exceeded;
use crate::http::observe::{HEADER_COUNT_LIMIT, HEADERS_LIMIT};
use crate::http::request_notes::InternalCause;

/// Every error of this dialect. The status is chosen by an exhaustive match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AdaError {
    /// The request does not have the form that the operation asks for.
    Invalid { message: String, problems: Vec<Problem> },
    /// The body is not JSON, or cannot be read as what it says it is.
    BadRequest(String),
    /// No token, or one that is not valid.
    Unauthorized(&'static str),
    /// The token lacks a scope.
    MissingScope(Scope),
    /// No route matches.
    UnknownRoute,
    /// No such end user.
    EndUserNotFound,
    /// No end user with such an external id.
    ExternalIdNotFound,
    /// No such conversation.
    ConversationNotFound,
    /// No such channel.
    ChannelNotFound,
    /// No such webhook.
    WebhookNotFound,
    /// No such message to a webhook.
    MessageNotFound,
    /// The route does not have this method.
    MethodNotAllowed,
    /// The client took too long to send the body.
    TimedOut,
    /// The external id belongs to somebody else.
    ExternalIdTaken,
    /// The merged map would be too large.
    MetadataTooLarge { error: MetadataTooLarge, parameter: &'static str },
    /// The end user would have too many secrets.
    TooManySecrets,
    /// The account would have too many webhooks.
    TooManyWebhooks,
    /// The body is too large.
    BodyTooLarge,
    /// The path and query are too long.
    UriTooLong { limit: usize },
    /// The body is not declared to be JSON, or is encoded in an unknown way.
    UnsupportedMediaType(&'static str),
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

/// The body of every error.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Errors {
    /// A list of errors
    errors: Vec<ErrorItem>,
}

/// One error.
#[derive(Debug, Serialize, ToSchema)]
struct ErrorItem {
    /// What kind of error it is
    #[schema(example = "validation_error")]
    r#type: &'static str,
    /// What was wrong, for a person
    message: String,
    /// Each problem of the request, with its place; null where there is no such list
    details: Option<Vec<Problem>>,
}

impl AdaError {
    /// An error that the client cannot mend. `cause` goes to the log and nowhere else.
    pub(crate) fn internal(cause: impl ToString) -> Self {
        Self::Internal { cause: cause.to_string() }
    }

    /// The status and the `type` of the body.
    const fn kind(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Invalid { .. }
            | Self::MetadataTooLarge { .. }
            | Self::TooManySecrets
            | Self::TooManyWebhooks => (StatusCode::BAD_REQUEST, "validation_error"),
            Self::BadRequest(_) => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::Unauthorized(_) => (StatusCode::UNAUTHORIZED, "unauthorized"),
            Self::MissingScope(_) => (StatusCode::FORBIDDEN, "authorization_error"),
            Self::UnknownRoute
            | Self::EndUserNotFound
            | Self::ExternalIdNotFound
            | Self::ConversationNotFound
            | Self::ChannelNotFound
            | Self::WebhookNotFound
            | Self::MessageNotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::TimedOut => (StatusCode::REQUEST_TIMEOUT, "request_timeout"),
            Self::ExternalIdTaken => (StatusCode::CONFLICT, "duplicate_resource"),
            Self::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "content_too_large"),
            Self::UriTooLong { .. } => (StatusCode::URI_TOO_LONG, "uri_too_long"),
            Self::UnsupportedMediaType(_) => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type")
            }
            Self::TooManyRequests(_) => (StatusCode::TOO_MANY_REQUESTS, "too_many_requests"),
            Self::HeadersTooLarge => {
                (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "request_header_fields_too_large")
            }
            Self::Busy | Self::DiskFull | Self::Away { .. } => {
                (StatusCode::SERVICE_UNAVAILABLE, "service_unavailable")
            }
            Self::Internal { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "internal_server_error"),
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Unauthorized(message) | Self::UnsupportedMediaType(message) => (*message).into(),
            Self::Invalid { message, .. } | Self::BadRequest(message) => message.clone(),
            Self::MissingScope(scope) => {
                format!("This token lacks the scope {} that the operation needs.", scope.name())
            }
            Self::UnknownRoute => "There is nothing at this path.".into(),
            Self::EndUserNotFound => "There is no end user with this id.".into(),
            Self::ExternalIdNotFound => "There is no end user with this external_id.".into(),
            Self::ConversationNotFound => "There is no conversation with this id.".into(),
            Self::ChannelNotFound => "There is no channel with this id.".into(),
            Self::WebhookNotFound => "There is no webhook with this id.".into(),
            Self::MessageNotFound => "There is no message with this id for this webhook.".into(),
            Self::MethodNotAllowed => {
                "This path does not have this method; the Allow header names those it has.".into()
            }
            Self::TimedOut => "The request body did not arrive in time.".into(),
            Self::ExternalIdTaken => "Another user already has this external_id.".into(),
            Self::MetadataTooLarge { error, .. } => error.to_string(),
            Self::TooManySecrets => format!(
                "An end user can have at most {SENSITIVE_KEYS_PER_USER} sensitive keys at a time."
            ),
            Self::TooManyWebhooks => {
                format!("An account can have at most {ENDPOINT_LIMIT} webhooks. Delete one first.")
            }
            Self::BodyTooLarge => format!("The request body exceeds {} MB.", BODY_LIMIT >> 20),
            Self::UriTooLong { limit } => {
                format!("The path and query must not exceed {limit} bytes.")
            }
            Self::TooManyRequests(exceeded) => {
                format!("The rate limit is exceeded. Try again in {} s.", exceeded.retry_after)
            }
            Self::HeadersTooLarge => format!(
                "There must be at most {HEADER_COUNT_LIMIT} request headers of {HEADERS_LIMIT} bytes in all."
            ),
            Self::Busy => "The server is busy or stopping; nothing was changed. Try again.".into(),
            Self::DiskFull => {
                "The server's disk is full; nothing was changed. Reading still works.".into()
            }
            Self::Away { .. } => "The database is away. A change may or may not have happened; \
                                  try the same again."
                .into(),
            Self::Internal { .. } => "The server failed. Its log says why.".into(),
        }
    }

    fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::Unauthorized(_) => Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            Self::TooManyRequests(exceeded) => {
                Some((RETRY_AFTER, HeaderValue::from(exceeded.retry_after)))
            }
            Self::Busy | Self::Away { .. } => Some((RETRY_AFTER, HeaderValue::from_static("1"))),
            Self::DiskFull => Some((RETRY_AFTER, HeaderValue::from_static("60"))),
            _ => None,
        }
    }

    fn into_details(self) -> Option<Vec<Problem>> {
        let message = self.message();
        match self {
            Self::TooManySecrets => {
                Some(vec![Problem::in_body("$.profile.sensitive_metadata.fields", message)])
            }
            Self::Invalid { problems, .. } => Some(problems),
            Self::MetadataTooLarge { error, parameter } => {
                Some(vec![Problem::in_body(parameter, error.to_string())])
            }
            _ => None,
        }
    }
}

impl IntoResponse for AdaError {
    fn into_response(self) -> Response {
        let (status, kind) = self.kind();
        let header = self.header();
        let cause = match &self {
            Self::Internal { cause } | Self::Away { cause } => Some(InternalCause(cause.clone())),
            Self::DiskFull => Some(InternalCause(StoreError::Full.to_string())),
            Self::Busy => Some(InternalCause(StoreError::Busy.to_string())),
            _ => None,
        };
        let message = self.message();
        let item = ErrorItem { r#type: kind, message, details: self.into_details() };
        let mut response = json(status, &Errors { errors: vec![item] });
        response.headers_mut().extend(header);
        if let Some(cause) = cause {
            response.extensions_mut().insert(cause);
        }
        response
    }
}

impl From<Fault> for AdaError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::UnknownRoute => Self::UnknownRoute,
            Fault::MethodNotAllowed => Self::MethodNotAllowed,
            Fault::UriTooLong { limit } => Self::UriTooLong { limit },
            Fault::HeadersTooLarge => Self::HeadersTooLarge,
            Fault::NoHost => {
                Self::BadRequest("Send a Host header: links are built from it.".into())
            }
            Fault::Panicked => Self::internal("a handler panicked"),
        }
    }
}

impl From<Refusal> for AdaError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NoToken => {
                Self::Unauthorized("Send a token: \"Authorization: Bearer <token>\".")
            }
            Refusal::BadToken => Self::Unauthorized("This token is unknown or was revoked."),
            Refusal::MissingScope(scope) => Self::MissingScope(scope),
            Refusal::QuotaExceeded(exceeded) => Self::TooManyRequests(exceeded),
            Refusal::Store(error) => error.into(),
        }
    }
}

impl From<BodyError> for AdaError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Self::BodyTooLarge,
            BodyError::TimedOut => Self::TimedOut,
            BodyError::Busy => Self::Busy,
            BodyError::Broken => Self::BadRequest("The request body broke off.".into()),
            BodyError::NotJson => {
                Self::UnsupportedMediaType("Send JSON: \"Content-Type: application/json\".")
            }
            BodyError::UnknownEncoding => Self::UnsupportedMediaType(
                "The Content-Encoding must be gzip or deflate, or absent.",
            ),
            BodyError::Undecodable => {
                Self::BadRequest("The request body is not what its Content-Encoding says.".into())
            }
        }
    }
}

impl From<StoreError> for AdaError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Busy,
            StoreError::Full => Self::DiskFull,
            StoreError::Away(cause) => Self::Away { cause },
            StoreError::Unavailable(_) | StoreError::Corrupt(_) => Self::internal(error),
        }
    }
}

impl From<CreateEndUserError> for AdaError {
    fn from(error: CreateEndUserError) -> Self {
        match error {
            CreateEndUserError::ExternalIdTaken => Self::ExternalIdTaken,
            CreateEndUserError::Store(error) => error.into(),
        }
    }
}

impl From<CreateEndpointError> for AdaError {
    fn from(error: CreateEndpointError) -> Self {
        match error {
            CreateEndpointError::TooMany => Self::TooManyWebhooks,
            CreateEndpointError::Store(error) => error.into(),
        }
    }
}

impl From<PatchEndUserError> for AdaError {
    fn from(error: PatchEndUserError) -> Self {
        match error {
            PatchEndUserError::NotFound => Self::EndUserNotFound,
            PatchEndUserError::ExternalIdTaken => Self::ExternalIdTaken,
            PatchEndUserError::MetadataTooLarge(error) => {
                Self::MetadataTooLarge { error, parameter: "$.profile.metadata" }
            }
            PatchEndUserError::TooManySecrets => Self::TooManySecrets,
            PatchEndUserError::Store(error) => error.into(),
        }
    }
}

impl From<CreateConversationError> for AdaError {
    fn from(error: CreateConversationError) -> Self {
        match error {
            CreateConversationError::ChannelNotFound => Self::ChannelNotFound,
            CreateConversationError::EndUserNotFound => Self::EndUserNotFound,
            CreateConversationError::Store(error) => error.into(),
        }
    }
}

impl From<PatchConversationError> for AdaError {
    fn from(error: PatchConversationError) -> Self {
        match error {
            PatchConversationError::NotFound => Self::ConversationNotFound,
            PatchConversationError::MetadataTooLarge(error) => {
                Self::MetadataTooLarge { error, parameter: "$.metadata" }
            }
            PatchConversationError::Store(error) => error.into(),
        }
    }
}
