//! Zendesk's dialect: work on many users at once.

use crate::support::{TestApp, Value, json, on_each_store};
use crate::zendesk_jobs::completed;

on_each_store! {
    one_bad_user_fails_alone,
    a_hundred_users_in_their_order,
    users_are_made_or_changed,
    many_are_changed_in_the_same_way,
    each_is_changed_in_its_own_way,
    many_are_deleted,
}

/// Makes users and asks what became of it.
async fn job(app: &TestApp, method: &str, path: &str, body: Value) -> Value {
    let started = app.call(method, &format!("/api/v2/users/{path}")).json(&body).await.expect(200);
    assert_eq!(started.body["job_status"]["status"], "queued");
    completed(app, &started).await
}

/// Makes a user with this external id and a name of their own; their id.
pub(crate) async fn user(app: &TestApp, external_id: &str) -> i64 {
    let body = json!({"name": format!("Old {external_id}"), "external_id": external_id});
    app.support_user(body).await.body["user"]["id"].as_i64().unwrap()
}

pub(crate) async fn shown(app: &TestApp, id: impl std::fmt::Display) -> Value {
    app.get(&format!("/api/v2/users/{id}")).await.expect(200).body["user"].clone()
}

/// What failed, at this place.
fn failure(id: Value, index: usize, error: &str, details: &str) -> Value {
    json!({
        "id": id, "index": index, "error": error, "details": details, "success": false,
        "status": "Failed",
    })
}

fn updated(id: i64) -> Value {
    json!({"id": id, "action": "update", "status": "Updated", "success": true})
}

async fn one_bad_user_fails_alone(app: TestApp) {
    app.support_user(json!({"name": "T", "email": "taken@example.org"})).await;
    let body = json!({"users": [
        {"name": "First", "email": "first@example.org"},
        {"email": "nobody", "verified": 7},
        {"name": "Second", "email": "Taken@example.org"},
        "no object",
        {"name": "Third", "organization_id": 7},
        {"name": "Fourth", "tags": ["vip"]},
    ]});
    let job = job(&app, "POST", "create_many", body).await;
    assert_eq!((&job["total"], &job["progress"]), (&json!(6), &json!(6)));
    let results = &job["results"];
    let error = "UserCreateError";
    let failures = [
        failure(
            Value::Null,
            1,
            error,
            "Email: is not properly formatted; Name: is too short (minimum one character); Verified: must be true or false",
        ),
        failure(
            Value::Null,
            2,
            error,
            "Email: Taken@example.org is already being used by another user",
        ),
        failure(Value::Null, 3, error, "User: must be an object"),
        failure(Value::Null, 4, error, "Organization id: is not an organization"),
    ];
    assert_eq!(results.as_array().unwrap()[1..5], failures);
    for (place, name) in [(0, "First"), (5, "Fourth")] {
        assert_eq!(results[place]["status"], "Created");
        assert_eq!(shown(&app, &results[place]["id"]).await["name"], name);
    }
    let count = app.get("/api/v2/users/count").await.expect(200);
    assert_eq!(count.body["count"]["value"], 4, "the owner, the first, and two of the six");
}

async fn a_hundred_users_in_their_order(app: TestApp) {
    let users: Vec<_> = (0..100).map(|number| json!({"name": format!("U{number:03}")})).collect();
    let made = job(&app, "POST", "create_many", json!({"users": users})).await;
    let list = app.get("/api/v2/users?role=end-user").await.expect(200).body;
    for place in 0..100 {
        assert_eq!(made["results"][place]["id"], list["users"][place]["id"]);
        assert_eq!(list["users"][place]["name"], format!("U{place:03}"));
    }
    let none = job(&app, "POST", "create_many", json!({"users": []})).await;
    assert_eq!((&none["total"], &none["results"]), (&json!(0), &json!([])));
}

async fn users_are_made_or_changed(app: TestApp) {
    let first = user(&app, "Crm-1").await;
    let second = json!({"name": "S", "email": "second@example.org"});
    let second = app.support_user(second).await.body["user"]["id"].as_i64().unwrap();
    let body = json!({"users": [
        {"name": "First", "external_id": "CRM-1"},
        {"name": "Second", "email": "SECOND@example.org"},
        {"name": "Third", "external_id": "crm-3"},
        {"name": "Fourth", "external_id": "crm-3"},
        {"external_id": "crm-5"},
    ]});
    let job = job(&app, "POST", "create_or_update_many.json", body).await;
    assert_eq!(job["job_type"], "Bulk Create User");
    let third = job["results"][2]["id"].as_i64().unwrap();
    let expected = json!([
        {"id": first, "status": "Updated"},
        {"id": second, "status": "Updated"},
        {"id": third, "status": "Created"},
        {"id": third, "status": "Updated"},
        failure(Value::Null, 4, "UserUpdateError", "Name: is too short (minimum one character)"),
    ]);
    assert_eq!(job["results"], expected);
    for (id, name) in [(first, "First"), (second, "Second"), (third, "Fourth")] {
        assert_eq!(shown(&app, id).await["name"], name);
    }
    assert_eq!(shown(&app, first).await["external_id"], "CRM-1");
}

async fn many_are_changed_in_the_same_way(app: TestApp) {
    let (first, second) = (user(&app, "a").await, user(&app, "b").await);
    let owner = app.get("/api/v2/users/me").await.body["user"]["id"].as_i64().unwrap();
    let path = format!("update_many.json?ids={first},{owner},7,{second}");
    let change = json!({"user": {"notes": "seen", "role": "end-user"}});
    let done = job(&app, "PUT", &path, change).await;
    assert_eq!(done["job_type"], "Bulk Update User");
    let error = "UserUpdateError";
    let expected = json!([
        updated(first),
        failure(json!(owner), 1, error, "Role: the account owner must be an admin"),
        failure(json!(7), 2, error, "Not found"),
        updated(second),
    ]);
    assert_eq!(done["results"], expected);
    assert_eq!(shown(&app, first).await["notes"], "seen");
    assert_eq!(shown(&app, owner).await["notes"], Value::Null);

    let change = json!({"user": {"notes": "again"}});
    let done = job(&app, "PUT", "update_many?external_ids=B,x,a", change).await;
    let expected =
        json!([updated(second), failure(Value::Null, 1, error, "Not found"), updated(first)]);
    assert_eq!(done["results"], expected);
    assert_eq!(shown(&app, second).await["notes"], "again");

    let bad = job(&app, "PUT", "update_many?external_ids=a", json!({"user": {"name": " "}})).await;
    let details = "Name: is too short (minimum one character)";
    assert_eq!(bad["results"], json!([failure(Value::Null, 0, error, details)]));
}

async fn each_is_changed_in_its_own_way(app: TestApp) {
    let (first, second) = (user(&app, "a").await, user(&app, "b").await);
    let number = app.support_user(json!({"name": "N", "external_id": "42"})).await;
    let number = number.body["user"]["id"].as_i64().unwrap();
    let body = json!({"users": [
        {"id": first, "external_id": "c", "name": "First"},
        {"external_id": "B", "name": "Second"},
        {"id": second.to_string(), "alias": "Deuce"},
        {"external_id": 42, "name": "Number"},
        {"id": 7, "name": "Nobody"},
        {"external_id": "x", "name": "Nobody"},
        {"name": "Nobody"},
        {"id": "x", "name": "Nobody"},
        {"id": second, "external_id": "C"},
        [],
    ]});
    let done = job(&app, "PUT", "update_many", body).await;
    let error = "UserUpdateError";
    let expected = json!([
        updated(first),
        updated(second),
        updated(second),
        updated(number),
        failure(json!(7), 4, error, "Not found"),
        failure(Value::Null, 5, error, "Not found"),
        failure(Value::Null, 6, error, "Id: cannot be blank"),
        failure(Value::Null, 7, error, "Id: must be an integer"),
        failure(json!(second), 8, error, "External id: is already being used by another user"),
        failure(Value::Null, 9, error, "User: must be an object"),
    ]);
    assert_eq!(done["results"], expected);
    let first = shown(&app, first).await;
    assert_eq!((&first["name"], &first["external_id"]), (&json!("First"), &json!("c")));
    let second = shown(&app, second).await;
    assert_eq!((&second["name"], &second["alias"]), (&json!("Second"), &json!("Deuce")));
    assert_eq!(shown(&app, number).await["name"], "Number");
}

async fn many_are_deleted(app: TestApp) {
    let (first, second, third) =
        (user(&app, "a").await, user(&app, "b").await, user(&app, "c").await);
    let owner = app.get("/api/v2/users/me").await.body["user"]["id"].as_i64().unwrap();
    let path = format!("/api/v2/users/destroy_many.json?ids={first},7,{owner},{second},{first}");
    let started = app.call("DELETE", &path).await.expect(200);
    let done = completed(&app, &started).await;
    assert_eq!(done["job_type"], "Bulk Delete User");
    let error = "UserDeleteError";
    let deleted =
        |id: i64| json!({"id": id, "action": "delete", "status": "Deleted", "success": true});
    let expected = json!([
        deleted(first),
        failure(json!(7), 1, error, "Not found"),
        failure(json!(owner), 2, error, "Base: the account owner cannot be deleted"),
        deleted(second),
        failure(json!(first), 4, error, "Not found"),
    ]);
    assert_eq!(done["results"], expected);
    let started = app.call("DELETE", "/api/v2/users/destroy_many?external_ids=C,a").await;
    let done = completed(&app, &started.expect(200)).await;
    let expected = json!([deleted(third), failure(Value::Null, 1, error, "Not found")]);
    assert_eq!(done["results"], expected);
    let list = app.get("/api/v2/users").await.expect(200);
    assert_eq!(list.body["users"][0]["id"], owner);
    assert_eq!(list.body["count"], 1);
    assert_eq!(app.get("/api/v2/deleted_users/count").await.body["count"]["value"], 3);
}
