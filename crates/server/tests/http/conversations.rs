//! Conversations.

use std::time::Duration;

use crate::support::{TestApp, json, on_each_store, problems};

on_each_store! {
    one_starts_with_an_end_user,
    one_makes_its_own_end_user,
    what_is_missing_is_named,
    metadata_are_merged,
    one_ends_once,
    unknown_ones_are_not_found,
}

async fn one_starts_with_an_end_user(app: TestApp) {
    let channel = app.channel().await;
    let user = app.create(json!({})).await;
    let id = user.text_at("/end_user_id");
    let body = json!({"channel_id": channel, "end_user_id": id, "metadata": {"a": 1.5}});
    let started = app.post("/api/v2/conversations").json(&body).await.expect(201);
    let conversation = started.text_at("/id");
    assert_eq!(
        started.body,
        json!({
            "id": conversation, "channel_id": channel, "end_user_id": id, "status": "active",
            "metadata": {"a": 1.5}, "created_at": "2026-09-21T14:13:20.000000+00:00",
            "updated_at": "2026-09-21T14:13:20.000000+00:00",
        })
    );
    for path in ["", "/"].map(|end| format!("/api/v2/conversations/{conversation}{end}")) {
        assert_eq!(app.get(&path).await.expect(200).text, started.text);
    }
    let read = app.get(&format!("/api/v2/end-users/{id}")).await;
    assert_eq!(read.text, user.text, "the end user has not changed");
}

async fn one_makes_its_own_end_user(app: TestApp) {
    let channel = app.channel().await;
    for body in
        [json!({"channel_id": channel}), json!({"channel_id": channel, "end_user_id": null})]
    {
        let started = app.post("/api/v2/conversations/").json(&body).await.expect(201);
        let id = started.text_at("/end_user_id");
        app.get(&format!("/api/v2/end-users/{id}")).await.expect(200);
    }
    app.pass(Duration::from_secs(48 * 3600)).await;
    let list = app.get("/api/v2/end-users/").await.expect(200);
    assert_eq!(list.body["data"].as_array().unwrap().len(), 2, "they do not expire");
}

async fn what_is_missing_is_named(app: TestApp) {
    let channel = app.channel().await;
    let nobody = "66f0c1d2e3a4b5c6d7e8f901";
    let start = |body| app.post("/api/v2/conversations/").json(&body);
    let answer = start(json!({"channel_id": nobody})).await;
    assert_eq!(answer.expect_error(404, "not_found"), "There is no channel with this id.");
    let answer = start(json!({"channel_id": channel, "end_user_id": nobody})).await;
    assert_eq!(answer.expect_error(404, "not_found"), "There is no end user with this id.");
    let answer = start(json!({"end_user_id": "x", "metadata": {"a": [1]}})).await;
    answer.expect_error(400, "validation_error");
    assert_eq!(
        problems(&answer),
        [
            "body $.channel_id: Is required, and must be a string.",
            "body $.end_user_id: Must be 24 hexadecimal digits.",
            "body $.metadata.a: Must be a string, boolean or number.",
        ]
    );
    let list = app.get("/api/v2/end-users/").await.expect(200);
    assert_eq!(list.body["data"], json!([]), "a refused start makes nobody");
}

async fn metadata_are_merged(app: TestApp) {
    let body = json!({"channel_id": app.channel().await, "metadata": {"a": 1, "b": 2}});
    let started = app.post("/api/v2/conversations/").json(&body).await.expect(201);
    let path = format!("/api/v2/conversations/{}", started.text_at("/id"));
    app.clock.advance(Duration::from_secs(1));
    let body = json!({"metadata": {"a": null, "c": 0.5}});
    let patched = app.patch(&path).json(&body).await.expect(200);
    assert_eq!(patched.body["metadata"], json!({"b": 2, "c": 0.5}));
    assert_eq!(patched.body["updated_at"], "2026-09-21T14:13:21.000000+00:00");

    let answer = app.patch(&path).json(&json!({})).await;
    assert_eq!(problems(&answer), ["body $.metadata: Is required, and must be an object."]);
    let body = json!({"metadata": {"large": "x".repeat(4096)}});
    let answer = app.patch(&path).json(&body).await;
    let message = answer.expect_error(400, "validation_error");
    assert_eq!(message, "Metadata exceeds the maximum size of 4 KB.");
    assert_eq!(app.get(&path).await.text, patched.text);
}

async fn one_ends_once(app: TestApp) {
    let body = json!({"channel_id": app.channel().await});
    let started = app.post("/api/v2/conversations/").json(&body).await.expect(201);
    let path = format!("/api/v2/conversations/{}", started.text_at("/id"));
    for end in ["end", "end/"] {
        app.clock.advance(Duration::from_secs(1));
        let ended = app.post(&format!("{path}/{end}")).await.expect(200);
        assert_eq!(ended.body, json!({"message": "Conversation ended successfully."}));
        let read = app.get(&path).await.expect(200);
        assert_eq!(read.body["status"], "ended");
        assert_eq!(read.body["updated_at"], "2026-09-21T14:13:21.000000+00:00");
    }
}

async fn unknown_ones_are_not_found(app: TestApp) {
    let path = "/api/v2/conversations/66f0c1d2e3a4b5c6d7e8f901/";
    app.get(path).await.expect_error(404, "not_found");
    app.patch(path).json(&json!({"metadata": {}})).await.expect_error(404, "not_found");
    app.post(&format!("{path}end/")).await.expect_error(404, "not_found");
    let answer = app.get("/api/v2/conversations/xyz/").await;
    answer.expect_error(400, "validation_error");
    assert_eq!(problems(&answer), ["path $.conversation_id: Must be 24 hexadecimal digits."]);
}
