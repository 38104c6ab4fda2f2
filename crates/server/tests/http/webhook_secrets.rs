//! `/api/v2/webhooks/{id}/secret/`: what signs messages, and who sees it.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::support::{TestApp, json, on_each_store, problems};
use crate::webhooks::webhook;

on_each_store! {
    each_webhook_has_a_secret_of_its_own,
    a_secret_is_rotated,
    a_bad_secret_is_refused_and_not_shown,
    nobody_has_a_secret_of_no_webhook,
}

async fn made(app: &TestApp) -> String {
    let id = webhook(app, json!({"url": "https://a.example"})).await.text_at("/id");
    format!("/api/v2/webhooks/{id}/secret/")
}

fn key(byte: u8, length: usize) -> String {
    format!("whsec_{}", STANDARD.encode(vec![byte; length]))
}

async fn each_webhook_has_a_secret_of_its_own(app: TestApp) {
    let mut keys = Vec::new();
    for _ in 0..2 {
        let path = made(&app).await;
        let answer = app.get(&path).await.expect(200);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.body.as_object().unwrap().len(), 1);
        let key = answer.text_at("/key");
        let bytes = STANDARD.decode(key.strip_prefix("whsec_").unwrap()).unwrap();
        assert_eq!(bytes.len(), 32);
        let again = app.get(path.trim_end_matches('/')).await.expect(200);
        assert_eq!(again.text_at("/key"), key, "reading changes nothing");
        keys.push(key);
    }
    assert_ne!(keys[0], keys[1]);
}

async fn a_secret_is_rotated(app: TestApp) {
    let path = made(&app).await;
    let rotate = format!("{path}rotate/");
    let mut keys = vec![app.get(&path).await.text_at("/key")];
    // Nothing asks for a new one, in whichever way a client says it.
    for call in [
        app.post(&rotate),
        app.post(rotate.trim_end_matches('/')).json(&json!({})),
        app.post(&rotate).json(&json!({"key": null, "unknown": 1})),
        app.post(&rotate).json(&json!(null)),
        app.post(&rotate).body("application/json", ""),
        app.post(&rotate).body("application/x-www-form-urlencoded", ""),
    ] {
        assert_eq!(call.await.expect(200).body, json!({}));
        let key = app.get(&path).await.text_at("/key");
        assert!(!keys.contains(&key), "a new one each time");
        keys.push(key);
    }
    for key in [key(1, 24), key(2, 64)] {
        let answer = app.post(&rotate).json(&json!({"key": key})).await.expect(200);
        assert_eq!(answer.body, json!({}));
        assert_eq!(app.get(&path).await.text_at("/key"), key);
    }
}

async fn a_bad_secret_is_refused_and_not_shown(app: TestApp) {
    let path = made(&app).await;
    let before = app.get(&path).await.text_at("/key");
    let rotate = format!("{path}rotate/");
    let bare = key(3, 32).replace("whsec_", "");
    for bad in [key(3, 23), key(3, 65), bare, "whsec_hunter2".into(), String::new()] {
        let answer = app.post(&rotate).json(&json!({"key": bad})).await;
        answer.expect_error(400, "validation_error");
        let expected = "body $.key: Must be whsec_ and the base64 of 24 to 64 bytes.";
        assert_eq!(problems(&answer), [expected]);
        assert!(bad.is_empty() || !answer.text.contains(&bad));
    }
    let answer = app.post(&rotate).json(&json!({"key": ["hunter2"]})).await;
    answer.expect_error(400, "validation_error");
    assert!(!answer.text.contains("hunter2"));
    app.post(&rotate).json(&json!("hunter2")).await.expect_error(400, "validation_error");
    assert_eq!(app.get(&path).await.text_at("/key"), before, "nothing has changed");
}

async fn nobody_has_a_secret_of_no_webhook(app: TestApp) {
    let path = "/api/v2/webhooks/ep_66f0c1d2e3a4b5c6d7e8f901/secret/";
    app.get(path).await.expect_error(404, "not_found");
    app.post(&format!("{path}rotate/")).await.expect_error(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_a_webhook_reaches_the_log_or_the_disk() {
    let app = TestApp::on_sqlite().await;
    let path = made(&app).await;
    let rotate = format!("{path}rotate/");
    let (refused, chosen) = (key(4, 8), key(5, 32));
    let made = app.get(&path).await.text_at("/key");
    app.post(&rotate).json(&json!({"key": refused})).await.expect(400);
    app.post(&rotate).json(&json!({"key": chosen})).await.expect(200);
    let shown = app.get(&path.replace("secret/", "")).await.expect(200).text;
    let list = app.get("/api/v2/webhooks/").await.expect(200).text;
    let folder = app.folder.as_ref().unwrap().path();
    app.store.close().await;
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let disk: Vec<Vec<u8>> = files.iter().map(|path| fs::read(path).unwrap()).collect();
    let holds =
        |text: &[u8]| disk.iter().any(|bytes| bytes.windows(text.len()).any(|part| part == text));
    assert!(holds(b"https://a.example/"), "the disk was looked at");
    for secret in [made, refused, chosen] {
        let text = secret.strip_prefix("whsec_").unwrap();
        let bytes = STANDARD.decode(text).unwrap();
        assert!(!holds(text.as_bytes()) && !holds(&bytes));
        assert!(!app.logged().contains(text));
        assert!(!shown.contains(text) && !list.contains(text));
    }
}
