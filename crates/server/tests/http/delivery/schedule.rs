//! When a message is tried again.

use std::collections::HashSet;
use std::time::Duration;

use roster_server::webhook::WebhookOptions;

use super::{Desk, Receiver, Reply, json, options, schedule};

/// The vendor's schedule, each delay with the most that jitter adds.
const DELAYS: [u64; 7] = [5, 300, 1800, 7200, 18_000, 36_000, 36_000];

#[tokio::test]
async fn a_message_is_tried_through_the_whole_schedule() {
    let (desk, receiver) = (Desk::open().await, Receiver::start().await);
    let id = desk.register(&receiver, json!({})).await;
    receiver.always(Reply::Status(500, "", "not today"));
    desk.make("Grace").await;
    desk.deliver().await;
    let first = receiver.take();
    assert_eq!(first.len(), 1);
    for delay in DELAYS {
        desk.pass(delay - 1).await;
        assert_eq!(receiver.take().len(), 0, "before {delay} s are over");
        desk.pass(1 + delay / 10 + 1).await;
        let again = receiver.take();
        assert_eq!(again.len(), 1, "after {delay} s");
        assert_eq!(again[0].header("svix-id"), first[0].header("svix-id"));
        assert_eq!(again[0].body, first[0].body);
    }
    desk.pass(100_000).await;
    assert_eq!(receiver.take().len(), 0, "that was the last time");
    let delivery = &desk.deliveries(&id).await[0];
    assert_eq!((&delivery["state"], &delivery["failed_attempts"]), (&json!("failed"), &json!(8)));
    assert_eq!(delivery["last_attempt"]["status"], 500);
    assert_eq!(delivery["last_attempt"]["answer"], "not today");

    receiver.always(Reply::Status(200, "", ""));
    let message = delivery["id"].as_str().unwrap();
    let path = format!("/roster/v1/webhooks/{id}/deliveries/{message}/replay");
    desk.app.post(&path).await.expect(202);
    desk.deliver().await;
    assert_eq!(receiver.take().len(), 1);
    assert_eq!(desk.deliveries(&id).await[0]["state"], "delivered");
}

#[tokio::test]
async fn what_failed_together_does_not_come_back_together() {
    let (desk, receiver) = (Desk::open().await, Receiver::start().await);
    let id = desk.register(&receiver, json!({})).await;
    receiver.always(Reply::Status(500, "", ""));
    for number in 0..20 {
        desk.make(&format!("Nr {number}")).await;
    }
    desk.deliver().await;
    let deliveries = desk.deliveries(&id).await;
    let times: HashSet<_> = deliveries.iter().map(|it| it["next_attempt_at"].as_str()).collect();
    assert!(times.len() > 10, "{times:?}");
    receiver.take();
    desk.app.clock.advance(Duration::from_millis(4999));
    desk.deliver().await;
    assert_eq!(receiver.take().len(), 0, "nothing comes before its time");
    desk.app.clock.advance(Duration::from_millis(501));
    desk.deliver().await;
    assert_eq!(receiver.take().len(), 20, "the delay is a tenth longer at most");
}

#[tokio::test]
async fn the_first_attempt_may_be_late() {
    let desk = Desk::with(WebhookOptions { schedule: schedule(&[60, 5]), ..options() }).await;
    let receiver = Receiver::start().await;
    desk.register(&receiver, json!({})).await;
    desk.make("Grace").await;
    desk.deliver().await;
    desk.pass(59).await;
    assert_eq!(receiver.take().len(), 0);
    desk.pass(2).await;
    assert_eq!(receiver.take().len(), 1);
}

/// More than are read at a time.
#[tokio::test]
async fn many_that_are_due_are_tried_once_each() {
    let (desk, receiver) = (Desk::open().await, Receiver::start().await);
    desk.register(&receiver, json!({})).await;
    receiver.always(Reply::Status(500, "", ""));
    for number in 0..600 {
        desk.make(&format!("Nr {number}")).await;
    }
    desk.deliver().await;
    assert_eq!(receiver.take().len(), 600);
    desk.pass(6).await;
    let mut again: Vec<_> =
        receiver.take().iter().map(|message| message.header("svix-id").to_owned()).collect();
    assert_eq!(again.len(), 600);
    again.sort_unstable();
    again.dedup();
    assert_eq!(again.len(), 600);
}

#[tokio::test]
async fn who_asks_for_time_gets_it_but_not_for_ever() {
    let (desk, receiver) = (Desk::open().await, Receiver::start().await);
    desk.register(&receiver, json!({})).await;
    receiver.reply([Reply::Status(503, "retry-after: 60\r\n", "")]);
    desk.make("Grace").await;
    desk.deliver().await;
    desk.pass(59).await;
    assert_eq!(receiver.take().len(), 1);
    receiver.reply([Reply::Status(429, "retry-after: 100000000\r\n", "")]);
    desk.pass(1).await;
    assert_eq!(receiver.take().len(), 1);
    desk.pass(10 * 60 * 60 - 1).await;
    assert_eq!(receiver.take().len(), 0);
    desk.pass(1).await;
    assert_eq!(receiver.take().len(), 1);
}

#[tokio::test]
async fn only_success_is_success() {
    let (desk, receiver) = (Desk::open().await, Receiver::start().await);
    let id = desk.register(&receiver, json!({})).await;
    let replies = [
        (Reply::Status(200, "", ""), "delivered"),
        (Reply::Status(299, "", ""), "delivered"),
        (Reply::Status(302, "location: /elsewhere\r\n", ""), "waiting"),
        (Reply::Status(304, "", ""), "waiting"),
        (Reply::Status(400, "", ""), "waiting"),
        (Reply::Half, "waiting"),
        (Reply::Never, "waiting"),
    ];
    for (reply, state) in replies {
        receiver.reply([reply.clone()]);
        desk.make("Grace").await;
        desk.deliver().await;
        assert_eq!(desk.deliveries(&id).await[0]["state"], state, "{reply:?}");
    }
    let elsewhere = receiver.take();
    assert!(elsewhere.iter().all(|message| message.head.starts_with("POST /hook ")));
}

#[tokio::test]
async fn five_days_of_failures_disable_an_endpoint() {
    let (desk, receiver) = (Desk::open().await, Receiver::start().await);
    let id = desk.register(&receiver, json!({})).await;
    receiver.always(Reply::Status(500, "", ""));
    for _ in 0..5 {
        desk.make("Grace").await;
        desk.deliver().await;
        desk.app.clock.advance(Duration::from_secs(24 * 60 * 60));
    }
    assert_eq!(desk.endpoint(&id).await.body["enabled"], true);
    desk.make("Ada").await;
    desk.deliver().await;
    let endpoint = desk.endpoint(&id).await;
    assert_eq!(endpoint.body["enabled"], false);
    assert_eq!(endpoint.body["disabled_reason"], "failing_for_five_days");
    receiver.take();
    desk.make("Alan").await;
    desk.pass(3600).await;
    assert_eq!(receiver.take().len(), 0);
}

#[tokio::test]
async fn who_is_gone_is_disabled_at_once_and_can_be_enabled_again() {
    let (desk, receiver) = (Desk::open().await, Receiver::start().await);
    let id = desk.register(&receiver, json!({})).await;
    receiver.reply([Reply::Status(410, "", "")]);
    let grace = desk.make("Grace").await;
    desk.rename(&grace, "Grace B.").await;
    desk.deliver().await;
    assert_eq!(desk.endpoint(&id).await.body["disabled_reason"], "gone");
    assert_eq!(desk.deliveries(&id).await[0]["state"], "failed", "it is not tried again");
    desk.make("Ada").await;
    desk.deliver().await;
    assert_eq!(receiver.take().len(), 1);
    let body = json!({"enabled": true});
    desk.app.patch(&format!("/api/v2/webhooks/{id}")).json(&body).await.expect(200);
    desk.make("Alan").await;
    desk.deliver().await;
    // What happened while it was disabled is not sent; what waited then is.
    let received = receiver.take().into_iter();
    let mut names: Vec<_> =
        received.map(|message| message.text_at("/data/profile/first_name")).collect();
    names.sort_unstable();
    assert_eq!(names, ["Alan", "Grace B."]);
}

#[tokio::test]
async fn what_waits_for_a_disabled_endpoint_goes_out_when_it_is_enabled() {
    let (desk, receiver) = (Desk::open().await, Receiver::start().await);
    let other = Receiver::start().await;
    let id = desk.register(&receiver, json!({})).await;
    desk.register(&other, json!({})).await;
    desk.make("Grace").await;
    let path = format!("/api/v2/webhooks/{id}");
    desk.app.patch(&path).json(&json!({"enabled": false})).await.expect(200);
    desk.make("Ada").await;
    desk.deliver().await;
    assert_eq!((receiver.take().len(), other.take().len()), (0, 2));
    desk.app.patch(&path).json(&json!({"enabled": true})).await.expect(200);
    desk.deliver().await;
    let received = receiver.take();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].text_at("/data/profile/first_name"), "Grace");
    desk.deliver().await;
    assert_eq!(receiver.take().len(), 0);
}
