//! Zendesk's dialect: `GET /api/v2/users`, every parameter of it.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::support::{Answer, TestApp, Value, json, on_each_store};

on_each_store! {
    a_page_by_number_has_its_envelope,
    a_page_by_number_has_a_depth,
    sizes_and_numbers_of_pages,
    a_page_by_cursor_has_its_envelope,
    the_last_page_keeps_its_links,
    walks_repeat_and_skip_nobody_in_any_order,
    a_walk_goes_on_while_others_write,
    cursors_belong_to_their_order,
    every_item_has_a_cursor_on_request,
    orders_that_are_unknown,
    filters_alone_and_together,
    what_is_empty_is_absent,
    links_keep_what_the_client_sent,
    sideloads_come_along_in_both_modes,
    a_comma_separates_no_roles,
}

/// Makes end users with these names; their ids.
async fn make(app: &TestApp, names: &[&str]) -> Vec<i64> {
    let mut ids = Vec::new();
    for name in names {
        app.clock.advance(Duration::from_secs(1));
        let user = app.support_user(json!({"name": name})).await;
        ids.push(user.body["user"]["id"].as_i64().unwrap());
    }
    ids
}

fn ids(answer: &Answer) -> Vec<i64> {
    answer.body["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["id"].as_i64().unwrap())
        .collect()
}

async fn a_page_by_number_has_its_envelope(app: TestApp) {
    let made = make(&app, &["a", "b", "c", "d"]).await;
    let list = app.get("/api/v2/users").await.expect(200);
    let keys: Vec<_> = ["\"users\"", "\"next_page\"", "\"previous_page\"", "\"count\""]
        .map(|key| list.text.rfind(key).unwrap())
        .into();
    assert!(keys.is_sorted(), "the keys are in the vendor's order");
    assert_eq!(ids(&list)[1..], made, "the owner comes first");
    assert_eq!(list.body["count"], 5);
    assert_eq!(list.body["next_page"], Value::Null);
    assert_eq!(list.body["previous_page"], Value::Null);

    let second = app.get("/api/v2/users.json?per_page=2&page=2").await.expect(200);
    assert_eq!(ids(&second), made[1..3]);
    let link = |page: u32| format!("{}/api/v2/users.json?page={page}&per_page=2", app.base);
    assert_eq!(second.body["next_page"], link(3));
    assert_eq!(second.body["previous_page"], link(1));
    let third = app.call_as(&app.token, "GET", &second.text_at("/next_page")).await;
    assert_eq!(ids(&third), made[3..]);
    assert_eq!(third.body["next_page"], Value::Null);
    let beyond = app.get("/api/v2/users?page=9").await.expect(200);
    assert_eq!(beyond.body["users"], json!([]));
    assert_eq!(beyond.body["next_page"], Value::Null);
    assert!(beyond.body.get("meta").is_none());
}

async fn a_page_by_number_has_a_depth(app: TestApp) {
    app.get("/api/v2/users?page=100&per_page=100").await.expect(200);
    app.get("/api/v2/users?page=10000&per_page=1").await.expect(200);
    for query in ["page=101", "page=10001&per_page=1", "page=9223372036854775807"] {
        let answer = app.get(&format!("/api/v2/users?{query}")).await.expect(400);
        assert_eq!(
            answer.body,
            json!({"errors": [{
                "code": "InvalidPaginationDepth",
                "title": "Pagination requests using Offset Pagination are limited to page 100 or up to 10000 records (page * per_page)",
                "detail": "There are limits to the page depth in Offset Pagination. Offset Pagination will be deprecated fully in the near future.\nPlease switch to Cursor Pagination at the earliest. Cursor Pagination does not have any limits.\nSee https://developer.zendesk.com/documentation/api-basics/pagination/comparing-cursor-pagination-and-offset-pagination\n",
            }]})
        );
    }
}

async fn sizes_and_numbers_of_pages(app: TestApp) {
    make(&app, &["a", "b"]).await;
    for (query, count) in [
        ("per_page=2", 2),
        ("per_page=1000", 3),
        ("page=0", 3),
        ("page=-4", 3),
        ("page[size]=500", 3),
    ] {
        let list = app.get(&format!("/api/v2/users?{query}")).await.expect(200);
        assert_eq!(ids(&list).len(), count, "{query}");
    }
    for (query, name, rule) in [
        ("per_page=0", "per_page", "must be greater than 0"),
        ("per_page=-1", "per_page", "must be greater than 0"),
        ("per_page=ten", "per_page", "must be an integer"),
        ("page=two", "page", "must be an integer"),
        ("page=1.5", "page", "must be an integer"),
        ("page[size]=0", "page.size", "must be greater than 0"),
        ("page[size]=x", "page.size", "must be an integer"),
        ("permission_set=x", "permission_set", "must be an integer"),
    ] {
        let answer = app.get(&format!("/api/v2/users?{query}")).await.expect(400);
        let message = format!(
            "You passed an invalid value for the {name} attribute. Invalid parameter: {name} {rule} from api/v2/users/index"
        );
        let expected = json!({"error": {"title": "Invalid attribute", "message": message}});
        assert_eq!(answer.body, expected, "{query}");
    }
}

async fn a_page_by_cursor_has_its_envelope(app: TestApp) {
    let made = make(&app, &["a", "b", "c"]).await;
    for size in ["page[size]=2", "page%5Bsize%5D=2", "page%255Bsize%255D=2"] {
        let list = app.get(&format!("/api/v2/users.json?{size}")).await.expect(200);
        assert_eq!(ids(&list)[1..], made[..1]);
        for absent in ["count", "next_page", "previous_page"] {
            assert!(list.body.get(absent).is_none());
        }
        assert_eq!(list.body["meta"]["has_more"], true);
        let after = list.text_at("/meta/after_cursor");
        let before = list.text_at("/meta/before_cursor");
        assert_ne!(after, before);
        let encoded =
            |cursor: &str| cursor.replace('=', "%3D").replace('+', "%2B").replace('/', "%2F");
        let base = format!("{}/api/v2/users.json", app.base);
        assert_eq!(
            list.body["links"],
            json!({
                "prev": format!("{base}?page%5Bbefore%5D={}&page%5Bsize%5D=2", encoded(&before)),
                "next": format!("{base}?page%5Bafter%5D={}&page%5Bsize%5D=2", encoded(&after)),
            })
        );
        let flagged = app
            .get(&format!("/api/v2/users.json?{size}&include_boundary_indicators=true"))
            .await
            .expect(200);
        assert_eq!(flagged.body["meta"], list.body["meta"]);
    }
    let alone = app.get("/api/v2/users?page[size]=1").await.expect(200).body;
    assert_eq!(alone["meta"]["after_cursor"], alone["meta"]["before_cursor"]);
}

async fn the_last_page_keeps_its_links(app: TestApp) {
    make(&app, &["a", "b", "c"]).await;
    let first = app.get("/api/v2/users?page[size]=2").await.expect(200);
    let last = app.call_as(&app.token, "GET", &first.text_at("/links/next")).await.expect(200);
    assert_eq!(ids(&last).len(), 2);
    assert_eq!(last.body["meta"]["has_more"], false);
    let empty = app.call_as(&app.token, "GET", &last.text_at("/links/next")).await.expect(200);
    assert_eq!(
        empty.body,
        json!({
            "users": [],
            "meta": {"has_more": false, "after_cursor": null, "before_cursor": null},
            "links": {"prev": null, "next": null},
        })
    );
    let back = app.call_as(&app.token, "GET", &last.text_at("/links/prev")).await.expect(200);
    assert_eq!(ids(&back), ids(&first));
    assert_eq!(back.body["meta"]["has_more"], false, "it looks in the direction of travel");
}

/// Every user, walked forwards with this query and then backwards from the end.
async fn walk(app: &TestApp, query: &str) -> Vec<i64> {
    let mut all = Vec::new();
    let mut page = app.get(&format!("/api/v2/users?{query}")).await.expect(200);
    let mut last = page.text_at("/links/prev");
    loop {
        all.extend(ids(&page));
        if page.body["links"]["next"].is_null() {
            break;
        }
        last = page.text_at("/links/prev");
        page = app.call_as(&app.token, "GET", &page.text_at("/links/next")).await.expect(200);
    }
    let mut backwards: Vec<Vec<i64>> = Vec::new();
    let mut link = last;
    loop {
        let page = app.call_as(&app.token, "GET", &link).await.expect(200);
        backwards.push(ids(&page));
        if page.body["links"]["prev"].is_null() {
            break;
        }
        link = page.text_at("/links/prev");
    }
    let before_last: Vec<_> = backwards.into_iter().rev().flatten().collect();
    assert!(all.starts_with(&before_last), "{query}: back from the last page to the first");
    assert!(all.len() - before_last.len() <= 3, "{query}");
    all
}

async fn walks_repeat_and_skip_nobody_in_any_order(app: TestApp) {
    let made = make(&app, &["b", "A", "c", "a", "B", "a", "C", "c"]).await;
    // Changes give updated_at an order of its own.
    for id in [made[5], made[0], made[3]] {
        app.clock.advance(Duration::from_secs(1));
        let change = json!({"user": {"notes": "seen"}});
        app.call("PUT", &format!("/api/v2/users/{id}")).json(&change).await.expect(200);
    }
    let owner = ids(&app.get("/api/v2/users?role=admin").await)[0];
    let at = |places: &[usize]| places.iter().map(|place| made[*place]).collect::<Vec<_>>();
    let with_owner = |places: &[usize], first: bool| {
        let mut all = at(places);
        all.insert(if first { 0 } else { all.len() }, owner);
        all
    };
    for (sort, expected) in [
        ("id", with_owner(&[0, 1, 2, 3, 4, 5, 6, 7], true)),
        ("-id", with_owner(&[7, 6, 5, 4, 3, 2, 1, 0], false)),
        ("created_at", with_owner(&[0, 1, 2, 3, 4, 5, 6, 7], true)),
        ("-created_at", with_owner(&[7, 6, 5, 4, 3, 2, 1, 0], false)),
        ("updated_at", with_owner(&[1, 2, 4, 6, 7, 5, 0, 3], true)),
        ("-updated_at", with_owner(&[3, 0, 5, 7, 6, 4, 2, 1], false)),
        // Case does not count, and the same names ascend by id in both directions.
        ("name", with_owner(&[1, 3, 5, 0, 4, 2, 6, 7], false)),
        ("-name", with_owner(&[2, 6, 7, 0, 4, 1, 3, 5], true)),
    ] {
        for size in [1, 2, 3] {
            let walked = walk(&app, &format!("sort={sort}&page[size]={size}")).await;
            assert_eq!(walked, expected, "{sort} by {size}");
        }
        let mut by_number = Vec::new();
        for page in 1..=3 {
            let query = format!("/api/v2/users?sort={sort}&per_page=4&page={page}");
            by_number.extend(ids(&app.get(&query).await.expect(200)));
        }
        assert_eq!(by_number, expected, "{sort} by number");
    }
}

async fn a_walk_goes_on_while_others_write(app: TestApp) {
    let made = make(&app, &["e", "d", "c", "b", "a", "f", "g", "h"]).await;
    let mut stays: BTreeSet<_> = made.iter().copied().collect();
    let mut seen = Vec::new();
    let mut page = app.get("/api/v2/users?sort=name&page[size]=2&role=end-user").await;
    loop {
        seen.extend(ids(&page));
        if page.body["links"]["next"].is_null() {
            break;
        }
        // The user whom the cursor names goes; others come before and after.
        let gone = *ids(&page).last().unwrap();
        app.call("DELETE", &format!("/api/v2/users/{gone}")).await.expect(200);
        stays.remove(&gone);
        make(&app, &["0", "c", "zz"]).await;
        page = app.call_as(&app.token, "GET", &page.text_at("/links/next")).await.expect(200);
        if seen.len() > 40 {
            break;
        }
    }
    let unique: BTreeSet<_> = seen.iter().copied().collect();
    assert_eq!(unique.len(), seen.len(), "nobody twice");
    assert!(stays.is_subset(&unique), "nobody who stayed is missing");
}

async fn cursors_belong_to_their_order(app: TestApp) {
    make(&app, &["a", "b"]).await;
    let by_name = app.get("/api/v2/users?sort=name&page[size]=1").await;
    let cursor = by_name.text_at("/meta/after_cursor");
    let error = |description: &str| json!({"error": "InvalidPaginationParameter", "description": description});
    let ask = async |parameters: &[(&str, &str)]| {
        let query =
            form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        app.get(&format!("/api/v2/users?{query}")).await
    };
    ask(&[("page[after]", &cursor), ("sort", "name")]).await.expect(200);
    for sort in ["", "-name", "id", "updated_at"] {
        let answer = ask(&[("page[after]", &cursor), ("sort", sort)]).await.expect(400);
        assert_eq!(answer.body, error("page[after] is not valid"), "{sort}");
    }
    for garbled in ["x", "eyJ9", "eyJvIjoiaWQiLCJ2IjoiYVFFPSJ9", &cursor[1..], "😀", "bnVsbA=="] {
        for name in ["page[after]", "page[before]"] {
            let answer = ask(&[(name, garbled)]).await.expect(400);
            assert_eq!(answer.body, error(&format!("{name} is not valid")), "{garbled}");
        }
    }
    let both = ask(&[("page[after]", &cursor), ("page[before]", &cursor)]).await.expect(400);
    assert_eq!(both.body, error("page[after] and page[before] can't be used together"));
    let mixed = ask(&[("page", "2"), ("page[size]", "2")]).await.expect(400);
    assert_eq!(mixed.body, error("page is not valid"));
    // What comes after a cursor can be asked for without a size.
    let rest = ask(&[("page[after]", &cursor), ("sort", "name")]).await.expect(200);
    assert_eq!(ids(&rest).len(), 2);
}

async fn every_item_has_a_cursor_on_request(app: TestApp) {
    make(&app, &["a", "b", "c"]).await;
    let query = "/api/v2/users?page[size]=4&sort=-name";
    let plain = app.get(query).await.expect(200);
    assert!(plain.body["users"][0].get("meta").is_none());
    let list = app.get(&format!("{query}&include_item_cursors=true")).await.expect(200);
    let all = ids(&list);
    for (place, user) in list.body["users"].as_array().unwrap().iter().enumerate() {
        let cursor = user["meta"]["page"]["cursor"].as_str().unwrap().replace('=', "%3D");
        let after = app.get(&format!("{query}&page[after]={cursor}")).await.expect(200);
        assert_eq!(ids(&after), all[place + 1..]);
        let before = app.get(&format!("{query}&page[before]={cursor}")).await.expect(200);
        assert_eq!(ids(&before), all[..place]);
    }
    let by_number = app.get("/api/v2/users?include_item_cursors=true").await.expect(200);
    assert!(by_number.body["users"][0].get("meta").is_none());
}

async fn orders_that_are_unknown(app: TestApp) {
    let made = make(&app, &["b", "a"]).await;
    let by_cursor = app.get("/api/v2/users?page[size]=2&sort=email").await.expect(400);
    assert_eq!(
        by_cursor.body,
        json!({"error": "InvalidPaginationParameter", "description": "sort is not valid"})
    );
    let by_number = app.get("/api/v2/users?sort=email&role=end-user").await.expect(200);
    assert_eq!(ids(&by_number), made);
    let older = "/api/v2/users?role=end-user&sort_by=name&sort_order=";
    assert_eq!(ids(&app.get(&format!("{older}asc")).await), [made[1], made[0]]);
    let ignored = app.get(&format!("{older}asc&page[size]=5")).await.expect(200);
    assert_eq!(ids(&ignored), made, "by cursor the older parameters say nothing");
}

async fn filters_alone_and_together(app: TestApp) {
    let role = json!({"custom_role": {"name": "Advisor"}});
    let role = app.post("/api/v2/custom_roles.json").json(&role).await;
    let role = role.body["custom_role"]["id"].clone();
    let user =
        async |user: Value| app.support_user(user).await.body["user"]["id"].as_i64().unwrap();
    let one = user(json!({"name": "one", "external_id": "Key"})).await;
    let two = user(json!({"name": "two", "role": "agent"})).await;
    let three = user(json!({"name": "three", "custom_role_id": role})).await;
    let four = user(json!({"name": "four", "role": "admin", "custom_role_id": role})).await;
    let owner = ids(&app.get("/api/v2/users?per_page=1").await)[0];
    for (query, expected) in [
        ("role=end-user".to_owned(), vec![one]),
        ("role=agent".into(), vec![two, three]),
        ("role[]=agent&role[]=admin".into(), vec![owner, two, three, four]),
        ("role=end-user&role%5B%5D=admin".into(), vec![owner, one, four]),
        ("role=nobody".into(), vec![]),
        (format!("permission_set={role}"), vec![three, four]),
        (format!("permission_set={role}&role=admin"), vec![four]),
        (format!("permission_set={role}&role=end-user"), vec![]),
        ("permission_set=1".into(), vec![]),
        ("external_id=kEY".into(), vec![one]),
        ("external_id=kEY&role=agent".into(), vec![]),
        ("external_id=none".into(), vec![]),
        (format!("external_id={}", "x".repeat(300)), vec![]),
    ] {
        let by_number = app.get(&format!("/api/v2/users?{query}")).await.expect(200);
        assert_eq!(ids(&by_number), expected, "{query}");
        assert_eq!(by_number.body["count"], expected.len(), "{query}");
        let by_cursor = app.get(&format!("/api/v2/users?{query}&page[size]=9")).await.expect(200);
        assert_eq!(ids(&by_cursor), expected, "{query}");
        let count = app.get(&format!("/api/v2/users/count.json?{query}")).await.expect(200);
        assert_eq!(count.body["count"]["value"], expected.len(), "{query}");
        assert!(count.text_at("/count/refreshed_at").ends_with('Z'));
    }
}

async fn what_is_empty_is_absent(app: TestApp) {
    make(&app, &["a"]).await;
    let plain = app.get("/api/v2/users").await.expect(200);
    let samples = "page=&per_page=&include_boundary_indicators=&include_item_cursors=&external_id=&role=&permission_set=&sort=&include=";
    let empty = app.get(&format!("/api/v2/users?{samples}")).await.expect(200);
    assert_eq!(empty.body, plain.body);
    let junk = "Access=&Category=0&Id=0&OnlyViewable=false&query=&brand_id=all";
    let unknown = app.get(&format!("/api/v2/users?{junk}")).await.expect(200);
    assert_eq!(unknown.body["users"], plain.body["users"]);
}

async fn links_keep_what_the_client_sent(app: TestApp) {
    make(&app, &["a", "b", "c"]).await;
    let query = "role[]=end-user&role[]=agent&include=groups,identities&per_page=1&page=2&x=1%262";
    let list = app
        .get(&format!("/api/v2/users.json?{query}"))
        .header("host", "people.example:8443")
        .await
        .expect(200);
    assert_eq!(
        list.text_at("/next_page"),
        "http://people.example:8443/api/v2/users.json?include=groups%2Cidentities&page=3&per_page=1&role%5B%5D=end-user&role%5B%5D=agent&x=1%262"
    );
    let first = list.text_at("/users/0/url");
    assert!(first.starts_with("http://people.example:8443/api/v2/users/"));
}

async fn sideloads_come_along_in_both_modes(app: TestApp) {
    let role = json!({"custom_role": {"name": "Advisor"}});
    let role = app.post("/api/v2/custom_roles").json(&role).await.body["custom_role"]["id"].clone();
    let group = json!({"group": {"name": "Support"}});
    let group =
        app.post("/api/v2/groups").json(&group).await.expect(201).body["group"]["id"].clone();
    let end_user = json!({"name": "E", "email": "e@example.org", "organization": {"name": "Navy"}});
    let end_user = app.support_user(end_user).await.body["user"]["id"].clone();
    let agent = json!({"name": "A", "custom_role_id": role});
    let agent = app.support_user(agent).await.body["user"]["id"].clone();
    let membership = json!({"group_membership": {"user_id": agent, "group_id": group}});
    app.post("/api/v2/group_memberships").json(&membership).await.expect(201);
    let all = "include=organizations,%20groups,roles,identities,abilities,unknown";
    for mode in ["", "&page[size]=10"] {
        let none = app.get(&format!("/api/v2/users?x=1{mode}")).await.expect(200);
        for name in ["organizations", "groups", "roles", "identities", "abilities"] {
            assert!(none.body.get(name).is_none());
        }
        let list = app.get(&format!("/api/v2/users?{all}{mode}")).await.expect(200).body;
        assert_eq!(list["organizations"][0]["name"], "Navy");
        assert_eq!(list["groups"][0]["id"], group);
        assert_eq!(list["roles"][0]["id"], role);
        assert_eq!(list["identities"][0]["user_id"], end_user);
        assert_eq!(list["identities"][0]["value"], "e@example.org");
        assert_eq!(list["abilities"].as_array().unwrap().len(), 3);
        let user =
            list["users"].as_array().unwrap().iter().find(|user| user["id"] == agent).unwrap();
        assert_eq!(user["default_group_id"], group);
        assert_eq!(user["abilities"]["user_id"], agent);
        assert_eq!(user["abilities"]["can_edit"], true);
        let empty = app.get(&format!("/api/v2/users?{all}&role=nobody{mode}")).await.expect(200);
        for name in ["organizations", "groups", "roles", "identities", "abilities"] {
            assert_eq!(empty.body[name], json!([]), "{name}");
        }
    }
}

async fn a_comma_separates_no_roles(app: TestApp) {
    let list = app.get("/api/v2/users.json?page%5Bsize%5D=100&role=agent%2Cadmin").await;
    assert_eq!(list.expect(200).body["users"], json!([]));
}
