//! Many at once.

use std::collections::BTreeSet;

use futures_util::future::join_all;

use crate::support::{TestApp, json, on_each_store};

on_each_store! {
    fifty_creates_with_one_external_id_make_one_user,
    fifty_patches_of_one_user_are_all_there,
}

async fn fifty_creates_with_one_external_id_make_one_user(app: TestApp) {
    let calls = (0..50).map(|number| {
        let body = json!({"external_id": "One", "profile": {"first_name": number.to_string()}});
        let call = app.post("/api/v2/end-users/").json(&body);
        async move { call.await }
    });
    let answers = join_all(calls).await;
    let created: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(created.len(), 1);
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 201)));
    let bodies: BTreeSet<_> = answers.iter().map(|answer| &answer.text).collect();
    assert_eq!(bodies.len(), 1, "everybody sees the same user");
    let list = app.get("/api/v2/end-users/").await.expect(200);
    assert_eq!(list.body["data"].as_array().unwrap().len(), 1);
}

async fn fifty_patches_of_one_user_are_all_there(app: TestApp) {
    let id = app.create_id(json!({})).await;
    let path = format!("/api/v2/end-users/{id}");
    let calls = (0..50).map(|number| {
        let key = format!("k{number}");
        let call =
            app.patch(&path).json(&json!({"profile": {"metadata": {(key.clone()): number}}}));
        let read = app.get(&path);
        async move {
            call.await.expect(200);
            // A read that starts after a write was acknowledged sees it.
            assert_eq!(read.await.expect(200).body["profile"]["metadata"][key], number);
        }
    });
    join_all(calls).await;
    let read = app.get(&path).await.expect(200);
    assert_eq!(read.body["profile"]["metadata"].as_object().unwrap().len(), 50);
}
