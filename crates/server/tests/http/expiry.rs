//! End users whom no conversation was tied to.

use std::time::Duration;

use roster_directory::{EventKind, PageLimit, RemovalReason, Scope};

use crate::support::{TestApp, json, on_each_store};

on_each_store! {
    an_unassociated_user_vanishes_after_a_day,
    a_conversation_keeps_a_user_for_good,
    many_go_batch_by_batch,
}

const HOUR: Duration = Duration::from_secs(3600);

async fn an_unassociated_user_vanishes_after_a_day(app: TestApp) {
    let body = json!({
        "external_id": "crm-1",
        "profile": {"sensitive_metadata": {"fields": {"a": "x"}}},
    });
    let id = app.create_id(body.clone()).await;
    let path = format!("/api/v2/end-users/{id}");
    app.pass(HOUR * 23).await;
    app.patch(&path).json(&json!({"profile": {"first_name": "Ada"}})).await.expect(200);
    app.pass(HOUR).await;
    app.get(&path).await.expect_error(404, "not_found");
    assert_eq!(app.get("/api/v2/end-users/").await.body["data"], json!([]));
    let reader = app.token_with(Scope::SensitiveRead).await;
    let secrets = format!("/roster/v1/end-users/{id}/sensitive-metadata");
    app.call_as(&reader, "GET", &secrets).await.expect_error(404, "not_found");

    let again = app.create(body).await;
    assert_ne!(again.text_at("/end_user_id"), id, "the external id is free");
    let events = app.store.events(app.account.id, None, PageLimit::MAX).await.unwrap();
    assert!(events.iter().any(|event| event.kind == EventKind::Deleted(RemovalReason::Expired)));
}

async fn a_conversation_keeps_a_user_for_good(app: TestApp) {
    let id = app.create_id(json!({})).await;
    app.pass(HOUR * 23).await;
    let body = json!({"channel_id": app.channel().await, "end_user_id": id});
    let started = app.post("/api/v2/conversations/").json(&body).await.expect(201);
    let end = format!("/api/v2/conversations/{}/end/", started.text_at("/id"));
    app.post(&end).await.expect(200);
    app.pass(HOUR * 1000).await;
    app.get(&format!("/api/v2/end-users/{id}")).await.expect(200);
}

async fn many_go_batch_by_batch(app: TestApp) {
    for number in 0..450 {
        app.create(json!({"external_id": format!("n{number}")})).await;
    }
    app.clock.advance(HOUR);
    let kept = app.create_id(json!({})).await;
    app.pass(HOUR * 23).await;
    let list = app.get("/api/v2/end-users/").await.expect(200);
    assert_eq!(list.body["data"].as_array().unwrap().len(), 1);
    assert_eq!(list.body["data"][0]["end_user_id"], *kept);
}
