//! `POST /api/v2/end-users/`.

use crate::support::{TestApp, json, on_each_store};

on_each_store! {
    an_empty_object_makes_a_blank_user,
    everything_that_is_sent_comes_back,
    null_says_the_same_as_nothing,
    both_spellings_of_the_path_answer_alike,
    an_existing_external_id_returns_the_user_unchanged,
    read_only_and_unknown_fields_are_passed_over,
    identifiers_ascend,
}

async fn an_empty_object_makes_a_blank_user(app: TestApp) {
    let answer = app.create(json!({})).await;
    let id = answer.text_at("/end_user_id");
    assert!(id.len() == 24 && id.bytes().all(|byte| b"0123456789abcdef".contains(&byte)));
    assert_eq!(
        answer.body,
        json!({
            "end_user_id": id,
            "external_id": null,
            "profile": {
                "first_name": null, "last_name": null, "display_name": null,
                "avatar": null, "email": null, "language": null,
                "metadata": {},
                "system_properties": {"sunshine_user_id": null},
            },
            "created_at": "2026-09-21T14:13:20.000000+00:00",
            "updated_at": "2026-09-21T14:13:20.000000+00:00",
        })
    );
    assert_eq!(answer.header("content-type"), "application/json");
}

async fn everything_that_is_sent_comes_back(app: TestApp) {
    let sent = json!({
        "external_id": "crm-4711",
        "profile": {
            "first_name": "Grace", "last_name": "Hopper", "display_name": "Amazing \"Grace\" 🎓",
            "avatar": "https://img.example/g.png", "email": "not an address", "language": "en-CA",
            "metadata": {
                "tier": "gold", "beta": false, "seats": 12, "": "empty key", "a b\n": "\u{1}é",
                "largest": i64::MAX, "smallest": i64::MIN,
            },
        },
    });
    let answer = app.create(sent.clone()).await;
    assert_eq!(answer.body["external_id"], sent["external_id"]);
    for (key, value) in sent["profile"].as_object().unwrap() {
        assert_eq!(answer.body["profile"][key], *value, "{key}");
    }
    assert!(answer.text.contains("9223372036854775807"), "integers are exact");

    let id = answer.text_at("/end_user_id");
    let read = app.get(&format!("/api/v2/end-users/{id}")).await.expect(200);
    assert_eq!(read.text, answer.text);
}

async fn null_says_the_same_as_nothing(app: TestApp) {
    let blank = app.create(json!({})).await;
    for body in [
        json!({"external_id": null}),
        json!({"profile": null}),
        json!({"profile": {}}),
        json!({"profile": {"first_name": null, "language": null, "metadata": null, "sensitive_metadata": null}}),
        json!({"profile": {"metadata": {"gone": null}}}),
    ] {
        let answer = app.create(body.clone()).await;
        assert_eq!(answer.body["profile"], blank.body["profile"], "{body}");
        assert_eq!(answer.body["external_id"], json!(null), "{body}");
    }
}

async fn both_spellings_of_the_path_answer_alike(app: TestApp) {
    app.post("/api/v2/end-users").json(&json!({})).await.expect(201);
    app.post("/api/v2/end-users/").json(&json!({})).await.expect(201);
    let id = app.create_id(json!({})).await;
    for path in ["", "/"].map(|end| format!("/api/v2/end-users/{id}{end}")) {
        app.get(&path).await.expect(200);
        app.patch(&path).json(&json!({"profile": {}})).await.expect(200);
    }
    let lists = (app.get("/api/v2/end-users").await, app.get("/api/v2/end-users/").await);
    assert_eq!(lists.0.expect(200).text, lists.1.expect(200).text);
}

async fn an_existing_external_id_returns_the_user_unchanged(app: TestApp) {
    let first =
        app.create(json!({"external_id": "crm-1", "profile": {"first_name": "Grace"}})).await;
    app.clock.advance(std::time::Duration::from_secs(60));
    let second = app
        .post("/api/v2/end-users/")
        .json(&json!({
            "external_id": "  CRM-1 ",
            "profile": {
                "first_name": "Ada", "metadata": {"a": 1},
                "sensitive_metadata": {"fields": {"secret": "x"}},
            },
        }))
        .await
        .expect(200);
    assert_eq!(second.text, first.text);

    let reader = app.token_with(roster_directory::Scope::SensitiveRead).await;
    let id = first.text_at("/end_user_id");
    let path = format!("/roster/v1/end-users/{id}/sensitive-metadata");
    let secrets = app.call_as(&reader, "GET", &path).await.expect(200);
    assert_eq!(secrets.body, json!({"fields": {}}), "not even secrets are applied");
}

async fn read_only_and_unknown_fields_are_passed_over(app: TestApp) {
    let answer = app
        .create(json!({
            "end_user_id": "ffffffffffffffffffffffff",
            "created_at": "1999-01-01T00:00:00+00:00",
            "updated_at": 5,
            "unknown": {"deep": [1, 2]},
            "profile": {"system_properties": {"sunshine_user_id": "x"}, "nickname": []},
        }))
        .await;
    assert_ne!(answer.body["end_user_id"], "ffffffffffffffffffffffff");
    assert_eq!(answer.body["created_at"], "2026-09-21T14:13:20.000000+00:00");
    assert_eq!(answer.body["profile"]["system_properties"], json!({"sunshine_user_id": null}));
    assert!(answer.body["profile"].get("nickname").is_none());
}

async fn identifiers_ascend(app: TestApp) {
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(app.create_id(json!({})).await);
    }
    assert!(ids.is_sorted());
}
