//! What is sent, and who vouches for it.

use std::time::Duration;

use roster_directory::Clock;
use standardwebhooks::Webhook;

use super::receiver::Received;
use super::{Desk, Receiver, json};

async fn secret(desk: &Desk, id: &str) -> String {
    desk.app.get(&format!("/api/v2/webhooks/{id}/secret/")).await.expect(200).text_at("/key")
}

/// Whether a message has the signature that an independent implementation makes with a secret,
/// under either spelling of the headers.
fn verifies(secret: &str, received: &Received) -> bool {
    let webhook = Webhook::new(secret).unwrap();
    let verified = ["svix", "webhook"].map(|prefix| {
        let header = |name: &str| received.header(&format!("{prefix}-{name}"));
        let moment = header("timestamp").parse().unwrap();
        let expected = webhook.sign(header("id"), moment, received.body.as_bytes()).unwrap();
        header("signature").split(' ').any(|signature| signature == expected)
    });
    assert_eq!(verified[0], verified[1]);
    verified[0]
}

#[tokio::test]
async fn a_message_is_posted_and_signed() {
    let (desk, receiver) = (Desk::open().await, Receiver::start().await);
    let id = desk.register(&receiver, json!({})).await;
    let end_user = desk.make("Grace").await;
    desk.deliver().await;
    let received = receiver.take();
    assert_eq!(received.len(), 1);
    let message = &received[0];
    assert!(message.head.starts_with("POST /hook HTTP/1.1\r\n"), "{}", message.head);
    assert_eq!(message.header("content-type"), "application/json");
    let now = desk.app.clock.now().as_seconds();
    assert_eq!(message.header("svix-timestamp"), now.to_string());
    assert!(verifies(&secret(&desk, &id).await, message));
    let other = desk.register(&receiver, json!({})).await;
    assert!(!verifies(&secret(&desk, &other).await, message));

    let shown = desk.app.get(&format!("/api/v2/end-users/{end_user}")).await.expect(200);
    let json = message.json();
    assert_eq!(json["type"], "v1.end_user.created");
    assert_eq!(json["data"], shown.body);
    assert_eq!(json["tags"], json!([end_user]));
    desk.deliver().await;
    assert_eq!(receiver.take().len(), 0, "what was taken is not sent again");
}

#[tokio::test]
async fn a_replaced_secret_signs_for_a_day() {
    let (desk, receiver) = (Desk::open().await, Receiver::start().await);
    let id = desk.register(&receiver, json!({})).await;
    let old = secret(&desk, &id).await;
    desk.app.post(&format!("/api/v2/webhooks/{id}/secret/rotate/")).await.expect(200);
    let new = secret(&desk, &id).await;
    assert_ne!(old, new);
    desk.make("Grace").await;
    desk.pass(60).await;
    let both = receiver.take();
    assert!(verifies(&old, &both[0]) && verifies(&new, &both[0]));
    desk.app.clock.advance(Duration::from_secs(24 * 60 * 60));
    desk.make("Ada").await;
    desk.deliver().await;
    let one = receiver.take();
    assert!(!verifies(&old, &one[0]) && verifies(&new, &one[0]));
}
