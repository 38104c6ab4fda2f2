//! Zendesk's dialect: the ways in which clients write the query of a list.

use crate::support::{Answer, TestApp, Value, json, on_each_store};

on_each_store! {
    a_whole_link_may_be_encoded_again,
    a_cursor_may_be_encoded_again,
    what_was_encoded_once_is_decoded_once,
    a_role_may_be_a_custom_one,
}

fn names(answer: &Answer) -> Vec<&str> {
    let users = answer.body["users"].as_array().unwrap();
    users.iter().map(|user| user["name"].as_str().unwrap()).collect()
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Makes users so that a cursor ends with a padding, which is what encoding changes.
async fn crowd(app: &TestApp) -> Answer {
    for name in ["a", "b", "c"] {
        app.support_user(json!({"name": name})).await;
    }
    let first = app.get("/api/v2/users?role=end-user&page[size]=1").await.expect(200);
    assert!(first.text_at("/meta/after_cursor").ends_with('='));
    first
}

async fn a_whole_link_may_be_encoded_again(app: TestApp) {
    let first = crowd(&app).await;
    let link = first.text_at("/links/next");
    let (path, query) = link.split_once('?').unwrap();
    assert!(query.contains("%3D") && query.contains("%5B"), "{query}");
    let again = format!("{path}?{}", query.replace('%', "%25"));
    let once = app.call_as(&app.token, "GET", &link).await.expect(200);
    let twice = app.call_as(&app.token, "GET", &again).await.expect(200);
    assert_eq!(names(&once), ["b"]);
    assert_eq!(twice.body, once.body, "links are encoded once again");

    let query = "page%255Bsize%255D=9&include=roles%252Cgroups&role%255B%255D=end%252Duser";
    let list = app.get(&format!("/api/v2/users?{query}")).await.expect(200);
    assert_eq!(names(&list), ["a", "b", "c"]);
    assert_eq!((&list.body["roles"], &list.body["groups"]), (&json!([]), &json!([])));
}

async fn a_cursor_may_be_encoded_again(app: TestApp) {
    let cursor = crowd(&app).await.text_at("/meta/after_cursor");
    let twice = encoded(&encoded(&cursor));
    assert!(twice.contains("%253D"));
    for (parameter, expected) in [("page[after]", vec!["b", "c"]), ("page%5Bbefore%5D", vec![])] {
        let query = format!("role=end-user&{parameter}={twice}");
        let list = app.get(&format!("/api/v2/users?{query}")).await.expect(200);
        assert_eq!(names(&list), expected, "{parameter}");
    }
}

async fn what_was_encoded_once_is_decoded_once(app: TestApp) {
    for id in ["100%41", "a&b=c+d"] {
        app.support_user(json!({"name": id, "external_id": id})).await;
    }
    for id in ["100%41", "a&b=c+d"] {
        let query = format!("external_id={}&page%5Bsize%5D=5", encoded(id));
        let once = app.get(&format!("/api/v2/users?{query}")).await.expect(200);
        assert_eq!(names(&once), [id]);
        let twice = format!("/api/v2/users?{}", query.replace('%', "%25").replace('+', "%2B"));
        assert_eq!(names(&app.get(&twice).await.expect(200)), [id]);
    }
    let not_again = app.get("/api/v2/users?page[size]=5&include=roles%252Cgroups").await;
    assert!(not_again.expect(200).body.get("roles").is_none());
}

async fn a_role_may_be_a_custom_one(app: TestApp) {
    let made = async |name: &str| {
        let role = json!({"custom_role": {"name": name}});
        app.post("/api/v2/custom_roles").json(&role).await.expect(201).body["custom_role"]["id"]
            .clone()
    };
    let (advisor, other) = (made("Senior Advisor").await, made("Other").await);
    for (name, role) in [("one", &advisor), ("two", &advisor), ("three", &other)] {
        app.support_user(json!({"name": name, "custom_role_id": role})).await;
    }
    app.support_user(json!({"name": "admin", "role": "admin", "custom_role_id": advisor})).await;
    app.support_user(json!({"name": "four", "role": "agent"})).await;
    for (query, expected) in [
        ("role=Senior%20Advisor".to_owned(), vec!["one", "two", "admin"]),
        ("role=senior+advisor".into(), vec!["one", "two", "admin"]),
        (format!("role=senior+advisor&permission_set={advisor}"), vec!["one", "two", "admin"]),
        (format!("role=senior+advisor&permission_set={other}"), vec![]),
        ("role=Senior".into(), vec![]),
        ("role=Senior%20Advisor%2COther".into(), vec![]),
        ("role[]=Senior%20Advisor".into(), vec![]),
    ] {
        let list = app.get(&format!("/api/v2/users?{query}")).await.expect(200);
        assert_eq!(names(&list), expected, "{query}");
        assert_eq!(list.body["count"], expected.len(), "{query}");
        let by_cursor = app.get(&format!("/api/v2/users?{query}&page[size]=9")).await.expect(200);
        assert_eq!(names(&by_cursor), expected, "{query}");
        let count = app.get(&format!("/api/v2/users/count?{query}")).await.expect(200);
        assert_eq!(count.body["count"]["value"], expected.len(), "{query}");
    }
    let group = app.post("/api/v2/groups").json(&json!({"group": {"name": "G"}})).await;
    let path = format!("/api/v2/groups/{}/users?role=Other", group.body["group"]["id"]);
    assert_eq!(app.get(&path).await.expect(200).body["users"], Value::Array(Vec::new()));
}
