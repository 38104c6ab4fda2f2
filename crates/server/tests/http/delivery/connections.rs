//! Which connections messages go over.

use std::time::Duration;

use roster_server::webhook::WebhookOptions;

use super::{Desk, Receiver, Reply, json, options};

#[tokio::test]
async fn a_connection_is_used_again() {
    let (desk, receiver) = (Desk::open().await, Receiver::start().await);
    desk.register(&receiver, json!({})).await;
    receiver.reply([Reply::Status(500, "", "not today"), Reply::Status(200, "", "thanks")]);
    for name in ["Grace", "Ada", "Alan"] {
        desk.make(name).await;
        desk.deliver().await;
    }
    assert_eq!((receiver.take().len(), receiver.connections()), (3, 1));
}

#[tokio::test]
async fn endpoints_of_one_host_share_connections() {
    let (desk, receiver) = (Desk::open().await, Receiver::start().await);
    let id = desk.register(&receiver, json!({})).await;
    desk.make("Grace").await;
    desk.deliver().await;
    let (path, body) = (format!("/api/v2/webhooks/{id}"), json!({"enabled": false}));
    desk.app.patch(&path).json(&body).await.expect(200);
    desk.register(&receiver, json!({})).await;
    desk.make("Ada").await;
    desk.deliver().await;
    assert_eq!((receiver.take().len(), receiver.connections()), (2, 1));
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_is_not_missed() {
    let (desk, receiver) = (Desk::open().await, Receiver::start().await);
    let id = desk.register(&receiver, json!({})).await;
    receiver.always(Reply::Last);
    for name in ["Grace", "Ada", "Alan"] {
        desk.make(name).await;
        desk.deliver().await;
        assert_eq!(desk.deliveries(&id).await[0]["state"], "delivered", "{name}");
    }
    assert_eq!((receiver.take().len(), receiver.connections()), (3, 3));
}

#[tokio::test]
async fn who_says_that_the_connection_ends_is_called_anew() {
    let (desk, receiver) = (Desk::open().await, Receiver::start().await);
    desk.register(&receiver, json!({})).await;
    receiver.always(Reply::Status(200, "connection: close\r\n", ""));
    for name in ["Grace", "Ada"] {
        desk.make(name).await;
        desk.deliver().await;
    }
    assert_eq!((receiver.take().len(), receiver.connections()), (2, 2));
}

#[tokio::test]
async fn a_connection_whose_answer_was_not_read_to_its_end_is_left() {
    let desk = Desk::with(WebhookOptions { patience: Duration::from_secs(15), ..options() }).await;
    let receiver = Receiver::start().await;
    let id = desk.register(&receiver, json!({})).await;
    receiver.reply([Reply::Endless, Reply::Status(204, "", "")]);
    for name in ["Grace", "Ada"] {
        desk.make(name).await;
        desk.deliver().await;
        assert_eq!(desk.deliveries(&id).await[0]["state"], "delivered", "{name}");
    }
    assert_eq!((receiver.take().len(), receiver.connections()), (2, 2));
}
