//! Zendesk's dialect: jobs, and the little operations beside them.

use std::time::Duration;

use roster_directory::Scopes;

use crate::support::{Answer, TestApp, Value, json, on_each_store};
use crate::zendesk_bulk::{shown, user};

on_each_store! {
    a_job_as_clients_know_it,
    more_than_a_hundred_are_refused,
    bodies_that_cannot_be_read,
    several_jobs_at_once,
    a_job_is_forgotten_after_a_day,
    of_an_account_others_see_nothing,
    end_users_may_do_nothing,
    nobody_has_a_session,
    nobody_is_asked_for_more_users,
    nothing_is_related_to_a_user,
}

/// The job that this answer has started: asked for by its own address.
pub(crate) async fn completed(app: &TestApp, started: &Answer) -> Value {
    let url = started.text_at("/job_status/url");
    app.call_as(&app.token, "GET", &url).await.expect(200).body["job_status"].clone()
}

async fn a_job_as_clients_know_it(app: TestApp) {
    let body = json!({"users": [{"id": null, "name": "testUser"}]});
    let started = app.post("/api/v2/users/create_many.json").json(&body).await.expect(200);
    let id = started.text_at("/job_status/id");
    assert_eq!((id.len(), &id[..3]), (35, "V3-"));
    assert!(id[3..].bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)));
    let url = format!("{}/api/v2/job_statuses/{id}.json", app.base);
    let queued = json!({"job_status": {
        "id": id, "job_type": "Bulk Create User", "url": url, "total": 1, "progress": null,
        "status": "queued", "message": null, "results": null,
    }});
    assert_eq!(started.body, queued);
    app.clock.advance(Duration::from_secs(65));
    let user = app.get("/api/v2/users?role=end-user").await.body["users"][0]["id"].clone();
    let done = json!({"job_status": {
        "id": id, "job_type": "Bulk Create User", "url": url, "total": 1, "progress": 1,
        "status": "completed", "message": "Completed at 2026-09-21 14:13:20 +0000",
        "results": [{"id": user, "status": "Created"}],
    }});
    for path in [id.clone(), format!("{id}.json"), format!("V3-{}", id[3..].to_uppercase())] {
        let answer = app.get(&format!("/api/v2/job_statuses/{path}")).await.expect(200);
        assert_eq!(answer.body, done, "{path}");
    }
    let wrong = [
        format!("V3-{}", "0".repeat(32)),
        id[3..].to_owned(),
        id[..34].to_owned(),
        format!("{id}0"),
        format!("V3-+{}", &id[4..]),
        "7".to_owned(),
    ];
    for unknown in wrong {
        let answer = app.get(&format!("/api/v2/job_statuses/{unknown}")).await;
        answer.expect_zendesk(404, "RecordNotFound");
    }
}

async fn more_than_a_hundred_are_refused(app: TestApp) {
    let numbers = |count: i64| (0..count).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    let too_many_ids = json!({
        "error": "TooManyValues",
        "description": "Parameter  cannot specify more than 100 values",
        "max_count": 100,
    });
    let body = json!({"user": {"notes": "n"}});
    for (method, path) in [
        ("PUT", "users/update_many?ids="),
        ("PUT", "users/update_many?external_ids="),
        ("DELETE", "users/destroy_many?ids="),
        ("DELETE", "users/destroy_many?external_ids="),
        ("POST", "users/logout_many?ids="),
        ("GET", "job_statuses/show_many?ids="),
    ] {
        let call = |count| app.call(method, &format!("/api/v2/{path}{}", numbers(count)));
        let answer = call(101).json(&body).await.expect(400);
        assert_eq!(answer.body, too_many_ids, "{method} {path}");
        let answer = call(100).json(&body).await;
        assert!([200, 202].contains(&answer.status), "{method} {path}: {}", answer.text);
    }
    let users: Vec<_> = (0..101).map(|_| json!({"name": "U"})).collect();
    for (method, path, done) in [
        ("POST", "create_many", "created"),
        ("POST", "create_or_update_many", "created"),
        ("PUT", "update_many", "updated"),
    ] {
        let call = || app.call(method, &format!("/api/v2/users/{path}"));
        let description = format!("Maximum 100 users may be {done} per call");
        let expected = json!({"error": "TooManyValues", "description": description});
        let answer = call().json(&json!({"users": users})).await.expect(400);
        assert_eq!(answer.body, expected, "{path}");
        call().json(&json!({"users": users[1..]})).await.expect(200);
    }
    let list = app.get("/api/v2/users/count").await.expect(200);
    assert_eq!(list.body["count"]["value"], 201, "nobody of those who were too many");
}

async fn bodies_that_cannot_be_read(app: TestApp) {
    for (method, path, body) in [
        ("POST", "create_many", json!({})),
        ("POST", "create_many", json!({"users": {"name": "U"}})),
        ("POST", "create_or_update_many", json!({"user": {"name": "U"}})),
        ("PUT", "update_many", json!({"user": {"name": "U"}})),
        ("PUT", "update_many?ids=7", json!({"users": [{"id": 7}]})),
        ("PUT", "update_many?ids=x", json!({"user": {"name": "U"}})),
        ("DELETE", "destroy_many", json!({"users": [{"id": 7}]})),
        ("DELETE", "destroy_many?ids=7,x", json!({})),
        ("POST", "logout_many?ids=x", json!({})),
        ("POST", "request_create", json!({})),
    ] {
        let answer = app.call(method, &format!("/api/v2/users/{path}")).json(&body).await;
        assert_eq!(answer.status, 400, "{method} {path}: {}", answer.text);
        let message = answer.text_at("/error/message");
        let action = path.split('?').next().unwrap();
        assert!(message.ends_with(&format!(" from api/v2/users/{action}")), "{message}");
    }
    let call = app.post("/api/v2/users/create_many").body("application/json", "{");
    call.await.expect_zendesk(400, "BadRequest");
}

async fn several_jobs_at_once(app: TestApp) {
    let mut ids = Vec::new();
    for name in ["A", "B", "C"] {
        let body = json!({"users": [{"name": name}]});
        let started = app.post("/api/v2/users/create_many").json(&body).await.expect(200);
        ids.push(started.text_at("/job_status/id"));
    }
    let path = format!("show_many.json?ids={},V3-{},x,{}", ids[2], "0".repeat(32), ids[0]);
    let shown = app.get(&format!("/api/v2/job_statuses/{path}")).await.expect(200).body;
    assert_eq!(shown.as_object().unwrap().len(), 1);
    let jobs = shown["job_statuses"].as_array().unwrap();
    assert_eq!(jobs.len(), 2);
    for (job, id) in jobs.iter().zip([&ids[2], &ids[0]]) {
        let one = app.get(&format!("/api/v2/job_statuses/{id}")).await.expect(200).body;
        assert_eq!(job, &one["job_status"]);
        assert_eq!(job["id"], id.as_str());
    }
    let none = app.get("/api/v2/job_statuses/show_many").await.expect(200).body;
    assert_eq!(none, json!({"job_statuses": []}));
}

async fn a_job_is_forgotten_after_a_day(app: TestApp) {
    let body = json!({"users": [{"name": "U"}]});
    let started = app.post("/api/v2/users/create_many").json(&body).await.expect(200);
    app.pass(Duration::from_secs(24 * 3600 - 1)).await;
    completed(&app, &started).await;
    app.pass(Duration::from_secs(1)).await;
    let gone = app.call_as(&app.token, "GET", &started.text_at("/job_status/url")).await;
    gone.expect_zendesk(404, "RecordNotFound");
}

async fn of_an_account_others_see_nothing(app: TestApp) {
    let id = user(&app, "a").await;
    let body = json!({"users": [{"id": id, "notes": "own"}]});
    let started = app.call("PUT", "/api/v2/users/update_many").json(&body).await.expect(200);
    let job = started.text_at("/job_status/id");
    let other = app.other_account(Scopes::SERVER).await;
    let path = format!("/api/v2/job_statuses/{job}");
    app.call_as(&other, "GET", &path).await.expect_zendesk(404, "RecordNotFound");
    let path = format!("/api/v2/job_statuses/show_many?ids={job}");
    let none = app.call_as(&other, "GET", &path).await.expect(200);
    assert_eq!(none.body["job_statuses"], json!([]));

    for (method, path, body) in [
        ("PUT", "update_many".to_owned(), json!({"users": [{"id": id, "notes": "foreign"}]})),
        ("PUT", format!("update_many?ids={id}"), json!({"user": {"notes": "foreign"}})),
        ("PUT", "update_many?external_ids=a".to_owned(), json!({"user": {"notes": "foreign"}})),
        ("DELETE", format!("destroy_many?ids={id}"), json!({})),
        ("DELETE", "destroy_many?external_ids=a".to_owned(), json!({})),
    ] {
        let call = app.call_as(&other, method, &format!("/api/v2/users/{path}"));
        let url = call.json(&body).await.expect(200).text_at("/job_status/url");
        let done = app.call_as(&other, "GET", &url).await.expect(200);
        assert_eq!(done.text_at("/job_status/results/0/details"), "Not found", "{path}");
    }
    let theirs = json!({"users": [{"name": "Theirs", "external_id": "a"}]});
    let path = "/api/v2/users/create_or_update_many";
    let url = app.call_as(&other, "POST", path).json(&theirs).await.text_at("/job_status/url");
    let done = app.call_as(&other, "GET", &url).await.expect(200);
    assert_eq!(done.text_at("/job_status/results/0/status"), "Created");
    let own = shown(&app, id).await;
    assert_eq!((&own["name"], &own["notes"]), (&json!("Old a"), &json!("own")));
}

async fn end_users_may_do_nothing(app: TestApp) {
    for (role, email) in [("agent", "agent@example.org"), ("end-user", "end@example.org")] {
        app.support_user(json!({"name": "U", "email": email, "role": role})).await;
    }
    let body = json!({"users": [], "user": {}});
    for (method, path, status) in [
        ("POST", "users/create_many", 200),
        ("POST", "users/create_or_update_many", 200),
        ("PUT", "users/update_many", 200),
        ("DELETE", "users/destroy_many?ids=7", 200),
        ("POST", "users/logout_many?ids=7", 202),
        ("POST", "users/request_create", 200),
        ("GET", "users/7/related", 404),
        ("GET", "job_statuses/7", 404),
        ("GET", "job_statuses/show_many", 200),
    ] {
        let path = format!("/api/v2/{path}");
        let call = |email: &str| app.basic(email, &app.token, method, &path).json(&body);
        let refused = call("end@example.org").await.expect(403);
        assert_eq!(refused.body["error"]["title"], "Forbidden", "{path}");
        let allowed = call("agent@example.org").await;
        assert_eq!(allowed.status, status, "{path}: {}", allowed.text);
    }
}

async fn nobody_has_a_session(app: TestApp) {
    for path in ["logout_many.json?ids=1,2", "logout_many"] {
        let answer = app.post(&format!("/api/v2/users/{path}")).await.expect(202);
        assert_eq!((answer.text.as_str(), answer.headers.get("content-type")), ("", None));
    }
}

async fn nobody_is_asked_for_more_users(app: TestApp) {
    let body = json!({"user": {"name": "Roger", "email": "roger@example.org"}});
    let answer = app.post("/api/v2/users/request_create.json").json(&body).await.expect(200);
    assert_eq!((answer.text.as_str(), answer.headers.get("content-type")), ("", None));
    assert_eq!(app.get("/api/v2/users/count").await.body["count"]["value"], 1);
}

async fn nothing_is_related_to_a_user(app: TestApp) {
    let id = user(&app, "a").await;
    let related = app.get(&format!("/api/v2/users/{id}/related.json")).await.expect(200).body;
    let none = json!({
        "assigned_tickets": 0, "requested_tickets": 0, "ccd_tickets": 0,
        "organization_subscriptions": 0,
    });
    assert_eq!(related, json!({"user_related": none}));
    app.get("/api/v2/users/7/related").await.expect_zendesk(404, "RecordNotFound");
    app.get("/api/v2/users/x/related").await.expect(400);
    let other = app.other_account(Scopes::SERVER).await;
    app.call_as(&other, "GET", &format!("/api/v2/users/{id}/related")).await.expect(404);
    app.call("DELETE", &format!("/api/v2/users/{id}")).await.expect(200);
    app.get(&format!("/api/v2/users/{id}/related")).await.expect(404);
}
