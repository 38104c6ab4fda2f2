//! The OpenAPI document: equal to the checked-in one, and true.

use serde_json::{Value, json};

use crate::support::TestApp;

#[tokio::test]
async fn the_served_documents_are_the_checked_in_ones() {
    let app = TestApp::on_memory().await;
    for dialect in ["ada", "zendesk"] {
        let served = app.anonymous("GET", &format!("/openapi/{dialect}.json")).await.expect(200);
        assert_eq!(served.header("content-type"), "application/json");
        assert_eq!(served.body["openapi"], "3.1.0");
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi");
        let checked_in = std::fs::read_to_string(format!("{folder}/{dialect}.json")).unwrap();
        assert!(
            served.text == checked_in,
            "openapi/{dialect}.json is not what the server serves; renew it: \
             cargo run -p roster-server --example openapi {dialect} > openapi/{dialect}.json"
        );
    }
}

/// Every reference of a document.
fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("$ref").and_then(Value::as_str));
            map.values().for_each(|value| references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[tokio::test]
async fn every_reference_of_the_documents_leads_somewhere() {
    let app = TestApp::on_memory().await;
    for path in ["/openapi/ada.json", "/openapi/zendesk.json"] {
        let document = app.anonymous("GET", path).await.body;
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 20, "{path}");
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap_or(reference);
            assert!(document.pointer(pointer).is_some(), "{path}: {reference}");
        }
    }
}

/// The schema of one answer, with the document's definitions beside it.
fn schema(document: &Value, path: &str, method: &str, status: &str) -> jsonschema::Validator {
    let schema = &document["paths"][path][method]["responses"][status]["content"]["application/json"]
        ["schema"];
    assert!(schema.is_object(), "{method} {path} {status}");
    let whole = json!({"components": document["components"], "allOf": [schema]});
    jsonschema::validator_for(&whole).unwrap()
}

#[tokio::test]
async fn answers_have_the_documented_form() {
    let app = TestApp::on_memory().await;
    let document = app.anonymous("GET", "/openapi/ada.json").await.body;
    let user = app.create(json!({"profile": {"metadata": {"a": 1}}})).await;
    let id = user.text_at("/end_user_id");
    let channel = app.channel().await;
    let list = app.get("/api/v2/end-users/").await;
    let body = json!({"channel_id": channel, "end_user_id": id});
    let started = app.post("/api/v2/conversations/").json(&body).await;
    let error = app.post("/api/v2/end-users/").json(&json!({"external_id": 5})).await;
    let webhook = json!({"url": "https://a.example", "event_filters": ["v1.end_user.deleted"]});
    let webhook = app.post("/api/v2/webhooks/").json(&webhook).await;
    let webhooks = app.get("/api/v2/webhooks/").await;
    let secret = format!("/api/v2/webhooks/{}/secret/", webhook.text_at("/id"));
    let secret = app.get(&secret).await;
    let types = app.get("/api/v2/webhooks/event-types/").await;
    let missing = app.get("/api/v2/end-users/66f0c1d2e3a4b5c6d7e8f901").await;
    for (path, method, status, body) in [
        ("/api/v2/end-users/", "post", "201", &user.body),
        ("/api/v2/end-users/", "get", "200", &list.body),
        ("/api/v2/end-users/{end_user_id}", "get", "200", &user.body),
        ("/api/v2/conversations/", "post", "201", &started.body),
        ("/api/v2/webhooks/", "post", "201", &webhook.body),
        ("/api/v2/webhooks/", "get", "200", &webhooks.body),
        ("/api/v2/webhooks/{id}/secret/", "get", "200", &secret.body),
        ("/api/v2/webhooks/event-types/", "get", "200", &types.body),
        ("/api/v2/end-users/", "post", "400", &error.body),
        ("/api/v2/end-users/{end_user_id}", "get", "404", &missing.body),
    ] {
        let validator = schema(&document, path, method, status);
        let errors: Vec<_> = validator.iter_errors(body).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{method} {path} {status}: {errors:?}");
        let mut less = body.clone();
        let first = less.as_object().unwrap().keys().next().unwrap().clone();
        less.as_object_mut().unwrap().remove(&first);
        assert!(!validator.is_valid(&less), "{method} {path} {status} does not need {first}");
    }
}
