//! Answers (contract Zendesk §4).

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use axum::http::{Response, StatusCode};
use serde::Serialize;

use crate::http::json::to_vec;

static API_VERSION: HeaderName = HeaderName::from_static("x-zendesk-api-version");

/// An answer with this body as JSON.
pub(crate) fn json_response(status: StatusCode, body: &impl Serialize) -> Response<Body> {
    json_answer(status, to_vec(body, 512))
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
    let mut response = json_answer(status, Vec::new());
    response.headers_mut().remove(CONTENT_TYPE);
    response
}

/// An answer with this JSON.
pub(crate) fn json_answer(status: StatusCode, bytes: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("max-age=0, private, must-revalidate"));
    headers.insert(API_VERSION.clone(), HeaderValue::from_static("v2"));
    response
}
