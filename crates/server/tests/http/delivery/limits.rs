//! When nothing more is sent, though there is more.

use std::time::Duration;

use roster_server::webhook::WebhookOptions;

use super::{Desk, Receiver, Reply, json, options};

fn patient() -> WebhookOptions {
    WebhookOptions { patience: Duration::from_secs(15), ..options() }
}

/// Somebody else may deliver once a lease has ended, so what is sent must end before.
#[tokio::test]
async fn nothing_is_sent_that_may_outlive_the_lease() {
    let desk = Desk::with(WebhookOptions { per_endpoint: 1, ..patient() }).await;
    let receiver = Receiver::start().await;
    desk.register(&receiver, json!({})).await;
    receiver.always(Reply::Held);
    desk.make("Grace").await;
    desk.make("Ada").await;
    let late = async {
        receiver.wait(1).await;
        // The lease lasts for 30 seconds, an attempt for up to 16.
        desk.app.clock.advance(Duration::from_secs(20));
        receiver.release(2);
    };
    tokio::join!(desk.deliver(), late);
    assert_eq!(receiver.take().len(), 1);
    desk.deliver().await;
    assert_eq!(receiver.take().len(), 1, "with another lease the rest is sent");
}

/// What the store does not take would be sent again after a restart: so there is not much of it.
#[tokio::test]
async fn not_much_is_sent_that_cannot_be_recorded() {
    let (desk, receiver) = (Desk::with(patient()).await, Receiver::start().await);
    desk.register(&receiver, json!({})).await;
    for number in 0..1400 {
        desk.make(&format!("Nr {number}")).await;
    }
    receiver.always(Reply::Held);
    let closed = async {
        receiver.wait(1).await;
        desk.app.store.close().await;
        receiver.always(Reply::Status(204, "", ""));
        receiver.release(32);
    };
    tokio::join!(desk.deliver(), closed);
    let sent = receiver.take().len();
    assert!((1024..1100).contains(&sent), "{sent} were sent");
}
