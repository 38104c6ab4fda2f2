//! Zendesk's dialect: who reaches organizations, groups, memberships and custom roles, and that the
//! OpenAPI document tells the truth of them.

use roster_directory::Scopes;

use crate::support::{Answer, TestApp, Value, json, on_each_store};
use crate::zendesk_records::{LISTS, agent, details, group, id, join, make, organization};

on_each_store! {
    nothing_of_another_account_can_be_reached,
    only_admins_write_what_arranges_the_team,
    end_users_may_do_nothing,
    answers_have_the_documented_form,
}

async fn nothing_of_another_account_can_be_reached(app: TestApp) {
    let foreign = app.other_account(Scopes::ALL).await;
    let (user, company, support) =
        (agent(&app, "A").await, organization(&app, "Acme").await, group(&app, "Support").await);
    let membership = join(&app, user, support).await;
    let role = json!({"name": "Light"});
    let role = id(&make(&app, "custom_roles", "custom_role", role).await);
    let body = json!({
        "organization": {"name": "x", "id": company}, "group": {"name": "x"},
        "custom_role": {"name": "x"},
    });
    let call = |method: &str, path: &str| app.call_as(&foreign, method, path).json(&body);
    for path in [
        format!("organizations/{company}"),
        format!("groups/{support}"),
        format!("custom_roles/{role}"),
        format!("group_memberships/{membership}"),
    ] {
        for method in ["GET", "PUT", "DELETE"] {
            if method != "PUT" || !path.starts_with("group_memberships") {
                let answer = call(method, &format!("/api/v2/{path}")).await;
                answer.expect_zendesk(404, "RecordNotFound");
            }
        }
    }
    for path in [
        format!("organizations/{company}/users"),
        format!("organizations/{company}/users/count"),
        format!("groups/{support}/users"),
        format!("groups/{support}/users/count"),
        format!("groups/{support}/memberships"),
        format!("users/{user}/groups"),
        format!("users/{user}/group_memberships"),
    ] {
        call("GET", &format!("/api/v2/{path}")).await.expect_zendesk(404, "RecordNotFound");
    }
    let default = format!("/api/v2/users/{user}/group_memberships/{membership}/make_default");
    call("PUT", &default).await.expect_zendesk(404, "RecordNotFound");
    let upsert = call("POST", "/api/v2/organizations/create_or_update").await;
    upsert.expect_zendesk(404, "RecordNotFound");
    let many = format!("/api/v2/organizations/show_many?ids={company}");
    assert_eq!(call("GET", &many).await.expect(200).body["count"], 0);
    for (path, _) in LISTS {
        assert_eq!(call("GET", path).await.expect(200).body["count"], 0, "{path}");
    }
    // Theirs may have the same names, and cannot be tied to what is not theirs.
    for (path, key) in [("organizations", "organization"), ("custom_roles", "custom_role")] {
        let name = if key == "organization" { "acme" } else { "light" };
        let body = json!({key: {"name": name}});
        let path = format!("/api/v2/{path}");
        app.call_as(&foreign, "POST", &path).json(&body).await.expect(201);
    }
    let me = app.call_as(&foreign, "GET", "/api/v2/users/me").await.expect(200);
    let tie = json!({"group_membership": {"user_id": id(&me.body["user"]), "group_id": support}});
    let tie = app.call_as(&foreign, "POST", "/api/v2/group_memberships").json(&tie).await;
    assert!(details(&tie).get("group_id").is_some());
    let tie = json!({"organization": {"name": "y", "group_id": support}});
    let tie = app.call_as(&foreign, "POST", "/api/v2/organizations").json(&tie).await;
    assert!(details(&tie).get("group_id").is_some());
}

/// Every operation of these kinds, on records with these numbers; and whether only admins may.
fn operations(company: i64, group: i64, user: i64) -> Vec<(&'static str, String, bool)> {
    let mut all = Vec::new();
    for path in [
        "organizations".to_owned(),
        "organizations/count".to_owned(),
        "organizations/show_many?ids=1".to_owned(),
        format!("organizations/{company}"),
        format!("organizations/{company}/users"),
        format!("organizations/{company}/users/count"),
        "groups".to_owned(),
        "groups/count".to_owned(),
        "groups/assignable".to_owned(),
        format!("groups/{group}"),
        format!("groups/{group}/users"),
        format!("groups/{group}/users/count"),
        format!("groups/{group}/memberships"),
        format!("users/{user}/groups"),
        format!("users/{user}/group_memberships"),
        "group_memberships".to_owned(),
        "group_memberships/7".to_owned(),
        "custom_roles".to_owned(),
        "custom_roles/7".to_owned(),
    ] {
        all.push(("GET", path, false));
    }
    for (method, path, admins) in [
        ("POST", "organizations", false),
        ("POST", "organizations/create_or_update", false),
        ("PUT", "organizations/7", false),
        ("DELETE", "organizations/7", false),
        ("PUT", "users/7/group_memberships/7/make_default", false),
        ("POST", "groups", true),
        ("PUT", "groups/7", true),
        ("DELETE", "groups/7", true),
        ("POST", "group_memberships", true),
        ("DELETE", "group_memberships/7", true),
        ("POST", "custom_roles", true),
        ("PUT", "custom_roles/7", true),
        ("DELETE", "custom_roles/7", true),
    ] {
        all.push((method, path.to_owned(), admins));
    }
    all
}

async fn only_admins_write_what_arranges_the_team(app: TestApp) {
    let (user, company, group) =
        (agent(&app, "A").await, organization(&app, "Acme").await, group(&app, "Support").await);
    for (method, path, admins) in operations(company, group, user) {
        let path = format!("/api/v2/{path}");
        let call = |user: &str| app.call(method, &path).header("x-on-behalf-of", user);
        let agent = call(&user.to_string()).json(&json!({})).await;
        if admins {
            let error = json!({"error": {
                "title": "Forbidden",
                "message": "You do not have access to this page. Please contact the account owner of this help desk for further help.",
            }});
            assert_eq!(agent.expect(403).body, error, "{method} {path}");
        } else {
            assert_ne!(agent.status, 403, "{method} {path}");
        }
        let admin = app.call(method, &path).json(&json!({})).await;
        assert!([200, 400, 404].contains(&admin.status), "{method} {path} {}", admin.text);
    }
}

async fn end_users_may_do_nothing(app: TestApp) {
    let person = json!({"name": "E", "email": "end@example.org"});
    let user = id(&app.support_user(person).await.body["user"]);
    let (company, group) = (organization(&app, "Acme").await, group(&app, "Support").await);
    for (method, path, _) in operations(company, group, user) {
        let path = format!("/api/v2/{path}");
        let answer = app.basic("end@example.org", &app.token, method, &path).json(&json!({})).await;
        assert_eq!(answer.expect(403).body["error"]["title"], "Forbidden", "{method} {path}");
    }
}

/// What is wrong with an answer, by the document.
fn undocumented(document: &Value, method: &str, path: &str, answer: &Answer) -> Vec<String> {
    let responses = &document["paths"][path][method.to_lowercase()]["responses"];
    let response = &responses[answer.status.to_string()];
    let told = response["headers"].get("Location").is_some();
    assert_eq!(told, answer.headers.contains_key("location"), "{method} {path}");
    let Some(content) = response.get("content") else {
        assert!(response.is_object(), "{method} {path} {}", answer.status);
        assert_eq!(answer.text, "");
        return Vec::new();
    };
    let schema = &content["application/json"]["schema"];
    let whole = json!({"components": document["components"], "allOf": [schema]});
    let validator = jsonschema::validator_for(&whole).unwrap();
    validator.iter_errors(&answer.body).map(|error| error.to_string()).collect()
}

/// A call: the method, the path as the document has it, the number in it, the query, the body.
type Documented = (&'static str, String, i64, &'static str, Value);

/// Calls of everything that is done with one kind of record: what is right, what breaks a rule,
/// what is not there.
fn calls_of_kind(path: &str, number: i64, body: Value) -> Vec<Documented> {
    let (list, one) = (format!("/api/v2/{path}"), format!("/api/v2/{path}/{{id}}"));
    let none = || json!({});
    let mut calls = vec![
        ("POST", list.clone(), number, "", body.clone()),
        ("POST", list.clone(), number, "", none()),
        ("POST", list.clone(), number, "", body.clone()),
        ("GET", list.clone(), number, "", none()),
        ("GET", list, number, "?page[size]=1", none()),
        ("GET", one.clone(), number, "", none()),
        ("GET", one.clone(), 7, "", none()),
    ];
    if path != "group_memberships" {
        calls.push(("PUT", one, number, "", body));
    }
    calls
}

/// The other calls, in an order in which each finds what it needs.
fn other_calls(numbers: [i64; 5]) -> Vec<Documented> {
    let [company, support, membership, role, user] = numbers;
    let change = json!({"organization": {"id": company}});
    let new = json!({"organization": {"name": "New"}});
    let calls = [
        ("POST", "organizations/create_or_update", company, change),
        ("POST", "organizations/create_or_update", 7, new),
        ("GET", "organizations/count", 7, json!({})),
        ("GET", "organizations/show_many", 7, json!({})),
        ("GET", "organizations/{id}/users", company, json!({})),
        ("GET", "organizations/{id}/users/count", company, json!({})),
        ("GET", "groups/count", 7, json!({})),
        ("GET", "groups/assignable", 7, json!({})),
        ("GET", "groups/{id}/users", support, json!({})),
        ("GET", "groups/{id}/users/count", support, json!({})),
        ("GET", "groups/{id}/memberships", support, json!({})),
        ("GET", "users/{id}/groups", user, json!({})),
        ("GET", "users/{id}/group_memberships", user, json!({})),
        ("PUT", "users/{id}/group_memberships/{membership_id}/make_default", user, json!({})),
        ("DELETE", "organizations/{id}", company, json!({})),
        ("DELETE", "group_memberships/{id}", membership, json!({})),
        ("DELETE", "groups/{id}", support, json!({})),
        ("DELETE", "custom_roles/{id}", role, json!({})),
    ];
    let calls = calls.into_iter();
    calls
        .map(|(method, path, number, body)| (method, format!("/api/v2/{path}"), number, "", body))
        .collect()
}

async fn answers_have_the_documented_form(app: TestApp) {
    let document = app.anonymous("GET", "/openapi/zendesk.json").await.expect(200).body;
    let user = agent(&app, "A").await;
    let (company, support) = (organization(&app, "Own").await, group(&app, "Support").await);
    let membership = join(&app, user, support).await;
    let role = json!({"name": "Light", "configuration": {"a": true}});
    let role = id(&make(&app, "custom_roles", "custom_role", role).await);
    let other = group(&app, "Other").await;
    let fields = json!({"name": "Acme", "organization_fields": {"a": 1.5}});
    let mut calls = calls_of_kind("organizations", company, json!({"organization": fields}));
    calls.extend(calls_of_kind("groups", support, json!({"group": {"name": "Help"}})));
    let fields = json!({"user_id": user, "group_id": other});
    let body = json!({"group_membership": fields});
    calls.extend(calls_of_kind("group_memberships", membership, body));
    let body = json!({"custom_role": {"name": "Full"}});
    calls.extend(calls_of_kind("custom_roles", role, body));
    calls.extend(other_calls([company, support, membership, role, user]));
    for (method, path, number, query, body) in calls {
        let filled = path.replace("{id}", &number.to_string());
        let filled = filled.replace("{membership_id}", &membership.to_string());
        let answer = app.call(method, &format!("{filled}{query}")).json(&body).await;
        let wrong = undocumented(&document, method, &path, &answer);
        assert!(wrong.is_empty(), "{method} {path} {} {wrong:?}", answer.text);
        // A refusal that every operation shares has few words of its own.
        let first = answer.body.as_object().and_then(|body| body.keys().next().cloned());
        if let Some(first) = first.filter(|_| answer.status != 400) {
            let mut less = answer;
            less.body.as_object_mut().unwrap().remove(&first);
            assert!(!undocumented(&document, method, &path, &less).is_empty(), "{method} {path}");
        }
    }
}
