//! `GET /api/v2/end-users/`, a page at a time.

use std::collections::BTreeSet;

use crate::support::{TestApp, json, on_each_store, problems};

on_each_store! {
    pages_follow_one_another_to_the_end,
    the_cursor_is_inclusive_and_need_not_exist,
    the_limit_is_one_to_a_hundred,
    the_cursor_is_an_identifier,
    walking_sees_everybody_while_others_come,
    an_empty_list_is_a_page,
}

async fn pages_follow_one_another_to_the_end(app: TestApp) {
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(app.create_id(json!({})).await);
    }
    let first = app.get("/api/v2/end-users/?limit=2").await.expect(200);
    assert_eq!(first.body["data"].as_array().unwrap().len(), 2);
    let next = first.text_at("/meta/next_page_url");
    assert_eq!(next, format!("{}/api/v2/end-users/?cursor={}&limit=2", app.base, ids[2]));

    let (mut seen, mut url) = (Vec::new(), Some("/api/v2/end-users/?limit=2".to_owned()));
    while let Some(link) = url {
        let page = app
            .anonymous("GET", &link)
            .header("authorization", &format!("Bearer {}", app.token))
            .await
            .expect(200);
        let data = page.body["data"].as_array().unwrap().clone();
        seen.extend(data.iter().map(|user| user["end_user_id"].as_str().unwrap().to_owned()));
        url = page.body["meta"]["next_page_url"].as_str().map(Into::into);
        assert!(page.body["meta"].get("next_page_url").is_some(), "null at the end, not absent");
    }
    assert_eq!(seen, ids);
}

async fn the_cursor_is_inclusive_and_need_not_exist(app: TestApp) {
    let first = app.create_id(json!({})).await;
    app.clock.advance(std::time::Duration::from_secs(10));
    let second = app.create_id(json!({})).await;
    let ids = |answer: crate::support::Answer| -> Vec<String> {
        let data = answer.body["data"].as_array().unwrap().clone();
        data.iter().map(|user| user["end_user_id"].as_str().unwrap().into()).collect()
    };
    let list = |cursor: &str| app.get(&format!("/api/v2/end-users/?cursor={cursor}"));
    assert_eq!(ids(list(&first).await.expect(200)), [&*first, &*second]);
    assert_eq!(ids(list(&second.to_uppercase()).await.expect(200)), [&*second]);
    let between = format!("{}{}", &first[..20], "ffff");
    assert_eq!(ids(list(&between).await.expect(200)), [&*second]);
    assert!(ids(list(&"f".repeat(24)).await.expect(200)).is_empty());
}

async fn the_limit_is_one_to_a_hundred(app: TestApp) {
    for _ in 0..101 {
        app.create(json!({})).await;
    }
    for (query, expected) in [("", 100), ("?limit=100", 100), ("?limit=1", 1), ("?limit=%2B7", 7)] {
        let page = app.get(&format!("/api/v2/end-users/{query}")).await.expect(200);
        assert_eq!(page.body["data"].as_array().unwrap().len(), expected, "{query}");
    }
    for wrong in ["0", "101", "-1", "", "ten", "1.5", "99999999999999999999"] {
        let answer = app.get(&format!("/api/v2/end-users/?limit={wrong}")).await;
        answer.expect_error(400, "validation_error");
        assert_eq!(problems(&answer), ["query $.limit: Must be an integer from 1 to 100."]);
    }
}

async fn the_cursor_is_an_identifier(app: TestApp) {
    for wrong in ["", "x", "66f0c1d2e3a4b5c6d7e8f90", "66f0c1d2e3a4b5c6d7e8f90g"] {
        let answer = app.get(&format!("/api/v2/end-users/?cursor={wrong}")).await;
        answer.expect_error(400, "validation_error");
        assert_eq!(problems(&answer), ["query $.cursor: Must be 24 hexadecimal digits."]);
    }
}

async fn walking_sees_everybody_while_others_come(app: TestApp) {
    let mut there = BTreeSet::new();
    for _ in 0..20 {
        there.insert(app.create_id(json!({})).await);
    }
    let (mut seen, mut link) =
        (Vec::new(), Some(format!("{}/api/v2/end-users/?limit=3", app.base)));
    while let Some(url) = link.take_if(|_| seen.len() < 60) {
        let auth = format!("Bearer {}", app.token);
        let page = app.anonymous("GET", &url).header("authorization", &auth).await.expect(200);
        for user in page.body["data"].as_array().unwrap() {
            seen.push(user["end_user_id"].as_str().unwrap().to_owned());
        }
        link = page.body["meta"]["next_page_url"].as_str().map(Into::into);
        if seen.len() < 20 {
            app.create(json!({})).await;
        }
    }
    let unique: BTreeSet<_> = seen.iter().cloned().collect();
    assert_eq!(unique.len(), seen.len(), "nobody comes twice");
    assert!(there.is_subset(&unique), "nobody who was there is skipped");
}

async fn an_empty_list_is_a_page(app: TestApp) {
    let page = app.get("/api/v2/end-users/").await.expect(200);
    assert_eq!(page.body, json!({"data": [], "meta": {"next_page_url": null}}));
}
