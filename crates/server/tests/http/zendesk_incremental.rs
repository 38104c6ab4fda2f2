//! Zendesk's dialect: exports of users in the order of their changes.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::support::{Answer, TestApp, json, on_each_store};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

on_each_store! {
    a_page_by_time,
    a_page_by_cursor,
    a_thousand_users_in_one_second,
    a_page_by_time_never_parts_a_second,
    the_last_second_is_told_again_until_it_is_over,
    a_walk_by_cursor_goes_on_while_others_write,
    a_walk_by_time_goes_on_while_others_write,
    the_end_is_a_place_to_go_on_from,
}

/// The second at which the clock of the tests starts.
pub(crate) const START: i64 = 1_790_000_000;

pub(crate) const BY_TIME: &str = "/api/v2/incremental/users.json";
pub(crate) const BY_CURSOR: &str = "/api/v2/incremental/users/cursor.json";

pub(crate) async fn pass(app: &TestApp, seconds: u64) {
    app.clock.advance(Duration::from_secs(seconds));
}

pub(crate) async fn make(app: &TestApp, name: &str) -> i64 {
    app.support_user(json!({"name": name})).await.body["user"]["id"].as_i64().unwrap()
}

pub(crate) async fn note(app: &TestApp, id: i64, notes: &str) {
    let change = json!({"user": {"notes": notes}});
    app.call("PUT", &format!("/api/v2/users/{id}")).json(&change).await.expect(200);
}

/// Makes so many users in a few calls, without the clock going on.
pub(crate) async fn make_many(app: &TestApp, count: usize) {
    for hundred in 0..count.div_ceil(100) {
        let here = (count - hundred * 100).min(100);
        let users: Vec<_> = (0..here).map(|_| json!({"name": "U"})).collect();
        let body = json!({"users": users});
        app.post("/api/v2/users/create_many").json(&body).await.expect(200);
    }
}

pub(crate) fn ids(answer: &Answer) -> Vec<i64> {
    let users = answer.body["users"].as_array().unwrap();
    users.iter().map(|user| user["id"].as_i64().unwrap()).collect()
}

/// Everybody there is, by number.
async fn everybody(app: &TestApp) -> Vec<i64> {
    let (mut all, mut link) = (Vec::new(), "/api/v2/users?page[size]=100".to_owned());
    loop {
        let page = app.call_as(&app.token, "GET", &link).await.expect(200);
        all.extend(ids(&page));
        if page.body["meta"]["has_more"] == false {
            return all;
        }
        link = page.text_at("/links/next");
        assert!(all.len() < 5000, "the walk does not end");
    }
}

async fn follow(app: &TestApp, page: &Answer, pointer: &str) -> Answer {
    app.call_as(&app.token, "GET", &page.text_at(pointer)).await.expect(200)
}

/// Reads an export to its end; what the last page was, and who was told of, in order.
async fn walk(app: &TestApp, path: &str, pointer: &str) -> (Answer, Vec<i64>) {
    let mut page = app.get(path).await.expect(200);
    let mut all = ids(&page);
    for _ in 0..200 {
        if page.body["end_of_stream"] == true {
            return (page, all);
        }
        page = follow(app, &page, pointer).await;
        all.extend(ids(&page));
    }
    unreachable!("the walk does not end")
}

pub(crate) fn cursor(text: &str) -> String {
    STANDARD.encode(text)
}

async fn a_page_by_time(app: TestApp) {
    let owner = everybody(&app).await[0];
    pass(&app, 100).await;
    let made = make(&app, "Grace").await;
    pass(&app, 100).await;
    let page = app.get(&format!("{BY_TIME}?start_time=0")).await.expect(200);
    assert_eq!(ids(&page), [owner, made]);
    let user = app.get(&format!("/api/v2/users/{made}")).await.body["user"].clone();
    assert_eq!(page.body["users"][1], user);
    let mut rest = page.body.clone();
    rest.as_object_mut().unwrap().remove("users");
    let expected = json!({
        "next_page": format!("{}{BY_TIME}?start_time={}", app.base, START + 101), "count": 2,
        "end_of_stream": true, "end_time": START + 101,
    });
    assert_eq!(rest, expected);
    let next = follow(&app, &page, "/next_page").await;
    let expected = json!({
        "users": [], "next_page": page.body["next_page"], "count": 0, "end_of_stream": true,
        "end_time": START + 101,
    });
    assert_eq!(next.body, expected, "the same place again");
    let path = format!("/api/v2/incremental/users?start_time={}&per_page=1", START + 100);
    let one = app.get(&path).await.expect(200);
    assert_eq!(ids(&one), [made], "from this second on");
    let next =
        format!("{}/api/v2/incremental/users?per_page=1&start_time={}", app.base, START + 101);
    assert_eq!(one.body["next_page"], next);
}

async fn a_page_by_cursor(app: TestApp) {
    let owner = everybody(&app).await[0];
    pass(&app, 100).await;
    let made = make(&app, "Grace").await;
    pass(&app, 100).await;
    let first = app.get(&format!("{BY_CURSOR}?start_time=0&per_page=1")).await.expect(200);
    assert_eq!(ids(&first), [owner]);
    let mut rest = first.body.clone();
    rest.as_object_mut().unwrap().remove("users");
    let after = cursor(&format!("{START}.000000||{owner}|"));
    let expected = json!({
        "after_url": format!("{}{BY_CURSOR}?cursor={}&per_page=1", app.base, after.replace('=', "%3D")),
        "before_url": null, "after_cursor": after, "before_cursor": null, "end_of_stream": false,
    });
    assert_eq!(rest, expected);
    let second = follow(&app, &first, "/after_url").await;
    assert_eq!(ids(&second), [made]);
    let user = app.get(&format!("/api/v2/users/{made}")).await.body["user"].clone();
    assert_eq!(second.body["users"][0], user);
    assert_eq!(second.body["end_of_stream"], true);
    let after = cursor(&format!("{}.000000||{made}|", START + 100));
    assert_eq!(second.body["after_cursor"], after);
    let end = follow(&app, &second, "/after_url").await;
    let expected = json!({
        "users": [], "after_url": second.body["after_url"], "before_url": null,
        "after_cursor": after, "before_cursor": null, "end_of_stream": true,
    });
    assert_eq!(end.body, expected, "the same place again");
    app.get(&format!("/api/v2/incremental/users/cursor?cursor={after}")).await.expect(200);
}

async fn a_thousand_users_in_one_second(app: TestApp) {
    make_many(&app, 1000).await;
    let all = everybody(&app).await;
    assert_eq!(all.len(), 1001);
    pass(&app, 100).await;
    for size in [1, 7, 999] {
        let path = format!("{BY_TIME}?start_time=0&per_page={size}");
        let (page, told) = walk(&app, &path, "/next_page").await;
        assert_eq!(told, all, "by time, {size}");
        assert_eq!(
            (&page.body["count"], &page.body["end_time"]),
            (&json!(1001), &json!(START + 1))
        );
    }
    for size in [61, 333, 1000] {
        let path = format!("{BY_CURSOR}?start_time={START}&per_page={size}");
        let (_, told) = walk(&app, &path, "/after_url").await;
        assert_eq!(told, all, "by cursor, {size}");
    }
}

async fn a_page_by_time_never_parts_a_second(app: TestApp) {
    let owner = everybody(&app).await[0];
    let mut seconds = vec![vec![owner]];
    for count in [3, 1, 2, 4] {
        pass(&app, 1).await;
        let mut here = Vec::new();
        for _ in 0..count {
            app.clock.advance(Duration::from_millis(10));
            here.push(make(&app, "U").await);
        }
        seconds.push(here);
    }
    pass(&app, 100).await;
    for (size, expected) in [
        (1, vec![1, 1, 1, 1, 1]),
        (2, vec![2, 2, 1]),
        (4, vec![2, 3]),
        (5, vec![3, 2]),
        (7, vec![4, 1]),
        (8, vec![5]),
        (11, vec![5]),
        (1000, vec![5]),
    ] {
        let mut rest = &seconds[..];
        let mut page =
            app.get(&format!("{BY_TIME}?start_time=0&per_page={size}")).await.expect(200);
        for (number, count) in expected.iter().enumerate() {
            let (here, after) = rest.split_at(*count);
            assert_eq!(ids(&page), here.concat(), "{size}");
            assert_eq!(page.body["count"], here.concat().len(), "{size}");
            let is_last = number + 1 == expected.len();
            assert_eq!(page.body["end_of_stream"], is_last, "{size}, page {number}");
            let done = seconds.len() - after.len();
            assert_eq!(page.body["end_time"], START + i64::try_from(done).unwrap(), "{size}");
            page = follow(&app, &page, "/next_page").await;
            rest = after;
        }
        assert!(rest.is_empty() && ids(&page).is_empty(), "{size}");
    }
}

async fn the_last_second_is_told_again_until_it_is_over(app: TestApp) {
    pass(&app, 100).await;
    let first = make(&app, "A").await;
    let second = START + 100;
    let page = app.get(&format!("{BY_TIME}?start_time={second}")).await.expect(200);
    assert_eq!(ids(&page), [first]);
    assert_eq!(
        (&page.body["end_time"], &page.body["end_of_stream"]),
        (&json!(second), &json!(true))
    );
    app.clock.advance(Duration::from_millis(999));
    let late = make(&app, "B").await;
    let page = follow(&app, &page, "/next_page").await;
    assert_eq!(ids(&page), [first, late]);
    assert_eq!(page.body["end_time"], second);
    // A write that was on its way while the second ended is told of, too.
    pass(&app, 9).await;
    let page = follow(&app, &page, "/next_page").await;
    assert_eq!((&page.body["end_time"], &page.body["count"]), (&json!(second), &json!(2)));
    pass(&app, 2).await;
    let page = follow(&app, &page, "/next_page").await;
    assert_eq!((&page.body["end_time"], &page.body["count"]), (&json!(second + 1), &json!(2)));
    let page = follow(&app, &page, "/next_page").await;
    assert_eq!((&page.body["end_time"], &page.body["count"]), (&json!(second + 1), &json!(0)));

    // A second that another one follows is over, however young it is.
    let third = make(&app, "C").await;
    pass(&app, 1).await;
    let fourth = make(&app, "D").await;
    let path = format!("{BY_TIME}?start_time={}&per_page=1", second + 1);
    let page = app.get(&path).await.expect(200);
    assert_eq!((ids(&page), &page.body["end_of_stream"]), (vec![third], &json!(false)));
    assert_eq!(ids(&follow(&app, &page, "/next_page").await), [fourth]);
}

/// Changes users while an export is read, in seconds of their own if wanted; what was told last
/// of each user must be what they are in the end.
async fn walk_while_writing(app: &TestApp, path: &str, pointer: &str, step: Duration) {
    make_many(app, 60).await;
    pass(app, 100).await;
    let made: Vec<_> = everybody(app).await[1..].to_vec();
    let mut told = BTreeMap::new();
    let mut page = app.get(path).await.expect(200);
    for round in 0.. {
        for user in page.body["users"].as_array().unwrap() {
            told.insert(user["id"].as_i64().unwrap(), user.clone());
        }
        if round < 8 {
            // Those who were told of already and those who were not; some twice.
            for at in [round, 59 - round, round / 2] {
                note(app, made[at], &format!("round {round}")).await;
                app.clock.advance(step);
            }
            make(app, "New").await;
            app.call("DELETE", &format!("/api/v2/users/{}", made[20 + round])).await.expect(200);
        } else if page.body["end_of_stream"] == true {
            break;
        }
        assert!(round < 200, "the walk does not end");
        page = follow(app, &page, pointer).await;
    }
    for id in everybody(app).await {
        let now = app.get(&format!("/api/v2/users/{id}")).await.expect(200);
        assert_eq!(told[&id], now.body["user"]);
    }
    for id in &made[20..28] {
        assert_eq!(told[id]["active"], false);
    }
    assert_eq!(told.len(), 69, "the owner, sixty and eight");
}

async fn a_walk_by_cursor_goes_on_while_others_write(app: TestApp) {
    let path = format!("{BY_CURSOR}?start_time=0&per_page=9");
    walk_while_writing(&app, &path, "/after_url", Duration::ZERO).await;
}

async fn a_walk_by_time_goes_on_while_others_write(app: TestApp) {
    let path = format!("{BY_TIME}?start_time=0&per_page=9");
    walk_while_writing(&app, &path, "/next_page", Duration::from_millis(300)).await;
}

async fn the_end_is_a_place_to_go_on_from(app: TestApp) {
    make(&app, "A").await;
    pass(&app, 100).await;
    let (by_time, _) = walk(&app, &format!("{BY_TIME}?start_time=0"), "/next_page").await;
    let (by_cursor, _) = walk(&app, &format!("{BY_CURSOR}?start_time=0"), "/after_url").await;
    let empty = app.get(&format!("{BY_CURSOR}?start_time={}", START + 1)).await.expect(200);
    assert_eq!((ids(&empty).len(), &empty.body["end_of_stream"]), (0, &json!(true)));
    assert_eq!(empty.body["after_cursor"], cursor(&format!("{}.000000||0|", START + 1)));
    for _ in 0..3 {
        let later = make(&app, "B").await;
        let mut told = Vec::new();
        for (end, pointer) in
            [(&by_time, "/next_page"), (&by_cursor, "/after_url"), (&empty, "/after_url")]
        {
            told.push(ids(&follow(&app, end, pointer).await));
        }
        assert_eq!(told[0].last(), Some(&later));
        assert_eq!((&told[1], &told[2]), (&told[0], &told[0]));
    }
}
