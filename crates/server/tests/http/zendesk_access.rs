//! Zendesk's dialect: who may call, and the errors of those who may not.

use roster_directory::{Clock, Scope, Scopes};

use crate::support::{TestApp, json, on_each_store};

on_each_store! {
    every_route_asks_for_credentials,
    every_route_asks_for_its_scope,
    basic_and_bearer,
    end_users_may_not_list,
    paths_that_nobody_knows,
    methods_that_a_path_does_not_have,
    heads_that_are_too_large,
}

/// Every operation of the OpenAPI document, with a number in the place of each parameter.
async fn operations(app: &TestApp) -> Vec<(String, String)> {
    let document = app.anonymous("GET", "/openapi/zendesk.json").await.expect(200).body;
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let filled: Vec<_> =
            path.split('/').map(|part| if part.starts_with('{') { "7" } else { part }).collect();
        for method in methods.as_object().unwrap().keys() {
            operations.push((method.to_uppercase(), filled.join("/")));
        }
    }
    assert!(operations.len() > 60, "{}", operations.len());
    operations
}

async fn every_route_asks_for_credentials(app: TestApp) {
    let (revoked, id) = app.token_of(&app.account, Scopes::ALL).await;
    app.store.revoke_token(id, app.clock.now()).await.unwrap().unwrap();
    let missing = json!({"error": "Couldn't authenticate you"});
    for (method, path) in operations(&app).await {
        let none = app.anonymous(&method, &path).await;
        if path == "/api/v2/users/me" {
            none.expect(200);
        } else {
            assert_eq!(none.expect(401).body, missing, "{method} {path}");
        }
        for token in [revoked.as_str(), "wrong"] {
            let bearer = app.call_as(token, &method, &path).await.expect(401);
            assert_eq!(bearer.body["error"], "invalid_token", "{method} {path}");
            assert!(bearer.body["error_description"].is_string());
            let basic = app.basic("a@example.org", token, &method, &path).await.expect(401);
            assert_eq!(basic.body, missing, "{method} {path}");
        }
    }
}

async fn every_route_asks_for_its_scope(app: TestApp) {
    for (method, path) in operations(&app).await {
        let expected = if method == "GET" || path.ends_with("/autocomplete") {
            "users:read"
        } else {
            "users:write"
        };
        for scope in Scope::ALL {
            let token = app.token_with(*scope).await;
            let answer = app.call_as(&token, &method, &path).await;
            if scope.name() == expected {
                assert!(![401, 403, 405, 500].contains(&answer.status), "{method} {path}");
                continue;
            }
            let right = expected.trim_start_matches("users:");
            assert_eq!(
                answer.expect(403).body,
                json!({
                    "error": "Forbidden",
                    "description": format!("You are missing the following required scopes: {right} ({expected})"),
                }),
                "{method} {path}"
            );
        }
    }
}

async fn basic_and_bearer(app: TestApp) {
    app.basic("", &app.token, "GET", "/api/v2/users").await.expect(200);
    app.basic("who@example.org", &app.token, "GET", "/api/v2/users").await.expect(200);
    app.call_as(&app.token, "GET", "/api/v2/users").await.expect(200);
    for header in ["Basic", "Basic ???", "Basic YTpi", "Token x", "Bearer "] {
        let answer = app.anonymous("GET", "/api/v2/users").header("authorization", header).await;
        assert_eq!(answer.expect(401).body, json!({"error": "Couldn't authenticate you"}));
    }
    assert!(!app.logged().contains(&app.token));
}

async fn end_users_may_not_list(app: TestApp) {
    app.support_user(json!({"name": "E", "email": "end@example.org"})).await;
    let call = |path: &str| app.basic("end@example.org", &app.token, "GET", path);
    for path in
        ["/api/v2/users", "/api/v2/users/7", "/api/v2/users/search?query=a", "/api/v2/groups"]
    {
        let answer = call(path).await.expect(403);
        assert_eq!(
            answer.body,
            json!({"error": {
                "title": "Forbidden",
                "message": "You do not have access to this page. Please contact the account owner of this help desk for further help.",
            }})
        );
    }
    assert_eq!(call("/api/v2/users/me").await.expect(200).body["user"]["role"], "end-user");
    let agent = json!({"name": "A", "email": "agent@example.org", "role": "agent"});
    app.support_user(agent).await;
    let call = |path: &str| app.basic("agent@example.org", &app.token, "GET", path);
    call("/api/v2/users").await.expect(200);
    call("/api/v2/incremental/users?start_time=0").await.expect(403);
}

async fn paths_that_nobody_knows(app: TestApp) {
    let unknown = json!({"error": "InvalidEndpoint", "description": "Not found"});
    for path in [
        "/api/v2/users/7/unknown",
        "/api/v2/users/7/identities/8/unknown.json",
        "/api/v2/groups/7/unknown",
        "/api/v2/organizations/7/unknown.json",
        "/api/v2/incremental",
        "/api/v2/job_statuses/7/8",
        "/api/v2/search/unknown",
    ] {
        let answer = app.anonymous("GET", path).await.expect(404);
        assert_eq!(answer.body, unknown, "{path} is told before any authentication");
    }
    for path in ["/api/v2/usersx", "/api/v2/tickets", "/api/v2", "/users"] {
        app.anonymous("GET", path).await.expect_error(404, "not_found");
    }
}

async fn methods_that_a_path_does_not_have(app: TestApp) {
    for path in ["/api/v2/users", "/api/v2/users.json", "/api/v2/users/7"] {
        let answer = app.anonymous("PATCH", path).await;
        answer.expect_zendesk(405, "MethodNotAllowed");
        assert!(answer.header("allow").contains("GET"));
    }
}

async fn heads_that_are_too_large(app: TestApp) {
    let long = format!("/api/v2/users?query={}", "a".repeat(9000));
    app.get(&long).await.expect_zendesk(414, "RequestURITooLong");
    let large = app.get("/api/v2/users").header("x-large", &"a".repeat(33 << 10)).await;
    large.expect_zendesk(431, "RequestHeaderFieldsTooLarge");
}
