//! In which order messages come, and who waits for whom.

use std::collections::HashMap;

use roster_server::webhook::WebhookOptions;

use super::{Desk, Receiver, Reply, json, options, schedule};

#[tokio::test]
async fn messages_about_one_end_user_come_one_after_the_other() {
    let (desk, receiver) = (Desk::open().await, Receiver::start().await);
    desk.register(&receiver, json!({})).await;
    receiver.always(Reply::Held);
    let (grace, ada) = (desk.make("Grace").await, desk.make("Ada").await);
    desk.rename(&grace, "Grace B.").await;
    desk.rename(&ada, "Ada L.").await;
    let told = async {
        receiver.wait(2).await;
        let names = receiver
            .take()
            .iter()
            .map(|it| it.text_at("/data/profile/first_name"))
            .collect::<Vec<_>>();
        assert_eq!(
            {
                let mut sorted = names;
                sorted.sort();
                sorted
            },
            ["Ada", "Grace"]
        );
        receiver.release(4);
    };
    tokio::join!(desk.deliver(), told);
    let mut names: Vec<_> =
        receiver.take().iter().map(|it| it.text_at("/data/profile/first_name")).collect();
    names.sort();
    assert_eq!(names, ["Ada L.", "Grace B."]);
}

#[tokio::test]
async fn no_more_are_under_way_than_may_be() {
    let desk = Desk::with(WebhookOptions { per_endpoint: 3, ..options() }).await;
    let receiver = Receiver::start().await;
    desk.register(&receiver, json!({})).await;
    receiver.always(Reply::Held);
    for number in 0..7 {
        desk.make(&format!("Nr {number}")).await;
    }
    let counted = async {
        receiver.wait(3).await;
        assert_eq!(receiver.take().len(), 3);
        receiver.release(7);
    };
    tokio::join!(desk.deliver(), counted);
    assert_eq!(receiver.take().len(), 4);
}

#[tokio::test]
async fn nobody_waits_for_an_endpoint_that_is_slow() {
    let (desk, slow, quick) =
        (Desk::open().await, Receiver::start().await, Receiver::start().await);
    desk.register(&slow, json!({})).await;
    desk.register(&quick, json!({})).await;
    slow.always(Reply::Held);
    for number in 0..20 {
        desk.make(&format!("Nr {number}")).await;
    }
    let watched = async {
        quick.wait(20).await;
        assert_eq!(quick.take().len(), 20);
        slow.release(20);
    };
    tokio::join!(desk.deliver(), watched);
    assert_eq!(slow.take().len(), 20);
}

#[tokio::test]
async fn every_message_comes_however_the_endpoint_fails() {
    let delays = schedule(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    let desk = Desk::with(WebhookOptions { schedule: delays, ..options() }).await;
    let receiver = Receiver::start().await;
    desk.register(&receiver, json!({})).await;
    let replies = (0_u32..200).map(|number| match number * 7 % 5 {
        0 => Reply::Half,
        1 => Reply::Status(500, "", ""),
        2 => Reply::Status(302, "location: /\r\n", ""),
        _ => Reply::Status(204, "", ""),
    });
    receiver.reply(replies);
    let mut ids = Vec::new();
    for number in 0..40 {
        let id = desk.make(&format!("Nr {number}")).await;
        desk.rename(&id, &format!("Nr {number}, later")).await;
        ids.push(id);
    }
    for _ in 0..60 {
        desk.pass(1).await;
    }
    let mut last: HashMap<String, Vec<String>> = HashMap::new();
    for message in receiver.take() {
        let id = message.text_at("/data/end_user_id");
        last.entry(id).or_default().push(message.text_at("/type"));
    }
    for id in ids {
        for kind in ["v1.end_user.created", "v1.end_user.updated"] {
            assert!(last[&id].iter().any(|own| own == kind), "{kind} of {id}");
        }
    }
    let path = "/metrics";
    let metrics = desk.app.anonymous("GET", path).await.expect(200).text;
    assert!(metrics.contains("roster_webhook_backlog 0\n"), "{metrics}");
    assert!(
        metrics.contains("roster_webhook_attempts_total{outcome=\"delivered\"} 80\n"),
        "{metrics}"
    );
}

#[tokio::test]
async fn many_endpoints_that_hang_do_not_take_all_turns() {
    let patience = std::time::Duration::from_secs(15);
    let desk =
        Desk::with(WebhookOptions { in_all: 4, per_endpoint: 4, patience, ..options() }).await;
    let (hanging, quick) = (Receiver::start().await, Receiver::start().await);
    for _ in 0..3 {
        desk.register(&hanging, json!({})).await;
    }
    desk.register(&quick, json!({})).await;
    hanging.always(Reply::Held);
    for number in 0..10 {
        desk.make(&format!("Nr {number}")).await;
    }
    let watched = async {
        quick.wait(10).await;
        hanging.release(30);
    };
    tokio::join!(desk.deliver(), watched);
    assert_eq!(hanging.take().len(), 30);
}

/// The first message that it wants comes after more unwanted ones than are looked at at a time.
#[tokio::test]
async fn what_is_not_for_an_endpoint_does_not_hold_it_up() {
    let (desk, usual, named) =
        (Desk::open().await, Receiver::start().await, Receiver::start().await);
    desk.register(&usual, json!({})).await;
    desk.register(&named, json!({"event_filters": ["v1.end_user.deleted"]})).await;
    for number in 0..1100 {
        desk.make(&format!("Nr {number}")).await;
    }
    let last = desk.app.support_user(json!({"name": "Ada"})).await;
    let id = &last.body["user"]["id"];
    desk.app.call("DELETE", &format!("/api/v2/users/{id}")).await.expect(200);
    desk.deliver().await;
    assert_eq!(named.take().len(), 1);
    assert_eq!(usual.take().len(), 1101);
}
