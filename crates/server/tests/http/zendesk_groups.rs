//! Zendesk's dialect: groups, and who belongs to them.

use std::time::Duration;

use crate::support::{TestApp, Value, json, on_each_store};
use crate::zendesk_records::{agent, details, group, id, ids, join, make};

on_each_store! {
    a_group_has_the_vendors_keys,
    a_group_changes,
    the_users_of_a_group_are_a_list_of_users,
    a_membership_has_the_vendors_keys,
    the_first_group_is_the_default_one,
    memberships_that_cannot_be,
    the_groups_of_a_user,
    the_memberships_of_a_group,
    deleting_a_group_takes_its_memberships,
    leaving_the_default_group_makes_another_default,
}

async fn a_group_has_the_vendors_keys(app: TestApp) {
    let made = make(&app, "groups", "group", json!({"name": "Support"})).await;
    let expected = json!({
        "url": format!("{}/api/v2/groups/{}.json", app.base, made["id"]), "id": made["id"],
        "is_public": true, "name": "Support", "description": "", "default": false,
        "deleted": false, "created_at": made["created_at"], "updated_at": made["created_at"],
    });
    assert_eq!(made, expected);
    let shown = app.get(&format!("/api/v2/groups/{}.json", made["id"])).await.expect(200);
    assert_eq!(shown.body, json!({"group": expected}));
    let fields = json!({"name": "support", "description": "d", "is_public": false});
    let second = make(&app, "groups", "group", fields).await;
    assert_eq!((&second["description"], &second["is_public"]), (&json!("d"), &json!(false)));
    let list = app.get("/api/v2/groups").await.expect(200);
    assert_eq!(list.body["groups"], json!([made, second]), "two groups may have one name");
}

async fn a_group_changes(app: TestApp) {
    let fields = json!({"name": "Support", "description": "d"});
    let mut expected = make(&app, "groups", "group", fields).await;
    app.clock.advance(Duration::from_secs(60));
    let one = format!("/api/v2/groups/{}", expected["id"]);
    let change = json!({"group": {"name": "Help", "description": null, "is_public": false}});
    let changed = app.call("PUT", &one).json(&change).await.expect(200);
    let later = changed.body["group"]["updated_at"].clone();
    assert!(later.as_str() > expected["updated_at"].as_str());
    for (key, value) in [
        ("name", json!("Help")),
        ("description", json!("")),
        ("is_public", json!(false)),
        ("updated_at", later),
    ] {
        expected[key] = value;
    }
    assert_eq!(changed.body, json!({"group": expected}));
    assert_eq!(app.get(&one).await.expect(200).body, changed.body);
    let wrong = json!({"group": {"name": [], "description": 7.5, "is_public": "perhaps"}});
    let problems = details(&app.call("PUT", &one).json(&wrong).await);
    assert_eq!(problems.as_object().unwrap().keys().collect::<Vec<_>>(), ["is_public", "name"]);
    let nobody = app.call("PUT", "/api/v2/groups/7").json(&json!({"group": {}})).await;
    nobody.expect_zendesk(404, "RecordNotFound");
}

async fn the_users_of_a_group_are_a_list_of_users(app: TestApp) {
    let (support, other) = (group(&app, "Support").await, group(&app, "Other").await);
    let mut users = Vec::new();
    for (name, role) in [("c", "agent"), ("a", "admin"), ("b", "agent")] {
        let user = json!({"name": name, "role": role, "external_id": name});
        users.push(id(&app.support_user(user).await.body["user"]));
    }
    // The order of the list is that of the users, not that in which they came.
    for user in users.iter().rev() {
        join(&app, *user, support).await;
    }
    let elsewhere = agent(&app, "x").await;
    join(&app, elsewhere, other).await;
    let base = format!("/api/v2/groups/{support}/users");
    let get = async |query: &str| app.get(&format!("{base}{query}")).await.expect(200);
    let all = get(".json").await;
    assert_eq!(ids(&all, "users"), users);
    assert_eq!(all.body["count"], 3);
    assert_eq!(ids(&get("?role=admin").await, "users"), [users[1]]);
    assert_eq!(ids(&get("?external_id=C").await, "users"), [users[0]]);
    assert_eq!(ids(&get("?role=end-user").await, "users"), Vec::<i64>::new());
    for (query, count) in [("", 3), ("?role=agent", 2), ("?role=end-user", 0)] {
        let answer = app.get(&format!("{base}/count{query}")).await.expect(200);
        assert_eq!(answer.body["count"]["value"], count, "{query}");
    }
    let second = get("?per_page=2&page=2").await;
    assert_eq!(ids(&second, "users"), users[2..]);
    assert_eq!(second.body["count"], 3);
    let first = get("?page[size]=2&sort=-name").await;
    assert_eq!(ids(&first, "users"), [users[0], users[2]]);
    assert_eq!(first.body["meta"]["has_more"], true);
    let next = app.call_as(&app.token, "GET", &first.text_at("/links/next")).await.expect(200);
    assert_eq!(ids(&next, "users"), [users[1]]);
    let back = app.call_as(&app.token, "GET", &next.text_at("/links/prev")).await.expect(200);
    assert_eq!(ids(&back, "users"), [users[0], users[2]]);
    for path in ["/api/v2/groups/7/users.json", "/api/v2/groups/7/users/count"] {
        app.get(path).await.expect_zendesk(404, "RecordNotFound");
    }
}

async fn a_membership_has_the_vendors_keys(app: TestApp) {
    let (user, support) = (agent(&app, "A").await, group(&app, "Support").await);
    let fields = json!({"user_id": user.to_string(), "group_id": support, "default": false});
    let made = make(&app, "group_memberships", "group_membership", fields).await;
    let expected = json!({
        "url": format!("{}/api/v2/group_memberships/{}.json", app.base, made["id"]),
        "id": made["id"], "user_id": user, "group_id": support, "default": true,
        "created_at": made["created_at"], "updated_at": made["created_at"],
    });
    assert_eq!(made, expected);
    let one = format!("/api/v2/group_memberships/{}", made["id"]);
    let shown = app.get(&format!("{one}.json")).await.expect(200);
    assert_eq!(shown.body, json!({"group_membership": expected}));
    let gone = app.call("DELETE", &one).await.expect(204);
    assert_eq!(gone.text, "");
    app.get(&one).await.expect_zendesk(404, "RecordNotFound");
    app.call("DELETE", &one).await.expect_zendesk(404, "RecordNotFound");
}

/// The default group of a user, and which of their memberships are told to be default ones.
async fn defaults(app: &TestApp, user: i64) -> (Value, Vec<(i64, bool)>) {
    let shown = app.get(&format!("/api/v2/users/{user}")).await.expect(200);
    let list = app.get(&format!("/api/v2/users/{user}/group_memberships")).await.expect(200);
    (shown.body["user"]["default_group_id"].clone(), flags(&list.body))
}

fn flags(list: &Value) -> Vec<(i64, bool)> {
    let memberships = list["group_memberships"].as_array().unwrap();
    memberships.iter().map(|one| (id(one), one["default"].as_bool().unwrap())).collect()
}

async fn the_first_group_is_the_default_one(app: TestApp) {
    let (user, other) = (agent(&app, "A").await, agent(&app, "B").await);
    let (first, second) = (group(&app, "First").await, group(&app, "Second").await);
    assert_eq!(defaults(&app, user).await, (Value::Null, vec![]));
    let in_first = join(&app, user, first).await;
    let in_second = join(&app, user, second).await;
    let others = join(&app, other, second).await;
    assert_eq!(
        defaults(&app, user).await,
        (json!(first), vec![(in_first, true), (in_second, false)])
    );
    let make = |user: i64, membership: i64| {
        let path = format!("/api/v2/users/{user}/group_memberships/{membership}/make_default");
        app.call("PUT", &path)
    };
    let made = make(user, in_second).await.expect(200);
    assert_eq!(flags(&made.body), [(in_first, false), (in_second, true)]);
    assert_eq!(made.body["count"], 2);
    assert_eq!(
        defaults(&app, user).await,
        (json!(second), vec![(in_first, false), (in_second, true)])
    );
    let list = app.get("/api/v2/group_memberships").await.expect(200);
    assert_eq!(flags(&list.body), [(in_first, false), (in_second, true), (others, true)]);
    for (user, membership) in [(user, others), (user, 7), (7, in_first)] {
        make(user, membership).await.expect_zendesk(404, "RecordNotFound");
    }
    let path = format!("/api/v2/users/{user}/group_memberships/x/make_default.json");
    let wrong = app.call("PUT", &path).await.expect(400);
    assert!(wrong.text_at("/error/message").contains("the membership_id attribute"));
}

async fn memberships_that_cannot_be(app: TestApp) {
    let (user, support) = (agent(&app, "A").await, group(&app, "Support").await);
    let person = id(&app.support_user(json!({"name": "E"})).await.body["user"]);
    join(&app, user, support).await;
    let blank = |title: &str| json!([{"description": format!("{title}: cannot be blank"), "error": "BlankValue"}]);
    let invalid =
        |description: &str| json!([{"description": description, "error": "InvalidValue"}]);
    let no_member = invalid("User id: is not an agent or admin");
    for (fields, expected) in [
        (json!({}), json!({"user_id": blank("User id"), "group_id": blank("Group id")})),
        (json!({"user_id": null, "group_id": support}), json!({"user_id": blank("User id")})),
        (
            json!({"user_id": [], "group_id": "x"}),
            json!({
                "user_id": invalid("User id: must be an integer"),
                "group_id": invalid("Group id: must be an integer"),
            }),
        ),
        (json!({"user_id": person, "group_id": support}), json!({"user_id": no_member})),
        (json!({"user_id": 7, "group_id": support}), json!({"user_id": no_member})),
        (
            json!({"user_id": user, "group_id": 7}),
            json!({"group_id": invalid("Group id: is not a group")}),
        ),
        (
            json!({"user_id": user, "group_id": support}),
            json!({"user_id": [{
                "description": "User id: has already been taken", "error": "DuplicateValue",
            }]}),
        ),
    ] {
        let body = json!({"group_membership": fields});
        let answer = app.post("/api/v2/group_memberships").json(&body).await;
        assert_eq!(details(&answer), expected, "{body}");
    }
    assert_eq!(app.get("/api/v2/group_memberships").await.body["count"], 1);
}

async fn the_groups_of_a_user(app: TestApp) {
    let (user, other) = (agent(&app, "A").await, agent(&app, "B").await);
    let (a, b, c) = (group(&app, "a").await, group(&app, "b").await, group(&app, "c").await);
    for group in [c, a, b] {
        join(&app, user, group).await;
    }
    join(&app, other, a).await;
    let base = format!("/api/v2/users/{user}/groups");
    let all = app.get(&format!("{base}.json")).await.expect(200);
    assert_eq!(ids(&all, "groups"), [c, a, b], "in the order in which the user came to them");
    assert_eq!(all.body["count"], 3);
    assert_eq!(all.body["groups"][0], app.get(&format!("/api/v2/groups/{c}")).await.body["group"]);
    let first = app.get(&format!("{base}?page[size]=2")).await.expect(200);
    assert_eq!(ids(&first, "groups"), [c, a]);
    assert_eq!(first.body["meta"]["has_more"], true);
    let next = app.call_as(&app.token, "GET", &first.text_at("/links/next")).await.expect(200);
    assert_eq!(ids(&next, "groups"), [b]);
    let second = app.get(&format!("{base}?per_page=1&page=2")).await.expect(200);
    assert_eq!(ids(&second, "groups"), [a]);
    let person = id(&app.support_user(json!({"name": "E"})).await.body["user"]);
    let none = app.get(&format!("/api/v2/users/{person}/groups")).await.expect(200);
    assert_eq!(none.body["groups"], json!([]));
    for path in ["/api/v2/users/7/groups", "/api/v2/users/7/group_memberships.json"] {
        app.get(path).await.expect_zendesk(404, "RecordNotFound");
    }
}

async fn the_memberships_of_a_group(app: TestApp) {
    let (support, other) = (group(&app, "Support").await, group(&app, "Other").await);
    let mut expected = Vec::new();
    for name in ["a", "b", "c"] {
        let user = agent(&app, name).await;
        expected.push((join(&app, user, support).await, true));
        join(&app, user, other).await;
    }
    let base = format!("/api/v2/groups/{support}/memberships");
    let all = app.get(&format!("{base}.json")).await.expect(200);
    assert_eq!(flags(&all.body), expected);
    assert_eq!(all.body["count"], 3);
    let second = app.get(&format!("{base}?per_page=2&page=2")).await.expect(200);
    assert_eq!(flags(&second.body), expected[2..]);
    let first = app.get(&format!("{base}?page[size]=2")).await.expect(200);
    assert_eq!(flags(&first.body), expected[..2]);
    let elsewhere = app.get(&format!("/api/v2/groups/{other}/memberships")).await.expect(200);
    assert!(flags(&elsewhere.body).iter().all(|(_, default)| !default));
    app.get("/api/v2/groups/7/memberships").await.expect_zendesk(404, "RecordNotFound");
}

async fn deleting_a_group_takes_its_memberships(app: TestApp) {
    let user = agent(&app, "A").await;
    let (first, second) = (group(&app, "First").await, group(&app, "Second").await);
    let in_first = join(&app, user, first).await;
    let in_second = join(&app, user, second).await;
    let fields = json!({"name": "Acme", "group_id": first});
    let company = id(&make(&app, "organizations", "organization", fields).await);
    let one = format!("/api/v2/groups/{first}");
    assert_eq!(app.call("DELETE", &one).await.expect(204).text, "");
    app.get(&one).await.expect_zendesk(404, "RecordNotFound");
    app.call("DELETE", &one).await.expect_zendesk(404, "RecordNotFound");
    app.get(&format!("/api/v2/group_memberships/{in_first}")).await.expect(404);
    assert_eq!(defaults(&app, user).await, (json!(second), vec![(in_second, true)]));
    let company = app.get(&format!("/api/v2/organizations/{company}")).await.expect(200);
    assert_eq!(company.body["organization"]["group_id"], Value::Null);
}

async fn leaving_the_default_group_makes_another_default(app: TestApp) {
    let user = agent(&app, "A").await;
    let mut memberships = Vec::new();
    let mut groups = Vec::new();
    for name in ["a", "b", "c"] {
        groups.push(group(&app, name).await);
        memberships.push(join(&app, user, *groups.last().unwrap()).await);
    }
    let leave =
        |membership: i64| app.call("DELETE", &format!("/api/v2/group_memberships/{membership}"));
    leave(memberships[0]).await.expect(204);
    let expected = vec![(memberships[1], true), (memberships[2], false)];
    assert_eq!(defaults(&app, user).await, (json!(groups[1]), expected));
    leave(memberships[2]).await.expect(204);
    assert_eq!(defaults(&app, user).await, (json!(groups[1]), vec![(memberships[1], true)]));
    leave(memberships[1]).await.expect(204);
    assert_eq!(defaults(&app, user).await, (Value::Null, vec![]));
}
