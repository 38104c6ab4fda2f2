//! Zendesk's dialect: custom roles.

use std::time::Duration;

use crate::support::{TestApp, Value, json, on_each_store};
use crate::zendesk_records::{details, id, ids, make};

on_each_store! {
    custom_roles_come_all_at_once,
    a_custom_role_has_the_vendors_keys,
    a_custom_role_changes,
    a_custom_role_in_use_stays,
}

async fn custom_roles_come_all_at_once(app: TestApp) {
    let mut made = Vec::new();
    for number in 0..203 {
        let role = json!({"name": format!("role {number}")});
        made.push(id(&make(&app, "custom_roles", "custom_role", role).await));
    }
    let list = app.get("/api/v2/custom_roles.json?per_page=5&page=2").await.expect(200);
    assert_eq!(ids(&list, "custom_roles"), made);
    assert_eq!(list.body["count"], 203);
    assert_eq!(list.body["next_page"], Value::Null);
    assert_eq!(list.body["previous_page"], Value::Null);
}

async fn a_custom_role_has_the_vendors_keys(app: TestApp) {
    let made = make(&app, "custom_roles", "custom_role", json!({"name": "Light"})).await;
    let expected = json!({
        "id": made["id"], "name": "Light", "description": "", "role_type": 0,
        "team_member_count": 0, "created_at": made["created_at"],
        "updated_at": made["created_at"], "configuration": {},
    });
    assert_eq!(made, expected);
    let shown = app.get(&format!("/api/v2/custom_roles/{}.json", made["id"])).await.expect(200);
    assert_eq!(shown.body, json!({"custom_role": expected}));
    let fields = json!({
        "name": "Full", "description": "d",
        "configuration": {"chat_access": true, "end_user_list_access": "full", "level": 3},
    });
    let second = make(&app, "custom_roles", "custom_role", fields.clone()).await;
    for (key, value) in fields.as_object().unwrap() {
        assert_eq!(second[key], *value);
    }
    let list = app.get("/api/v2/custom_roles.json").await.expect(200);
    assert_eq!(list.body["custom_roles"], json!([made, second]));
}

async fn a_custom_role_changes(app: TestApp) {
    let fields = json!({"name": "Light", "configuration": {"stays": true, "goes": 1}});
    let made = make(&app, "custom_roles", "custom_role", fields).await;
    make(&app, "custom_roles", "custom_role", json!({"name": "Full"})).await;
    app.clock.advance(Duration::from_secs(60));
    let one = format!("/api/v2/custom_roles/{}", made["id"]);
    let put = |fields: Value| app.call("PUT", &one).json(&json!({"custom_role": fields}));
    let change = json!({"description": "d", "configuration": {"goes": null, "comes": "x"}});
    let changed = put(change).await.expect(200).body["custom_role"].clone();
    assert_eq!(changed["name"], "Light");
    assert_eq!(changed["description"], "d");
    assert_eq!(changed["configuration"], json!({"stays": true, "comes": "x"}));
    assert!(changed["updated_at"].as_str() > made["updated_at"].as_str());
    let taken = json!({"name": [{
        "description": "Name: FULL has already been taken", "error": "DuplicateValue",
    }]});
    assert_eq!(details(&put(json!({"name": "FULL"})).await), taken);
    let twice =
        app.post("/api/v2/custom_roles").json(&json!({"custom_role": {"name": "FULL"}})).await;
    assert_eq!(details(&twice), taken);
    let large = json!({"configuration": {"k": "x".repeat(11_000)}});
    assert_eq!(details(&put(large).await)["configuration"][0]["error"], "ValueTooLong");
    let problems = details(&put(json!({"name": {}, "description": [], "configuration": 7})).await);
    assert_eq!(
        problems.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["configuration", "description", "name"]
    );
    assert_eq!(app.get(&one).await.body["custom_role"], changed, "what is refused changes nothing");
}

async fn a_custom_role_in_use_stays(app: TestApp) {
    let role = make(&app, "custom_roles", "custom_role", json!({"name": "Light"})).await;
    let one = format!("/api/v2/custom_roles/{}", role["id"]);
    let count =
        async || app.get(&one).await.expect(200).body["custom_role"]["team_member_count"].clone();
    let user = json!({"name": "A", "role": "agent", "custom_role_id": role["id"]});
    let user = id(&app.support_user(user).await.body["user"]);
    assert_eq!(count().await, 1);
    let listed = app.get("/api/v2/custom_roles").await.expect(200);
    assert_eq!(listed.body["custom_roles"][0]["team_member_count"], 1);
    let refused = details(&app.call("DELETE", &one).await);
    assert_eq!(
        refused,
        json!({"base": [{"description": "Base: some users have this role", "error": "RecordInUse"}]})
    );
    app.call("DELETE", &format!("/api/v2/users/{user}")).await.expect(200);
    assert_eq!(count().await, 0);
    assert_eq!(app.call("DELETE", &one).await.expect(204).text, "");
    app.get(&one).await.expect_zendesk(404, "RecordNotFound");
}
