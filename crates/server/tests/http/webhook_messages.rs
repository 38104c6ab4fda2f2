//! What webhooks are told, as the account's own reads show it.

use roster_directory::Scopes;
use roster_server::message_body;

use crate::support::{TestApp, Value, json, on_each_store};
use crate::webhook_deliveries::Deliveries;

on_each_store! {
    created_and_updated_end_users_are_told_as_get_shows_them,
    the_gone_are_told_with_a_reason,
    conversations_are_told,
    what_shows_no_difference_is_not_told,
    only_what_is_asked_for_is_told,
}

const ALL: [&str; 5] = [
    "v1.end_user.created",
    "v1.end_user.updated",
    "v1.end_user.deleted",
    "v1.conversation.created",
    "v1.conversation.ended",
];

async fn told_of(app: &TestApp, types: &[&str]) -> Deliveries {
    Deliveries::start(app, json!({"url": "https://a.example", "event_filters": types})).await
}

/// The bodies of all messages so far.
async fn bodies(app: &TestApp, deliveries: &Deliveries) -> Vec<Value> {
    let messages = deliveries.fresh(app).await;
    let body = |message| message_body(&app.account.name, message);
    messages.iter().map(|message| serde_json::from_slice(&body(message)).unwrap()).collect()
}

async fn created_and_updated_end_users_are_told_as_get_shows_them(app: TestApp) {
    let deliveries = told_of(&app, &ALL).await;
    app.clock.advance(std::time::Duration::from_micros(431_999));
    let body = json!({"external_id": "CRM-1", "profile": {"first_name": "Grace", "metadata": {"vip": true}}});
    let created = app.create(body).await;
    let id = created.text_at("/end_user_id");
    app.clock.advance(std::time::Duration::from_secs(1));
    let path = format!("/api/v2/end-users/{id}");
    let updated = app.patch(&path).json(&json!({"profile": {"metadata": {"seats": 4}}})).await;
    let told = |name: &str, at: &str, data: &Value| json!({"type": name, "timestamp": at, "data": data, "tags": [id]});
    assert_eq!(
        bodies(&app, &deliveries).await,
        [
            told("v1.end_user.created", "2026-09-21T14:13:20.431+00:00", &created.body),
            told("v1.end_user.updated", "2026-09-21T14:13:21.431+00:00", &updated.body),
        ]
    );
    assert_eq!(app.get(&path).await.body, updated.body);

    let number = app.get("/api/v2/users.json?role=end-user").await.body["users"][0]["id"].clone();
    let path = format!("/api/v2/users/{number}.json");
    let desk = app.call("PUT", &path).json(&json!({"user": {"external_id": "CRM-2"}})).await;
    desk.expect(200);
    let told = bodies(&app, &deliveries).await.pop().unwrap();
    assert_eq!(told["type"], "v1.end_user.updated", "from the other dialect, too");
    assert_eq!(told["data"]["external_id"], "crm-2");
    assert_eq!(told["data"], app.get(&format!("/api/v2/end-users/{id}")).await.body);
}

async fn the_gone_are_told_with_a_reason(app: TestApp) {
    let deliveries = told_of(&app, &["v1.end_user.deleted"]).await;
    let expired = app.create_id(json!({"external_id": "Key"})).await;
    app.pass(std::time::Duration::from_secs(24 * 3600)).await;
    let user = app.support_user(json!({"name": "Grace"})).await;
    let path = format!("/api/v2/users/{}.json", user.body["user"]["id"]);
    app.call("DELETE", &path).await.expect(200);
    let told = bodies(&app, &deliveries).await;
    assert_eq!(
        told[0],
        json!({
            "type": "v1.end_user.deleted", "timestamp": "2026-09-22T14:13:20.000+00:00",
            "data": {"end_user_id": expired, "external_id": "key", "reason": "expired"},
            "tags": [expired],
        })
    );
    assert_eq!(told[1]["data"]["reason"], "deleted");
    assert_eq!(told[1]["data"]["external_id"], json!(null));
    assert_eq!(told.len(), 2);
}

async fn conversations_are_told(app: TestApp) {
    let deliveries = told_of(&app, &ALL).await;
    let channel = app.channel().await;
    let body = json!({"channel_id": channel, "metadata": {"a": 1.5}});
    let started = app.post("/api/v2/conversations/").json(&body).await.expect(201);
    app.clock.advance(std::time::Duration::from_secs(1));
    let (id, user) = (started.text_at("/id"), started.text_at("/end_user_id"));
    let path = format!("/api/v2/conversations/{id}/");
    for _ in 0..2 {
        app.post(&format!("{path}end/")).await.expect(200);
    }
    let told = bodies(&app, &deliveries).await;
    assert_eq!(told.len(), 3, "ending again tells nothing");
    assert_eq!(told[0]["type"], "v1.end_user.created", "whom the conversation made");
    assert_eq!(told[0]["data"], app.get(&format!("/api/v2/end-users/{user}")).await.body);
    let (at, later) = ("2026-09-21T14:13:20.000000+00:00", "2026-09-21T14:13:21.000000+00:00");
    assert_eq!(
        told[1],
        json!({
            "type": "v1.conversation.created", "timestamp": "2026-09-21T14:13:20.000+00:00",
            "data": {
                "conversation_id": id, "channel_id": channel, "created_at": at,
                "end_user_id": user, "metadata": {"a": 1.5}, "ai_agent_domain": "first",
            },
        })
    );
    assert_eq!(
        told[2],
        json!({
            "type": "v1.conversation.ended", "timestamp": "2026-09-21T14:13:21.000+00:00",
            "data": {
                "conversation_id": id, "channel_id": channel, "end_user_id": user,
                "created_at": at, "updated_at": later, "ended_by": {"id": null, "role": "system"},
                "metadata": {"a": 1.5}, "ai_agent_domain": "first",
            },
        })
    );
}

async fn what_shows_no_difference_is_not_told(app: TestApp) {
    let id =
        app.create_id(json!({"external_id": "key", "profile": {"email": "g@x.example"}})).await;
    let deliveries = told_of(&app, &ALL).await;
    let path = format!("/api/v2/end-users/{id}");
    for body in [
        json!({"profile": {}}),
        json!({"external_id": "KEY", "profile": {"email": "g@x.example"}}),
        json!({"profile": {"sensitive_metadata": {"fields": {"a": "secret"}}}}),
        json!({"profile": {"first_name": 5}}),
    ] {
        app.patch(&path).json(&body).await;
    }
    app.post("/api/v2/end-users/").json(&json!({"external_id": "key"})).await.expect(200);
    assert_eq!(bodies(&app, &deliveries).await, Vec::<Value>::new());
}

async fn only_what_is_asked_for_is_told(app: TestApp) {
    let usual = told_of(&app, &[]).await;
    let ended = told_of(&app, &["v1.conversation.ended", "v1.conversation.message"]).await;
    let foreign = app.other_account(Scopes::SERVER).await;
    let body = json!({"url": "https://c.example"});
    app.call_as(&foreign, "POST", "/api/v2/webhooks/").json(&body).await.expect(201);
    app.call_as(&foreign, "POST", "/api/v2/end-users/").json(&json!({})).await.expect(201);
    let channel = app.channel().await;
    let body = json!({"channel_id": channel});
    let id = app.post("/api/v2/conversations/").json(&body).await.expect(201).text_at("/id");
    app.post(&format!("/api/v2/conversations/{id}/end/")).await.expect(200);
    let types =
        |told: Vec<Value>| -> Vec<Value> { told.iter().map(|each| each["type"].clone()).collect() };
    assert_eq!(types(bodies(&app, &usual).await), ["v1.end_user.created"]);
    assert_eq!(types(bodies(&app, &ended).await), ["v1.conversation.ended"]);
}
