//! Zendesk's dialect: the user object, and the operations on one user.

use roster_directory::Scopes;

use crate::support::{TestApp, Value, json, on_each_store};

on_each_store! {
    a_user_has_37_keys_in_the_vendors_order,
    defaults_are_those_of_the_vendor,
    what_is_written_is_shown,
    creating_tells_where_the_user_is,
    every_problem_is_told_at_once,
    an_email_address_is_claimed_once,
    an_address_that_is_added_is_a_second_one,
    create_or_update_matches_by_external_id_and_address,
    deleting_hides_the_user,
    the_owner_is_protected,
    me_is_whom_the_call_acts_for,
    show_many_leaves_the_unknown_out,
    bodies_that_cannot_be_read,
    an_organization_is_found_or_made_by_name,
}

/// The keys of a user, in the vendor's order. End users see the first sixteen.
pub(crate) const KEYS: [&str; 37] = [
    "id",
    "url",
    "name",
    "email",
    "created_at",
    "updated_at",
    "time_zone",
    "iana_time_zone",
    "phone",
    "shared_phone_number",
    "photo",
    "locale_id",
    "locale",
    "organization_id",
    "role",
    "verified",
    "external_id",
    "tags",
    "alias",
    "active",
    "shared",
    "shared_agent",
    "last_login_at",
    "two_factor_auth_enabled",
    "signature",
    "details",
    "notes",
    "role_type",
    "custom_role_id",
    "moderator",
    "ticket_restriction",
    "only_private_comments",
    "restricted_agent",
    "suspended",
    "default_group_id",
    "report_csv",
    "user_fields",
];

/// The keys of the first object in a text that has the key `id`, in their order.
fn keys_of(text: &str) -> Vec<String> {
    let start = text.find("{\"id\"").unwrap();
    let mut keys = Vec::new();
    let (mut depth, mut rest) = (0, &text[start..]);
    while let Some(character) = rest.chars().next() {
        match character {
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            '"' => {
                let end = rest[1..].find('"').unwrap() + 1;
                if depth == 1 && rest[end + 1..].starts_with(':') {
                    keys.push(rest[1..end].to_owned());
                }
                rest = &rest[end..];
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
        rest = &rest[1..];
    }
    keys
}

async fn a_user_has_37_keys_in_the_vendors_order(app: TestApp) {
    let made = app.support_user(json!({"name": "Grace"})).await;
    assert_eq!(keys_of(&made.text), KEYS);
    let list = app.get("/api/v2/users.json?role=end-user").await.expect(200);
    assert_eq!(keys_of(&list.text), KEYS);
    let me = app.get("/api/v2/users/me.json").await.expect(200);
    let mut with_token = KEYS.to_vec();
    with_token.insert(16, "authenticity_token");
    assert_eq!(keys_of(&me.text), with_token);
}

async fn defaults_are_those_of_the_vendor(app: TestApp) {
    let made = app.support_user(json!({"name": "testUser100"})).await.body;
    let user = &made["user"];
    let id = user["id"].as_i64().unwrap();
    assert!(id < 1 << 53);
    let expected = json!({
        "id": id, "url": format!("{}/api/v2/users/{id}.json", app.base), "name": "testUser100",
        "email": null, "created_at": user["created_at"], "updated_at": user["updated_at"],
        "time_zone": "UTC", "iana_time_zone": "Etc/UTC", "phone": null,
        "shared_phone_number": null, "photo": null, "locale_id": 1, "locale": "en-US",
        "organization_id": null, "role": "end-user", "verified": false, "external_id": null,
        "tags": [], "alias": null, "active": true, "shared": false, "shared_agent": false,
        "last_login_at": null, "two_factor_auth_enabled": null, "signature": null,
        "details": null, "notes": null, "role_type": null, "custom_role_id": null,
        "moderator": false, "ticket_restriction": "requested", "only_private_comments": false,
        "restricted_agent": true, "suspended": false, "default_group_id": null,
        "report_csv": false, "user_fields": {},
    });
    assert_eq!(user, &expected);
    let time = user["created_at"].as_str().unwrap();
    assert_eq!((time.len(), &time[10..11], &time[19..]), (20, "T", "Z"));
    let owner = app.get("/api/v2/users/me").await.body["user"].clone();
    assert_eq!(owner["role"], "admin");
    assert_eq!(owner["role_type"], 4);
    assert_eq!(owner["moderator"], true);
    assert_eq!(owner["ticket_restriction"], Value::Null);
    assert_eq!(owner["restricted_agent"], false);
}

async fn what_is_written_is_shown(app: TestApp) {
    let written = json!({
        "name": "Grace Hopper", "email": "grace@navy.example", "role": "agent",
        "external_id": "Crm-4711", "phone": "+15551234567", "shared_phone_number": true,
        "alias": "Amazing Grace", "details": "Found a moth", "notes": "Rear admiral",
        "signature": "Grace", "time_zone": "Eastern Time (US & Canada)", "locale": "fr",
        "tags": ["VIP", "navy vip"], "verified": true, "suspended": true, "moderator": true,
        "only_private_comments": true, "ticket_restriction": "assigned",
        "remote_photo_url": "https://example.org/grace.jpg",
        "user_fields": {"seats": 12, "ratio": 5.1, "beta": true, "plan": "gold"},
    });
    let made = app.support_user(written.clone()).await;
    let id = made.body["user"]["id"].as_i64().unwrap();
    let shown = app.get(&format!("/api/v2/users/{id}.json")).await.expect(200);
    assert_eq!(made.body, shown.body);
    let user = &shown.body["user"];
    for (key, value) in written.as_object().unwrap() {
        match key.as_str() {
            "tags" => assert_eq!(user["tags"], json!(["vip", "navy"])),
            "remote_photo_url" => {
                assert_eq!(user["photo"]["content_url"], *value);
                assert_eq!(user["photo"]["file_name"], "grace.jpg");
                assert_eq!(user["photo"]["content_type"], "image/jpeg");
            }
            key => assert_eq!(user[key], *value, "{key}"),
        }
    }
    assert_eq!(user["iana_time_zone"], "America/New_York");
    assert_eq!(user["locale_id"], 16);
    assert_eq!(user["restricted_agent"], true);

    let change = json!({"user": {
        "name": "G. Hopper", "phone": null, "tags": [], "notes": null, "external_id": null,
        "user_fields": {"seats": null, "plan": "free"}, "role": "end-user",
    }});
    let path = format!("/api/v2/users/{id}");
    let changed = app.call("PUT", &path).json(&change).await.expect(200);
    let user = &changed.body["user"];
    assert_eq!(user["name"], "G. Hopper");
    assert_eq!(user["email"], "grace@navy.example");
    for key in ["phone", "shared_phone_number", "notes", "external_id", "signature"] {
        assert_eq!(user[key], Value::Null, "{key}");
    }
    assert_eq!(user["tags"], json!([]));
    assert_eq!(user["user_fields"], json!({"ratio": 5.1, "beta": true, "plan": "free"}));
    assert_eq!(user["details"], "Found a moth", "what is not named stays");
    assert_eq!(app.get(&path).await.body, changed.body);
}

async fn creating_tells_where_the_user_is(app: TestApp) {
    let made = app.support_user(json!({"name": "Grace"})).await;
    let url = made.text_at("/user/url");
    assert_eq!(made.header("location"), url);
    assert_eq!(made.header("content-type"), "application/json; charset=utf-8");
    let found = app.call_as(&app.token, "GET", &url).await.expect(200);
    assert_eq!(found.body, made.body);
    app.get("/api/v2/users/1").await.expect_zendesk(404, "RecordNotFound");
    let id = app.get("/api/v2/users/abc").await.expect(400);
    assert_eq!(
        id.body["error"],
        json!({
            "title": "Invalid attribute",
            "message": "You passed an invalid value for the id attribute. Invalid parameter: id must be an integer from api/v2/users/show",
        })
    );
}

async fn every_problem_is_told_at_once(app: TestApp) {
    let body = json!({"user": {
        "name": "  ", "email": "no address", "role": "emperor", "phone": ["x"],
        "organization_id": "x", "verified": "perhaps", "locale": "not a locale!",
        "external_id": "a".repeat(256), "tags": [{}], "user_fields": {"a": {}},
    }});
    let answer = app.post("/api/v2/users").json(&body).await.expect(422);
    assert_eq!(answer.body["error"], "RecordInvalid");
    assert_eq!(answer.body["description"], "Record validation errors");
    let details = answer.body["details"].as_object().unwrap();
    let fields: Vec<_> = details.keys().map(String::as_str).collect();
    assert_eq!(
        fields,
        [
            "email",
            "external_id",
            "locale",
            "name",
            "organization_id",
            "phone",
            "role",
            "tags",
            "user_fields",
            "verified",
        ]
    );
    assert_eq!(
        details["name"],
        json!([{"description": "Name: is too short (minimum one character)", "error": "ValueTooShort"}])
    );
    let missing = app.post("/api/v2/users").json(&json!({"user": {}})).await.expect(422);
    assert_eq!(missing.body["details"]["name"][0]["error"], "ValueTooShort");
    let unknown = json!({"user": {"name": "A", "organization_id": 5}});
    let answer = app.post("/api/v2/users").json(&unknown).await.expect(422);
    assert_eq!(answer.body["details"]["organization_id"][0]["error"], "InvalidValue");
    let list = app.get("/api/v2/users").await.body;
    assert_eq!(list["count"], 1, "nothing was made");
}

async fn an_email_address_is_claimed_once(app: TestApp) {
    let first = json!({"name": "A", "email": "Ada@Example.org"});
    app.support_user(first).await;
    let again = json!({"user": {"name": "B", "email": "ada@example.ORG"}});
    let answer = app.post("/api/v2/users.json").json(&again).await.expect(422);
    assert_eq!(
        answer.body["details"],
        json!({"email": [{
            "description": "Email: ada@example.ORG is already being used by another user",
            "error": "DuplicateValue",
        }]})
    );
    app.support_user(json!({"name": "C", "external_id": "Same"})).await;
    let again = json!({"user": {"name": "D", "external_id": "sAME"}});
    let answer = app.post("/api/v2/users.json").json(&again).await.expect(422);
    assert_eq!(answer.body["details"]["external_id"][0]["error"], "DuplicateValue");
}

async fn an_address_that_is_added_is_a_second_one(app: TestApp) {
    let made = app.support_user(json!({"name": "A", "email": "one@example.org"})).await;
    let path = format!("/api/v2/users/{}", made.body["user"]["id"]);
    let change = json!({"user": {"email": "two@example.org"}});
    let changed = app.call("PUT", &path).json(&change).await.expect(200);
    assert_eq!(changed.body["user"]["email"], "one@example.org");
    let shown = app.get(&format!("{path}?include=identities")).await;
    let values: Vec<_> = shown.body["identities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|identity| (identity["value"].as_str().unwrap(), identity["primary"] == true))
        .collect();
    assert_eq!(values, [("one@example.org", true), ("two@example.org", false)]);
    let blank = app.support_user(json!({"name": "B"})).await;
    let path = format!("/api/v2/users/{}", blank.body["user"]["id"]);
    let change = json!({"user": {"email": "three@example.org"}});
    let changed = app.call("PUT", &path).json(&change).await.expect(200);
    assert_eq!(changed.body["user"]["email"], "three@example.org");
}

async fn create_or_update_matches_by_external_id_and_address(app: TestApp) {
    let save =
        |user: Value| app.post("/api/v2/users/create_or_update.json").json(&json!({"user": user}));
    let made = save(json!({"name": "A", "email": "a@example.org", "external_id": "One"})).await;
    let made = made.expect(201);
    let id = made.body["user"]["id"].clone();
    let by_id = save(json!({"name": "B", "external_id": "ONE"})).await.expect(200);
    assert_eq!(by_id.body["user"]["id"], id);
    assert_eq!(by_id.body["user"]["name"], "B");
    assert_eq!(by_id.body["user"]["external_id"], "ONE", "as the request writes it");
    assert_eq!(by_id.header("location"), made.header("location"));
    let by_email = save(json!({"name": "C", "email": "A@example.org"})).await.expect(200);
    assert_eq!(by_email.body["user"]["id"], id);
    assert_eq!(by_email.body["user"]["email"], "a@example.org");
    save(json!({"name": "D", "email": "d@example.org"})).await.expect(201);
}

async fn deleting_hides_the_user(app: TestApp) {
    let body = json!({"name": "A", "email": "a@example.org", "external_id": "x"});
    let made = app.support_user(body.clone()).await;
    let path = format!("/api/v2/users/{}.json", made.body["user"]["id"]);
    let gone = app.call("DELETE", &path).await.expect(200);
    assert_eq!(gone.body["user"]["active"], false);
    assert_eq!(gone.body["user"]["id"], made.body["user"]["id"]);
    app.get(&path).await.expect_zendesk(404, "RecordNotFound");
    app.call("DELETE", &path).await.expect_zendesk(404, "RecordNotFound");
    let change = json!({"user": {"name": "B"}});
    app.call("PUT", &path).json(&change).await.expect_zendesk(404, "RecordNotFound");
    assert_eq!(app.get("/api/v2/users").await.body["count"], 1);
    let again = app.support_user(body).await;
    assert_ne!(again.body["user"]["id"], made.body["user"]["id"], "address and key are free");
}

async fn the_owner_is_protected(app: TestApp) {
    let owner = app.get("/api/v2/users/me").await.body["user"]["id"].clone();
    let path = format!("/api/v2/users/{owner}");
    let answer = app.call("DELETE", &path).await.expect(422);
    assert!(answer.body["details"]["base"].is_array());
    let change = json!({"user": {"role": "agent"}});
    let answer = app.call("PUT", &path).json(&change).await.expect(422);
    assert!(answer.body["details"]["role"].is_array());
}

async fn me_is_whom_the_call_acts_for(app: TestApp) {
    let owner = app.get("/api/v2/users/me.json").await.expect(200).body;
    let agent = json!({"name": "Agent", "email": "agent@example.org", "role": "agent"});
    let agent = app.support_user(agent).await.body["user"]["id"].clone();
    let me = async |email: &str, token: &str| {
        app.basic(email, token, "GET", "/api/v2/users/me").await.expect(200).body["user"].clone()
    };
    assert_eq!(me("Agent@example.org", &app.token).await["id"], agent);
    assert_eq!(me("nobody@example.org", &app.token).await["id"], owner["user"]["id"]);
    let on_behalf = app.get("/api/v2/users/me").header("x-on-behalf-of", "agent@example.org");
    assert_eq!(on_behalf.await.body["user"]["id"], agent);
    let nobody = app.anonymous("GET", "/api/v2/users/me.json").await.expect(200);
    assert_eq!(nobody.body["user"]["name"], "Anonymous user");
    assert_eq!(nobody.body["user"]["id"], Value::Null);
    app.basic("agent@example.org", "wrong", "GET", "/api/v2/users/me").await.expect(401);
}

async fn show_many_leaves_the_unknown_out(app: TestApp) {
    let mut ids = Vec::new();
    for number in 0..3 {
        let user = json!({"name": "A", "external_id": format!("Key-{number}")});
        ids.push(app.support_user(user).await.body["user"]["id"].as_i64().unwrap());
    }
    let path = format!("/api/v2/users/show_many.json?ids={},7,{},{}", ids[2], ids[0], ids[0]);
    let answer = app.get(&path).await.expect(200).body;
    let shown: Vec<_> = answer["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["id"].as_i64().unwrap())
        .collect();
    assert_eq!(shown, [ids[0], ids[2]]);
    assert_eq!(answer["count"], 2);
    assert_eq!((&answer["next_page"], &answer["previous_page"]), (&Value::Null, &Value::Null));
    let by_key = app.get("/api/v2/users/show_many?external_ids=KEY-1,key-9").await.expect(200);
    assert_eq!(by_key.body["users"][0]["id"], ids[1]);
    let many: Vec<_> = (0..101).map(|id| id.to_string()).collect();
    let path = format!("/api/v2/users/show_many?ids={}", many.join(","));
    assert_eq!(
        app.get(&path).await.expect(400).body,
        json!({
            "error": "TooManyValues",
            "description": "Parameter  cannot specify more than 100 values",
            "max_count": 100,
        })
    );
    app.get("/api/v2/users/show_many?ids=a").await.expect(400);
}

async fn bodies_that_cannot_be_read(app: TestApp) {
    let post = |body: &'static str| app.post("/api/v2/users").body("application/json", body);
    post("{\"user\":").await.expect_zendesk(400, "BadRequest");
    post("[]").await.expect_zendesk(400, "BadRequest");
    for body in ["{}", "{\"user\": 5}", ""] {
        let answer = post(body).await.expect(400);
        assert_eq!(answer.body["error"]["title"], "Invalid attribute", "{body}");
    }
    let deep = "[".repeat(100);
    app.post("/api/v2/users")
        .body("application/json", deep)
        .await
        .expect_zendesk(400, "BadRequest");
    let form = app.post("/api/v2/users").body("text/plain", "x=1").await;
    form.expect_zendesk(415, "UnsupportedMediaType");
    let large = format!("{{\"user\": {{\"name\": \"{}\"}}}}", "a".repeat(11 << 20));
    let answer = app.post("/api/v2/users").body("application/json", large).await;
    answer.expect_zendesk(413, "RequestEntityTooLarge");
}

async fn an_organization_is_found_or_made_by_name(app: TestApp) {
    let user = |name: &str| json!({"name": name, "organization": {"name": "US Navy"}});
    let first = app.support_user(user("A")).await;
    let second = app.support_user(user("B")).await;
    let id = &first.body["user"]["organization_id"];
    assert!(id.is_i64());
    assert_eq!(second.body["user"]["organization_id"], *id);
    let token = app.new_token(Scopes::SERVER).await;
    let list = app.call_as(&token, "GET", "/api/v2/users?include=organizations").await;
    let organizations = list.body["organizations"].as_array().unwrap();
    assert_eq!(organizations.len(), 1);
    assert_eq!(organizations[0]["name"], "US Navy");
    let fields = json!({"name": "C", "organization": {"name": "x".repeat(256)}});
    let refused = app.post("/api/v2/users").json(&json!({"user": fields})).await;
    refused.expect_zendesk(422, "RecordInvalid");
    let problem = &refused.body["details"]["organization"][0];
    let expected = "Organization: name is too long (maximum is 255 characters)";
    assert_eq!(problem["description"], expected);
}
