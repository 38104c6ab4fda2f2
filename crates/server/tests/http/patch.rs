//! `PATCH /api/v2/end-users/{end_user_id}`.

use std::time::Duration;

use crate::support::{TestApp, json, on_each_store, problems};

on_each_store! {
    what_is_absent_stays_and_what_is_null_goes,
    metadata_are_merged,
    updated_at_moves_only_when_something_changed,
    the_profile_is_required,
    read_only_fields_are_never_applied,
    an_unknown_user_is_not_found,
}

async fn what_is_absent_stays_and_what_is_null_goes(app: TestApp) {
    let id = app
        .create_id(
            json!({"profile": {"first_name": "Grace", "last_name": "Hopper", "email": "g@x"}}),
        )
        .await;
    let path = format!("/api/v2/end-users/{id}");
    let body = json!({"profile": {"first_name": "Ada", "email": null}});
    let answer = app.patch(&path).json(&body).await.expect(200);
    assert_eq!(answer.body["profile"]["first_name"], "Ada");
    assert_eq!(answer.body["profile"]["last_name"], "Hopper");
    assert_eq!(answer.body["profile"]["email"], json!(null));
    assert_eq!(app.get(&path).await.expect(200).text, answer.text);
}

async fn metadata_are_merged(app: TestApp) {
    let id = app.create_id(json!({"profile": {"metadata": {"a": 1, "b": 2, "c": 3}}})).await;
    let path = format!("/api/v2/end-users/{id}");
    let body = json!({"profile": {"metadata": {"b": "two", "c": null, "d": true, "never": null}}});
    let answer = app.patch(&path).json(&body).await.expect(200);
    let merged = json!({"a": 1, "b": "two", "d": true});
    assert_eq!(answer.body["profile"]["metadata"], merged);

    let body = json!({"profile": {"metadata": null}});
    let answer = app.patch(&path).json(&body).await.expect(200);
    assert_eq!(answer.body["profile"]["metadata"], merged, "null as a whole changes nothing");
}

async fn updated_at_moves_only_when_something_changed(app: TestApp) {
    let created = app
        .create(
            json!({"external_id": "X", "profile": {"first_name": "Grace", "metadata": {"a": 1}}}),
        )
        .await;
    let path = format!("/api/v2/end-users/{}", created.text_at("/end_user_id"));
    app.clock.advance(Duration::from_millis(1_500));
    for body in [
        json!({"profile": {}}),
        json!({"profile": {"first_name": "Grace", "last_name": null, "metadata": {"a": 1, "b": null}}}),
        json!({"external_id": "X", "profile": {}}),
        json!({"profile": {"sensitive_metadata": {"fields": {"s": "x"}}}}),
    ] {
        let answer = app.patch(&path).json(&body).await.expect(200);
        assert_eq!(answer.text, created.text, "{body}");
    }
    let body = json!({"profile": {"metadata": {"a": 2}}});
    let answer = app.patch(&path).json(&body).await.expect(200);
    assert_eq!(answer.body["updated_at"], "2026-09-21T14:13:21.500000+00:00");
    assert_eq!(answer.body["created_at"], created.body["created_at"]);
}

async fn the_profile_is_required(app: TestApp) {
    let id = app.create_id(json!({})).await;
    let path = format!("/api/v2/end-users/{id}");
    let answer = app.patch(&path).json(&json!({"external_id": "x"})).await;
    answer.expect_error(400, "validation_error");
    assert_eq!(problems(&answer), ["body $.profile: Is required, and must be an object."]);
    for wrong in [json!(null), json!([]), json!("x")] {
        let answer = app.patch(&path).json(&json!({"profile": wrong})).await;
        assert_eq!(problems(&answer), ["body $.profile: Must be an object."], "{wrong}");
    }
    let read = app.get(&path).await.expect(200);
    assert_eq!(read.body["external_id"], json!(null), "a refused request changes nothing");
}

async fn read_only_fields_are_never_applied(app: TestApp) {
    let created = app.create(json!({})).await;
    let path = format!("/api/v2/end-users/{}", created.text_at("/end_user_id"));
    let body = json!({
        "end_user_id": "ffffffffffffffffffffffff", "created_at": "x", "updated_at": null,
        "profile": {"system_properties": {"sunshine_user_id": "y"}},
    });
    let answer = app.patch(&path).json(&body).await.expect(200);
    assert_eq!(answer.text, created.text);
}

async fn an_unknown_user_is_not_found(app: TestApp) {
    let path = "/api/v2/end-users/66f0c1d2e3a4b5c6d7e8f901";
    let answer = app.patch(path).json(&json!({"profile": {}})).await;
    assert_eq!(answer.expect_error(404, "not_found"), "There is no end user with this id.");
    app.get(path).await.expect_error(404, "not_found");
}
