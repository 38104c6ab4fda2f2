//! Tokens: every route asks for a good one, and for its scope.

use roster_directory::{Scope, Scopes};
use serde_json::Value;

use crate::support::{TestApp, json, on_each_store};

on_each_store! {
    every_route_refuses_a_missing_wrong_and_revoked_token,
    every_route_asks_for_its_scope,
    only_bearer_tokens_count,
    revoking_takes_effect_at_once,
}

/// Every operation there is: those of the OpenAPI document and roster's own.
async fn operations(app: &TestApp) -> Vec<(String, String)> {
    let document = app.anonymous("GET", "/openapi/ada.json").await.expect(200).body;
    let id = "66f0c1d2e3a4b5c6d7e8f901";
    let webhook = format!("ep_{id}");
    let message = format!("msg_{id}00000001");
    let mut operations: Vec<_> = [
        ("GET", format!("end-users/{id}/sensitive-metadata")),
        ("GET", format!("webhooks/{webhook}/deliveries")),
        ("GET", format!("webhooks/{webhook}/deliveries/{message}")),
        ("POST", format!("webhooks/{webhook}/deliveries/{message}/replay")),
        ("POST", format!("webhooks/{webhook}/replay")),
    ]
    .map(|(method, path)| (method.to_owned(), format!("/roster/v1/{path}")))
    .into();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let path = path.replace("{end_user_id}", id).replace("{conversation_id}", id);
        let path = path.replace("{id}", &webhook);
        for method in methods.as_object().unwrap().keys() {
            operations.push((method.to_uppercase(), path.clone()));
        }
    }
    assert_eq!(operations.len(), 23, "a new operation is checked here, too");
    operations
}

async fn every_route_refuses_a_missing_wrong_and_revoked_token(app: TestApp) {
    let (revoked, id) = app.token_of(&app.account, Scopes::ALL).await;
    app.get("/api/v2/end-users/").await.expect(200);
    app.call_as(&revoked, "GET", "/api/v2/end-users/").await.expect(200);
    app.store.revoke_token(id, roster_directory::Clock::now(&app.clock)).await.unwrap().unwrap();

    for (method, path) in operations(&app).await {
        let missing = app.anonymous(&method, &path).await;
        let message = missing.expect_error(401, "unauthorized");
        assert_eq!(message, "Send a token: \"Authorization: Bearer <token>\".", "{method} {path}");
        assert_eq!(missing.header("www-authenticate"), "Bearer");
        for token in [&revoked, "roster_wrong", &app.token[1..], &app.token.to_uppercase()] {
            let answer = app.call_as(token, &method, &path).await;
            let message = answer.expect_error(401, "unauthorized");
            assert_eq!(message, "This token is unknown or was revoked.", "{method} {path}");
            assert!(!answer.text.contains(token));
        }
    }
}

async fn every_route_asks_for_its_scope(app: TestApp) {
    for (method, path) in operations(&app).await {
        let mut enough = Vec::new();
        for scope in Scope::ALL {
            let token = app.token_with(*scope).await;
            let answer = app.call_as(&token, &method, &path).json(&json!({})).await;
            match answer.status {
                403 => {
                    answer.expect_error(403, "authorization_error");
                }
                200 | 201 | 400 | 404 => enough.push(scope.name()),
                status => unreachable!("{method} {path} answered {status}"),
            }
        }
        let expected = match (method.as_str(), path.as_str()) {
            (_, path) if path.contains("/webhooks/") => "webhooks:manage",
            (_, path) if path.starts_with("/roster/") => "sensitive:read",
            ("GET", _) => "end_users:read",
            (_, path) if path.contains("end-users") => "end_users:write",
            _ => "conversations:write",
        };
        assert_eq!(enough, [expected], "{method} {path}");
    }
}

async fn only_bearer_tokens_count(app: TestApp) {
    let call = |header: String| {
        app.anonymous("GET", "/api/v2/end-users/").header("authorization", &header)
    };
    call(format!("bearer   {}", app.token)).await.expect(200);
    for wrong in [
        format!("Basic {}", app.token),
        format!("Token {}", app.token),
        app.token.clone(),
        "Bearer".into(),
        "Bearer ".into(),
    ] {
        call(wrong).await.expect_error(401, "unauthorized");
    }
    let query = format!("/api/v2/end-users/?access_token={}", app.token);
    app.anonymous("GET", &query).await.expect_error(401, "unauthorized");
    assert!(!app.logged().contains(&app.token));
}

async fn revoking_takes_effect_at_once(app: TestApp) {
    let (token, id) = app.token_of(&app.account, Scopes::SERVER).await;
    let created = app.call_as(&token, "POST", "/api/v2/end-users/").json(&json!({})).await;
    let id_of_user = created.expect(201).text_at("/end_user_id");
    let path = format!("/api/v2/end-users/{id_of_user}");
    for _ in 0..3 {
        app.call_as(&token, "GET", &path).await.expect(200);
    }
    let now = roster_directory::Clock::now(&app.clock);
    app.store.revoke_token(id, now).await.unwrap().unwrap();
    app.call_as(&token, "GET", &path).await.expect_error(401, "unauthorized");
    assert_ne!(app.get(&path).await.expect(200).body, Value::Null, "another token still works");
}
