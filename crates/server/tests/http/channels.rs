//! `GET|POST /api/v2/channels/`.

use crate::support::{TestApp, json, on_each_store, problems};

on_each_store! {
    a_channel_is_made_and_listed,
    a_channel_is_checked,
    the_list_asks_for_a_type,
    the_list_has_pages_and_filters,
}

async fn a_channel_is_made_and_listed(app: TestApp) {
    let body = json!({
        "name": "Shop", "description": "The shop's chat", "modality": "messaging",
        "capabilities": {"markdown": true}, "metadata": {"a": 1.5, "b": "x"}, "status": "ignored",
    });
    let made = app.post("/api/v2/channels").json(&body).await.expect(201);
    let id = made.text_at("/id");
    assert_eq!(
        made.body,
        json!({
            "id": id, "type": "custom", "name": "Shop", "description": "The shop's chat",
            "modality": "messaging", "capabilities": {"markdown": true},
            "metadata": {"a": 1.5, "b": "x"}, "created_at": "2026-09-21T14:13:20.000000+00:00",
        })
    );
    let listed = app.get("/api/v2/channels/?type=custom").await.expect(200);
    assert_eq!(listed.body, json!({"data": [made.body], "meta": {"next_page_url": null}}));
    let native = app.get("/api/v2/channels/?type=native").await.expect(200);
    assert_eq!(native.body, json!({"data": [], "meta": {"next_page_url": null}}));
}

async fn a_channel_is_checked(app: TestApp) {
    let answer = app.post("/api/v2/channels/").json(&json!({})).await;
    answer.expect_error(400, "validation_error");
    assert_eq!(
        problems(&answer),
        [
            "body $.name: Is required, and must be a string.",
            "body $.description: Is required, and must be a string.",
            "body $.modality: Is required, and must be a string.",
        ]
    );
    let body = json!({
        "name": "x", "description": "", "modality": "pigeon", "capabilities": {"markdown": 1},
        "metadata": {"a": []},
    });
    let answer = app.post("/api/v2/channels/").json(&body).await;
    assert_eq!(
        problems(&answer),
        [
            "body $.modality: Must be one of messaging, email, voice, sms.",
            "body $.capabilities.markdown: Must be true or false or null.",
            "body $.metadata.a: Must be a string, boolean or number.",
        ]
    );
    let body = json!({
        "name": "x", "description": "", "modality": "sms", "metadata": {"a": "x".repeat(4096)},
    });
    let answer = app.post("/api/v2/channels/").json(&body).await;
    let message = answer.expect_error(400, "validation_error");
    assert_eq!(message, "Metadata exceeds the maximum size of 4 KB.");
}

async fn the_list_asks_for_a_type(app: TestApp) {
    let answer = app.get("/api/v2/channels/?modality=smoke").await;
    answer.expect_error(400, "validation_error");
    assert_eq!(
        problems(&answer),
        [
            "query $.type: Is required, and must be custom or native.",
            "query $.modality: Must be one of messaging, email, voice, sms.",
        ]
    );
    let answer = app.get("/api/v2/channels/?type=other").await;
    assert_eq!(problems(&answer), ["query $.type: Must be custom or native."]);
}

async fn the_list_has_pages_and_filters(app: TestApp) {
    let mut ids = Vec::new();
    for modality in ["sms", "email", "sms", "voice"] {
        let body = json!({"name": modality, "description": "", "modality": modality});
        ids.push(app.post("/api/v2/channels/").json(&body).await.expect(201).text_at("/id"));
    }
    let page = app.get("/api/v2/channels/?type=custom&modality=sms&limit=1").await.expect(200);
    assert_eq!(page.body["data"][0]["id"], *ids[0]);
    let next = page.text_at("/meta/next_page_url");
    let query = format!("cursor={}&type=custom&modality=sms&limit=1", ids[2]);
    assert_eq!(next, format!("{}/api/v2/channels/?{query}", app.base));
    let page = app.get(&next.replace(&app.base, "")).await.expect(200);
    assert_eq!(page.body["data"][0]["id"], *ids[2]);
    assert_eq!(page.body["meta"]["next_page_url"], json!(null));
}
