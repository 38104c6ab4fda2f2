//! Zendesk's dialect: organizations, groups, memberships and custom roles, as lists and in what
//! they have in common. What is each one's own is in files of their own.

use crate::support::{Answer, TestApp, Value, json, on_each_store};

on_each_store! {
    lists_are_walked_by_number_both_ways,
    lists_are_walked_by_cursor_both_ways,
    pages_that_cannot_be,
    lists_that_are_empty,
    counts_are_those_of_the_account,
    bodies_that_are_not_theirs,
    a_name_is_never_blank,
    a_name_has_255_characters_at_most,
    a_path_must_have_a_number,
}

/// The lists that have pages, and the key of each.
pub(crate) const LISTS: [(&str, &str); 4] = [
    ("/api/v2/organizations", "organizations"),
    ("/api/v2/groups", "groups"),
    ("/api/v2/groups/assignable", "groups"),
    ("/api/v2/group_memberships", "group_memberships"),
];

/// Makes a record; it is answered under `key`.
pub(crate) async fn make(app: &TestApp, path: &str, key: &str, fields: Value) -> Value {
    let body = json!({key: fields});
    let made = app.post(&format!("/api/v2/{path}.json")).json(&body).await.expect(201);
    let record = made.body[key].clone();
    let url = format!("{}/api/v2/{path}/{}.json", app.base, record["id"]);
    assert_eq!(made.header("location"), url);
    assert_eq!(made.body, json!({key: record}), "there is nothing beside it");
    record
}

/// Makes an organization; its number.
pub(crate) async fn organization(app: &TestApp, name: &str) -> i64 {
    id(&make(app, "organizations", "organization", json!({"name": name})).await)
}

/// Makes a group; its number.
pub(crate) async fn group(app: &TestApp, name: &str) -> i64 {
    id(&make(app, "groups", "group", json!({"name": name})).await)
}

/// Lets a user belong to a group; the number of the membership.
pub(crate) async fn join(app: &TestApp, user: i64, group: i64) -> i64 {
    let fields = json!({"user_id": user, "group_id": group});
    id(&make(app, "group_memberships", "group_membership", fields).await)
}

/// Makes a member of the team; their number.
pub(crate) async fn agent(app: &TestApp, name: &str) -> i64 {
    id(&app.support_user(json!({"name": name, "role": "agent"})).await.body["user"])
}

/// The number of a record.
pub(crate) fn id(record: &Value) -> i64 {
    record["id"].as_i64().unwrap()
}

/// The numbers of a list.
pub(crate) fn ids(answer: &Answer, key: &str) -> Vec<i64> {
    answer.body[key].as_array().unwrap().iter().map(id).collect()
}

/// The details of a record that breaks a rule.
#[track_caller]
pub(crate) fn details(answer: &Answer) -> Value {
    answer.expect_zendesk(422, "RecordInvalid");
    answer.body["details"].clone()
}

/// Makes 23 of each kind; the numbers in each of [`LISTS`].
async fn fill(app: &TestApp) -> [Vec<i64>; 4] {
    let user = agent(app, "Busy").await;
    let (mut organizations, mut groups, mut memberships) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..23 {
        organizations.push(organization(app, &format!("o{number}")).await);
        let own = group(app, &format!("g{number}")).await;
        groups.push(own);
        memberships.push(join(app, user, own).await);
    }
    [organizations, groups.clone(), groups, memberships]
}

/// Follows a link with the token of the account.
async fn follow(app: &TestApp, link: &str) -> Answer {
    app.call_as(&app.token, "GET", link).await.expect(200)
}

async fn lists_are_walked_by_number_both_ways(app: TestApp) {
    let expected = fill(&app).await;
    for ((path, key), expected) in LISTS.into_iter().zip(expected) {
        let mut page = app.get(&format!("{path}.json?per_page=5&kept=%2B")).await.expect(200);
        assert_eq!(page.body["previous_page"], Value::Null);
        let mut seen = Vec::new();
        loop {
            assert_eq!(page.body["count"], 23, "{path}");
            assert!(page.body.get("meta").is_none());
            seen.push(ids(&page, key));
            let Some(next) = page.body["next_page"].as_str() else { break };
            assert_eq!(
                next,
                format!("{}{path}.json?kept=%2B&page={}&per_page=5", app.base, seen.len() + 1)
            );
            page = follow(&app, next).await;
        }
        assert_eq!(seen.concat(), expected, "{path}");
        assert_eq!(seen.len(), 5);
        while let Some(previous) = page.body["previous_page"].as_str() {
            page = follow(&app, previous).await;
            seen.pop();
            assert_eq!(&ids(&page, key), seen.last().unwrap());
        }
        assert_eq!(seen.len(), 1);
        let beyond = app.get(&format!("{path}?page=9")).await.expect(200);
        assert_eq!(
            beyond.body,
            json!({key: [], "next_page": null, "previous_page": format!("{}{path}?page=8", app.base), "count": 23})
        );
    }
}

async fn lists_are_walked_by_cursor_both_ways(app: TestApp) {
    let expected = fill(&app).await;
    for ((path, key), expected) in LISTS.into_iter().zip(expected) {
        let mut page = app.get(&format!("{path}.json?page[size]=10&sort=id")).await.expect(200);
        let mut seen = Vec::new();
        while !ids(&page, key).is_empty() {
            let more = seen.len() < 2;
            assert_eq!(page.body["meta"]["has_more"], more, "{path}");
            assert!(page.body.get("count").is_none());
            assert!(page.text_at("/links/next").starts_with(&format!("{}{path}.json?", app.base)));
            seen.push((ids(&page, key), page.text_at("/links/prev")));
            page = follow(&app, &page.text_at("/links/next")).await;
        }
        assert_eq!(
            page.body,
            json!({
                key: [],
                "meta": {"has_more": false, "after_cursor": null, "before_cursor": null},
                "links": {"prev": null, "next": null},
            })
        );
        assert_eq!(seen.iter().flat_map(|(ids, _)| ids.clone()).collect::<Vec<_>>(), expected);
        for pair in seen.windows(2).rev() {
            let back = follow(&app, &pair[1].1).await;
            assert_eq!(ids(&back, key), pair[0].0, "{path}");
        }
        let before_all = follow(&app, &seen[0].1).await;
        assert_eq!(ids(&before_all, key), Vec::<i64>::new());
    }
}

async fn pages_that_cannot_be(app: TestApp) {
    organization(&app, "one").await;
    let list = app.get("/api/v2/users?page[size]=1&sort=name").await.expect(200);
    let of_names = list.text_at("/meta/after_cursor").replace('=', "%3D");
    for (path, _) in LISTS {
        for (query, problem) in [
            ("page[after]=nonsense", "page[after] is not valid"),
            ("page[before]=nonsense", "page[before] is not valid"),
            (&*format!("page[after]={of_names}"), "page[after] is not valid"),
            ("page[size]=2&page=1", "page is not valid"),
            ("page[size]=2&sort=name", "sort is not valid"),
            ("page[size]=2&sort=-id", "sort is not valid"),
        ] {
            let answer = app.get(&format!("{path}?{query}")).await.expect(400);
            let expected = json!({"error": "InvalidPaginationParameter", "description": problem});
            assert_eq!(answer.body, expected, "{path}?{query}");
        }
        let deep = app.get(&format!("{path}?page=101")).await.expect(400);
        assert_eq!(deep.body["errors"][0]["code"], "InvalidPaginationDepth");
        let wrong = app.get(&format!("{path}?per_page=x")).await.expect(400);
        assert_eq!(wrong.body["error"]["title"], "Invalid attribute");
        app.get(&format!("{path}?sort=name&page=&exclude_deleted=true")).await.expect(200);
    }
}

async fn lists_that_are_empty(app: TestApp) {
    for (path, key) in LISTS {
        let list = app.get(path).await.expect(200);
        let expected = json!({key: [], "next_page": null, "previous_page": null, "count": 0});
        assert_eq!(list.body, expected, "{path}");
    }
    let roles = app.get("/api/v2/custom_roles").await.expect(200);
    let none = json!({"custom_roles": [], "next_page": null, "previous_page": null, "count": 0});
    assert_eq!(roles.body, none);
}

async fn counts_are_those_of_the_account(app: TestApp) {
    let count = async |path: &str| {
        let answer = app.get(&format!("/api/v2/{path}")).await.expect(200);
        let at = answer.text_at("/count/refreshed_at");
        assert_eq!((at.len(), &at[19..]), (20, "Z"));
        assert_eq!(answer.body["count"].as_object().unwrap().len(), 2);
        answer.body["count"]["value"].as_u64().unwrap()
    };
    assert_eq!(count("organizations/count.json").await, 0);
    assert_eq!(count("groups/count").await, 0);
    let gone = organization(&app, "o1").await;
    organization(&app, "o2").await;
    organization(&app, "o3").await;
    group(&app, "g1").await;
    assert_eq!(count("organizations/count").await, 3);
    assert_eq!(count("groups/count.json").await, 1);
    app.call("DELETE", &format!("/api/v2/organizations/{gone}")).await.expect(204);
    assert_eq!(count("organizations/count").await, 2);
}

/// What can be made, and under which key.
const MADE: [(&str, &str); 4] = [
    ("organizations", "organization"),
    ("groups", "group"),
    ("group_memberships", "group_membership"),
    ("custom_roles", "custom_role"),
];

async fn bodies_that_are_not_theirs(app: TestApp) {
    for (path, key) in MADE {
        let post = |body: Value| app.post(&format!("/api/v2/{path}")).json(&body);
        for (body, rule) in [
            (json!({}), "is required and must be a hash"),
            (json!({"other": {}}), "is required and must be a hash"),
            (json!({key: "text"}), "must be a hash"),
        ] {
            let message = format!(
                "You passed an invalid value for the {key} attribute. Invalid parameter: {key} {rule} from api/v2/{path}/create"
            );
            let expected = json!({"error": {"title": "Invalid attribute", "message": message}});
            assert_eq!(post(body).await.expect(400).body, expected);
        }
        post(json!([])).await.expect_zendesk(400, "BadRequest");
        let text = app.post(&format!("/api/v2/{path}")).body("text/plain", "{}").await;
        text.expect_zendesk(415, "UnsupportedMediaType");
    }
}

async fn a_name_is_never_blank(app: TestApp) {
    for (path, key) in MADE.into_iter().filter(|(path, _)| *path != "group_memberships") {
        let blank =
            json!({"name": [{"description": "Name: cannot be blank", "error": "BlankValue"}]});
        for fields in
            [json!({}), json!({"name": null}), json!({"name": ""}), json!({"name": " \t"})]
        {
            let body = json!({key: fields});
            let answer = app.post(&format!("/api/v2/{path}")).json(&body).await;
            assert_eq!(details(&answer), blank, "{body}");
        }
        let no_text =
            json!({"name": [{"description": "Name: must be a string", "error": "InvalidValue"}]});
        let answer = app.post(&format!("/api/v2/{path}")).json(&json!({key: {"name": {}}})).await;
        assert_eq!(details(&answer), no_text, "it is told once");

        let made = make(&app, path, key, json!({"name": "  Trimmed "})).await;
        assert_eq!(made["name"], "Trimmed");
        let one = format!("/api/v2/{path}/{}", made["id"]);
        for fields in [json!({"name": null}), json!({"name": " "})] {
            let answer = app.call("PUT", &one).json(&json!({key: fields})).await;
            assert_eq!(details(&answer), blank);
        }
        let same = app.call("PUT", &one).json(&json!({key: {}})).await.expect(200);
        assert_eq!(same.body[key], made, "what is not named stays");
    }
}

async fn a_name_has_255_characters_at_most(app: TestApp) {
    // No two are alike, so that no database can make them smaller.
    let name = |length| ('\u{1f300}'..).take(length).collect::<String>();
    let too_long = json!([{
        "description": "Name: is too long (maximum is 255 characters)", "error": "InvalidValue",
    }]);
    for (path, key) in MADE.into_iter().filter(|(path, _)| *path != "group_memberships") {
        let body = json!({key: {"name": name(256)}});
        let answer = app.post(&format!("/api/v2/{path}")).json(&body).await;
        assert_eq!(details(&answer), json!({"name": too_long}), "{path}");
        let made = make(&app, path, key, json!({"name": name(255)})).await;
        assert_eq!(made["name"], name(255));
        let one = format!("/api/v2/{path}/{}", made["id"]);
        let answer = app.call("PUT", &one).json(&body).await;
        assert_eq!(details(&answer), json!({"name": too_long}), "{path}");
    }
}

async fn a_path_must_have_a_number(app: TestApp) {
    for (path, action) in [
        ("organizations/x", "organizations/show"),
        ("groups/-1", "groups/show"),
        ("custom_roles/1.5", "custom_roles/show"),
        ("group_memberships/x.json", "group_memberships/show"),
        ("groups/x/memberships", "group_memberships/index"),
        ("users/x/groups", "groups/index"),
    ] {
        let answer = app.get(&format!("/api/v2/{path}")).await.expect(400);
        let message = format!(
            "You passed an invalid value for the id attribute. Invalid parameter: id must be an integer from api/v2/{action}"
        );
        assert_eq!(answer.body["error"]["message"], message, "{path}");
    }
    for path in ["organizations/99999999999999999999", "groups/0", "custom_roles/7.json"] {
        let answer = app.get(&format!("/api/v2/{path}")).await;
        answer.expect_zendesk(404, "RecordNotFound");
    }
}
