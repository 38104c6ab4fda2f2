//! Zendesk's dialect: searching users, and finding them by what somebody has begun to write.

use roster_directory::Scopes;

use crate::support::{Answer, TestApp, Value, json, on_each_store};

on_each_store! {
    words_are_found_in_any_field,
    fields_phrases_and_negation,
    by_external_id,
    without_anything_everybody_is_found,
    results_come_in_pages,
    what_comes_along,
    names_are_completed,
    numbers_are_completed,
    those_known_in_another_system_are_not_completed,
    nothing_to_complete,
    completions_come_in_pages,
    of_an_account_others_find_nothing,
    end_users_may_not_search,
}

fn names(answer: &Answer) -> Vec<String> {
    let users = answer.body["users"].as_array().unwrap();
    users.iter().map(|user| user["name"].as_str().unwrap().to_owned()).collect()
}

/// A text as it is in the query of a link.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Whom a query finds.
async fn found(app: &TestApp, query: &str) -> Vec<String> {
    let path = format!("/api/v2/users/search.json?query={}", encoded(query));
    let answer = app.get(&path).await.expect(200);
    assert_eq!(answer.body["count"], names(&answer).len(), "{query}");
    assert_eq!(answer.body.as_object().unwrap().len(), 4, "{query}");
    names(&answer)
}

/// Makes three users; one of them is made through Ada's dialect.
async fn crowd(app: &TestApp) {
    app.support_user(json!({
        "name": "Grace Brewster Hopper", "email": "grace.hopper@navy.example", "role": "agent",
        "phone": "+1 (555) 123-4567", "notes": "Found a moth in the relay.", "tags": ["vip"],
        "organization": {"name": "US Navy"}, "external_id": "Crm-4711",
    }))
    .await;
    app.support_user(json!({
        "name": "Alan Turing", "email": "alan@example.org", "details": "Breaks codes; no moth",
        "external_id": "42",
    }))
    .await;
    let profile = json!({"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.org"});
    app.create(json!({"profile": profile})).await;
}

const GRACE: &str = "Grace Brewster Hopper";
const ALAN: &str = "Alan Turing";
const ADA: &str = "Ada Lovelace";

async fn words_are_found_in_any_field(app: TestApp) {
    crowd(&app).await;
    for (query, expected) in [
        ("moth", vec![GRACE, ALAN]),
        ("HOPPER", vec![GRACE]),
        ("hop", vec![GRACE]),
        ("opper", vec![]),
        ("moth codes", vec![ALAN]),
        ("grace turing", vec![]),
        ("example.org", vec![ALAN, ADA]),
        ("alan@example.org", vec![ALAN]),
        ("vip", vec![GRACE]),
        ("crm-4711", vec![GRACE]),
        ("+15551234567", vec![GRACE]),
        ("lovelace", vec![ADA]),
        ("nobody", vec![]),
    ] {
        assert_eq!(found(&app, query).await, expected, "{query}");
    }
}

async fn fields_phrases_and_negation(app: TestApp) {
    crowd(&app).await;
    for (query, expected) in [
        ("type:user moth", vec![GRACE, ALAN]),
        ("name:grace", vec![GRACE]),
        ("name:moth", vec![]),
        ("notes:moth", vec![GRACE]),
        ("details:moth", vec![ALAN]),
        ("email:ada@example.org", vec![ADA]),
        ("phone:5551234567", vec![]),
        ("phone:15551234567", vec![GRACE]),
        ("tags:vip", vec![GRACE]),
        ("external_id:42", vec![ALAN]),
        ("role:agent", vec![GRACE]),
        ("role:end-user", vec![ALAN, ADA]),
        ("role:end-user -moth", vec![ADA]),
        ("-role:agent -role:admin -name:alan", vec![ADA]),
        ("\"brewster hopper\"", vec![GRACE]),
        ("\"hopper brewster\"", vec![]),
        ("name:\"alan turing\"", vec![ALAN]),
        ("organization:\"us navy\"", vec![GRACE]),
        ("organization:army", vec![]),
        ("-\"alan turing\" example", vec![GRACE, ADA]),
    ] {
        assert_eq!(found(&app, query).await, expected, "{query}");
    }
}

async fn by_external_id(app: TestApp) {
    crowd(&app).await;
    for (id, expected) in [
        ("crm-4711", vec![GRACE]),
        ("CRM-4711", vec![GRACE]),
        ("42", vec![ALAN]),
        ("4", vec![]),
        ("name:alan", vec![]),
        ("Crm-4711 42", vec![]),
        ("x%00", vec![]),
    ] {
        let answer = app.get(&format!("/api/v2/users/search?external_id={id}")).await.expect(200);
        assert_eq!(names(&answer), expected, "{id}");
        assert_eq!(answer.body["count"], expected.len(), "{id}");
        assert_eq!(answer.body["next_page"], Value::Null);
    }
    let both = app.get("/api/v2/users/search?external_id=42&query=grace").await.expect(200);
    assert_eq!(names(&both), [ALAN]);
    let beyond = app.get("/api/v2/users/search?external_id=42&page=2").await.expect(200);
    assert_eq!(beyond.body["count"], 1);
    assert!(names(&beyond).is_empty());
}

async fn without_anything_everybody_is_found(app: TestApp) {
    crowd(&app).await;
    for query in ["", "?query=", "?query=type:user", "?query=&external_id=&page=&per_page="] {
        let answer = app.get(&format!("/api/v2/users/search{query}")).await.expect(200);
        assert_eq!(names(&answer)[1..], [GRACE, ALAN, ADA], "{query}");
        assert_eq!(answer.body["count"], 4, "the owner, too");
    }
    let id = app.get("/api/v2/users/search?query=alan").await.body["users"][0]["id"].clone();
    app.call("DELETE", &format!("/api/v2/users/{id}")).await.expect(200);
    assert_eq!(found(&app, "moth").await, [GRACE], "the deleted are not found");
    app.get("/api/v2/users/search?external_id=42").await.expect(200);
}

/// Makes so many users with a number in their names.
async fn many(app: &TestApp, count: usize) {
    for number in 1..=count {
        let phone = format!("+49 30 {number:04}");
        app.support_user(json!({"name": format!("Number {number:02}"), "phone": phone})).await;
    }
}

async fn results_come_in_pages(app: TestApp) {
    many(&app, 7).await;
    let path = "/api/v2/users/search.json?query=number&per_page=3";
    let first = app.get(path).await.expect(200);
    assert_eq!(names(&first), ["Number 01", "Number 02", "Number 03"]);
    assert_eq!((&first.body["count"], &first.body["previous_page"]), (&json!(7), &Value::Null));
    let next = format!("{}/api/v2/users/search.json?page=2&per_page=3&query=number", app.base);
    assert_eq!(first.body["next_page"], next);
    let second = app.call_as(&app.token, "GET", &next).await.expect(200);
    assert_eq!(names(&second), ["Number 04", "Number 05", "Number 06"]);
    let last = app.call_as(&app.token, "GET", &second.text_at("/next_page")).await.expect(200);
    assert_eq!(names(&last), ["Number 07"]);
    assert_eq!((&last.body["count"], &last.body["next_page"]), (&json!(7), &Value::Null));
    // There are no cursors here.
    let by_cursor = app.get("/api/v2/users/search?query=number&page[size]=2").await.expect(200);
    assert_eq!(names(&by_cursor).len(), 7);
    for (query, most) in [("page=101", false), ("per_page=1&page=10000", true), ("page=100", true)]
    {
        let answer = app.get(&format!("/api/v2/users/search?query=number&{query}")).await;
        if most {
            assert!(names(&answer.expect(200)).is_empty(), "{query}");
        } else {
            assert_eq!(answer.expect(400).body["errors"][0]["code"], "InvalidPaginationDepth");
        }
    }
    for wrong in ["page=x", "per_page=x", "per_page=0"] {
        let answer = app.get(&format!("/api/v2/users/search?{wrong}")).await.expect(400);
        assert_eq!(answer.body["error"]["title"], "Invalid attribute");
    }
}

async fn what_comes_along(app: TestApp) {
    crowd(&app).await;
    for path in ["search?query=grace", "autocomplete?name=grace"] {
        let path = format!("/api/v2/users/{path}&include=organizations,identities,groups");
        let answer = app.get(&path).await.expect(200).body;
        assert_eq!(answer["organizations"][0]["name"], "US Navy");
        assert_eq!(answer["identities"][0]["user_id"], answer["users"][0]["id"]);
        assert_eq!(answer["groups"], json!([]));
        assert_eq!(answer.get("roles"), None);
    }
}

async fn names_are_completed(app: TestApp) {
    crowd(&app).await;
    app.support_user(json!({"name": "alan Kay"})).await;
    for (name, expected) in [
        ("a", vec![ADA, "alan Kay", ALAN]),
        ("ALAN", vec!["alan Kay", ALAN]),
        ("alan t", vec![ALAN]),
        ("turing", vec![]),
        ("Grace Brewster Hopper", vec![GRACE]),
    ] {
        let query = format!("/api/v2/users/autocomplete.json?name={}", encoded(name));
        let by_get = app.get(&query).await.expect(200);
        assert_eq!(names(&by_get), expected, "{name}");
        assert_eq!(by_get.body["count"], expected.len(), "{name}");
        assert_eq!(by_get.body.as_object().unwrap().len(), 4);
        let body = json!({"name": name});
        let by_post = app.post("/api/v2/users/autocomplete.json").json(&body).await.expect(200);
        assert_eq!(by_post.body["users"], by_get.body["users"], "{name}");
    }
    let post = app.post("/api/v2/users/autocomplete?name=alan%20t").await.expect(200);
    assert_eq!(names(&post), [ALAN]);
}

async fn numbers_are_completed(app: TestApp) {
    crowd(&app).await;
    for (phone, expected) in [
        ("1555", vec![GRACE]),
        ("+1 (555) 123", vec![GRACE]),
        ("+1555123456789", vec![]),
        ("5551", vec![]),
        ("moth", vec![]),
        ("-grace", vec![]),
    ] {
        let query = format!("/api/v2/users/autocomplete?phone={}", encoded(phone));
        let by_get = app.get(&query).await.expect(200);
        assert_eq!(names(&by_get), expected, "{phone}");
        assert_eq!(by_get.body["count"], expected.len(), "{phone}");
        let body = json!({"phone": phone, "name": ""});
        let by_post = app.post("/api/v2/users/autocomplete").json(&body).await.expect(200);
        assert_eq!(names(&by_post), expected, "{phone}");
    }
}

async fn those_known_in_another_system_are_not_completed(app: TestApp) {
    many(&app, 5).await;
    let all = app.get("/api/v2/users/search?query=number").await.expect(200);
    let add = async |place: usize, kind: &str| {
        let path = format!("/api/v2/users/{}/identities", all.body["users"][place]["id"]);
        let body = json!({"identity": {"type": kind, "value": format!("{kind}-{place}")}});
        app.post(&path).json(&body).await.expect(201);
    };
    add(0, "foreign").await;
    add(1, "foreign").await;
    add(3, "facebook").await;
    for query in ["name=num", "phone=4930"] {
        let path = format!("/api/v2/users/autocomplete?{query}");
        let whole = app.get(&path).await.expect(200);
        let expected = ["Number 03", "Number 04", "Number 05"];
        assert_eq!(names(&whole), expected, "{query}");
        assert_eq!(whole.body["count"], 3, "{query}: of one page it is exact");
        // A page that lost all of its users does not end the walk.
        let mut page = app.get(&format!("{path}&per_page=2")).await.expect(200);
        let mut seen = names(&page);
        assert!(seen.is_empty());
        while page.body["next_page"].is_string() {
            page = app.call_as(&app.token, "GET", &page.text_at("/next_page")).await.expect(200);
            seen.extend(names(&page));
        }
        assert_eq!(seen, expected, "{query}");
    }
    assert_eq!(names(&app.get("/api/v2/users?role=end-user").await).len(), 5);
}

async fn nothing_to_complete(app: TestApp) {
    let message = "You passed an invalid value for the name attribute. Invalid parameter: name is required from api/v2/users/autocomplete";
    let expected = json!({"error": {"title": "Invalid attribute", "message": message}});
    for query in ["", "?name=", "?name=&phone=%20"] {
        let path = format!("/api/v2/users/autocomplete{query}");
        assert_eq!(app.get(&path).await.expect(400).body, expected);
        assert_eq!(app.post(&path).await.expect(400).body, expected);
        let blank = app.post(&path).json(&json!({"name": " ", "phone": null})).await;
        assert_eq!(blank.expect(400).body, expected);
    }
    let wrong = app.post("/api/v2/users/autocomplete").json(&json!({"name": {}})).await;
    wrong.expect_zendesk(422, "RecordInvalid");
}

async fn completions_come_in_pages(app: TestApp) {
    many(&app, 5).await;
    let expected: Vec<_> = (1..=5).map(|number| format!("Number {number:02}")).collect();
    for (parameter, beginning) in [("name", "num"), ("phone", "4930")] {
        let body = json!({parameter: beginning});
        let by_body = app.post("/api/v2/users/autocomplete.json?per_page=2").json(&body).await;
        let path = format!("/api/v2/users/autocomplete.json?per_page=2&{parameter}={beginning}");
        for first in [by_body.expect(200), app.get(&path).await.expect(200)] {
            let mut link = format!("{}{path}", app.base);
            link = link.replace("per_page=2&name=num", "name=num&page=2&per_page=2");
            link = link.replace("per_page=2&phone", "page=2&per_page=2&phone");
            assert_eq!(first.body["next_page"], link);
            assert_eq!(first.body["count"], 5);
            let mut seen = names(&first);
            let mut page = first;
            while page.body["next_page"].is_string() {
                assert!(seen.len() < 9, "the walk does not end");
                page =
                    app.call_as(&app.token, "GET", &page.text_at("/next_page")).await.expect(200);
                seen.extend(names(&page));
            }
            assert_eq!(seen, expected, "{parameter}");
        }
    }
    let deep = app.get("/api/v2/users/autocomplete?name=n&page=101").await.expect(400);
    assert_eq!(deep.body["errors"][0]["code"], "InvalidPaginationDepth");
}

async fn of_an_account_others_find_nothing(app: TestApp) {
    crowd(&app).await;
    let other = app.other_account(Scopes::SERVER).await;
    for path in [
        "search?query=moth",
        "search?external_id=42",
        "autocomplete?name=a",
        "autocomplete?phone=1555",
    ] {
        let path = format!("/api/v2/users/{path}");
        let answer = app.call_as(&other, "GET", &path).await.expect(200);
        assert_eq!((names(&answer).len(), &answer.body["count"]), (0, &json!(0)), "{path}");
        assert!(!names(&app.get(&path).await.expect(200)).is_empty(), "{path}");
    }
}

async fn end_users_may_not_search(app: TestApp) {
    crowd(&app).await;
    for (email, status) in [("alan@example.org", 403), ("grace.hopper@navy.example", 200)] {
        for (method, path) in [
            ("GET", "search?query=a"),
            ("GET", "autocomplete?name=a"),
            ("POST", "autocomplete?name=a"),
        ] {
            let path = format!("/api/v2/users/{path}");
            let answer = app.basic(email, &app.token, method, &path).await;
            assert_eq!(answer.status, status, "{email} {method} {path}");
        }
    }
}
