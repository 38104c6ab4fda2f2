//! Bringing messages to endpoints, over real HTTP, with the clock of the test.

mod connections;
mod endpoints;
mod limits;
mod odd_receivers;
mod order;
mod receiver;
mod running;
mod schedule;
mod signatures;

use std::sync::Arc;
use std::time::Duration;

use roster_directory::RetrySchedule;
use roster_server::Settings;
use roster_server::webhook::{AddressPolicy, Deliverer, WebhookOptions};
use roster_testkit::MemoryStore;

use self::receiver::{Receiver, Reply};
use crate::support::{Answer, TestApp, Value, json};

/// A service that may call this machine, and who delivers for it.
struct Desk {
    store: Arc<MemoryStore>,
    app: TestApp,
    deliverer: Deliverer,
}

/// What lets a test call itself.
fn loopback() -> AddressPolicy {
    AddressPolicy::new(vec!["127.0.0.0/8".parse().unwrap()])
}

fn options() -> WebhookOptions {
    let patience = Duration::from_millis(300);
    WebhookOptions { policy: loopback(), patience, ..WebhookOptions::default() }
}

impl Desk {
    async fn open() -> Self {
        Self::with(options()).await
    }

    async fn with(options: WebhookOptions) -> Self {
        let settings = Settings { webhook_policy: loopback(), ..Settings::default() };
        let store = Arc::new(MemoryStore::default());
        let app = TestApp::start(Arc::clone(&store) as _, None, settings).await;
        let deliverer = app.deliverer(options);
        Self { store, app, deliverer }
    }

    /// Registers an endpoint; its id.
    async fn register(&self, receiver: &Receiver, more: Value) -> String {
        self.register_url(&receiver.url(), more).await
    }

    async fn register_url(&self, url: &str, more: Value) -> String {
        let mut body = json!({ "url": url });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.app.post("/api/v2/webhooks/").json(&body).await.expect(201).text_at("/id")
    }

    /// Makes an end user of this name; their id.
    async fn make(&self, name: &str) -> String {
        self.app.create_id(json!({"profile": {"first_name": name}})).await
    }

    async fn rename(&self, id: &str, name: &str) {
        let body = json!({"profile": {"first_name": name}});
        self.app.patch(&format!("/api/v2/end-users/{id}")).json(&body).await.expect(200);
    }

    /// Delivers all that is due now.
    async fn deliver(&self) {
        self.deliverer.deliver_due().await.unwrap();
    }

    /// Moves the clock on, and delivers what is due then.
    async fn pass(&self, seconds: u64) {
        self.app.clock.advance(Duration::from_secs(seconds));
        self.deliver().await;
    }

    async fn endpoint(&self, id: &str) -> Answer {
        self.app.get(&format!("/api/v2/webhooks/{id}")).await.expect(200)
    }

    /// The deliveries to an endpoint, the newest first.
    async fn deliveries(&self, id: &str) -> Vec<Value> {
        let path = format!("/roster/v1/webhooks/{id}/deliveries");
        let answer = self.app.get(&path).await.expect(200);
        answer.body["data"].as_array().unwrap().clone()
    }
}

/// The schedule with these delays.
fn schedule(seconds: &[u64]) -> RetrySchedule {
    RetrySchedule::new(seconds.iter().copied().map(Duration::from_secs).collect()).unwrap()
}
