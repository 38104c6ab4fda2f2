//! Answers (contract Zendesk §4).

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use axum::http::{Response, StatusCode};
use serde::Serialize;

static API_VERSION: HeaderName = HeaderName::from_static("x-zendesk-api-version");

/// An answer with this body as JSON.
pub(crate) fn json_response(status: StatusCode, body: &impl Serialize) -> Response<Body> {
    // Every body of this dialect is a plain structure with text keys, which always serializes.
    answer(status, serde_json::to_vec(body).unwrap_or_default())
}

/// An answer of a page of users, whose size is foreseeable.
pub(crate) fn large_json_response(body: &impl Serialize, expected: usize) -> Response<Body> {
    let mut bytes = Vec::with_capacity(expected);
    // As above.
    let _ = serde_json::to_writer(&mut bytes, body);
    answer(StatusCode::OK, bytes)
}

/// An answer that says where what was made is found.
pub(crate) fn located(status: StatusCode, location: &str, body: &impl Serialize) -> Response<Body> {
    let mut response = json_response(status, body);
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Response<Body> {
    let mut response = answer(status, Vec::new());
    response.headers_mut().remove(CONTENT_TYPE);
    response
}

fn answer(status: StatusCode, bytes: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("max-age=0, private, must-revalidate"));
    headers.insert(API_VERSION.clone(), HeaderValue::from_static("v2"));
    response
}
