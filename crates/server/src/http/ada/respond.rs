//! Answers.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::{Response, StatusCode};
use serde::Serialize;

use crate::http::json::{WriteJson, to_vec};

/// About the most that an item of a page takes, in bytes.
const ITEM_SIZE: usize = 640;

/// An answer with this body as JSON.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response<Body> {
    answer(status, to_vec(body, 512))
}

/// A page of so many items.
pub(crate) fn page_of(items: usize, body: &impl WriteJson) -> Response<Body> {
    let mut text = Vec::with_capacity(128 + ITEM_SIZE * items);
    body.write_json(&mut text);
    answer(StatusCode::OK, text)
}

fn answer(status: StatusCode, text: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
