//! Which dialect a path belongs to, and what is answered before any dialect's own code runs.

use axum::extract::Request;
use axum::http::Uri;
use axum::response::{IntoResponse, Response};

use super::ada::AdaError;
use super::zendesk::ZendeskError;

/// The first parts of paths under `/api/v2/` that only Zendesk knows.
const ZENDESK: [&str; 9] = [
    "custom_roles",
    "deleted_users",
    "group_memberships",
    "groups",
    "incremental",
    "job_statuses",
    "organizations",
    "search",
    "users",
];

/// In whose words something is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Ada's. Also what belongs to no dialect.
    Ada,
    /// Zendesk's.
    Zendesk,
}

/// What is wrong with a request, whatever it asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No route matches.
    UnknownRoute,
    /// The route does not have this method.
    MethodNotAllowed,
    /// The path and query are too long.
    UriTooLong {
        /// The most bytes that they may have.
        limit: usize,
    },
    /// The headers are too large.
    HeadersTooLarge,
    /// Nothing says under which host the client reached this server.
    NoHost,
    /// A handler panicked.
    Panicked,
}

impl Dialect {
    /// The dialect of a path.
    pub(crate) fn of(path: &str) -> Self {
        let family = path.strip_prefix("/api/v2/").and_then(|rest| rest.split('/').next());
        match family.map(|family| family.strip_suffix(".json").unwrap_or(family)) {
            Some(family) if ZENDESK.contains(&family) => Self::Zendesk,
            Some(_) | None => Self::Ada,
        }
    }

    /// The answer to a request at fault.
    pub(crate) fn answer(self, fault: Fault) -> Response {
        match self {
            Self::Ada => AdaError::from(fault).into_response(),
            Self::Zendesk => ZendeskError::from(fault).into_response(),
        }
    }
}

/// The answer where no route matches.
pub(crate) async fn not_found(uri: Uri) -> Response {
    Dialect::of(uri.path()).answer(Fault::UnknownRoute)
}

/// The answer where a route lacks the method. The router adds the `Allow` header.
pub(crate) async fn method_not_allowed(request: Request) -> Response {
    Dialect::of(request.uri().path()).answer(Fault::MethodNotAllowed)
}
