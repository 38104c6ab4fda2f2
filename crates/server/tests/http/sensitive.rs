//! Sensitive metadata: written by everybody, read only through roster's own API, gone in time.

use std::time::Duration;

use roster_directory::{EventKind, PageLimit, Scope};

use crate::support::{Answer, TestApp, Value, json, on_each_store, problems};

on_each_store! {
    what_is_written_is_read_with_the_scope_alone,
    keys_and_values_are_checked,
    null_removes_a_key,
    each_key_lives_a_day_after_its_last_write,
    a_key_cannot_be_both,
    reading_leaves_an_event,
    a_user_has_two_hundred_secrets_at_most,
}

fn write(fields: Value) -> Value {
    json!({"profile": {"sensitive_metadata": {"fields": fields}}})
}

async fn read(app: &TestApp, id: &str) -> Answer {
    let reader = app.token_with(Scope::SensitiveRead).await;
    let path = format!("/roster/v1/end-users/{id}/sensitive-metadata");
    app.call_as(&reader, "GET", &path).await.expect(200)
}

fn values(answer: &Answer) -> Value {
    let fields = answer.body["fields"].as_object().unwrap();
    fields.iter().map(|(key, field)| (key.clone(), field["value"].clone())).collect()
}

async fn what_is_written_is_read_with_the_scope_alone(app: TestApp) {
    let fields = json!({"session": "s-91 \"é\"", "step_up": true, "n": i64::MIN});
    let created = app.create(write(fields.clone())).await;
    assert!(!created.text.contains("sensitive") && !created.text.contains("s-91"));
    let id = created.text_at("/end_user_id");
    let answer = read(&app, &id).await;
    assert_eq!(values(&answer), fields);
    assert_eq!(answer.body["fields"]["n"]["expires_at"], "2026-09-22T14:13:20.000000+00:00");
    assert_eq!(answer.header("cache-control"), "no-store");

    let path = format!("/roster/v1/end-users/{id}/sensitive-metadata");
    app.get(&path).await.expect_error(403, "authorization_error");
    app.anonymous("GET", &path).await.expect_error(401, "unauthorized");
    let reader = app.token_with(Scope::SensitiveRead).await;
    let nobody = "/roster/v1/end-users/66f0c1d2e3a4b5c6d7e8f901/sensitive-metadata";
    app.call_as(&reader, "GET", nobody).await.expect_error(404, "not_found");
}

async fn keys_and_values_are_checked(app: TestApp) {
    let fields = "body $.profile.sensitive_metadata.fields";
    let many: Value = (0..21).map(|number| (format!("k{number}"), json!(1))).collect();
    for (written, expected) in [
        (many, format!("{fields}: Must have at most 20 keys.")),
        (json!({"a": ""}), format!("{fields}.a: Must not be empty.")),
        (
            json!({"a": 1.5}),
            format!("{fields}.a: Must be a non-empty string, a boolean, an integer or null."),
        ),
        (
            json!({"a": {}}),
            format!("{fields}.a: Must be a non-empty string, a boolean, an integer or null."),
        ),
        (
            json!({"é": 1}),
            format!(
                "{fields}[\"é\"]: Keys of sensitive metadata must match [A-Za-z0-9_-]+ and have at most 256 characters."
            ),
        ),
        (json!([]), format!("{fields}: Must be an object.")),
        (json!(null), format!("{fields}: Must be an object.")),
    ] {
        let answer = app.post("/api/v2/end-users/").json(&write(written)).await;
        answer.expect_error(400, "validation_error");
        assert_eq!(problems(&answer), [expected]);
    }
    let body = json!({"profile": {"sensitive_metadata": {"a": "x"}}});
    let answer = app.post("/api/v2/end-users/").json(&body).await;
    assert_eq!(problems(&answer), [format!("{fields}: Is required, and must be an object.")]);
    let twenty: Value = (0..20).map(|number| (format!("k{number}"), json!(1))).collect();
    app.create(write(twenty)).await;
}

async fn null_removes_a_key(app: TestApp) {
    let id = app.create_id(write(json!({"a": "x", "b": "y"}))).await;
    let path = format!("/api/v2/end-users/{id}");
    app.patch(&path).json(&write(json!({"a": null, "c": "z"}))).await.expect(200);
    assert_eq!(values(&read(&app, &id).await), json!({"b": "y", "c": "z"}));
}

async fn each_key_lives_a_day_after_its_last_write(app: TestApp) {
    let id = app.create_id(write(json!({"a": "x", "b": "y"}))).await;
    let channel = app.channel().await;
    let body = json!({"channel_id": channel, "end_user_id": id});
    app.post("/api/v2/conversations/").json(&body).await.expect(201);

    app.pass(Duration::from_secs(20 * 3600)).await;
    let path = format!("/api/v2/end-users/{id}");
    app.patch(&path).json(&write(json!({"b": "y2"}))).await.expect(200);
    app.clock.advance(Duration::from_secs(4 * 3600));
    assert_eq!(values(&read(&app, &id).await), json!({"b": "y2"}), "gone before any sweep");
    app.pass(Duration::from_secs(20 * 3600)).await;
    assert_eq!(values(&read(&app, &id).await), json!({}));
    let keys = app.store.sealing_keys().await.unwrap();
    assert!(keys.iter().all(|key| !key.in_use), "gone in the store, too");
}

async fn a_key_cannot_be_both(app: TestApp) {
    let body = json!({"profile": {
        "metadata": {"a": 1}, "sensitive_metadata": {"fields": {"a": "x"}},
    }});
    let expected =
        "body $.profile.sensitive_metadata.fields.a: Must not also be a key of profile.metadata.";
    let answer = app.post("/api/v2/end-users/").json(&body).await;
    answer.expect_error(400, "validation_error");
    assert_eq!(problems(&answer), [expected]);
    let id = app.create_id(json!({})).await;
    let answer = app.patch(&format!("/api/v2/end-users/{id}")).json(&body).await;
    assert_eq!(problems(&answer), [expected]);
}

async fn reading_leaves_an_event(app: TestApp) {
    let id = app.create_id(write(json!({"a": "x"}))).await;
    read(&app, &id).await;
    let events = app.store.events(app.account.id, None, PageLimit::MAX).await.unwrap();
    let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    assert!(matches!(kinds[..], [EventKind::Created, EventKind::SensitiveRead(_)]), "{kinds:?}");
    assert!(events.iter().all(|event| event.end_user_id.to_string() == id));
}

async fn a_user_has_two_hundred_secrets_at_most(app: TestApp) {
    let id = app.create_id(json!({})).await;
    let path = format!("/api/v2/end-users/{id}");
    for batch in 0..10 {
        let fields: Value = (0..20).map(|n| (format!("k{batch}-{n}"), json!("x"))).collect();
        app.patch(&path).json(&write(fields)).await.expect(200);
    }
    let answer = app.patch(&path).json(&write(json!({"one-more": "x"}))).await;
    let message = answer.expect_error(400, "validation_error");
    assert_eq!(message, "An end user can have at most 200 sensitive keys at a time.");
    assert_eq!(problems(&answer).len(), 1);
    app.patch(&path).json(&write(json!({"one-more": "x", "k0-0": null}))).await.expect(200);
    assert_eq!(values(&read(&app, &id).await).as_object().unwrap().len(), 200);
}
