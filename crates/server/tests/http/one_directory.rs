//! Two dialects over the same people.

use std::time::Duration;

use roster_directory::Scopes;

use crate::support::{TestApp, Value, json, on_each_store};

on_each_store! {
    who_is_made_in_ada_is_at_once_in_zendesk,
    who_is_made_in_zendesk_is_at_once_in_ada,
    the_name_is_the_best_there_is,
    the_team_is_invisible_to_ada,
    deleting_in_zendesk_ends_the_end_user,
    the_expired_are_told_of_and_nothing_of_them,
    an_address_of_ada_is_claimed_if_it_is_free,
    long_external_ids_can_be_read_by_ada,
    no_dialect_shows_a_secret,
}

/// The user of Zendesk's dialect with this external id.
async fn by_key(app: &TestApp, key: &str) -> Value {
    let list = app.get(&format!("/api/v2/users?external_id={key}")).await.expect(200);
    list.body["users"][0].clone()
}

async fn who_is_made_in_ada_is_at_once_in_zendesk(app: TestApp) {
    let body = json!({"external_id": "CRM-1", "profile": {
        "first_name": "Grace", "last_name": "Hopper", "email": "grace@navy.example",
        "avatar": "https://example.org/g.png", "language": "pt-BR",
        "metadata": {"seats": 12, "beta": true, "plan": "gold"},
    }});
    let made = app.create(body).await;
    let user = by_key(&app, "crm-1").await;
    assert_eq!(user["name"], "Grace Hopper");
    assert_eq!(user["email"], "grace@navy.example");
    assert_eq!(user["external_id"], "CRM-1", "as it was written");
    assert_eq!(made.body["external_id"], "crm-1", "folded");
    assert_eq!(user["locale"], "pt-BR");
    assert_eq!(user["photo"]["content_url"], "https://example.org/g.png");
    assert_eq!(user["user_fields"], json!({"seats": 12, "beta": true, "plan": "gold"}));
    assert_eq!(user["role"], "end-user");
    let path = format!("/api/v2/end-users/{}", made.text_at("/end_user_id"));
    let patch = json!({"profile": {"display_name": "Amazing Grace", "email": null}});
    app.patch(&path).json(&patch).await.expect(200);
    let user = by_key(&app, "crm-1").await;
    assert_eq!((&user["name"], &user["email"]), (&json!("Amazing Grace"), &Value::Null));
}

async fn who_is_made_in_zendesk_is_at_once_in_ada(app: TestApp) {
    let body = json!({
        "name": "Grace Hopper", "email": "grace@navy.example", "external_id": "CRM-1",
        "locale": "fr", "remote_photo_url": "https://example.org/g.png", "phone": "+1555",
        "notes": "private", "user_fields": {"seats": 12, "ratio": 5.5},
    });
    let user = app.support_user(body).await.body["user"]["id"].clone();
    let found = app.get("/api/v2/end-users/?external_id=crm-1").await.expect(200);
    assert_eq!(
        found.body["profile"],
        json!({
            "first_name": null, "last_name": null, "display_name": "Grace Hopper",
            "avatar": "https://example.org/g.png", "email": "grace@navy.example",
            "language": "fr", "metadata": {"seats": 12, "ratio": 5.5},
            "system_properties": {"sunshine_user_id": null},
        })
    );
    assert!(!found.text.contains("private"));
    assert_eq!(app.get("/api/v2/end-users/").await.body["data"].as_array().unwrap().len(), 1);
    let change = json!({"user": {"name": "G. Hopper"}});
    app.call("PUT", &format!("/api/v2/users/{user}")).json(&change).await.expect(200);
    let path = format!("/api/v2/end-users/{}", found.text_at("/end_user_id"));
    let shown = app.get(&path).await.expect(200);
    assert_eq!(shown.body["profile"]["display_name"], "G. Hopper");
    app.pass(Duration::from_secs(48 * 3600)).await;
    app.get(&path).await.expect(200);
}

async fn the_name_is_the_best_there_is(app: TestApp) {
    for (number, (profile, name)) in [
        (json!({"display_name": "D", "first_name": "F"}), "D"),
        (json!({"display_name": " ", "first_name": "F", "last_name": "L"}), "F L"),
        (json!({"last_name": "L"}), "L"),
        (json!({"email": "e@example.org"}), "e@example.org"),
        (json!({}), "key-4"),
    ]
    .into_iter()
    .enumerate()
    {
        let key = format!("key-{number}");
        app.create(json!({"external_id": key, "profile": profile})).await;
        assert_eq!(by_key(&app, &key).await["name"], name);
    }
    let blank = app.create_id(json!({})).await;
    let list = app.get("/api/v2/users?sort=-id&per_page=1").await.body;
    assert_eq!(list["users"][0]["name"], format!("End user {blank}"));
}

async fn the_team_is_invisible_to_ada(app: TestApp) {
    let agent = json!({"name": "A", "role": "agent", "external_id": "agent-1"});
    let agent = app.support_user(agent).await.body["user"]["id"].clone();
    app.get("/api/v2/end-users/?external_id=agent-1").await.expect_error(404, "not_found");
    assert_eq!(app.get("/api/v2/end-users/").await.body["data"], json!([]));
    app.post("/api/v2/end-users/")
        .json(&json!({"external_id": "AGENT-1"}))
        .await
        .expect_error(409, "duplicate_resource");
    let path = format!("/api/v2/users/{agent}");
    app.call("PUT", &path).json(&json!({"user": {"role": "end-user"}})).await.expect(200);
    let found = app.get("/api/v2/end-users/?external_id=agent-1").await.expect(200);
    let as_end_user = format!("/api/v2/end-users/{}", found.text_at("/end_user_id"));
    app.get(&as_end_user).await.expect(200);
    app.call("PUT", &path).json(&json!({"user": {"role": "admin"}})).await.expect(200);
    app.get(&as_end_user).await.expect_error(404, "not_found");
}

async fn deleting_in_zendesk_ends_the_end_user(app: TestApp) {
    let secrets = json!({"fields": {"ssn": "078-05-1120"}});
    let body = json!({"external_id": "x", "profile": {"sensitive_metadata": secrets}});
    let end_user = app.create_id(body).await;
    let path = format!("/api/v2/end-users/{end_user}");
    app.get(&path).await.expect(200);
    let reader = app.new_token(Scopes::ALL).await;
    let secrets = format!("/roster/v1/end-users/{end_user}/sensitive-metadata");
    app.call_as(&reader, "GET", &secrets).await.expect(200);
    let user = by_key(&app, "x").await["id"].clone();
    app.call("DELETE", &format!("/api/v2/users/{user}")).await.expect(200);
    app.get(&path).await.expect_error(404, "not_found");
    app.get("/api/v2/end-users/?external_id=x").await.expect_error(404, "not_found");
    app.call_as(&reader, "GET", &secrets).await.expect_error(404, "not_found");
    let export = app.get("/api/v2/incremental/users?start_time=0").await.expect(200);
    let told = export.body["users"].as_array().unwrap().iter().find(|told| told["id"] == user);
    assert_eq!(told.unwrap()["active"], false);
}

async fn the_expired_are_told_of_and_nothing_of_them(app: TestApp) {
    let body = json!({"external_id": "x", "profile": {"first_name": "Grace"}});
    app.create(body).await;
    let user = by_key(&app, "x").await["id"].clone();
    app.pass(Duration::from_secs(25 * 3600)).await;
    assert_eq!(app.get("/api/v2/users").await.body["count"], 1);
    let export = app.get("/api/v2/incremental/users.json?start_time=0").await.expect(200);
    let told = export.body["users"].as_array().unwrap().iter().find(|told| told["id"] == user);
    let told = told.unwrap();
    assert_eq!(told["active"], false);
    assert_eq!(told["name"], "Permanently Deleted User");
    assert_eq!(told["external_id"], Value::Null);
    assert!(!export.text.contains("Grace"));
}

async fn an_address_of_ada_is_claimed_if_it_is_free(app: TestApp) {
    let person = |key: &str| json!({"external_id": key, "profile": {"email": "a@example.org"}});
    app.create(person("one")).await;
    app.create(person("two")).await;
    let user = json!({"user": {"name": "B", "email": "A@example.org"}});
    let found = app.post("/api/v2/users/create_or_update").json(&user).await.expect(200);
    assert_eq!(found.body["user"]["external_id"], "one");
    app.post("/api/v2/users").json(&user).await.expect(422);
    let two = by_key(&app, "two").await;
    assert_eq!(two["email"], "a@example.org", "nobody is refused for an address");
}

async fn long_external_ids_can_be_read_by_ada(app: TestApp) {
    let key = "K".repeat(200);
    app.support_user(json!({"name": "A", "external_id": key})).await;
    let list = app.get("/api/v2/end-users/").await.expect(200);
    assert_eq!(list.body["data"][0]["external_id"], key.to_lowercase());
}

async fn no_dialect_shows_a_secret(app: TestApp) {
    let secrets = json!({"fields": {"ssn": "078-05-1120"}});
    let body = json!({"external_id": "x", "profile": {"sensitive_metadata": secrets}});
    app.create(body).await;
    for path in [
        "/api/v2/users",
        "/api/v2/users?include=identities,abilities",
        "/api/v2/users/search?query=078",
        "/api/v2/users/search?query=ssn",
        "/api/v2/incremental/users?start_time=0",
    ] {
        let answer = app.get(path).await.expect(200);
        assert!(!answer.text.contains("078-05") && !answer.text.contains("ssn"), "{path}");
    }
}
