//! Nothing secret reaches an answer, a log line or the data folder.

use std::fs;

use crate::support::{TestApp, json};

const SECRETS: [&str; 3] = ["hunter2-on-create", "hunter2-on-patch", "hunter2-refused"];

fn body(secret: &str) -> serde_json::Value {
    json!({"profile": {
        "first_name": "Grace",
        "sensitive_metadata": {"fields": {"key": secret}},
    }})
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_reaches_an_answer_the_log_or_the_disk() {
    let app = TestApp::on_sqlite().await;
    let mut answers = Vec::new();
    let created = app.create(body(SECRETS[0])).await;
    let path = format!("/api/v2/end-users/{}", created.text_at("/end_user_id"));
    answers.push(created);
    answers.push(app.patch(&path).json(&body(SECRETS[1])).await.expect(200));
    answers.push(app.get(&path).await.expect(200));
    answers.push(app.get("/api/v2/end-users/").await.expect(200));
    let mut refused = body(SECRETS[2]);
    refused["profile"]["first_name"] = json!(["x"]);
    answers.push(app.post("/api/v2/end-users/").json(&refused).await.expect(400));
    answers.push(app.anonymous("GET", "/metrics").await.expect(200));

    let folder = app.folder.as_ref().unwrap().path();
    app.store.close().await;
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let disk: Vec<Vec<u8>> = files.iter().map(|path| fs::read(path).unwrap()).collect();
    let holds =
        |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(disk.iter().any(|bytes| holds(bytes, "Grace")), "the disk was looked at");

    let token = app.token.as_str();
    for secret in SECRETS.iter().chain([&token]) {
        assert!(answers.iter().all(|answer| !answer.text.contains(secret)), "{secret}");
        assert!(!app.logged().contains(secret), "{secret}");
        assert!(!disk.iter().any(|bytes| holds(bytes, secret)), "{secret}");
    }
}
