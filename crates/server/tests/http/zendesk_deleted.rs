//! Zendesk's dialect: users who were deleted.

use std::collections::BTreeSet;
use std::time::Duration;

use roster_directory::Scopes;

use crate::support::{Answer, TestApp, Value, json, on_each_store};

on_each_store! {
    a_deleted_user_has_fifteen_keys,
    nothing_personal_is_left_of_the_erased,
    the_living_and_the_unknown_are_not_there,
    pages_by_number,
    pages_by_cursor,
    the_count_follows,
    of_an_account_others_see_nothing,
    who_may_read_and_who_may_erase,
}

/// Makes and deletes so many users; their ids.
async fn gone(app: &TestApp, count: usize) -> Vec<i64> {
    let mut ids = Vec::new();
    for number in 0..count {
        let made = app.support_user(json!({"name": format!("User {number}")})).await;
        let id = made.body["user"]["id"].as_i64().unwrap();
        app.call("DELETE", &format!("/api/v2/users/{id}")).await.expect(200);
        ids.push(id);
    }
    ids
}

fn ids(answer: &Answer) -> Vec<i64> {
    let users = answer.body["deleted_users"].as_array().unwrap();
    users.iter().map(|user| user["id"].as_i64().unwrap()).collect()
}

async fn count(app: &TestApp) -> Value {
    app.get("/api/v2/deleted_users/count.json").await.expect(200).body
}

/// Makes somebody of whom everything is known; their id, and that of their organization.
async fn grace(app: &TestApp) -> (i64, Value) {
    let made = app.support_user(json!({
        "name": "Grace Hopper", "email": "grace@navy.example", "role": "agent", "locale": "fr",
        "phone": "+15551234567", "time_zone": "Copenhagen", "external_id": "crm-1",
        "organization": {"name": "Navy"}, "remote_photo_url": "https://example.org/grace.jpg",
        "notes": "private", "user_fields": {"plan": "gold"},
    }));
    let user = made.await.body["user"].clone();
    (user["id"].as_i64().unwrap(), user["organization_id"].clone())
}

async fn a_deleted_user_has_fifteen_keys(app: TestApp) {
    let (id, organization) = grace(&app).await;
    app.clock.advance(Duration::from_secs(65));
    app.call("DELETE", &format!("/api/v2/users/{id}")).await.expect(200);
    let shown = app.get(&format!("/api/v2/deleted_users/{id}.json")).await.expect(200).body;
    let photo = shown["deleted_user"]["photo"].clone();
    assert_eq!(photo["content_url"], "https://example.org/grace.jpg");
    let expected = json!({
        "id": id, "url": format!("{}/api/v2/deleted_users/{id}.json", app.base),
        "name": "Grace Hopper", "email": "grace@navy.example",
        "created_at": "2026-09-21T14:13:20Z", "updated_at": "2026-09-21T14:14:25Z",
        "locale_id": 16, "locale": "fr", "time_zone": "Copenhagen", "phone": "+15551234567",
        "shared_phone_number": false, "photo": photo, "organization_id": organization,
        "role": "agent", "active": false,
    });
    assert_eq!(shown, json!({"deleted_user": expected}));
    let list = app.get("/api/v2/deleted_users.json").await.expect(200).body;
    let whole = json!({
        "deleted_users": [expected], "next_page": null, "previous_page": null, "count": 1,
    });
    assert_eq!(list, whole);
}

async fn nothing_personal_is_left_of_the_erased(app: TestApp) {
    let (id, _) = grace(&app).await;
    app.call("DELETE", &format!("/api/v2/users/{id}")).await.expect(200);
    app.clock.advance(Duration::from_secs(65));
    let path = format!("/api/v2/deleted_users/{id}");
    let erased = app.call("DELETE", &path).await.expect(200).body;
    let expected = json!({
        "id": id, "url": format!("{}{path}.json", app.base), "name": "Permanently Deleted User",
        "email": null, "created_at": "2026-09-21T14:13:20Z", "updated_at": "2026-09-21T14:14:25Z",
        "locale_id": 1, "locale": "en-US", "time_zone": "UTC", "phone": null,
        "shared_phone_number": null, "photo": null, "organization_id": null, "role": "agent",
        "active": false,
    });
    assert_eq!(erased, json!({"deleted_user": expected}));
    assert_eq!(app.get(&path).await.expect(200).body, erased);
    let list = app.get("/api/v2/deleted_users").await.expect(200);
    assert_eq!(list.body["deleted_users"], json!([expected]));
    app.clock.advance(Duration::from_secs(65));
    let again = app.call("DELETE", &format!("{path}.json")).await.expect(200).body;
    assert_eq!(again, erased, "erasing again changes nothing");
}

async fn the_living_and_the_unknown_are_not_there(app: TestApp) {
    let alive = app.support_user(json!({"name": "Alive"})).await.body["user"]["id"].clone();
    for id in [alive.to_string(), "7".to_owned(), "99999999999999999999".to_owned()] {
        for method in ["GET", "DELETE"] {
            let answer = app.call(method, &format!("/api/v2/deleted_users/{id}")).await;
            answer.expect_zendesk(404, "RecordNotFound");
        }
    }
    app.get(&format!("/api/v2/users/{alive}")).await.expect(200);
    for method in ["GET", "DELETE"] {
        let answer = app.call(method, "/api/v2/deleted_users/x").await.expect(400);
        assert_eq!(answer.body["error"]["title"], "Invalid attribute");
    }
    let list = app.get("/api/v2/deleted_users").await.expect(200);
    assert!(ids(&list).is_empty());
}

async fn pages_by_number(app: TestApp) {
    let made = gone(&app, 5).await;
    // Who was deleted last need not come last.
    let first = app.get("/api/v2/deleted_users?per_page=2").await.expect(200);
    assert_eq!(ids(&first), made[..2]);
    assert_eq!(first.body["count"], 5);
    assert_eq!(first.body["previous_page"], Value::Null);
    let second = app.call_as(&app.token, "GET", &first.text_at("/next_page")).await.expect(200);
    assert_eq!(ids(&second), made[2..4]);
    let last = app.call_as(&app.token, "GET", &second.text_at("/next_page")).await.expect(200);
    assert_eq!(ids(&last), made[4..]);
    assert_eq!(last.body["next_page"], Value::Null);
    let back = format!("{}/api/v2/deleted_users?page=2&per_page=2", app.base);
    assert_eq!(last.body["previous_page"], back);
    let deep = app.get("/api/v2/deleted_users?page=101").await.expect(400);
    assert_eq!(deep.body["errors"][0]["code"], "InvalidPaginationDepth");
    app.get("/api/v2/deleted_users?page=x").await.expect(400);
}

async fn pages_by_cursor(app: TestApp) {
    let made = gone(&app, 5).await;
    app.call("DELETE", &format!("/api/v2/deleted_users/{}", made[1])).await.expect(200);
    let mut seen = Vec::new();
    let mut page = app.get("/api/v2/deleted_users.json?page[size]=2").await.expect(200);
    while !ids(&page).is_empty() {
        assert_eq!(page.body.as_object().unwrap().len(), 3);
        seen.push(ids(&page));
        assert!(seen.len() < 9, "the walk does not end");
        let more = page.body["meta"]["has_more"] == true;
        assert_eq!(more, seen.concat().len() < 5);
        let link = page.text_at("/links/next");
        let start = format!("{}/api/v2/deleted_users.json?page%5Bafter%5D=", app.base);
        assert!(link.starts_with(&start), "{link}");
        let next = app.call_as(&app.token, "GET", &link).await.expect(200);
        if !ids(&next).is_empty() {
            let back = app.call_as(&app.token, "GET", &next.text_at("/links/prev")).await;
            assert_eq!(ids(&back.expect(200)), ids(&page));
        }
        page = next;
    }
    assert_eq!(seen, [&made[..2], &made[2..4], &made[4..]]);
    for wrong in ["page[after]=x", "page[size]=2&sort=name"] {
        let answer = app.get(&format!("/api/v2/deleted_users?{wrong}")).await;
        answer.expect_zendesk(400, "InvalidPaginationParameter");
    }
}

async fn the_count_follows(app: TestApp) {
    let value =
        |value: u64| json!({"count": {"value": value, "refreshed_at": "2026-09-21T14:13:20Z"}});
    assert_eq!(count(&app).await, value(0));
    let made = gone(&app, 3).await;
    assert_eq!(count(&app).await, value(3));
    app.call("DELETE", &format!("/api/v2/deleted_users/{}", made[0])).await.expect(200);
    assert_eq!(count(&app).await, value(3), "the erased are still told of");
    app.support_user(json!({"name": "Alive"})).await;
    assert_eq!(count(&app).await, value(3));
}

async fn of_an_account_others_see_nothing(app: TestApp) {
    let made = gone(&app, 2).await;
    let other = app.other_account(Scopes::SERVER).await;
    for id in &made {
        for method in ["GET", "DELETE"] {
            let answer = app.call_as(&other, method, &format!("/api/v2/deleted_users/{id}")).await;
            answer.expect_zendesk(404, "RecordNotFound");
        }
    }
    let list = app.call_as(&other, "GET", "/api/v2/deleted_users").await.expect(200).body;
    assert_eq!((&list["deleted_users"], &list["count"]), (&json!([]), &json!(0)));
    let counted = app.call_as(&other, "GET", "/api/v2/deleted_users/count").await.expect(200);
    assert_eq!(counted.body["count"]["value"], 0);
    let own = app.get("/api/v2/deleted_users").await.expect(200);
    let names: BTreeSet<_> =
        (0..2).map(|at| own.body["deleted_users"][at]["name"].to_string()).collect();
    assert_eq!(names.len(), 2, "nobody was erased");
}

async fn who_may_read_and_who_may_erase(app: TestApp) {
    let id = gone(&app, 1).await[0];
    for (role, email) in [("agent", "agent@example.org"), ("end-user", "end@example.org")] {
        app.support_user(json!({"name": "U", "email": email, "role": role})).await;
    }
    let one = format!("/api/v2/deleted_users/{id}");
    for (email, method, path, status) in [
        ("end@example.org", "GET", "/api/v2/deleted_users", 403),
        ("end@example.org", "GET", "/api/v2/deleted_users/count", 403),
        ("end@example.org", "GET", &one, 403),
        ("end@example.org", "DELETE", &one, 403),
        ("agent@example.org", "GET", "/api/v2/deleted_users", 200),
        ("agent@example.org", "GET", "/api/v2/deleted_users/count", 200),
        ("agent@example.org", "GET", &one, 200),
        ("agent@example.org", "DELETE", &one, 403),
    ] {
        let answer = app.basic(email, &app.token, method, path).await;
        assert_eq!(answer.status, status, "{email} {method} {path}");
    }
    let still = app.get(&one).await.expect(200);
    assert_eq!(still.body["deleted_user"]["name"], "User 0");
}
