//! Accounts know nothing of one another.

use roster_directory::Scopes;

use crate::support::{TestApp, json, on_each_store};

on_each_store! {
    nothing_of_another_account_can_be_reached,
    webhooks_of_another_account_cannot_be_reached,
    external_ids_are_each_accounts_own,
}

async fn nothing_of_another_account_can_be_reached(app: TestApp) {
    let foreign = app.other_account(Scopes::ALL).await;
    let user = app.create(json!({"external_id": "mine"})).await;
    let id = user.text_at("/end_user_id");
    let channel = app.channel().await;
    let body = json!({"channel_id": channel, "end_user_id": id});
    let started = app.post("/api/v2/conversations/").json(&body).await.expect(201);
    let conversation = format!("/api/v2/conversations/{}/", started.text_at("/id"));
    let end_user = format!("/api/v2/end-users/{id}");
    let secrets = format!("/roster/v1/end-users/{id}/sensitive-metadata");

    let call = |method: &str, path: &str| {
        app.call_as(&foreign, method, path).json(&json!({"profile": {}, "metadata": {}}))
    };
    for (method, path) in [
        ("GET", &*end_user),
        ("PATCH", &*end_user),
        ("GET", &*conversation),
        ("PATCH", &*conversation),
        ("POST", &*format!("{conversation}end/")),
        ("GET", "/api/v2/end-users/?external_id=mine"),
        ("GET", &*secrets),
    ] {
        call(method, path).await.expect_error(404, "not_found");
    }
    for path in [
        "/api/v2/end-users/".to_owned(),
        format!("/api/v2/end-users/?cursor={id}"),
        "/api/v2/channels/?type=custom".to_owned(),
    ] {
        let list = app.call_as(&foreign, "GET", &path).await.expect(200);
        assert_eq!(list.body["data"], json!([]), "{path}");
    }
    let start = |body| app.call_as(&foreign, "POST", "/api/v2/conversations/").json(&body);
    start(json!({"channel_id": channel})).await.expect_error(404, "not_found");

    let own = json!({"name": "theirs", "description": "", "modality": "sms"});
    let own = app.call_as(&foreign, "POST", "/api/v2/channels/").json(&own).await.expect(201);
    let both = json!({"channel_id": own.text_at("/id"), "end_user_id": id});
    start(both).await.expect_error(404, "not_found");

    let (reader, _) = app.token_of(&app.account, Scopes::ALL).await;
    app.call_as(&reader, "GET", &secrets).await.expect(200);
    assert_eq!(app.get(&end_user).await.expect(200).text, user.text, "nothing has changed");
}

async fn webhooks_of_another_account_cannot_be_reached(app: TestApp) {
    let foreign = app.other_account(Scopes::ALL).await;
    let body = json!({"url": "https://a.example"});
    let made = app.post("/api/v2/webhooks/").json(&body).await.expect(201);
    let webhook = format!("/api/v2/webhooks/{}/", made.text_at("/id"));
    let sent = format!("/roster/v1/webhooks/{}/", made.text_at("/id"));
    let secret = app.get(&format!("{webhook}secret/")).await.expect(200);
    let user = app.create_id(json!({})).await;
    let message = format!("{sent}deliveries/msg_{user}00000001");
    app.post(&format!("{message}/replay")).await.expect(202);
    let delivery = app.get(&message).await.expect(200);

    // The other account has a message of the same number.
    let own = app.call_as(&foreign, "POST", "/api/v2/webhooks/").json(&body).await.expect(201);
    app.call_as(&foreign, "POST", "/api/v2/end-users/").json(&json!({})).await.expect(201);
    for (method, path) in [
        ("GET", &*webhook),
        ("PATCH", &*webhook),
        ("DELETE", &*webhook),
        ("GET", &*format!("{webhook}secret/")),
        ("POST", &*format!("{webhook}secret/rotate/")),
        ("GET", &*format!("{sent}deliveries")),
        ("GET", &*message),
        ("POST", &*format!("{message}/replay")),
        ("POST", &*format!("{sent}replay")),
    ] {
        let body = json!({"enabled": false, "since": "2026-09-21T14:13:20Z"});
        let answer = app.call_as(&foreign, method, path).json(&body).await;
        answer.expect_error(404, "not_found");
    }
    let list = app.call_as(&foreign, "GET", "/api/v2/webhooks/").await.expect(200);
    assert_eq!(list.body["data"], json!([own.body]));
    for (path, before) in
        [(&webhook, &made), (&format!("{webhook}secret/"), &secret), (&message, &delivery)]
    {
        assert_eq!(app.get(path).await.expect(200).text, before.text, "nothing has changed");
    }
}

async fn external_ids_are_each_accounts_own(app: TestApp) {
    let foreign = app.other_account(Scopes::SERVER).await;
    let mine = app.create_id(json!({"external_id": "same"})).await;
    let body = json!({"external_id": "SAME"});
    let theirs = app.call_as(&foreign, "POST", "/api/v2/end-users/").json(&body).await.expect(201);
    assert_ne!(theirs.text_at("/end_user_id"), mine);
    let found = app.call_as(&foreign, "GET", "/api/v2/end-users/?external_id=same").await;
    assert_eq!(found.expect(200).text, theirs.text);
}
