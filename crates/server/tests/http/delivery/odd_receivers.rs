//! Endpoints that must not be called, and those that answer oddly.

use std::time::Duration;

use roster_server::webhook::{AddressPolicy, WebhookOptions};

use super::{Desk, Receiver, Reply, json, options};

#[tokio::test]
async fn an_answer_that_does_not_end_is_hung_up_on() {
    let desk = Desk::with(WebhookOptions { patience: Duration::from_secs(15), ..options() }).await;
    let receiver = Receiver::start().await;
    let id = desk.register(&receiver, json!({})).await;
    receiver.reply([Reply::Endless]);
    desk.make("Grace").await;
    desk.deliver().await;
    let delivery = &desk.deliveries(&id).await[0];
    assert_eq!(delivery["state"], "delivered");
    assert_eq!(delivery["last_attempt"]["answer"], "x".repeat(1024));
}

/// The name and the address of this machine lead to the same place. The service takes such an
/// endpoint, for its own rule allows it here; who delivers does not.
#[tokio::test]
async fn a_forbidden_address_is_never_called() {
    let policy = AddressPolicy::new(vec!["10.0.0.0/8".parse().unwrap()]);
    let desk = Desk::with(WebhookOptions { policy, ..options() }).await;
    let receiver = Receiver::start().await;
    let port = receiver.address.port();
    for host in ["127.0.0.1", "localhost", "127.1", "0x7f000001"] {
        for scheme in ["http", "https"] {
            let id = desk.register_url(&format!("{scheme}://{host}:{port}/hook"), json!({})).await;
            desk.make("Grace").await;
            desk.deliver().await;
            let delivery = &desk.deliveries(&id).await[0];
            assert_eq!(delivery["state"], "waiting", "{scheme} {host}");
            assert_eq!(delivery["last_attempt"]["error"], "forbidden address", "{scheme} {host}");
        }
    }
    assert_eq!(receiver.take().len(), 0);
}

#[tokio::test]
async fn a_port_that_nobody_listens_on_is_tried_again() {
    let (desk, receiver) = (Desk::open().await, Receiver::start().await);
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    drop(taken);
    let id = desk.register_url(&format!("http://{address}/"), json!({})).await;
    desk.make("Grace").await;
    desk.deliver().await;
    assert_eq!(desk.deliveries(&id).await[0]["state"], "waiting");
    let body = json!({"url": receiver.url()});
    desk.app.patch(&format!("/api/v2/webhooks/{id}")).json(&body).await.expect(200);
    desk.pass(6).await;
    assert_eq!(receiver.take().len(), 1, "it moved");
}
