//! Who delivers all the time, woken by the store and by its own clock.

use std::time::Duration;

use roster_server::webhook::run_deliveries;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Desk, Receiver, Reply, json, options};

/// Delivers until it is told to stop.
struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    fn start(desk: &Desk) -> Self {
        let (stop, stopped) = oneshot::channel();
        let deliverer = desk.app.deliverer(options());
        let stopped = async {
            let _ = stopped.await;
        };
        Self { stop, task: tokio::spawn(run_deliveries(deliverer, stopped)) }
    }

    async fn end(self) {
        self.stop.send(()).unwrap();
        timeout(Duration::from_secs(20), self.task).await.unwrap().unwrap();
    }
}

async fn arrives(receiver: &Receiver) {
    timeout(Duration::from_secs(20), receiver.wait(1)).await.unwrap();
}

/// One worker tries again what it has tried before, and follows its endpoint to another place.
#[tokio::test]
async fn what_failed_is_tried_again_and_where_to_may_change() {
    let (desk, first) = (Desk::open().await, Receiver::start().await);
    let second = Receiver::start().await;
    let id = desk.register(&first, json!({})).await;
    first.reply([Reply::Status(500, "", "")]);
    let running = Running::start(&desk);
    desk.make("Grace").await;
    arrives(&first).await;
    // The time of the next attempt is that of the clock when this one has ended.
    let recorded = async { while desk.deliveries(&id).await.is_empty() {} };
    timeout(Duration::from_secs(20), recorded).await.unwrap();
    desk.app.clock.advance(Duration::from_secs(6));
    arrives(&first).await;
    let received = first.take();
    assert_eq!(received[0].header("svix-id"), received[1].header("svix-id"));

    let body = json!({"url": second.url()});
    desk.app.patch(&format!("/api/v2/webhooks/{id}")).json(&body).await.expect(200);
    // It is told with the next tick, and until then the first one may get some.
    let moved = async {
        let mut number = 0;
        while second.take().is_empty() {
            desk.make(&format!("Nr {number}")).await;
            number += 1;
        }
    };
    timeout(Duration::from_secs(20), moved).await.unwrap();
    running.end().await;
    // What was given back can be delivered by somebody else at once.
    first.take();
    second.take();
    desk.make("Alan").await;
    desk.deliver().await;
    assert!(second.take().iter().any(|it| it.text_at("/data/profile/first_name") == "Alan"));
}

#[tokio::test]
async fn results_that_the_store_does_not_take_are_recorded_later() {
    let (desk, receiver) = (Desk::open().await, Receiver::start().await);
    let id = desk.register(&receiver, json!({})).await;
    for name in ["Grace", "Ada", "Alan"] {
        desk.make(name).await;
    }
    desk.store.refuse_reports(2);
    let running = Running::start(&desk);
    let recorded = async { while desk.deliveries(&id).await.len() < 3 {} };
    timeout(Duration::from_secs(20), recorded).await.unwrap();
    running.end().await;
    assert_eq!(receiver.take().len(), 3, "nothing is sent again for that");
    let deliveries = desk.deliveries(&id).await;
    assert!(deliveries.iter().all(|it| it["state"] == "delivered"), "{deliveries:?}");
    desk.make("Emmy").await;
    desk.deliver().await;
    assert_eq!(receiver.take().len(), 1, "it goes on from there");
}
