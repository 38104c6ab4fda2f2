//! `/api/v2/webhooks/`: where messages go.

use crate::support::{Answer, TestApp, Value, json, on_each_store, problems};
use roster_server::Settings;
use roster_server::webhook::AddressPolicy;

on_each_store! {
    a_webhook_is_made_read_and_listed,
    every_problem_of_a_webhook_is_told,
    addresses_are_checked,
    a_patch_changes_what_it_names,
    a_patch_is_checked,
    a_webhook_is_deleted,
    a_malformed_id_is_told_with_all_else,
    there_are_a_hundred_at_most,
    the_list_has_pages,
    event_types_are_listed,
    why_a_webhook_was_disabled_is_told,
}

/// Makes a webhook.
pub(crate) async fn webhook(app: &TestApp, body: Value) -> Answer {
    app.post("/api/v2/webhooks/").json(&body).await.expect(201)
}

const NOWHERE: &str = "/api/v2/webhooks/ep_66f0c1d2e3a4b5c6d7e8f901/";

async fn a_webhook_is_made_read_and_listed(app: TestApp) {
    let plain = webhook(&app, json!({"url": "https://Example.com/hooks#part", "unknown": 1})).await;
    let id = plain.text_at("/id");
    assert!(id.starts_with("ep_") && id.len() == 27, "{id}");
    let at = "2026-09-21T14:13:20.000000+00:00";
    assert_eq!(
        plain.body,
        json!({
            "id": id, "url": "https://example.com/hooks", "description": "", "event_filters": [],
            "enabled": true, "disabled_reason": null, "created_at": at, "updated_at": at,
        })
    );
    let body = json!({
        "url": "https://example.com/", "description": "Sync «é»", "enabled": false,
        "event_filters": ["v1.end_user.deleted", "v1.conversation.message", "v1.end_user.deleted"],
    });
    let full = app.post("/api/v2/webhooks").json(&body).await.expect(201);
    assert_eq!(full.body["description"], "Sync «é»");
    assert_eq!(full.body["enabled"], false);
    assert_eq!(full.body["disabled_reason"], json!(null));
    let asked = json!(["v1.end_user.deleted", "v1.conversation.message"]);
    assert_eq!(full.body["event_filters"], asked);
    let nulls = json!({"url": "https://a.example", "description": null, "event_filters": null, "enabled": null});
    let nulls = webhook(&app, nulls).await;
    assert_eq!((&nulls.body["description"], &nulls.body["enabled"]), (&json!(""), &json!(true)));
    assert_eq!(nulls.body["event_filters"], json!([]));

    for path in [format!("/api/v2/webhooks/{id}/"), format!("/api/v2/webhooks/{id}")] {
        assert_eq!(app.get(&path).await.expect(200).body, plain.body);
    }
    for path in ["/api/v2/webhooks/", "/api/v2/webhooks"] {
        let expected = json!({
            "data": [plain.body, full.body, nulls.body], "meta": {"next_page_url": null},
        });
        assert_eq!(app.get(path).await.expect(200).body, expected);
    }
    app.get(NOWHERE).await.expect_error(404, "not_found");
    for malformed in ["66f0c1d2e3a4b5c6d7e8f901", "ep_2Rk9nBzzmVQ3yTo1CcgEHZ9VvlP", "%ff", "ep_"] {
        let answer = app.get(&format!("/api/v2/webhooks/{malformed}/")).await;
        assert_eq!(answer.expect_error(400, "validation_error"), "invalid path");
        assert_eq!(problems(&answer), ["path $.id: Must be ep_ and 24 hexadecimal digits."]);
    }
}

async fn a_malformed_id_is_told_with_all_else(app: TestApp) {
    const PROBLEM: &str = "path $.id: Must be ep_ and 24 hexadecimal digits.";
    let path = "/api/v2/webhooks/ep_5";
    for answer in [
        app.get(path).await,
        app.call("DELETE", path).await,
        app.get(&format!("{path}/secret/")).await,
        app.post(&format!("{path}/secret/rotate/")).await,
        app.get("/roster/v1/webhooks/ep_5/deliveries").await,
        app.get("/roster/v1/webhooks/ep_5/deliveries/msg_1").await,
    ] {
        answer.expect_error(400, "validation_error");
        assert_eq!(problems(&answer), [PROBLEM], "{}", answer.text);
    }
    let answer = app.patch(path).json(&json!({"enabled": 5})).await;
    let expected = [PROBLEM, "body $.enabled: Must be true or false."];
    assert_eq!(problems(&answer), expected);
    let answer = app.post("/roster/v1/webhooks/ep_5/replay").json(&json!({"since": 5})).await;
    assert_eq!(problems(&answer)[0], PROBLEM);
}

async fn there_are_a_hundred_at_most(app: TestApp) {
    let body = json!({"url": "https://example.com/"});
    let first = webhook(&app, body.clone()).await.text_at("/id");
    for _ in 1..100 {
        webhook(&app, body.clone()).await;
    }
    let refused = app.post("/api/v2/webhooks/").json(&body).await;
    let message = refused.expect_error(400, "validation_error");
    assert_eq!(message, "An account can have at most 100 webhooks. Delete one first.");
    app.call("DELETE", &format!("/api/v2/webhooks/{first}/")).await.expect(204);
    webhook(&app, body).await;
}

const KNOWN: &str = "Must be one of the event types: v1.end_user.created, v1.end_user.updated, \
    v1.end_user.deleted, v1.conversation.created, v1.conversation.ended, v1.conversation.message, \
    v1.conversation.handoff.ended, v1.audit_log.emitted.";

async fn every_problem_of_a_webhook_is_told(app: TestApp) {
    let refused = async |body: Value, expected: &[&str]| {
        let answer = app.post("/api/v2/webhooks/").json(&body).await;
        let message = answer.expect_error(400, "validation_error");
        assert_eq!(message, "invalid webhook data");
        assert_eq!(problems(&answer), expected);
    };
    refused(json!({}), &["body $.url: Is required, and must be a string."]).await;
    refused(json!({"url": null}), &["body $.url: Must be a string."]).await;
    let body = json!({
        "url": "hooks", "description": 1, "enabled": "yes",
        "event_filters": ["v1.end_user.created", "v1.end_user", 5, null],
    });
    refused(
        body,
        &[
            "body $.url: Must be an absolute URL, such as https://example.com/hooks.",
            "body $.description: Must be a string or null.",
            &format!("body $.event_filters[1]: {KNOWN}"),
            "body $.event_filters[2]: Must be a string.",
            "body $.event_filters[3]: Must be a string.",
            "body $.enabled: Must be true or false or null.",
        ],
    )
    .await;
    let many = vec!["v1.end_user.created"; 101];
    let body =
        json!({"url": "https://a.example", "event_filters": many, "description": "x".repeat(1025)});
    refused(
        body,
        &[
            "body $.description: Must be at most 1024 characters long, without U+0000.",
            "body $.event_filters: Must have at most 100 items.",
        ],
    )
    .await;
    let body = json!({"url": "https://a.example", "event_filters": "v1.end_user.created"});
    refused(body, &["body $.event_filters: Must be an array or null."]).await;
    let list = app.get("/api/v2/webhooks/").await.expect(200);
    assert_eq!(list.body["data"], json!([]), "nothing was made");
}

const FORBIDDEN: &str = "Must not lead to a private, local or reserved address.";

async fn addresses_are_checked(app: TestApp) {
    for (url, expected) in [
        ("http://example.com/", "Must begin with https://."),
        ("ftp://example.com/", "Must begin with https://."),
        ("https://ada:pw@example.com/", "Must not contain a user name or a password."),
        ("https://127.0.0.1/", FORBIDDEN),
        ("https://0x7f.1/", FORBIDDEN),
        ("https://2852039166/", FORBIDDEN),
        ("https://[::ffff:10.0.0.1]/", FORBIDDEN),
    ] {
        let answer = app.post("/api/v2/webhooks/").json(&json!({"url": url})).await;
        answer.expect_error(400, "validation_error");
        assert_eq!(problems(&answer), [format!("body $.url: {expected}")], "{url}");
        assert!(!answer.text.contains("pw@"));
    }
}

#[tokio::test]
async fn the_operator_may_allow_networks() {
    let webhook_policy = AddressPolicy::new(vec!["127.0.0.0/8".parse().unwrap()]);
    let app = TestApp::with(Settings { webhook_policy, ..Settings::default() }).await;
    for url in ["http://127.0.0.1:8080/hooks", "https://127.1/", "http://localhost/"] {
        webhook(&app, json!({"url": url})).await;
    }
    let answer = app.post("/api/v2/webhooks/").json(&json!({"url": "http://10.0.0.1/"})).await;
    assert_eq!(problems(&answer), [format!("body $.url: {FORBIDDEN}")]);
}

async fn a_patch_changes_what_it_names(app: TestApp) {
    let body = json!({
        "url": "https://a.example/", "description": "first", "event_filters": ["v1.end_user.deleted"],
    });
    let made = webhook(&app, body).await;
    let path = format!("/api/v2/webhooks/{}/", made.text_at("/id"));
    app.clock.advance(std::time::Duration::from_secs(1));
    let same = app.patch(&path).json(&json!({})).await.expect(200);
    assert_eq!(same.body, made.body, "nothing changes nothing, not even a moment");

    let mut expected = made.body.clone();
    expected["updated_at"] = json!("2026-09-21T14:13:21.000000+00:00");
    for (patch, after) in [
        (json!({"description": "second"}), json!({"description": "second"})),
        (json!({"description": null}), json!({"description": ""})),
        (json!({"url": "https://b.example"}), json!({"url": "https://b.example/"})),
        (
            json!({"event_filters": ["v1.conversation.ended"]}),
            json!({"event_filters": ["v1.conversation.ended"]}),
        ),
        (json!({"event_filters": null}), json!({"event_filters": []})),
        (json!({"enabled": false}), json!({"enabled": false})),
        (json!({"enabled": true}), json!({"enabled": true})),
    ] {
        let answer = app.patch(path.trim_end_matches('/')).json(&patch).await.expect(200);
        for (key, value) in after.as_object().unwrap() {
            expected[key] = value.clone();
        }
        assert_eq!(answer.body, expected, "{patch}");
        assert_eq!(app.get(&path).await.expect(200).body, expected, "{patch}");
    }
}

async fn a_patch_is_checked(app: TestApp) {
    let path = format!(
        "/api/v2/webhooks/{}/",
        webhook(&app, json!({"url": "https://a.example"})).await.text_at("/id")
    );
    let body = json!({"url": null, "enabled": null, "event_filters": ["x"], "description": []});
    let answer = app.patch(&path).json(&body).await;
    answer.expect_error(400, "validation_error");
    assert_eq!(
        problems(&answer),
        [
            "body $.url: Must be a string.",
            "body $.description: Must be a string or null.",
            &format!("body $.event_filters[0]: {KNOWN}"),
            "body $.enabled: Must be true or false.",
        ]
    );
    let answer = app.patch(&path).json(&json!({"url": "https://10.0.0.1"})).await;
    assert_eq!(problems(&answer), [format!("body $.url: {FORBIDDEN}")]);
    app.patch(NOWHERE).json(&json!({})).await.expect_error(404, "not_found");
}

async fn a_webhook_is_deleted(app: TestApp) {
    for slash in ["", "/"] {
        let id = webhook(&app, json!({"url": "https://a.example"})).await.text_at("/id");
        let path = format!("/api/v2/webhooks/{id}{slash}");
        let answer = app.call("DELETE", &path).await.expect(204);
        assert_eq!(answer.text, "");
        app.call("DELETE", &path).await.expect_error(404, "not_found");
        app.get(&path).await.expect_error(404, "not_found");
    }
    app.call("DELETE", NOWHERE).await.expect_error(404, "not_found");
}

async fn the_list_has_pages(app: TestApp) {
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(webhook(&app, json!({"url": "https://a.example"})).await.text_at("/id"));
    }
    let page = app.get("/api/v2/webhooks/?limit=2&unknown=1").await.expect(200);
    assert_eq!(page.body["data"][1]["id"], *ids[1]);
    let next = page.text_at("/meta/next_page_url");
    assert_eq!(next, format!("{}/api/v2/webhooks/?cursor={}&limit=2", app.base, ids[2]));
    let page = app.get(&next.replace(&app.base, "")).await.expect(200);
    assert_eq!(page.body["data"].as_array().unwrap().len(), 1);
    assert_eq!(page.body["data"][0]["id"], *ids[2]);
    assert_eq!(page.body["meta"], json!({"next_page_url": null}));

    let answer = app.get("/api/v2/webhooks/?cursor=66f0c1d2e3a4b5c6d7e8f901&limit=0").await;
    answer.expect_error(400, "validation_error");
    assert_eq!(
        problems(&answer),
        [
            "query $.cursor: Must be ep_ and 24 hexadecimal digits.",
            "query $.limit: Must be an integer from 1 to 100.",
        ]
    );
}

async fn event_types_are_listed(app: TestApp) {
    for path in ["/api/v2/webhooks/event-types/", "/api/v2/webhooks/event-types"] {
        let answer = app.get(path).await.expect(200);
        assert_eq!(answer.body.as_object().unwrap().len(), 1, "there are no pages");
        let types = answer.body["data"].as_array().unwrap();
        let names: Vec<_> = types.iter().map(|each| each["name"].as_str().unwrap()).collect();
        assert_eq!(
            names,
            [
                "v1.end_user.created",
                "v1.end_user.updated",
                "v1.end_user.deleted",
                "v1.conversation.created",
                "v1.conversation.ended",
                "v1.conversation.message",
                "v1.conversation.handoff.ended",
                "v1.audit_log.emitted",
            ]
        );
        assert_eq!(types[0]["description"], "An end user was created.");
        let silent = types
            .iter()
            .filter(|each| each["description"].as_str().unwrap().contains("never sent"));
        assert_eq!(silent.count(), 3);
        let body = json!({"url": "https://a.example", "event_filters": names});
        assert_eq!(webhook(&app, body).await.body["event_filters"], json!(names));
    }
}

async fn why_a_webhook_was_disabled_is_told(app: TestApp) {
    use crate::webhook_deliveries::{Deliveries, answered};
    for (status, days, reason) in [(410, 0, "gone"), (500, 5, "failing_for_five_days")] {
        let deliveries = Deliveries::start(&app, json!({"url": "https://a.example"})).await;
        app.create(json!({})).await;
        deliveries.record(&app, answered(status), 0).await;
        for _ in 0..days {
            app.clock.advance(std::time::Duration::from_secs(86_400));
            deliveries.record(&app, answered(status), 0).await;
        }
        let path = format!("/api/v2/webhooks/{}/", deliveries.id);
        let disabled = app.get(&path).await.expect(200);
        assert_eq!(disabled.body["enabled"], false);
        assert_eq!(disabled.body["disabled_reason"], reason);
        let again = app.patch(&path).json(&json!({"enabled": true})).await.expect(200);
        assert_eq!(again.body["enabled"], true);
        assert_eq!(again.body["disabled_reason"], json!(null));
    }
}
