//! Every status has Ada's error body, and the checks come in their order.

use roster_directory::Scope;

use crate::support::{TestApp, json, on_each_store};

on_each_store! {
    unknown_paths_are_not_found,
    a_wrong_method_names_the_right_ones,
    the_checks_come_in_their_order,
    a_head_that_is_too_large_is_refused,
    request_ids_are_taken_over_if_sane,
}

async fn unknown_paths_are_not_found(app: TestApp) {
    for path in
        ["/", "/api", "/api/v2/", "/api/v2/endusers", "/api/v2/end-users/a/b", "/roster/v1/"]
    {
        let answer = app.anonymous("GET", path).await;
        let message = answer.expect_error(404, "not_found");
        assert_eq!(message, "There is nothing at this path.");
        assert_eq!(answer.body["errors"][0]["details"], json!(null));
    }
}

async fn a_wrong_method_names_the_right_ones(app: TestApp) {
    for (method, path, allowed) in [
        ("DELETE", "/api/v2/end-users/66f0c1d2e3a4b5c6d7e8f901", ["GET", "PATCH"]),
        ("PUT", "/api/v2/end-users/", ["GET", "POST"]),
        ("PATCH", "/api/v2/channels", ["GET", "POST"]),
    ] {
        let answer = app.anonymous(method, path).await;
        answer.expect_error(405, "method_not_allowed");
        for name in allowed {
            assert!(answer.header("allow").contains(name), "{method} {path}");
        }
    }
}

/// One request that is wrong in every way, mended one step at a time.
async fn the_checks_come_in_their_order(app: TestApp) {
    let unknown = "66f0c1d2e3a4b5c6d7e8f901";
    let large = "x".repeat(11 << 20);
    let weak = app.token_with(Scope::EndUsersRead).await;
    let good = app.token_with(Scope::EndUsersWrite).await;
    app.create(json!({"external_id": "taken"})).await;
    let path = format!("/api/v2/end-users/{unknown}");

    app.anonymous("PUT", "/api/v2/nothing").await.expect_error(404, "not_found");
    app.anonymous("PUT", &path).await.expect_error(405, "method_not_allowed");
    let send = |token: &str, path: &str, content_type: &str, body: &str| {
        app.call_as(token, "PATCH", path).body(content_type, body.to_owned())
    };
    send("wrong", &path, "text/plain", &large).await.expect_error(401, "unauthorized");
    send(&weak, &path, "text/plain", &large).await.expect_error(403, "authorization_error");
    send(&good, &path, "text/plain", &large).await.expect_error(413, "content_too_large");
    send(&good, &path, "text/plain", "{").await.expect_error(415, "unsupported_media_type");
    send(&good, &path, "application/json", "{").await.expect_error(400, "bad_request");
    send(&good, &path, "application/json", "{}").await.expect_error(400, "validation_error");
    let clash = r#"{"external_id": "taken", "profile": {}}"#;
    send(&good, &path, "application/json", clash).await.expect_error(404, "not_found");
    let id = app.create_id(json!({})).await;
    let path = format!("/api/v2/end-users/{id}");
    send(&good, &path, "application/json", clash).await.expect_error(409, "duplicate_resource");
}

async fn a_head_that_is_too_large_is_refused(app: TestApp) {
    let long = "a".repeat(9000);
    let answer = app.get(&format!("/api/v2/end-users/?x={long}")).await;
    answer.expect_error(414, "uri_too_long");
    let answer = app.get("/api/v2/end-users/").header("x-large", &"a".repeat(33_000)).await;
    answer.expect_error(431, "request_header_fields_too_large");
    app.get(&format!("/api/v2/end-users/?x={}", &long[..7000])).await.expect(200);
    let many = (0..250).fold(app.get("/api/v2/end-users/"), |call, number| {
        call.header(&format!("x-{number}"), "x")
    });
    many.await.expect_error(431, "request_header_fields_too_large");
}

async fn request_ids_are_taken_over_if_sane(app: TestApp) {
    let sane = "client-1.2_x";
    let answer = app.get("/api/v2/end-users/").header("x-request-id", sane).await;
    assert_eq!(answer.header("x-request-id"), sane);
    let mut given = Vec::new();
    for odd in ["", "a b", "a\"b", &"a".repeat(129)] {
        let answer = app.get("/api/v2/end-users/").header("x-request-id", odd).await;
        let id = answer.header("x-request-id").to_owned();
        assert!(id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        assert!(!given.contains(&id), "each request has its own");
        given.push(id);
    }
    let logged = app.logged();
    assert!(logged.contains("\"request_id\":\"client-1.2_x\""));
    assert!(given.iter().all(|id| logged.contains(id)));
}
