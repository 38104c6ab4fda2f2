//! Zendesk's dialect: identities of users.

use std::time::Duration;

use roster_directory::Scopes;

use crate::support::{Answer, TestApp, Value, json, on_each_store};

on_each_store! {
    identities_have_the_vendors_keys,
    an_identity_from_beginning_to_end,
    an_address_that_is_verified_verifies_the_user,
    the_primary_address_is_the_users,
    an_identity_is_claimed_once,
    what_is_no_identity_is_refused,
    nobody_has_the_identities_of_others,
    identities_come_in_pages,
    of_an_account_others_see_nothing,
    end_users_may_do_nothing,
}

/// Makes a user with this address; their id.
pub(crate) async fn user(app: &TestApp, email: &str) -> i64 {
    let made = app.support_user(json!({"name": "Grace", "email": email})).await;
    made.body["user"]["id"].as_i64().unwrap()
}

fn path(user: i64) -> String {
    format!("/api/v2/users/{user}/identities")
}

/// Adds an identity to a user; its id.
pub(crate) async fn add(app: &TestApp, user: i64, kind: &str, value: &str) -> i64 {
    let body = json!({"identity": {"type": kind, "value": value}});
    let made = app.post(&path(user)).json(&body).await.expect(201);
    made.body["identity"]["id"].as_i64().unwrap()
}

/// The identities of a user, as `value` and whether it is the primary one.
pub(crate) async fn values(app: &TestApp, user: i64) -> Vec<(String, bool)> {
    let list = app.get(&path(user)).await.expect(200).body;
    let one = |identity: &Value| {
        (identity["value"].as_str().unwrap().to_owned(), identity["primary"] == true)
    };
    list["identities"].as_array().unwrap().iter().map(one).collect()
}

pub(crate) async fn shown(app: &TestApp, user: i64) -> Value {
    app.get(&format!("/api/v2/users/{user}")).await.expect(200).body["user"].clone()
}

async fn identities_have_the_vendors_keys(app: TestApp) {
    let user = user(&app, "Grace@Navy.example").await;
    app.clock.advance(Duration::from_secs(65));
    let phone = add(&app, user, "phone_number", "+15551234567").await;
    let list = app.get(&format!("{}.json", path(user))).await.expect(200).body;
    let email = list["identities"][0]["id"].as_i64().unwrap();
    let url = |id| format!("{}{}/{id}.json", app.base, path(user));
    let expected = json!({
        "identities": [
            {
                "url": url(email), "id": email, "user_id": user, "type": "email",
                "value": "Grace@Navy.example", "verified": false, "verification_method": null,
                "verified_at": null, "primary": true, "created_at": "2026-09-21T14:13:20Z",
                "updated_at": "2026-09-21T14:13:20Z", "undeliverable_count": 0,
                "deliverable_state": "deliverable",
            },
            {
                "url": url(phone), "id": phone, "user_id": user, "type": "phone_number",
                "value": "+15551234567", "verified": false, "verification_method": null,
                "verified_at": null, "primary": true, "created_at": "2026-09-21T14:14:25Z",
                "updated_at": "2026-09-21T14:14:25Z", "undeliverable_count": 0,
            },
        ],
        "next_page": null, "previous_page": null, "count": 2,
    });
    assert_eq!(list, expected);
}

async fn an_identity_from_beginning_to_end(app: TestApp) {
    let user = user(&app, "first@example.org").await;
    let body = json!({"identity": {
        "type": "email", "value": " Second@Example.org ", "verified": true,
        "skip_verify_email": true, "unknown": 5,
    }});
    let made = app.post(&format!("{}.json", path(user))).json(&body).await.expect(201);
    let id = made.body["identity"]["id"].as_i64().unwrap();
    assert_eq!(made.body["identity"]["value"], "Second@Example.org");
    assert_eq!(made.body["identity"]["primary"], false);
    assert_eq!(made.body["identity"]["verified_at"], "2026-09-21T14:13:20Z");
    let location = made.header("location").to_owned();
    assert_eq!(location, made.text_at("/identity/url"));
    assert_eq!(app.get(&location[app.base.len()..]).await.expect(200).body, made.body);

    let one = format!("{}/{id}", path(user));
    let change = json!({"identity": {"value": "other@example.org", "verified": false}});
    let changed = app.call("PUT", &one).json(&change).await.expect(200).body;
    assert_eq!(changed["identity"]["value"], "other@example.org");
    assert_eq!(changed["identity"]["verified"], false);
    assert_eq!(changed["identity"]["verified_at"], Value::Null);
    assert_eq!(app.get(&one).await.expect(200).body, changed);

    let asked = app.call("PUT", &format!("{one}/request_verification.json")).await.expect(200);
    assert_eq!((asked.text.as_str(), asked.headers.get("content-type")), ("", None));
    let verified = app.call("PUT", &format!("{one}/verify.json")).await.expect(200).body;
    assert_eq!(verified["identity"]["verified"], true);
    assert_eq!(app.get(&one).await.expect(200).body, verified);

    let gone = app.call("DELETE", &format!("{one}.json")).await.expect(204);
    assert_eq!(gone.text, "");
    app.get(&one).await.expect_zendesk(404, "RecordNotFound");
    assert_eq!(values(&app, user).await, [("first@example.org".to_owned(), true)]);
    let again = app.support_user(json!({"name": "Heir", "email": "other@example.org"})).await;
    assert_eq!(again.body["user"]["email"], "other@example.org");
}

async fn an_address_that_is_verified_verifies_the_user(app: TestApp) {
    let user = user(&app, "first@example.org").await;
    let second = add(&app, user, "email", "second@example.org").await;
    app.call("PUT", &format!("{}/{second}/verify", path(user))).await.expect(200);
    assert_eq!(shown(&app, user).await["verified"], false, "it is not the primary one");
    app.call("PUT", &format!("{}/{second}/make_primary", path(user))).await.expect(200);
    assert_eq!(shown(&app, user).await["verified"], true);
}

async fn the_primary_address_is_the_users(app: TestApp) {
    let user = user(&app, "first@example.org").await;
    let second = add(&app, user, "email", "second@example.org").await;
    let one = format!("{}/{second}", path(user));
    let all = app.call("PUT", &format!("{one}/make_primary.json")).await.expect(200).body;
    assert_eq!(all.as_object().unwrap().len(), 1);
    let listed = app.get(&path(user)).await.expect(200).body;
    assert_eq!(all["identities"], listed["identities"]);
    let expected =
        [("first@example.org".to_owned(), false), ("second@example.org".to_owned(), true)];
    assert_eq!(values(&app, user).await, expected);
    assert_eq!(shown(&app, user).await["email"], "second@example.org");

    let change = json!({"identity": {"value": "third@example.org"}});
    app.call("PUT", &one).json(&change).await.expect(200);
    assert_eq!(shown(&app, user).await["email"], "third@example.org");
    app.call("DELETE", &one).await.expect(204);
    assert_eq!(shown(&app, user).await["email"], "first@example.org");
    let first = app.get(&path(user)).await.body["identities"][0]["id"].as_i64().unwrap();
    app.call("DELETE", &format!("{}/{first}", path(user))).await.expect(204);
    assert_eq!(shown(&app, user).await["email"], Value::Null);
    add(&app, user, "email", "last@example.org").await;
    assert_eq!(shown(&app, user).await["email"], "last@example.org");
}

fn expect_taken(answer: &Answer, value: &str) {
    assert_eq!(answer.status, 422, "{}", answer.text);
    let expected = json!({
        "error": "RecordInvalid",
        "description": "Record validation errors",
        "details": {"value": [{
            "description": format!("Value: {value} is already being used by another user"),
            "error": "DuplicateValue",
        }]},
    });
    assert_eq!(answer.body, expected);
}

async fn an_identity_is_claimed_once(app: TestApp) {
    user(&app, "taken@example.org").await;
    let user = user(&app, "own@example.org").await;
    for value in ["Taken@example.org", "own@example.org"] {
        let body = json!({"identity": {"type": "email", "value": value}});
        expect_taken(&app.post(&path(user)).json(&body).await, value);
    }
    let second = add(&app, user, "email", "second@example.org").await;
    for value in ["taken@Example.org", "own@example.org"] {
        let change = json!({"identity": {"value": value}});
        let one = format!("{}/{second}", path(user));
        expect_taken(&app.call("PUT", &one).json(&change).await, value);
    }
    add(&app, user, "twitter", "taken@example.org").await;
    assert_eq!(values(&app, user).await.len(), 3);
}

async fn what_is_no_identity_is_refused(app: TestApp) {
    let user = user(&app, "first@example.org").await;
    let refused = |field: &str, answer: &Answer| {
        assert_eq!(answer.body["error"], "RecordInvalid", "{}", answer.text);
        let details = answer.body["details"].as_object().unwrap();
        assert_eq!(details.keys().collect::<Vec<_>>(), [field], "{}", answer.text);
    };
    for (field, identity) in [
        ("type", json!({"value": "a@example.org"})),
        ("type", json!({"type": "pigeon", "value": "a@example.org"})),
        ("value", json!({"type": "email"})),
        ("value", json!({"type": "email", "value": "nobody"})),
        ("value", json!({"type": "twitter", "value": "  "})),
        ("value", json!({"type": "twitter", "value": "x".repeat(256)})),
        ("value", json!({"type": "twitter", "value": {}})),
        ("verified", json!({"type": "twitter", "value": "a", "verified": 5})),
    ] {
        let answer = app.post(&path(user)).json(&json!({"identity": identity})).await;
        refused(field, &answer.expect(422));
    }
    let both = json!({"identity": {"type": "pigeon", "value": " "}});
    let problem = |text: &str| json!([{"description": text, "error": "InvalidValue"}]);
    assert_eq!(
        app.post(&path(user)).json(&both).await.expect(422).body["details"],
        json!({
            "type": problem("Type: is not a type of identity"),
            "value": problem("Value: cannot be blank"),
        })
    );
    let email = app.get(&path(user)).await.body["identities"][0]["id"].as_i64().unwrap();
    let one = format!("{}/{email}", path(user));
    for (field, change) in [
        ("value", json!({"value": "nobody"})),
        ("value", json!({"value": null})),
        ("value", json!({"value": ""})),
        ("verified", json!({"verified": "maybe"})),
    ] {
        let answer = app.call("PUT", &one).json(&json!({"identity": change})).await;
        refused(field, &answer.expect(422));
    }
    for body in [json!({}), json!({"identity": 5}), json!({"type": "email", "value": "a@b.c"})] {
        let answer = app.post(&path(user)).json(&body).await.expect(400);
        assert_eq!(answer.body["error"]["title"], "Invalid attribute");
        app.call("PUT", &one).json(&body).await.expect(400);
    }
    assert_eq!(values(&app, user).await, [("first@example.org".to_owned(), true)]);
}

/// Every call about one identity.
async fn calls(app: &TestApp, token: &str, user: &str, identity: &str) -> Vec<Answer> {
    let one = format!("/api/v2/users/{user}/identities/{identity}");
    let change = json!({"identity": {"value": "new@example.org", "verified": true}});
    vec![
        app.call_as(token, "GET", &one).await,
        app.call_as(token, "PUT", &one).json(&change).await,
        app.call_as(token, "PUT", &format!("{one}/make_primary")).await,
        app.call_as(token, "PUT", &format!("{one}/verify")).await,
        app.call_as(token, "PUT", &format!("{one}/request_verification")).await,
        app.call_as(token, "DELETE", &one).await,
    ]
}

async fn nobody_has_the_identities_of_others(app: TestApp) {
    let grace = user(&app, "grace@example.org").await;
    let alan = user(&app, "alan@example.org").await;
    let id = app.get(&path(alan)).await.body["identities"][0]["id"].to_string();
    for (user, identity) in [
        (grace.to_string(), id.clone()),
        ("7".to_owned(), id.clone()),
        (alan.to_string(), "7".to_owned()),
        (alan.to_string(), alan.to_string()),
    ] {
        for answer in calls(&app, &app.token, &user, &identity).await {
            answer.expect_zendesk(404, "RecordNotFound");
        }
    }
    for answer in calls(&app, &app.token, &alan.to_string(), "first").await {
        let message = "You passed an invalid value for the identity_id attribute. Invalid parameter: identity_id must be an integer from api/v2/identities/";
        assert!(answer.expect(400).text_at("/error/message").starts_with(message));
    }
    let body = json!({"identity": {"type": "email", "value": "new@example.org"}});
    for gone in [7, alan] {
        if gone == alan {
            app.call("DELETE", &format!("/api/v2/users/{alan}")).await.expect(200);
        }
        app.get(&path(gone)).await.expect_zendesk(404, "RecordNotFound");
        app.post(&path(gone)).json(&body).await.expect_zendesk(404, "RecordNotFound");
    }
    app.get("/api/v2/users/me/identities").await.expect(400);
}

async fn identities_come_in_pages(app: TestApp) {
    let user = user(&app, "a@example.org").await;
    for (kind, value) in
        [("twitter", "b"), ("email", "c@example.org"), ("sdk", "d"), ("twitter", "e")]
    {
        add(&app, user, kind, value).await;
    }
    let list = |query: &str| app.get(&format!("{}.json?{query}", path(user)));
    let of = |answer: &Answer| -> Vec<String> {
        let all = answer.body["identities"].as_array().unwrap().clone();
        all.iter().map(|one| one["value"].as_str().unwrap().to_owned()).collect()
    };
    for (query, expected) in [
        ("", vec!["a@example.org", "b", "c@example.org", "d", "e"]),
        ("type[]=twitter", vec!["b", "e"]),
        ("type%5B%5D=sdk&type[]=twitter", vec!["b", "d", "e"]),
        ("type[]=pigeon", vec![]),
        ("per_page=2&page=2", vec!["c@example.org", "d"]),
        ("per_page=2&page=9", vec![]),
        ("page[size]=2", vec!["a@example.org", "b"]),
    ] {
        assert_eq!(of(&list(query).await.expect(200)), expected, "{query}");
    }
    let second = list("page=2&type[]=twitter&per_page=1").await.expect(200).body;
    let base = format!("{}{}.json", app.base, path(user));
    let previous = format!("{base}?page=1&per_page=1&type%5B%5D=twitter");
    assert_eq!(
        (&second["count"], &second["next_page"], &second["previous_page"]),
        (&json!(2), &Value::Null, &json!(previous))
    );

    let mut forwards = Vec::new();
    let mut page = list("page[size]=2&type[]=email&type[]=sdk").await.expect(200);
    let first = page.body.clone();
    assert_eq!(page.body["meta"]["has_more"], true);
    while !of(&page).is_empty() {
        forwards.push(of(&page));
        assert!(forwards.len() < 9, "the walk does not end");
        page = app.call_as(&app.token, "GET", &page.text_at("/links/next")).await.expect(200);
    }
    assert_eq!(forwards, [vec!["a@example.org", "c@example.org"], vec!["d"]]);
    assert_eq!(
        page.body,
        json!({
            "identities": [],
            "meta": {"has_more": false, "after_cursor": null, "before_cursor": null},
            "links": {"prev": null, "next": null},
        })
    );
    let last = list("page[size]=2&page[after]=").await.expect(200);
    let next = app.call_as(&app.token, "GET", &last.text_at("/links/next")).await.expect(200);
    let back = app.call_as(&app.token, "GET", &next.text_at("/links/prev")).await.expect(200);
    assert_eq!(of(&back), ["a@example.org", "b"]);
    assert_eq!(back.body["meta"]["has_more"], false);
    assert_eq!(first["meta"]["before_cursor"], back.body["meta"]["before_cursor"]);
    for wrong in ["page[after]=x", "page[before]=x", "page[size]=2&sort=value"] {
        list(wrong).await.expect_zendesk(400, "InvalidPaginationParameter");
    }
    list("per_page=0").await.expect(400);
}

async fn of_an_account_others_see_nothing(app: TestApp) {
    let user = user(&app, "grace@example.org").await;
    let before = app.get(&path(user)).await.expect(200).body;
    let id = before["identities"][0]["id"].to_string();
    let other = app.other_account(Scopes::SERVER).await;
    for answer in calls(&app, &other, &user.to_string(), &id).await {
        answer.expect_zendesk(404, "RecordNotFound");
    }
    app.call_as(&other, "GET", &path(user)).await.expect_zendesk(404, "RecordNotFound");
    let body = json!({"identity": {"type": "email", "value": "new@example.org"}});
    app.call_as(&other, "POST", &path(user)).json(&body).await.expect(404);
    assert_eq!(app.get(&path(user)).await.expect(200).body, before);
    let same = json!({"user": {"name": "Other", "email": "grace@example.org"}});
    app.call_as(&other, "POST", "/api/v2/users").json(&same).await.expect(201);
}

async fn end_users_may_do_nothing(app: TestApp) {
    let user = user(&app, "grace@example.org").await;
    for (method, end) in [
        ("GET", "/identities"),
        ("POST", "/identities"),
        ("GET", "/identities/7"),
        ("PUT", "/identities/7"),
        ("DELETE", "/identities/7"),
        ("PUT", "/identities/7/make_primary"),
        ("PUT", "/identities/7/verify"),
        ("PUT", "/identities/7/request_verification"),
        ("PUT", "/merge"),
    ] {
        let path = format!("/api/v2/users/{user}{end}");
        let answer = app.basic("grace@example.org", &app.token, method, &path).await.expect(403);
        assert_eq!(answer.body["error"]["title"], "Forbidden", "{method} {end}");
    }
}
