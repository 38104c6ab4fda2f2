//! Answers are compressed for those who ask for it.

use std::io::Read;

use flate2::read::GzDecoder;

use crate::support::{TestApp, json, on_each_store};

on_each_store! {
    large_answers_are_compressed_for_those_who_ask,
    what_a_client_does_not_take_it_does_not_get,
    small_answers_are_sent_as_they_are,
    a_head_tells_what_its_get_would,
}

const LISTS: [&str; 3] =
    ["/api/v2/users", "/api/v2/users?page[size]=100&include=identities", "/api/v2/end-users/"];

/// Makes users until a list is larger than any packet.
async fn crowd(app: &TestApp, count: usize) {
    for number in 0..count {
        app.create(json!({"profile": {"display_name": format!("Number {number} 🧀")}})).await;
    }
}

/// The bytes of an answer and its headers.
async fn raw(app: &TestApp, method: &str, path: &str, accepted: &str) -> reqwest::Response {
    let call = app.call(method, path).header("accept-encoding", accepted);
    call.0.send().await.unwrap()
}

fn header<'a>(response: &'a reqwest::Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

async fn large_answers_are_compressed_for_those_who_ask(app: TestApp) {
    crowd(&app, 350).await;
    let export = "/api/v2/incremental/users?start_time=0";
    for path in LISTS.into_iter().chain([export, "/openapi/zendesk.json"]) {
        let plain = app.get(path).await.expect(200);
        assert!(plain.headers.get("content-encoding").is_none());
        for accepted in ["gzip", "deflate, GZIP;q=0.5, br", "*", "identity;q=0, *;q=0.1", "x-gzip"]
        {
            let answer = raw(&app, "GET", path, accepted).await;
            assert_eq!(answer.status(), 200, "{path}");
            assert_eq!(header(&answer, "content-encoding"), Some("gzip"), "{path} {accepted}");
            assert_eq!(header(&answer, "vary"), Some("accept-encoding"));
            assert_eq!(
                header(&answer, "content-type"),
                Some(plain.header("content-type")),
                "{path}"
            );
            let length: usize = header(&answer, "content-length").unwrap().parse().unwrap();
            let bytes = answer.bytes().await.unwrap();
            assert_eq!(bytes.len(), length, "{path}");
            assert!(bytes.len() * 3 < plain.text.len(), "{path}");
            let mut text = String::new();
            GzDecoder::new(&*bytes).read_to_string(&mut text).unwrap();
            assert_eq!(text, plain.text, "{path}");
        }
    }
    assert!(app.get(export).await.text.len() > 256 * 1024, "so large that another thread packs it");
}

async fn what_a_client_does_not_take_it_does_not_get(app: TestApp) {
    crowd(&app, 5).await;
    for path in LISTS {
        let plain = app.get(path).await.expect(200);
        for accepted in ["", "br, deflate", "gzip;q=0", "gzip; q=0.000, *", "*;q=0", "identity"] {
            let answer = raw(&app, "GET", path, accepted).await;
            assert_eq!(header(&answer, "content-encoding"), None, "{path} {accepted}");
            assert_eq!(header(&answer, "content-length").unwrap(), plain.text.len().to_string());
            assert_eq!(answer.text().await.unwrap(), plain.text);
        }
    }
}

async fn small_answers_are_sent_as_they_are(app: TestApp) {
    for path in ["/api/v2/users/count", "/api/v2/users/7", "/api/v2/end-users/", "/healthz"] {
        let answer = raw(&app, "GET", path, "gzip").await;
        assert_eq!(header(&answer, "content-encoding"), None, "{path}");
        let length: usize = header(&answer, "content-length").unwrap().parse().unwrap();
        assert!((1..1024).contains(&length), "{path}");
    }
}

async fn a_head_tells_what_its_get_would(app: TestApp) {
    crowd(&app, 5).await;
    for path in LISTS {
        for accepted in ["gzip", "identity"] {
            let (get, head) =
                (raw(&app, "GET", path, accepted).await, raw(&app, "HEAD", path, accepted).await);
            for name in ["content-length", "content-encoding", "content-type", "vary"] {
                assert_eq!(header(&head, name), header(&get, name), "{path} {accepted} {name}");
            }
            assert_eq!(head.status(), 200);
            assert_eq!(head.bytes().await.unwrap().len(), 0);
        }
    }
}
