//! Answers.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::{Response, StatusCode};
use serde::Serialize;

/// An answer with this body as JSON.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response<Body> {
    // Every body of this dialect is a plain structure with text keys, which always serializes.
    let bytes = serde_json::to_vec(body).unwrap_or_default();
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
