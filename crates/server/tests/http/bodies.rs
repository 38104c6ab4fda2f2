//! Bodies: their size, their form, their encoding.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use crate::support::{TestApp, json, on_each_store, problems};

on_each_store! {
    ten_megabytes_are_the_most,
    compressed_bodies_are_read_within_the_same_bound,
    the_body_is_a_json_object,
    parser_messages_quote_nothing,
    nesting_is_bounded,
    many_large_bodies_at_once_all_arrive,
    very_many_keys_are_refused_quickly,
    what_does_not_read_is_told_apart,
}

const LIMIT: usize = 10 << 20;

/// A create request of exactly `size` bytes.
fn body_of(size: usize) -> String {
    let frame = r#"{"unknown":""}"#;
    format!(r#"{{"unknown":"{}"}}"#, "x".repeat(size - frame.len()))
}

async fn ten_megabytes_are_the_most(app: TestApp) {
    let post = || app.post("/api/v2/end-users/");
    post().body("application/json", body_of(LIMIT)).await.expect(201);
    let answer = post().body("application/json", body_of(LIMIT + 1)).await;
    let message = answer.expect_error(413, "content_too_large");
    assert_eq!(message, "The request body exceeds 10 MB.");

    let chunks = |count: usize| {
        let chunk = || Ok::<_, std::io::Error>(vec![b' '; 1 << 20]);
        futures_util::stream::iter((0..count).map(move |_| chunk()))
    };
    let body = reqwest::Body::wrap_stream(chunks(11));
    post().body("application/json", body).await.expect_error(413, "content_too_large");
    let end = futures_util::stream::iter([Ok::<_, std::io::Error>(b"{}".to_vec())]);
    let body = reqwest::Body::wrap_stream(futures_util::StreamExt::chain(chunks(9), end));
    post().body("application/json", body).await.expect(201);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

async fn compressed_bodies_are_read_within_the_same_bound(app: TestApp) {
    let post = |encoding: &str, body: Vec<u8>| {
        let call = app.post("/api/v2/end-users/").header("content-encoding", encoding);
        call.body("application/json", body)
    };
    let name = br#"{"profile":{"first_name":"Grace"}}"#;
    for (encoding, body) in [("gzip", gzip(name)), ("deflate", zlib(name)), ("GZIP", gzip(name))] {
        let answer = post(encoding, body).await.expect(201);
        assert_eq!(answer.body["profile"]["first_name"], "Grace");
    }
    post("gzip", gzip(body_of(LIMIT).as_bytes())).await.expect(201);
    let bomb = gzip(&vec![b' '; 100 << 20]);
    assert!(bomb.len() < 200_000);
    post("gzip", bomb).await.expect_error(413, "content_too_large");
    post("deflate", zlib(&vec![b' '; LIMIT + 1])).await.expect_error(413, "content_too_large");

    post("br", name.to_vec()).await.expect_error(415, "unsupported_media_type");
    post("gzip", name.to_vec()).await.expect_error(400, "bad_request");
    let mut raw = DeflateEncoder::new(Vec::new(), Compression::fast());
    raw.write_all(&[b' '; 64]).unwrap();
    post("gzip", raw.finish().unwrap()).await.expect_error(400, "bad_request");
}

async fn the_body_is_a_json_object(app: TestApp) {
    let post = |body: &'static str| app.post("/api/v2/end-users/").body("application/json", body);
    for broken in ["", "{", "{\"a\":}", "{\"a\":1,}", "nonsense", "{} {}", "{\"a\":01}"] {
        let answer = post(broken).await;
        let message = answer.expect_error(400, "bad_request");
        assert!(message.starts_with("The request body is not valid JSON: "), "{message}");
    }
    for other in ["[]", "5", "\"text\"", "null", "[{}]", "{\"profile\":{},\"profile\":{}}"] {
        let answer = post(other).await;
        answer.expect_error(400, "validation_error");
        let expected = if other.starts_with('{') {
            "body $: Must not repeat a key."
        } else {
            "body $: Must be a JSON object."
        };
        assert_eq!(problems(&answer), [expected], "{other}");
    }
    let call = app.post("/api/v2/end-users/").body("application/json", vec![b'{', 0xff, b'}']);
    call.await.expect_error(400, "bad_request");
    for content_type in
        ["application/json; charset=utf-8", "Application/JSON", "application/x+json"]
    {
        app.post("/api/v2/end-users/").body(content_type, "{}").await.expect(201);
    }
    let call = app.post("/api/v2/end-users/").body("application/x-www-form-urlencoded", "{}");
    call.await.expect_error(415, "unsupported_media_type");
}

async fn parser_messages_quote_nothing(app: TestApp) {
    for body in [
        r#""hunter2""#,
        r#"{"profile":"hunter2"}"#,
        r#"{"profile":{"sensitive_metadata":"hunter2"}}"#,
        r#"{"profile":{"sensitive_metadata":{"fields":{"a":["hunter2"]}}}}"#,
        r#"{"profile":{"sensitive_metadata":{"fields":{"a":"hunter2"#,
        r#"{"profile":{"sensitive_metadata":{"fields":{"a":hunter2}}}}"#,
        r#"{"external_id":{"a":"hunter2"}}"#,
    ] {
        let answer = app.post("/api/v2/end-users/").body("application/json", body).await;
        assert_eq!(answer.status, 400);
        assert!(!answer.text.contains("hunter2"), "{}", answer.text);
    }
    assert!(!app.logged().contains("hunter2"));
}

async fn nesting_is_bounded(app: TestApp) {
    let nested = |depth: usize| {
        format!(r#"{{"unknown":{}{}}}"#, "[".repeat(depth - 1), "]".repeat(depth - 1))
    };
    let post = |body: String| app.post("/api/v2/end-users/").body("application/json", body);
    post(nested(64)).await.expect(201);
    let answer = post(nested(65)).await;
    let message = answer.expect_error(400, "bad_request");
    assert_eq!(message, "The request body nests deeper than 64 levels.");
    post(nested(100_000)).await.expect_error(400, "bad_request");
    let text = json!({"profile": {"first_name": "[{\\\"".repeat(100)}});
    app.create(text).await;
}

async fn many_large_bodies_at_once_all_arrive(app: TestApp) {
    let calls = (0..12).map(|_| {
        let body = body_of(2 << 20);
        let call = app.post("/api/v2/end-users/").body("application/json", body);
        async move { call.await.status }
    });
    let statuses = futures_util::future::join_all(calls).await;
    assert!(statuses.iter().all(|status| *status == 201), "{statuses:?}");
}

/// A body that would take minutes if every key were compared with every other.
async fn very_many_keys_are_refused_quickly(app: TestApp) {
    let keys = |prefix: &str| {
        let entries: Vec<_> = (0..100_000).map(|n| format!("\"{prefix}{n}\":1")).collect();
        entries.join(",")
    };
    let body = format!(
        r#"{{"profile":{{"metadata":{{{}}},"sensitive_metadata":{{"fields":{{{}}}}}}}}}"#,
        keys("m"),
        keys("s")
    );
    let answer = app.post("/api/v2/end-users/").body("application/json", body).await;
    answer.expect_error(400, "validation_error");
    assert_eq!(
        problems(&answer),
        [
            "body $.profile.metadata: Must have at most 2048 keys.",
            "body $.profile.sensitive_metadata.fields: Must have at most 20 keys.",
            "body $.profile.metadata: Metadata exceeds the maximum size of 10 KB.",
        ]
    );
}

async fn what_does_not_read_is_told_apart(app: TestApp) {
    let half = "Must be valid Unicode: it has an escape that is half of a surrogate pair.";
    for (body, expected) in [
        (r#"{"profile":{"email":"a","email":"b"}}"#, "$.profile: Must not repeat a key.".into()),
        (r#"{"profile":{"email":"\ud800"}}"#, format!("$.profile.email: {half}")),
        (r#"{"profile":{"metadata":{"a":"\ud800"}}}"#, format!("$.profile.metadata.a: {half}")),
        (r#"{"profile":{"metadata":{"\ud800":1}}}"#, format!("$.profile.metadata: {half}")),
        (
            r#"{"profile":{"sensitive_metadata":{"fields":{"a":"\udc00"}}}}"#,
            format!("$.profile.sensitive_metadata.fields.a: {half}"),
        ),
    ] {
        let answer = app.post("/api/v2/end-users/").body("application/json", body).await;
        answer.expect_error(400, "validation_error");
        assert_eq!(problems(&answer), [format!("body {expected}")], "{body}");
    }
    let twice = r#"{"profile":{"metadata":{"a":1,"a":2}}}"#;
    let answer = app.post("/api/v2/end-users/").body("application/json", twice).await.expect(201);
    assert_eq!(answer.body["profile"]["metadata"], json!({"a": 2}), "the last counts");
}
