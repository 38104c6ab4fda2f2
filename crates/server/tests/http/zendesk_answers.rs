//! Zendesk's dialect: answers byte by byte, where their text is the promise.

use crate::support::{TestApp, Value, json, on_each_store};

on_each_store! {
    errors_have_the_vendors_order,
    records_have_the_vendors_order,
    every_text_comes_back_in_a_page,
    what_comes_along_is_in_every_user,
}

async fn errors_have_the_vendors_order(app: TestApp) {
    let many: Vec<_> = (0..101).map(|id| id.to_string()).collect();
    let users: Vec<_> = (0..101).map(|_| json!({"name": "A"})).collect();
    let text = async |method: &str, path: &str, body: Value| {
        let path = format!("/api/v2/{path}");
        app.call(method, &path).json(&body).await.text
    };
    let get = async |path: &str| app.get(&format!("/api/v2/{path}")).await.text;
    assert_eq!(get("users/1").await, r#"{"error":"RecordNotFound","description":"Not found"}"#);
    assert_eq!(
        get("users/nowhere/else").await,
        r#"{"error":"InvalidEndpoint","description":"Not found"}"#
    );
    assert_eq!(
        get("users?sort=x&page[size]=1").await,
        r#"{"error":"InvalidPaginationParameter","description":"sort is not valid"}"#
    );
    assert_eq!(
        get(&format!("users/show_many?ids={}", many.join(","))).await,
        r#"{"error":"TooManyValues","description":"Parameter  cannot specify more than 100 values","max_count":100}"#
    );
    assert_eq!(
        text("POST", "users/create_many", json!({"users": users})).await,
        r#"{"error":"TooManyValues","description":"Maximum 100 users may be created per call"}"#
    );
    assert_eq!(
        text("POST", "users", json!({"user": {"name": ""}})).await,
        r#"{"error":"RecordInvalid","description":"Record validation errors","details":{"name":[{"description":"Name: is too short (minimum one character)","error":"ValueTooShort"}]}}"#
    );
    assert_eq!(
        get("users/abc").await,
        r#"{"error":{"title":"Invalid attribute","message":"You passed an invalid value for the id attribute. Invalid parameter: id must be an integer from api/v2/users/show"}}"#
    );
    assert_eq!(
        get("users?page=101").await,
        r#"{"errors":[{"code":"InvalidPaginationDepth","title":"Pagination requests using Offset Pagination are limited to page 100 or up to 10000 records (page * per_page)","detail":"There are limits to the page depth in Offset Pagination. Offset Pagination will be deprecated fully in the near future.\nPlease switch to Cursor Pagination at the earliest. Cursor Pagination does not have any limits.\nSee https://developer.zendesk.com/documentation/api-basics/pagination/comparing-cursor-pagination-and-offset-pagination\n"}]}"#
    );
    assert_eq!(
        app.anonymous("GET", "/api/v2/users").await.text,
        r#"{"error":"Couldn't authenticate you"}"#
    );
    assert_eq!(
        app.call_as("wrong", "GET", "/api/v2/users").await.text,
        r#"{"error":"invalid_token","error_description":"The access token provided is expired, revoked, malformed or invalid for other reasons."}"#
    );
    let end_user = json!({"name": "E", "email": "e@example.org"});
    app.support_user(end_user).await;
    assert_eq!(
        app.basic("e@example.org", &app.token, "GET", "/api/v2/users").await.text,
        r#"{"error":{"title":"Forbidden","message":"You do not have access to this page. Please contact the account owner of this help desk for further help."}}"#
    );
}

/// Checks that these keys are in a text in this order.
#[track_caller]
fn keys(text: &str, expected: &[&str]) {
    let places = expected.iter().map(|key| text.find(&format!("\"{key}\":")));
    let places: Vec<_> = places.map(Option::unwrap).collect();
    assert!(places.is_sorted(), "{expected:?} in {text}");
}

async fn records_have_the_vendors_order(app: TestApp) {
    let group = app.post("/api/v2/groups").json(&json!({"group": {"name": "G"}})).await;
    let expected = [
        "url",
        "id",
        "name",
        "description",
        "default",
        "is_public",
        "deleted",
        "created_at",
        "updated_at",
    ];
    keys(&group.expect(201).text, &expected);

    let user = app.support_user(json!({"name": "A"})).await.body["user"]["id"].clone();
    let body = json!({"users": [{"id": user, "notes": "n"}, {"id": 7, "notes": "n"}]});
    let job = app.call("PUT", "/api/v2/users/update_many").json(&body).await.expect(200);
    let done = app.call_as(&app.token, "GET", &job.text_at("/job_status/url")).await.expect(200);
    let updated = format!(r#"{{"id":{user},"action":"update","status":"Updated","success":true}}"#);
    assert!(done.text.contains(&updated), "{}", done.text);
    assert!(done.text.contains(r#""status":"Failed","success":false}"#), "{}", done.text);

    let path = format!("/api/v2/users/{user}/identities");
    for (kind, value, state) in
        [("twitter", "a", Value::Null), ("email", "a@example.org", json!("deliverable"))]
    {
        let body = json!({"identity": {"type": kind, "value": value}});
        let made = app.post(&path).json(&body).await.expect(201);
        assert_eq!(made.body["identity"]["undeliverable_count"], 0, "{kind}");
        assert_eq!(made.body["identity"]["deliverable_state"], state, "{kind}");
        keys(&made.text, &["url", "id", "user_id", "type", "updated_at", "undeliverable_count"]);
    }
}

/// Texts that JSON must escape, or must not.
const TEXTS: [&str; 9] = [
    "a \"quoted\" one",
    "back\\slash",
    "tab\tin",
    "line\nfeed\rreturn\u{8}\u{c}",
    "control \u{1f}",
    "control \u{1}\u{7f}\u{80}",
    "Zoë 東京 🧀 \u{2028}\u{feff}",
    "</script>&amp;",
    "\u{10ffff}\u{fffd}",
];

async fn every_text_comes_back_in_a_page(app: TestApp) {
    let fields = |text: &str| {
        json!({
            text: text, "decimal": 5.1, "large": 1e21, "small": -1.5e-7, "whole": 12,
            "lowest": i64::MIN, "yes": true, "": "empty",
        })
    };
    for text in TEXTS {
        let user = json!({
            "name": format!("x{text}x"), "alias": text, "notes": text, "details": text,
            "signature": text, "external_id": format!("x{text}x"), "user_fields": fields(text),
            "remote_photo_url": format!("https://example.org/{text}x"),
        });
        app.support_user(user).await;
    }
    for query in ["per_page=100", "page[size]=100"] {
        let list = app.get(&format!("/api/v2/users?role=end-user&{query}")).await.expect(200);
        let users = list.body["users"].as_array().unwrap();
        assert_eq!(users.len(), TEXTS.len());
        for (user, text) in users.iter().zip(TEXTS) {
            assert_eq!(user["name"], format!("x{text}x"));
            assert_eq!(user["external_id"], format!("x{text}x"));
            for key in ["alias", "notes", "details"] {
                assert_eq!(user[key], text, "{key}");
            }
            assert_eq!(user["user_fields"], fields(text));
            assert_eq!(user["photo"]["url"], format!("https://example.org/{text}x"));
            let one = app.get(&format!("/api/v2/users/{}", user["id"])).await.expect(200);
            assert_eq!(one.body["user"], *user, "alone as in a page");
            let shown = serde_json::to_string(&user["user_fields"]["decimal"]).unwrap();
            assert!(list.text.contains(&format!("\"decimal\":{shown}")));
        }
    }
    let exported = app.get("/api/v2/incremental/users?start_time=0").await.expect(200);
    let listed = app.get("/api/v2/users").await.expect(200);
    assert_eq!(exported.body["users"], listed.body["users"]);
    let found = app.get("/api/v2/users/search?query=role:end-user").await.expect(200);
    assert_eq!(found.body["users"].as_array().unwrap().len(), TEXTS.len());
}

async fn what_comes_along_is_in_every_user(app: TestApp) {
    for name in ["a", "b"] {
        app.support_user(json!({"name": name})).await;
    }
    let query = "/api/v2/users?page[size]=2&include=abilities&include_item_cursors=true";
    let list = app.get(query).await.expect(200);
    let users = list.body["users"].as_array().unwrap();
    for (place, user) in users.iter().enumerate() {
        assert_eq!(user["abilities"], list.body["abilities"][place]);
        assert_eq!(user["abilities"]["url"], user["url"]);
        assert_eq!(user.as_object().unwrap().len(), 39);
    }
    let cursor = |user: &Value| user["meta"]["page"]["cursor"].clone();
    assert_eq!(cursor(&users[0]), list.body["meta"]["before_cursor"]);
    assert_eq!(cursor(&users[1]), list.body["meta"]["after_cursor"]);
    assert!(list.text.starts_with(r#"{"users":[{"id":"#));
    let empty = app.get("/api/v2/users?role=nobody&page[size]=2").await.expect(200);
    assert!(empty.text.starts_with(r#"{"users":[],"meta":{"has_more":false,"#), "{}", empty.text);
}
