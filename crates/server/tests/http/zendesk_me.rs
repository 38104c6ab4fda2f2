//! Zendesk's dialect: whom a call acts for, and how much of them is shown.

use crate::support::{TestApp, Value, json, on_each_store};
use crate::zendesk_users::KEYS;

on_each_store! {
    end_users_see_less_of_themselves,
    nobody_has_what_was_asked_for_empty,
    the_owner_of_a_new_account_has_a_name,
}

/// The keys that end users see.
fn reduced() -> &'static [&'static str] {
    &KEYS[..16]
}

#[track_caller]
fn is_reduced(text: &str, body: &Value) {
    let user = body["user"].as_object().unwrap();
    assert_eq!(user.len(), reduced().len(), "{text}");
    let places: Vec<_> =
        reduced().iter().map(|key| text.find(&format!("\"{key}\":")).unwrap()).collect();
    assert!(places.is_sorted(), "{text}");
}

async fn end_users_see_less_of_themselves(app: TestApp) {
    let user = json!({
        "name": "E", "email": "e@example.org", "notes": "secret", "tags": ["vip"],
        "phone": "+15551234567", "organization": {"name": "Navy"},
    });
    let whole = app.support_user(user).await.body["user"].clone();
    let me = async |query: &str| {
        let path = format!("/api/v2/users/me.json{query}");
        app.basic("e@example.org", &app.token, "GET", &path).await.expect(200)
    };
    let own = me("").await;
    is_reduced(&own.text, &own.body);
    for key in reduced() {
        assert_eq!(own.body["user"][*key], whole[*key], "{key}");
    }
    let more = me("?include=organizations,identities,abilities,groups").await.body;
    assert_eq!(more["organizations"][0]["name"], "Navy");
    assert_eq!(more["identities"][0]["value"], "e@example.org");
    assert_eq!(more["groups"], json!([]));
    assert_eq!(more["abilities"][0], more["user"]["abilities"]);
    assert_eq!(more["abilities"][0]["can_delete"], false);
    // The team sees all of itself.
    let on_behalf = app.get("/api/v2/users/me").await.expect(200).body;
    assert_eq!(on_behalf["user"].as_object().unwrap().len(), 38);
}

async fn nobody_has_what_was_asked_for_empty(app: TestApp) {
    let nobody = app.anonymous("GET", "/api/v2/users/me.json").await.expect(200);
    is_reduced(&nobody.text, &nobody.body);
    assert_eq!(nobody.body.as_object().unwrap().len(), 1);
    let expected = json!({
        "id": null, "url": null, "name": "Anonymous user", "email": null, "created_at": null,
        "updated_at": null, "time_zone": "UTC", "iana_time_zone": "Etc/UTC", "phone": null,
        "shared_phone_number": null, "photo": null, "locale_id": 1, "locale": "en-US",
        "organization_id": null, "role": "end-user", "verified": false,
    });
    assert_eq!(nobody.body["user"], expected);
    let path = "/api/v2/users/me?include=organizations,%20roles,identities,abilities,unknown";
    let more = app.anonymous("GET", path).await.expect(200).body;
    let expected = json!({
        "user": expected, "organizations": [], "roles": [], "identities": [], "abilities": [],
    });
    assert_eq!(more, expected);
}

async fn the_owner_of_a_new_account_has_a_name(app: TestApp) {
    let list = app.get("/api/v2/users").await.expect(200).body;
    let owner = &list["users"][0];
    assert_eq!((&owner["name"], &owner["role"]), (&json!("Owner"), &json!("admin")));
    assert_eq!((&owner["verified"], &owner["email"]), (&json!(true), &Value::Null));
}
