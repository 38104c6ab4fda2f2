//! Zendesk's dialect: who is in an export of users, and how it is asked for.

use std::time::Duration;

use roster_directory::Scopes;

use crate::support::{Answer, TestApp, Value, json, on_each_store};
use crate::zendesk_incremental::{
    BY_CURSOR, BY_TIME, START, cursor, ids, make, make_many, note, pass,
};

on_each_store! {
    the_deleted_are_told_of,
    changes_through_either_dialect_are_told_of,
    what_comes_along,
    where_an_export_begins,
    cursors_that_are_none,
    the_vendors_cursor_is_understood,
    the_size_of_a_page,
    of_an_account_others_see_nothing,
    only_admins_may_export,
}

async fn the_deleted_are_told_of(app: TestApp) {
    let body = json!({"name": "Grace", "email": "grace@example.org", "notes": "confidential"});
    let gone = app.support_user(body).await.body["user"]["id"].as_i64().unwrap();
    let stays = make(&app, "Alan").await;
    pass(&app, 100).await;
    app.call("DELETE", &format!("/api/v2/users/{gone}")).await.expect(200);
    pass(&app, 100).await;
    for path in [
        format!("{BY_TIME}?start_time={}", START + 1),
        format!("{BY_CURSOR}?start_time={}", START + 1),
    ] {
        let page = app.get(&path).await.expect(200);
        assert_eq!(ids(&page), [gone]);
        let user = &page.body["users"][0];
        assert_eq!(user.as_object().unwrap().len(), 37);
        assert_eq!((&user["active"], &user["name"]), (&json!(false), &json!("Grace")));
        assert_eq!(user["email"], "grace@example.org");
    }
    app.call("DELETE", &format!("/api/v2/deleted_users/{gone}")).await.expect(200);
    pass(&app, 100).await;
    for path in [format!("{BY_TIME}?start_time=0"), format!("{BY_CURSOR}?start_time=0")] {
        let page = app.get(&path).await.expect(200);
        assert_eq!(ids(&page)[1..], [stays, gone], "erasing is a change");
        let user = &page.body["users"][2];
        assert_eq!(user["name"], "Permanently Deleted User");
        assert_eq!((&user["active"], &user["email"]), (&json!(false), &Value::Null));
        assert!(!page.text.contains("confidential") && !page.text.contains("Grace"));
    }
}

async fn changes_through_either_dialect_are_told_of(app: TestApp) {
    pass(&app, 100).await;
    let start = START + 100;
    let ada = app.create_id(json!({"profile": {"first_name": "Ada"}})).await;
    let told = |answer: &Answer| {
        let users = answer.body["users"].as_array().unwrap().clone();
        users.iter().map(|user| user["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let path = format!("{BY_TIME}?start_time={start}");
    assert_eq!(told(&app.get(&path).await.expect(200)), ["Ada"]);
    pass(&app, 100).await;
    let change = json!({"profile": {"last_name": "Lovelace"}});
    app.patch(&format!("/api/v2/end-users/{ada}")).json(&change).await.expect(200);
    let id = app.get("/api/v2/users?role=end-user").await.body["users"][0]["id"].as_i64().unwrap();
    let path = format!("{BY_TIME}?start_time={}", start + 100);
    assert_eq!(told(&app.get(&path).await.expect(200)), ["Ada Lovelace"]);
    pass(&app, 100).await;
    let identity = json!({"identity": {"type": "email", "value": "ada@example.org"}});
    app.post(&format!("/api/v2/users/{id}/identities")).json(&identity).await.expect(201);
    let path = format!("{BY_TIME}?start_time={}", start + 200);
    let page = app.get(&path).await.expect(200);
    assert_eq!(page.body["users"][0]["email"], "ada@example.org");
    pass(&app, 100).await;
    note(&app, id, "same").await;
    pass(&app, 100).await;
    note(&app, id, "same").await;
    let path = format!("{BY_TIME}?start_time={}", start + 400);
    assert_eq!(ids(&app.get(&path).await.expect(200)).len(), 0, "nothing was changed");

    // Who expires is told of without anything personal.
    app.pass(Duration::from_secs(24 * 3600)).await;
    let page = app.get(&path).await.expect(200);
    assert_eq!((ids(&page), &page.body["users"][0]["active"]), (vec![id], &json!(false)));
    assert_eq!(told(&page), ["Permanently Deleted User"]);
}

async fn what_comes_along(app: TestApp) {
    for hundred in 0..2 {
        let users: Vec<_> = (0..75)
            .map(|number| {
                let email = format!("{hundred}-{number}@example.org");
                let organization = format!("Organization {hundred} {number}");
                json!({"name": "U", "email": email, "organization": {"name": organization}})
            })
            .collect();
        let body = json!({"users": users});
        app.post("/api/v2/users/create_many").json(&body).await.expect(200);
    }
    pass(&app, 100).await;
    for path in [BY_TIME, BY_CURSOR] {
        let path =
            format!("{path}?start_time=0&include=identities,organizations,abilities,unknown");
        let page = app.get(&path).await.expect(200).body;
        let count = |key: &str| page[key].as_array().unwrap().len();
        assert_eq!((count("users"), count("identities")), (151, 150), "{path}");
        assert_eq!((count("organizations"), count("abilities")), (150, 151));
        assert_eq!(page["users"][0]["abilities"]["user_id"], page["users"][0]["id"]);
        assert_eq!(page["identities"][0]["user_id"], page["users"][1]["id"]);
        assert_eq!(page.get("groups"), None);
        let link = page.get("next_page").or(page.get("after_url")).unwrap().as_str().unwrap();
        assert!(link.contains("include=identities%2Corganizations%2Cabilities%2Cunknown"));
    }
}

async fn where_an_export_begins(app: TestApp) {
    pass(&app, 1000).await;
    let invalid = |path: &str, action: &str| {
        let message = format!(
            "You passed an invalid value for the start_time attribute. Invalid parameter: start_time {path} from {action}"
        );
        json!({"error": {"title": "Invalid attribute", "message": message}})
    };
    for (path, action) in
        [(BY_TIME, "api/v2/incremental/users"), (BY_CURSOR, "api/v2/incremental/users/cursor")]
    {
        for (query, problem) in [
            ("", "is required and must be an integer"),
            ("?start_time=", "is required and must be an integer"),
            ("?start_time=yesterday", "must be an integer"),
            ("?start_time=1.5", "must be an integer"),
        ] {
            let answer = app.get(&format!("{path}{query}")).await.expect(400);
            assert_eq!(answer.body, invalid(problem, action), "{path}{query}");
        }
        for early in ["0", "-5", "-99999999999999999999"] {
            let answer = app.get(&format!("{path}?start_time={early}")).await.expect(200);
            assert_eq!(ids(&answer).len(), 1, "{path} {early}");
        }
    }
    for (ago, status) in [(60, 200), (59, 400), (0, 400), (-100, 400)] {
        let start = START + 1000 - ago;
        let answer = app.get(&format!("{BY_CURSOR}?start_time={start}")).await.expect(status);
        if status == 400 {
            let description = "Too recent start_time. Use a start_time older than 60 seconds";
            assert_eq!(answer.body, json!({"error": "InvalidValue", "description": description}));
        }
        app.get(&format!("{BY_TIME}?start_time={start}")).await.expect(200);
    }
    let far = app.get(&format!("{BY_TIME}?start_time=99999999999999999999")).await.expect(200);
    assert_eq!((ids(&far).len(), &far.body["end_of_stream"]), (0, &json!(true)));
}

async fn cursors_that_are_none(app: TestApp) {
    let expected =
        json!({"error": "InvalidPaginationParameter", "description": "cursor is not valid"});
    let made = cursor("1.5||7");
    let list = app.get("/api/v2/users?page[size]=1").await.text_at("/meta/after_cursor");
    for wrong in ["x", "1.0||7|", "%FF%FE", &made, &list, &"A".repeat(5000)] {
        let answer = app.get(&format!("{BY_CURSOR}?start_time=0&cursor={wrong}")).await.expect(400);
        assert_eq!(answer.body, expected, "{wrong}");
    }
}

async fn the_vendors_cursor_is_understood(app: TestApp) {
    pass(&app, 100).await;
    let (first, second) = (make(&app, "A").await, make(&app, "B").await);
    pass(&app, 100).await;
    for (text, expected) in [
        (format!("{}.0||{first}|", START + 100), vec![second]),
        (format!("{}.0||0|", START + 100), vec![first, second]),
        (format!("{}.000001||{second}|", START + 100), vec![]),
    ] {
        let encoded = cursor(&text).replace('=', "%3D").replace('+', "%2B");
        let page = app.get(&format!("{BY_CURSOR}?cursor={encoded}")).await.expect(200);
        assert_eq!(ids(&page), expected, "{text}");
        let unpadded = cursor(&text).trim_end_matches('=').to_owned();
        let page = app.get(&format!("{BY_CURSOR}?cursor={unpadded}")).await.expect(200);
        assert_eq!(ids(&page), expected, "{text}");
    }
}

async fn the_size_of_a_page(app: TestApp) {
    for _ in 0..11 {
        make_many(&app, 100).await;
        pass(&app, 1).await;
    }
    pass(&app, 100).await;
    for (query, by_time, by_cursor) in [
        ("", 1001, 1000),
        ("&per_page=", 1001, 1000),
        ("&per_page=5000", 1001, 1000),
        ("&per_page=101", 101, 101),
        ("&per_page=102", 201, 102),
    ] {
        let page = app.get(&format!("{BY_TIME}?start_time=0{query}")).await.expect(200);
        assert_eq!((ids(&page).len(), &page.body["count"]), (by_time, &json!(by_time)), "{query}");
        assert_eq!(page.body["end_of_stream"], false);
        let page = app.get(&format!("{BY_CURSOR}?start_time=0{query}")).await.expect(200);
        assert_eq!((ids(&page).len(), &page.body["end_of_stream"]), (by_cursor, &json!(false)));
    }
    for path in [BY_TIME, BY_CURSOR] {
        for wrong in ["0", "-1", "x", "1.5"] {
            let answer =
                app.get(&format!("{path}?start_time=0&per_page={wrong}")).await.expect(400);
            assert!(answer.text_at("/error/message").contains("for the per_page attribute"));
        }
    }
}

async fn of_an_account_others_see_nothing(app: TestApp) {
    make(&app, "Own").await;
    let other = app.other_account(Scopes::SERVER).await;
    pass(&app, 100).await;
    let own = app.get(&format!("{BY_CURSOR}?start_time=0&per_page=1")).await.expect(200);
    for path in [
        format!("{BY_TIME}?start_time=0&include=identities"),
        format!("{BY_CURSOR}?start_time=0"),
        format!("{BY_CURSOR}?cursor={}", own.text_at("/after_cursor")),
    ] {
        let page = app.call_as(&other, "GET", &path).await.expect(200);
        assert!(!page.text.contains("\"Own\""), "{path}");
        let roles: Vec<_> =
            page.body["users"].as_array().unwrap().iter().map(|user| &user["role"]).collect();
        assert!(roles.len() < 2, "at most the owner of the other account: {path}");
    }
}

async fn only_admins_may_export(app: TestApp) {
    for (role, status) in [("end-user", 403), ("agent", 403), ("admin", 200)] {
        let email = format!("{role}@example.org");
        app.support_user(json!({"name": "U", "email": email, "role": role})).await;
        for path in [BY_TIME, BY_CURSOR] {
            let path = format!("{path}?start_time=0");
            let answer = app.basic(&email, &app.token, "GET", &path).await;
            assert_eq!(answer.status, status, "{role} {path}");
        }
    }
}

#[tokio::test]
async fn ten_exports_a_minute() {
    let app = TestApp::with_vendor_limits().await;
    let wait = 60 - START % 60;
    app.clock.advance(Duration::from_secs(wait.unsigned_abs()));
    for count in 0..10 {
        let path = if count % 2 == 0 { BY_TIME } else { BY_CURSOR };
        app.get(&format!("{path}?start_time=0")).await.expect(200);
    }
    for path in [BY_TIME, BY_CURSOR] {
        let refused = app.get(&format!("{path}?start_time=0")).await.expect(429);
        assert_eq!(refused.header("retry-after"), "60");
    }
    app.get("/api/v2/users").await.expect(200);
    pass(&app, 60).await;
    app.get(&format!("{BY_TIME}?start_time=0")).await.expect(200);
}
