//! Zendesk's dialect: organizations and their users.

use std::time::Duration;

use futures_util::future::join_all;

use crate::support::{Answer, TestApp, Value, json, on_each_store};
use crate::zendesk_records::{details, group, id, ids, make, organization};

on_each_store! {
    a_new_organization_has_the_vendors_keys,
    what_is_written_is_shown,
    a_change_names_what_it_changes,
    names_and_external_ids_are_unique,
    every_problem_is_told_at_once,
    domain_names_have_bounds,
    deleting_one_leaves_its_users,
    show_many_leaves_the_unknown_out,
    create_or_update_matches_by_id_and_external_id,
    twenty_at_once_make_one,
    its_users_are_a_list_of_users,
}

async fn a_new_organization_has_the_vendors_keys(app: TestApp) {
    let made = make(&app, "organizations", "organization", json!({"name": "Acme"})).await;
    let expected = json!({
        "url": format!("{}/api/v2/organizations/{}.json", app.base, made["id"]),
        "id": made["id"], "name": "Acme", "shared_tickets": false, "shared_comments": false,
        "external_id": null, "created_at": made["created_at"], "updated_at": made["created_at"],
        "domain_names": [], "details": null, "notes": null, "group_id": null, "tags": [],
        "organization_fields": {},
    });
    assert_eq!(made, expected);
    let time = made["created_at"].as_str().unwrap();
    assert_eq!((time.len(), &time[10..11], &time[19..]), (20, "T", "Z"));
    for ending in ["", ".json"] {
        let one = format!("/api/v2/organizations/{}{ending}", made["id"]);
        let shown = app.get(&one).await.expect(200);
        assert_eq!(shown.body, json!({"organization": expected}));
    }
}

async fn what_is_written_is_shown(app: TestApp) {
    let group = group(&app, "Support").await;
    let mut written = json!({
        "name": "Acme", "external_id": "Crm-1", "shared_tickets": true, "shared_comments": true,
        "domain_names": "acme.example  acme.test acme.example", "details": "Anvils",
        "notes": "Pays late", "group_id": group, "tags": ["VIP", "big vip"],
        "organization_fields": {"seats": 12, "ratio": 5.1, "beta": true, "plan": "gold"},
        "unknown": [1],
    });
    let made = make(&app, "organizations", "organization", written.clone()).await;
    written["domain_names"] = json!(["acme.example", "acme.test"]);
    written["tags"] = json!(["vip", "big"]);
    written.as_object_mut().unwrap().remove("unknown");
    for (key, value) in written.as_object().unwrap() {
        assert_eq!(made[key], *value, "{key}");
    }
    let shown = app.get(&format!("/api/v2/organizations/{}", made["id"])).await.expect(200);
    assert_eq!(shown.body["organization"], made);
    let list = app.get("/api/v2/organizations").await.expect(200);
    assert_eq!(list.body["organizations"], json!([made]));
}

async fn a_change_names_what_it_changes(app: TestApp) {
    let written = json!({
        "name": "Acme", "external_id": "1", "details": "d", "notes": "n", "tags": ["a"],
        "domain_names": ["a.example"], "organization_fields": {"stays": 1, "goes": 2},
    });
    let mut expected = make(&app, "organizations", "organization", written).await;
    app.clock.advance(Duration::from_secs(60));
    let one = format!("/api/v2/organizations/{}.json", expected["id"]);
    let change = json!({
        "name": "ACME", "external_id": null, "details": null, "tags": [], "shared_tickets": true,
        "domain_names": ["b.example"], "organization_fields": {"goes": null, "comes": "x"},
    });
    let changed = app.call("PUT", &one).json(&json!({"organization": change})).await.expect(200);
    for (key, value) in change.as_object().unwrap() {
        expected[key] = value.clone();
    }
    expected["organization_fields"] = json!({"stays": 1, "comes": "x"});
    let later = &changed.body["organization"]["updated_at"];
    assert!(later.as_str() > expected["updated_at"].as_str());
    expected["updated_at"] = later.clone();
    assert_eq!(changed.body, json!({"organization": expected}));
    assert_eq!(app.get(&one).await.expect(200).body, changed.body);
    let nobody =
        app.call("PUT", "/api/v2/organizations/7").json(&json!({"organization": {}})).await;
    nobody.expect_zendesk(404, "RecordNotFound");
}

async fn names_and_external_ids_are_unique(app: TestApp) {
    let first = json!({"name": "Acme", "external_id": "Crm-1"});
    let first = id(&make(&app, "organizations", "organization", first).await);
    let second = organization(&app, "Other").await;
    let refused = |field: &str, description: &str| json!({field: [{"description": description, "error": "DuplicateValue"}]});
    let write = |method: &str, path: String, fields: Value| {
        app.call(method, &path).json(&json!({"organization": fields}))
    };
    let taken = refused("name", "Name: ACME has already been taken");
    let external = refused("external_id", "External id: has already been taken");
    for (method, path) in [
        ("POST", "/api/v2/organizations".to_owned()),
        ("PUT", format!("/api/v2/organizations/{second}")),
    ] {
        let name = write(method, path.clone(), json!({"name": " ACME "})).await;
        assert_eq!(details(&name), taken, "{method}");
        let fields = json!({"name": "new", "external_id": "CRM-1"});
        assert_eq!(details(&write(method, path, fields).await), external, "{method}");
    }
    let own = json!({"name": "ACME", "external_id": "CRM-1"});
    let own = write("PUT", format!("/api/v2/organizations/{first}"), own).await.expect(200);
    assert_eq!(own.body["organization"]["external_id"], "CRM-1");
    app.call("DELETE", &format!("/api/v2/organizations/{first}")).await.expect(204);
    let free = json!({"name": "acme", "external_id": "crm-1"});
    write("POST", "/api/v2/organizations".to_owned(), free).await.expect(201);
}

async fn every_problem_is_told_at_once(app: TestApp) {
    let body = json!({"organization": {
        "name": " ", "external_id": "x".repeat(300), "shared_tickets": "perhaps",
        "domain_names": [{}], "details": [], "group_id": "seven", "tags": 7,
        "organization_fields": {"deep": {}},
    }});
    let answer = app.post("/api/v2/organizations").json(&body).await;
    let details = details(&answer);
    let fields: Vec<_> = details.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        fields,
        [
            "details",
            "domain_names",
            "external_id",
            "group_id",
            "name",
            "organization_fields",
            "shared_tickets",
            "tags",
        ]
    );
    let body = json!({"organization": {"name": "x", "group_id": 7}});
    let answer = app.post("/api/v2/organizations").json(&body).await;
    let group = json!([{"description": "Group id: is not a group", "error": "InvalidValue"}]);
    assert_eq!(crate::zendesk_records::details(&answer), json!({"group_id": group}));
    let large =
        json!({"organization": {"name": "x", "organization_fields": {"k": "x".repeat(11_000)}}});
    let answer = app.post("/api/v2/organizations").json(&large).await;
    let details = crate::zendesk_records::details(&answer);
    assert_eq!(details["organization_fields"][0]["error"], "ValueTooLong");
    assert_eq!(app.get("/api/v2/organizations").await.body["count"], 0, "nothing was made");
}

async fn domain_names_have_bounds(app: TestApp) {
    let post = async |names: Value| {
        let body = json!({"organization": {"name": "x", "domain_names": names}});
        app.post("/api/v2/organizations").json(&body).await
    };
    let names = |count: u32| json!((0..count).map(|n| format!("d{n}.example")).collect::<Vec<_>>());
    let too_many = details(&post(names(501)).await);
    assert_eq!(
        too_many["domain_names"][0]["description"],
        "Domain names: must be at most 500 domain names"
    );
    let too_long = details(&post(json!(["x".repeat(256)])).await);
    assert!(too_long.get("domain_names").is_some());
    let made = post(names(500)).await.expect(201);
    assert_eq!(made.body["organization"]["domain_names"], names(500));
}

/// Makes end users of an organization; their numbers.
async fn people(app: &TestApp, organization: i64, names: &[&str]) -> Vec<i64> {
    let mut numbers = Vec::new();
    for name in names {
        let user = json!({"name": name, "organization_id": organization, "external_id": name});
        numbers.push(id(&app.support_user(user).await.body["user"]));
    }
    numbers
}

async fn deleting_one_leaves_its_users(app: TestApp) {
    let company = organization(&app, "Acme").await;
    let users = people(&app, company, &["a", "b"]).await;
    let one = format!("/api/v2/organizations/{company}.json");
    let gone = app.call("DELETE", &one).await.expect(204);
    assert_eq!(gone.text, "");
    assert!(gone.headers.get("content-type").is_none());
    app.get(&one).await.expect_zendesk(404, "RecordNotFound");
    app.call("DELETE", &one).await.expect_zendesk(404, "RecordNotFound");
    app.get(&format!("/api/v2/organizations/{company}/users")).await.expect(404);
    for user in users {
        let user = app.get(&format!("/api/v2/users/{user}")).await.expect(200);
        assert_eq!(user.body["user"]["organization_id"], Value::Null);
    }
}

async fn show_many_leaves_the_unknown_out(app: TestApp) {
    let mut made = Vec::new();
    for name in ["a", "b", "c"] {
        let fields = json!({"name": name, "external_id": format!("Key-{name}")});
        made.push(id(&make(&app, "organizations", "organization", fields).await));
    }
    let show = async |query: &str| {
        let path = format!("/api/v2/organizations/show_many.json?{query}");
        let answer = app.get(&path).await.expect(200);
        assert_eq!(answer.body["count"], answer.body["organizations"].as_array().unwrap().len());
        assert_eq!(answer.body["next_page"], Value::Null);
        assert_eq!(answer.body["previous_page"], Value::Null);
        ids(&answer, "organizations")
    };
    let listed = format!("ids={},7,{},{}", made[2], made[0], made[2]);
    assert_eq!(show(&listed).await, [made[0], made[2]]);
    assert_eq!(show("external_ids=key-C,unknown,KEY-a,key-c").await, [made[0], made[2]]);
    assert_eq!(show("").await, Vec::<i64>::new());
    let many = |name: &str, count: usize| format!("{name}={}", vec!["7"; count].join(","));
    for name in ["ids", "external_ids"] {
        assert!(show(&many(name, 100)).await.is_empty());
        let path = format!("/api/v2/organizations/show_many?{}", many(name, 101));
        assert_eq!(
            app.get(&path).await.expect(400).body,
            json!({
                "error": "TooManyValues",
                "description": "Parameter  cannot specify more than 100 values",
                "max_count": 100,
            })
        );
    }
    app.get("/api/v2/organizations/show_many?ids=x").await.expect(400);
}

async fn create_or_update_matches_by_id_and_external_id(app: TestApp) {
    let write = async |fields: Value| {
        let body = json!({"organization": fields});
        app.post("/api/v2/organizations/create_or_update.json").json(&body).await
    };
    let place = |answer: &Answer| answer.header("location").to_owned();
    let first = write(json!({"name": "Acme", "external_id": "Crm-1"})).await.expect(201);
    let number = id(&first.body["organization"]);
    let url = format!("{}/api/v2/organizations/{number}.json", app.base);
    assert_eq!(place(&first), url);
    let again = write(json!({"external_id": "CRM-1", "notes": "n"})).await.expect(200);
    assert_eq!(place(&again), url);
    let organization = &again.body["organization"];
    assert_eq!((id(organization), &organization["notes"]), (number, &json!("n")));
    assert_eq!(
        (&organization["name"], &organization["external_id"]),
        (&json!("Acme"), &json!("CRM-1"))
    );
    let by_id = write(json!({"id": number.to_string(), "external_id": "new"})).await.expect(200);
    assert_eq!(by_id.body["organization"]["external_id"], "new");
    assert_eq!(id(&by_id.body["organization"]), number);

    let by_name = write(json!({"name": "acme"})).await;
    assert_eq!(details(&by_name)["name"][0]["error"], "DuplicateValue", "a name finds nothing");
    for fields in [json!({}), json!({"external_id": "nobody's"})] {
        assert_eq!(details(&write(fields).await)["name"][0]["error"], "BlankValue");
    }
    write(json!({"id": 7, "name": "x"})).await.expect_zendesk(404, "RecordNotFound");
    assert_eq!(app.get("/api/v2/organizations").await.body["count"], 1);
}

async fn twenty_at_once_make_one(app: TestApp) {
    let calls = (0..20).map(|number| {
        let fields = json!({"name": "Acme", "external_id": "Crm-1", "notes": number.to_string()});
        let call = app.post("/api/v2/organizations/create_or_update");
        let call = call.json(&json!({"organization": fields}));
        async move { call.await }
    });
    let answers = join_all(calls).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    let changed = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!((made, changed), (1, 19));
    assert_eq!(app.get("/api/v2/organizations").await.body["count"], 1);
}

async fn its_users_are_a_list_of_users(app: TestApp) {
    let (company, other) = (organization(&app, "Acme").await, organization(&app, "Other").await);
    let mut users = people(&app, company, &["d", "a", "c", "b"]).await;
    people(&app, other, &["x"]).await;
    let agent = json!({"name": "z", "role": "agent", "organization_id": company});
    let agent = id(&app.support_user(agent).await.body["user"]);
    let base = format!("/api/v2/organizations/{company}/users");
    let get = async |query: &str| app.get(&format!("{base}{query}")).await.expect(200);
    let end_users = users.clone();
    users.push(agent);

    let all = get(".json").await;
    assert_eq!(ids(&all, "users"), users);
    assert_eq!(all.body["count"], 5);
    assert_eq!(ids(&get("?role=agent").await, "users"), [agent]);
    assert_eq!(ids(&get("?role[]=end-user").await, "users"), end_users);
    assert_eq!(ids(&get("?external_id=C").await, "users"), [users[2]]);
    assert_eq!(ids(&get("?external_id=x").await, "users"), Vec::<i64>::new());
    assert_eq!(get("?role=end-user&per_page=1").await.body["count"], 4);
    for (query, count) in [("", 5), ("?role=end-user", 4), ("?external_id=x", 0)] {
        let answer = app.get(&format!("{base}/count{query}")).await.expect(200);
        assert_eq!(answer.body["count"]["value"], count, "{query}");
    }

    let by_number = get("?per_page=2&page=2&role=end-user").await;
    assert_eq!(ids(&by_number, "users"), end_users[2..]);
    assert_eq!(
        by_number.body["previous_page"],
        format!("{}{base}?page=1&per_page=2&role=end-user", app.base)
    );
    let mut page = get("?page[size]=2&sort=name&include=organizations").await;
    let mut names = Vec::new();
    while page.body["meta"]["has_more"] == true {
        assert_eq!(page.body["organizations"][0]["id"], company);
        names.extend(page.body["users"].as_array().unwrap().clone());
        page = app.call_as(&app.token, "GET", &page.text_at("/links/next")).await.expect(200);
    }
    names.extend(page.body["users"].as_array().unwrap().clone());
    let names: Vec<_> = names.iter().map(|user| user["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["a", "b", "c", "d", "z"]);
    for path in ["/api/v2/organizations/7/users", "/api/v2/organizations/7/users/count.json"] {
        app.get(path).await.expect_zendesk(404, "RecordNotFound");
    }
}
