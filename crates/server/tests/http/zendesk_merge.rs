//! Zendesk's dialect: merging users.

use std::time::Duration;

use roster_directory::Scopes;

use crate::support::{Answer, TestApp, Value, json, on_each_store};
use crate::zendesk_identities::{add, shown, user, values};

on_each_store! {
    merging_moves_the_identities,
    the_target_of_a_merge_by_any_of_its_names,
    only_end_users_are_merged,
}

/// Merges one user into another.
async fn merge(app: &TestApp, from: i64, into: Value) -> Answer {
    let path = format!("/api/v2/users/{from}/merge.json");
    app.call("PUT", &path).json(&json!({"user": into})).await
}

async fn merging_moves_the_identities(app: TestApp) {
    let from = user(&app, "from@example.org").await;
    add(&app, from, "twitter", "bird").await;
    let into = user(&app, "into@example.org").await;
    app.clock.advance(Duration::from_secs(65));
    let merged = merge(&app, from, json!({"id": into})).await.expect(200).body;
    assert_eq!(merged["user"]["id"], into);
    assert_eq!(merged["user"]["email"], "into@example.org");
    assert_eq!(merged["user"]["updated_at"], "2026-09-21T14:14:25Z");
    assert_eq!(merged["user"], shown(&app, into).await);
    let expected = [("from@example.org", false), ("bird", false), ("into@example.org", true)];
    let expected = expected.map(|(value, primary)| (value.to_owned(), primary));
    assert_eq!(values(&app, into).await, expected);
    app.get(&format!("/api/v2/users/{from}")).await.expect_zendesk(404, "RecordNotFound");
    app.get(&format!("/api/v2/deleted_users/{from}")).await.expect(200);
    merge(&app, from, json!({"id": into})).await.expect_zendesk(404, "RecordNotFound");
}

async fn the_target_of_a_merge_by_any_of_its_names(app: TestApp) {
    let made = json!({"name": "T", "email": "target@example.org", "external_id": "Crm-1"});
    let into = app.support_user(made).await.body["user"]["id"].clone();
    for (number, target) in [
        json!({"id": into.to_string()}),
        json!({"email": "TARGET@example.org"}),
        json!({"external_id": "cRM-1"}),
        json!({"id": into, "email": "nobody@example.org"}),
    ]
    .into_iter()
    .enumerate()
    {
        let from = user(&app, &format!("{number}@example.org")).await;
        let merged = merge(&app, from, target.clone()).await.expect(200);
        assert_eq!(merged.body["user"]["id"], into, "{target}");
    }
    let from = user(&app, "from@example.org").await;
    for unknown in [
        json!({"id": 7}),
        json!({"email": "nobody@example.org"}),
        json!({"external_id": "nobody"}),
        json!({"external_id": " "}),
    ] {
        merge(&app, from, unknown).await.expect_zendesk(404, "RecordNotFound");
    }
    for wrong in [json!({}), json!({"id": "x"}), json!({"email": ""}), json!({"name": "T"})] {
        merge(&app, from, wrong).await.expect_zendesk(422, "RecordInvalid");
    }
    app.call("PUT", &format!("/api/v2/users/{from}/merge")).json(&json!({})).await.expect(400);
    app.call("PUT", "/api/v2/users/x/merge").json(&json!({"user": {"id": 7}})).await.expect(400);
    shown(&app, from).await;
}

async fn only_end_users_are_merged(app: TestApp) {
    let grace = user(&app, "grace@example.org").await;
    let agent = json!({"name": "A", "role": "agent"});
    let agent = app.support_user(agent).await.body["user"]["id"].as_i64().unwrap();
    for (from, into) in [(grace, grace), (grace, agent), (agent, grace)] {
        let answer = merge(&app, from, json!({"id": into})).await;
        answer.expect_zendesk(422, "RecordInvalid");
        let problem = "Base: only an end user can be merged, into another end user";
        assert_eq!(answer.text_at("/details/base/0/description"), problem);
    }
    let other = app.other_account(Scopes::SERVER).await;
    let path = format!("/api/v2/users/{grace}/merge");
    let foreign = json!({"user": {"name": "F"}});
    let foreign = app.call_as(&other, "POST", "/api/v2/users").json(&foreign).await.expect(201);
    let target = json!({"user": {"id": foreign.body["user"]["id"]}});
    app.call("PUT", &path).json(&target).await.expect(404);
    app.call_as(&other, "PUT", &path).json(&target).await.expect(404);
    shown(&app, grace).await;
}
