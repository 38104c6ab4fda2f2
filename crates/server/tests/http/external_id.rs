//! External ids: looked up, set, changed, cleared and freed.

use crate::support::{TestApp, json, on_each_store, problems};

on_each_store! {
    it_is_compared_without_case_and_shown_in_lower_case,
    what_it_may_be,
    it_is_set_changed_cleared_and_freed,
    anothers_is_refused_and_ones_own_is_not,
    the_lookup_answers_the_bare_user,
    the_lookup_checks_its_value,
}

async fn it_is_compared_without_case_and_shown_in_lower_case(app: TestApp) {
    let created = app.create(json!({"external_id": " Straße-ÄÖ "})).await;
    assert_eq!(created.body["external_id"], "straße-äö");
    let again = app.post("/api/v2/end-users/").json(&json!({"external_id": "STRAßE-äÖ"})).await;
    assert_eq!(again.expect(200).text, created.text);
    let found = app.get("/api/v2/end-users/?external_id=stra%C3%9Fe-%C3%84%C3%96").await;
    assert_eq!(found.expect(200).text, created.text);
}

async fn what_it_may_be(app: TestApp) {
    for (wrong, message) in [
        (json!(""), "Must not be empty."),
        (json!("  "), "Must not be empty."),
        (json!("é".repeat(37)), "Must be at most 36 characters long."),
        (json!("a<b"), "Must not contain \"<\" or \">\"."),
        (json!("a>b"), "Must not contain \"<\" or \">\"."),
        (json!("a\u{0}b"), "Must not contain the character U+0000."),
        (json!(5), "Must be a string or null."),
        (json!(["a"]), "Must be a string or null."),
    ] {
        let answer = app.post("/api/v2/end-users/").json(&json!({"external_id": wrong})).await;
        answer.expect_error(400, "validation_error");
        assert_eq!(problems(&answer), [format!("body $.external_id: {message}")], "{wrong}");
    }
    app.create(json!({"external_id": "é".repeat(36)})).await;
}

async fn it_is_set_changed_cleared_and_freed(app: TestApp) {
    let id = app.create_id(json!({})).await;
    let path = format!("/api/v2/end-users/{id}");
    for (value, shown) in
        [(json!("One"), json!("one")), (json!("two"), json!("two")), (json!(null), json!(null))]
    {
        let body = json!({"external_id": value, "profile": {}});
        let answer = app.patch(&path).json(&body).await.expect(200);
        assert_eq!(answer.body["external_id"], shown);
        let found = app.get("/api/v2/end-users/?external_id=one").await;
        assert_eq!(found.status, if shown == "one" { 200 } else { 404 });
    }
    for freed in ["one", "two"] {
        let other = app.create(json!({"external_id": freed})).await;
        assert_ne!(other.text_at("/end_user_id"), id);
    }
}

async fn anothers_is_refused_and_ones_own_is_not(app: TestApp) {
    let first = app.create_id(json!({"external_id": "taken"})).await;
    let second = app.create(json!({"external_id": "mine"})).await;
    let path = format!("/api/v2/end-users/{}", second.text_at("/end_user_id"));
    let body = json!({"external_id": "TAKEN", "profile": {"first_name": "Ada"}});
    let answer = app.patch(&path).json(&body).await;
    answer.expect_error(409, "duplicate_resource");
    assert_eq!(app.get(&path).await.expect(200).text, second.text, "nothing was applied");

    let own = json!({"external_id": "Taken", "profile": {}});
    let path = format!("/api/v2/end-users/{first}");
    assert_eq!(app.patch(&path).json(&own).await.expect(200).body["external_id"], "taken");
}

async fn the_lookup_answers_the_bare_user(app: TestApp) {
    let created = app.create(json!({"external_id": "a b+c&d"})).await;
    let found = app.get("/api/v2/end-users?external_id=a+b%2Bc%26d").await.expect(200);
    assert_eq!(found.text, created.text);
    app.get("/api/v2/end-users/?external_id=nobody").await.expect_error(404, "not_found");
}

async fn the_lookup_checks_its_value(app: TestApp) {
    for (query, expected) in [
        ("external_id=", vec!["query $.external_id: Must not be empty."]),
        ("external_id=a%3Cb", vec!["query $.external_id: Must not contain \"<\" or \">\"."]),
        (
            "external_id=x&limit=5",
            vec!["query $.limit: Must not be given together with external_id."],
        ),
        (
            "external_id=x&cursor=66f0c1d2e3a4b5c6d7e8f901&limit=0",
            vec![
                "query $.limit: Must be an integer from 1 to 100.",
                "query $.cursor: Must not be given together with external_id.",
                "query $.limit: Must not be given together with external_id.",
            ],
        ),
    ] {
        let answer = app.get(&format!("/api/v2/end-users/?{query}")).await;
        answer.expect_error(400, "validation_error");
        assert_eq!(problems(&answer), expected, "{query}");
    }
    let long = "a".repeat(37);
    app.get(&format!("/api/v2/end-users/?external_id={long}")).await.expect(400);
}
