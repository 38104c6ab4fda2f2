//! For the operator: health, metrics, logs.

use roster_server::Settings;
use serde_json::Value;

use crate::support::{TestApp, json, on_each_store};

on_each_store! {
    health_and_readiness_need_no_token,
    metrics_count_requests_by_route_and_status,
    metrics_tell_of_the_store_and_the_accounts,
    a_closed_store_is_not_ready,
    every_request_is_one_line_of_json,
}

async fn health_and_readiness_need_no_token(app: TestApp) {
    assert_eq!(app.anonymous("GET", "/healthz").await.expect(200).text, "ok\n");
    assert_eq!(app.anonymous("GET", "/readyz").await.expect(200).text, "ready\n");
}

/// The value of one sample, as a number.
async fn number(app: &TestApp, name: &str) -> f64 {
    sample(app, name).await.parse().unwrap()
}

/// The value of one sample, as it is written.
async fn sample(app: &TestApp, name: &str) -> String {
    let answer = app.anonymous("GET", "/metrics").await.expect(200);
    assert!(answer.header("content-type").starts_with("text/plain; version=0.0.4"));
    let line = answer.text.lines().find(|line| line.starts_with(&format!("{name} ")));
    line.map_or("none", |line| line.rsplit(' ').next().unwrap()).to_owned()
}

async fn metrics_count_requests_by_route_and_status(app: TestApp) {
    let id = app.create_id(json!({})).await;
    for path in [format!("/api/v2/end-users/{id}"), format!("/api/v2/end-users/{id}/")] {
        app.get(&path).await.expect(200);
    }
    app.get("/api/v2/end-users/66f0c1d2e3a4b5c6d7e8f901").await.expect(404);
    app.get("/nowhere/at/all").await.expect(404);
    let route = "method=\"GET\",route=\"/api/v2/end-users/{end_user_id}\"";
    let name = |rest: &str| format!("roster_http_requests_total{{{rest}}}");
    assert_eq!(sample(&app, &name(&format!("{route},status=\"200\""))).await, "2");
    assert_eq!(sample(&app, &name(&format!("{route},status=\"404\""))).await, "1");
    let unmatched = "method=\"GET\",route=\"unmatched\",status=\"404\"";
    assert_eq!(sample(&app, &name(unmatched)).await, "1");
    let latency = "roster_http_request_duration_seconds";
    assert_eq!(sample(&app, &format!("{latency}_count{{{route}}}")).await, "3");
    assert_eq!(sample(&app, &format!("{latency}_bucket{{{route},le=\"+Inf\"}}")).await, "3");
    assert!(number(&app, &format!("{latency}_sum{{{route}}}")).await > 0.0);
    assert!(number(&app, "roster_http_connections").await >= 1.0);
}

async fn metrics_tell_of_the_store_and_the_accounts(app: TestApp) {
    for _ in 0..3 {
        app.create(json!({})).await;
    }
    app.other_account(roster_directory::Scopes::SERVER).await;
    let users = |account: &str, role: &str| {
        format!("roster_users{{account=\"{account}\",role=\"{role}\"}}")
    };
    assert_eq!(sample(&app, &users("first", "end-user")).await, "3");
    assert_eq!(sample(&app, &users("first", "admin")).await, "1");
    assert_eq!(sample(&app, &users("second", "end-user")).await, "0");
    assert_eq!(sample(&app, "roster_write_queue_depth").await, "0");
    if app.folder.is_some() {
        assert!(number(&app, "roster_writes_committed_total").await >= 3.0);
        assert!(number(&app, "roster_commit_group_size_count").await >= 1.0);
    }
    app.pass(std::time::Duration::from_secs(24 * 3600)).await;
    assert_eq!(sample(&app, &users("first", "end-user")).await, "0");
    assert_eq!(sample(&app, "roster_expired_total{kind=\"end_user\"}").await, "3");
}

async fn a_closed_store_is_not_ready(app: TestApp) {
    app.store.close().await;
    app.anonymous("GET", "/healthz").await.expect(200);
    app.anonymous("GET", "/readyz").await.expect(503);
    let answer = app.post("/api/v2/end-users/").json(&json!({})).await;
    let message = answer.expect_error(503, "service_unavailable");
    assert_eq!(message, "The server is busy or stopping; nothing was changed. Try again.");
    assert_eq!(answer.header("retry-after"), "1");
}

async fn every_request_is_one_line_of_json(app: TestApp) {
    let id = app.create_id(json!({})).await;
    app.get(&format!("/api/v2/end-users/{id}?external_id=private")).await.expect(200);
    app.anonymous("GET", "/private/path").await.expect(404);
    let logged = app.logged();
    let lines: Vec<Value> =
        logged.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3, "{logged}");
    assert_eq!(lines[1]["message"], "request");
    assert_eq!(lines[1]["method"], "GET");
    assert_eq!(lines[1]["route"], "/api/v2/end-users/{end_user_id}");
    assert_eq!(lines[1]["status"], 200);
    assert_eq!(lines[1]["account"], app.account.id.get());
    assert_eq!(lines[1]["timestamp"], "2026-09-21T14:13:20.000000+00:00");
    assert!(lines[1]["duration_us"].is_u64());
    assert_eq!(lines[2]["route"], "unmatched");
    assert!(lines[2].get("account").is_none());
    assert!(!logged.contains("private"), "neither paths nor queries are logged");
}

#[tokio::test]
async fn settings_have_the_vendors_defaults() {
    let day = std::time::Duration::from_secs(24 * 3600);
    let settings = Settings::default();
    assert_eq!((settings.unassociated_ttl, settings.sensitive_ttl), (day, day));
}
