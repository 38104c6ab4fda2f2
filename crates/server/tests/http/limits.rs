//! The vendor's quotas, when they are asked for.

use std::time::Duration;

use crate::support::{Answer, TestApp, json};

const LIST: &str = "/api/v2/end-users/";

fn quota(answer: &Answer) -> (String, String, String) {
    let header = |name| answer.header(name).to_owned();
    (header("x-ratelimit-limit"), header("x-ratelimit-remaining"), header("x-ratelimit-reset"))
}

#[tokio::test]
async fn without_them_there_are_no_headers() {
    let app = TestApp::on_memory().await;
    for _ in 0..50 {
        let answer = app.get(LIST).await.expect(200);
        assert!(answer.headers.get("x-ratelimit-limit").is_none());
    }
}

#[tokio::test]
async fn a_second_admits_thirty_end_user_calls() {
    let app = TestApp::with_vendor_limits().await;
    let user = app.create_id(json!({})).await;
    let path = format!("{LIST}{user}");
    let first = app.get(&path).await.expect(200);
    assert_eq!(quota(&first), ("30".into(), "28".into(), "1790000001".into()));
    for _ in 0..28 {
        app.get(LIST).await.expect(200);
    }
    let refused = app.get(&path).await;
    refused.expect_error(429, "too_many_requests");
    assert_eq!(refused.header("retry-after"), "1");
    assert!(refused.headers.get("x-ratelimit-limit").is_none(), "on successes only");

    app.clock.advance(Duration::from_secs(1));
    app.get(&path).await.expect(200);
}

#[tokio::test]
async fn a_minute_admits_three_hundred_and_a_day_sixty_thousand() {
    let app = TestApp::with_vendor_limits().await;
    for minute in 0..200 {
        for second in 0..10 {
            for _ in 0..30 {
                app.get(LIST).await.expect(200);
            }
            if (minute, second) != (199, 9) {
                app.clock.advance(Duration::from_secs(1));
            }
        }
        if minute == 0 {
            let refused = app.get(LIST).await;
            refused.expect_error(429, "too_many_requests");
            // The test's clock starts 20 seconds into a minute, and 30 of it are gone now.
            assert_eq!(refused.header("retry-after"), "30");
        }
        if minute < 199 {
            app.clock.advance(Duration::from_secs(50));
        }
    }
    app.clock.advance(Duration::from_secs(60));
    let refused = app.get(LIST).await;
    refused.expect_error(429, "too_many_requests");
    let start = 14 * 3600 + 13 * 60 + 20;
    let wait = 24 * 3600 - start - (199 * 60 + 9 + 60);
    assert_eq!(refused.header("retry-after"), wait.to_string());
}

#[tokio::test]
async fn families_and_accounts_have_quotas_of_their_own() {
    let app = TestApp::with_vendor_limits().await;
    let channels = "/api/v2/channels/?type=custom";
    for _ in 0..10 {
        let answer = app.get(channels).await.expect(200);
        assert_eq!(answer.header("x-ratelimit-limit"), "10");
    }
    app.get(channels).await.expect_error(429, "too_many_requests");
    app.get(LIST).await.expect(200);
    let conversation = "/api/v2/conversations/66f0c1d2e3a4b5c6d7e8f901/";
    for _ in 0..30 {
        app.get(conversation).await.expect_error(404, "not_found");
    }
    app.get(conversation).await.expect_error(429, "too_many_requests");

    let other = app.other_account(roster_directory::Scopes::SERVER).await;
    app.call_as(&other, "GET", channels).await.expect(200);
}

#[tokio::test]
async fn who_is_not_let_in_uses_nothing_up() {
    let app = TestApp::with_vendor_limits().await;
    let weak = app.token_with(roster_directory::Scope::Admin).await;
    for _ in 0..40 {
        app.call_as("wrong", "GET", LIST).await.expect(401);
        app.call_as(&weak, "GET", LIST).await.expect(403);
    }
    let answer = app.get(LIST).await.expect(200);
    assert_eq!(answer.header("x-ratelimit-remaining"), "29");
    for _ in 0..40 {
        app.get(LIST).await;
    }
    let broken = app.post(LIST).body("text/plain", "{").await;
    broken.expect_error(429, "too_many_requests");
}

#[tokio::test]
async fn a_day_admits_a_hundred_channels() {
    let app = TestApp::with_vendor_limits().await;
    let body = json!({"name": "x", "description": "", "modality": "sms"});
    for round in 0..10 {
        for _ in 0..10 {
            app.post("/api/v2/channels/").json(&body).await.expect(201);
        }
        if round < 9 {
            app.clock.advance(Duration::from_secs(60));
        }
    }
    app.clock.advance(Duration::from_secs(3600));
    let refused = app.post("/api/v2/channels/").json(&body).await;
    refused.expect_error(429, "too_many_requests");
}
