//! `/roster/v1/webhooks/{id}/deliveries`: what was sent, and sending it again.

use std::time::Duration;

use roster_directory::{
    Attempt, AttemptOutcome, Attempted, Clock, DeliveryReport, DeliveryState, EndpointId,
    LeaseHolder, Message, MessageNumber,
};
use roster_server::webhook::message_id;

use crate::support::{Answer, TestApp, Value, json, on_each_store, problems};
use crate::webhooks::webhook;

on_each_store! {
    deliveries_are_listed_newest_first,
    deliveries_are_filtered,
    deliveries_have_pages,
    a_delivery_shows_every_attempt,
    a_message_is_sent_again,
    what_has_failed_is_sent_again,
    unknown_webhooks_and_messages_are_not_found,
    metrics_tell_of_the_backlog,
}

const HOLDER: LeaseHolder = LeaseHolder(7);

/// An answer of an endpoint.
pub(crate) fn answered(status: u16) -> AttemptOutcome {
    AttemptOutcome::Answered(status)
}

/// A webhook and its deliveries, which the test makes in the deliverer's place.
pub(crate) struct Deliveries {
    pub(crate) id: EndpointId,
}

impl Deliveries {
    /// Makes a webhook.
    pub(crate) async fn start(app: &TestApp, body: Value) -> Self {
        Self { id: webhook(app, body).await.text_at("/id").parse().unwrap() }
    }

    fn path(&self) -> String {
        format!("/roster/v1/webhooks/{}/deliveries", self.id)
    }

    /// The messages that the webhook was not sent yet.
    pub(crate) async fn fresh(&self, app: &TestApp) -> Vec<Message> {
        let first = MessageNumber::FIRST;
        let fresh = app.store.fresh_messages(app.account.id, self.id, first, 100).await.unwrap();
        fresh.messages
    }

    /// Records an attempt for every message that was not sent yet, and for those whose time has
    /// come. What fails waits so many seconds; with none it has failed for good.
    pub(crate) async fn record(&self, app: &TestApp, outcome: AttemptOutcome, again: u64) {
        let now = app.clock.now();
        let until = now.after(Duration::from_secs(3600));
        app.store.lease_endpoints(HOLDER, now, until).await.unwrap();
        let account = app.account.id;
        let due = app.store.due_messages(account, self.id, now, 100).await.unwrap();
        let due = due.into_iter().map(|due| due.message);
        let mut messages: Vec<_> = due.chain(self.fresh(app).await).collect();
        if messages.is_empty() {
            // The last one is tried once more, as a replay would.
            let last = self.list(app, "").await.text_at("/data/0/id");
            app.post(&format!("{}/{last}/replay", self.path())).await.expect(202);
            let due = app.store.due_messages(account, self.id, now, 100).await.unwrap();
            messages = due.into_iter().map(|due| due.message).collect();
        }
        let state = match again {
            _ if outcome.is_success() => DeliveryState::Delivered,
            0 => DeliveryState::Failed,
            seconds => DeliveryState::Waiting(now.after(Duration::from_secs(seconds))),
        };
        let attempt = Attempt { at: now, outcome, latency_ms: 12, answer: "said \"no\"".into() };
        let attempts = messages.iter().map(|message| Attempted {
            message: message.number,
            attempt: attempt.clone(),
            state,
        });
        let report = DeliveryReport {
            holder: HOLDER,
            cursor: MessageNumber::FIRST,
            attempts: attempts.collect(),
        };
        app.store.record_attempts(account, self.id, report).await.unwrap().unwrap();
    }

    async fn list(&self, app: &TestApp, query: &str) -> Answer {
        app.get(&format!("{}{query}", self.path())).await.expect(200)
    }

    /// The ids that a list shows.
    async fn ids(&self, app: &TestApp, query: &str) -> Vec<String> {
        let list = self.list(app, query).await;
        let data = list.body["data"].as_array().unwrap();
        data.iter().map(|each| each["id"].as_str().unwrap().to_owned()).collect()
    }
}

fn id_of(message: &Message) -> String {
    message_id(message.end_user_id, message.number)
}

async fn start(app: &TestApp) -> Deliveries {
    Deliveries::start(app, json!({"url": "https://a.example"})).await
}

async fn deliveries_are_listed_newest_first(app: TestApp) {
    let deliveries = start(&app).await;
    let empty = deliveries.list(&app, "").await;
    assert_eq!(empty.body, json!({"data": [], "meta": {"next_page_url": null}}));
    let user = app.create_id(json!({})).await;
    deliveries.record(&app, AttemptOutcome::TimedOut, 5).await;
    app.clock.advance(Duration::from_secs(1));
    app.patch(&format!("/api/v2/end-users/{user}"))
        .json(&json!({"profile": {"email": "g@x.example"}}))
        .await
        .expect(200);
    deliveries.record(&app, answered(204), 0).await;

    let slash = app.get(&format!("{}/", deliveries.path())).await.expect(200);
    let list = deliveries.list(&app, "").await;
    assert_eq!(slash.body, list.body);
    assert_eq!(
        list.body,
        json!({"data": [
            {
                "id": format!("msg_{user}00000002"), "event_type": "v1.end_user.updated",
                "end_user_id": user, "created_at": "2026-09-21T14:13:21.000000+00:00",
                "state": "delivered", "next_attempt_at": null, "failed_attempts": 0,
                "last_attempt": {
                    "at": "2026-09-21T14:13:21.000000+00:00", "status": 204, "error": null,
                    "latency_ms": 12, "answer": "said \"no\"",
                },
            },
            {
                "id": format!("msg_{user}00000001"), "event_type": "v1.end_user.created",
                "end_user_id": user, "created_at": "2026-09-21T14:13:20.000000+00:00",
                "state": "waiting", "next_attempt_at": "2026-09-21T14:13:25.000000+00:00",
                "failed_attempts": 1,
                "last_attempt": {
                    "at": "2026-09-21T14:13:20.000000+00:00", "status": null,
                    "error": "no answer in time", "latency_ms": 12, "answer": "said \"no\"",
                },
            },
        ], "meta": {"next_page_url": null}})
    );
}

/// One message in each state, a second apart: delivered, failed, waiting.
async fn one_of_each(app: &TestApp, deliveries: &Deliveries) -> [String; 3] {
    let mut ids = Vec::new();
    for (outcome, again) in [
        (answered(200), 0),
        (AttemptOutcome::Forbidden, 0),
        (AttemptOutcome::Failed("connection refused".into()), 60),
    ] {
        app.create(json!({})).await;
        ids.push(id_of(&deliveries.fresh(app).await[0]));
        deliveries.record(app, outcome, again).await;
        app.clock.advance(Duration::from_secs(1));
    }
    ids.try_into().unwrap()
}

async fn deliveries_are_filtered(app: TestApp) {
    let deliveries = start(&app).await;
    let [delivered, failed, waiting] = one_of_each(&app, &deliveries).await;
    for (query, expected) in [
        ("", vec![&waiting, &failed, &delivered]),
        ("?state=delivered", vec![&delivered]),
        ("?state=failed", vec![&failed]),
        ("?state=waiting", vec![&waiting]),
        ("?since=2026-09-21T14:13:21Z", vec![&waiting, &failed]),
        ("?since=2026-09-21T16:13:21.000001%2B02:00", vec![&waiting]),
        ("?since=2026-09-21T14:13:21Z&state=delivered", vec![]),
    ] {
        assert_eq!(
            deliveries.ids(&app, query).await.iter().collect::<Vec<_>>(),
            expected,
            "{query}"
        );
    }
    let failed = deliveries.list(&app, "?state=failed").await;
    assert_eq!(failed.body["data"][0]["last_attempt"]["error"], "forbidden address");
    let waiting = deliveries.list(&app, "?state=waiting").await;
    assert_eq!(waiting.body["data"][0]["last_attempt"]["error"], "connection refused");

    let query = "?state=lost&since=yesterday&cursor=1&limit=101";
    let answer = app.get(&format!("{}{query}", deliveries.path())).await;
    answer.expect_error(400, "validation_error");
    assert_eq!(
        problems(&answer),
        [
            "query $.state: Must be waiting, delivered or failed.",
            "query $.since: Must be a time such as 2026-10-02T09:15:00Z.",
            "query $.cursor: Must be the id of a message.",
            "query $.limit: Must be an integer from 1 to 100.",
        ]
    );
}

async fn deliveries_have_pages(app: TestApp) {
    let deliveries = start(&app).await;
    for _ in 0..4 {
        app.create(json!({})).await;
    }
    deliveries.record(&app, answered(500), 60).await;
    let all = deliveries.ids(&app, "").await;
    assert_eq!(all.len(), 4);
    let since = "2026-09-21T14:13:20Z";
    let page = deliveries.list(&app, &format!("?limit=2&state=waiting&since={since}")).await;
    assert_eq!(page.body["data"][1]["id"], *all[1]);
    let next = page.text_at("/meta/next_page_url");
    let query = format!("cursor={}&state=waiting&since=2026-09-21T14%3A13%3A20Z&limit=2", all[2]);
    assert_eq!(next, format!("{}{}?{query}", app.base, deliveries.path()));
    let page = app.get(&next.replace(&app.base, "")).await.expect(200);
    assert_eq!(page.body["data"][0]["id"], *all[2]);
    assert_eq!(page.body["data"][1]["id"], *all[3]);
    assert_eq!(page.body["meta"]["next_page_url"], json!(null), "a full page may be the last");
}

async fn a_delivery_shows_every_attempt(app: TestApp) {
    let deliveries = start(&app).await;
    app.create(json!({})).await;
    deliveries.record(&app, answered(500), 5).await;
    app.clock.advance(Duration::from_secs(5));
    deliveries.record(&app, AttemptOutcome::TimedOut, 300).await;
    app.clock.advance(Duration::from_secs(300));
    deliveries.record(&app, answered(200), 0).await;
    let listed = deliveries.list(&app, "").await.body["data"][0].clone();
    let id = listed["id"].as_str().unwrap();
    for slash in ["", "/"] {
        let shown = app.get(&format!("{}/{id}{slash}", deliveries.path())).await.expect(200);
        let mut body = shown.body.clone();
        let history = body.as_object_mut().unwrap().remove("history").unwrap();
        assert_eq!(body, listed);
        let part = |key: &str| -> Vec<Value> {
            history.as_array().unwrap().iter().map(|each| each[key].clone()).collect()
        };
        assert_eq!(part("status"), [json!(500), json!(null), json!(200)]);
        assert_eq!(part("error"), [json!(null), json!("no answer in time"), json!(null)]);
        assert_eq!(history[2], listed["last_attempt"]);
    }
}

async fn a_message_is_sent_again(app: TestApp) {
    let deliveries = start(&app).await;
    let [delivered, ..] = one_of_each(&app, &deliveries).await;
    // Not yet sent, and not asked for.
    let others = Deliveries::start(&app, json!({"url": "https://b.example"})).await;
    app.create(json!({})).await;
    let unsent = id_of(&others.fresh(&app).await[0]);
    for (webhook, id, slash) in
        [(&deliveries, &delivered, ""), (&others, &delivered, "/"), (&others, &unsent, "")]
    {
        let path = format!("{}/{id}/replay{slash}", webhook.path());
        assert_eq!(app.post(&path).await.expect(202).body, json!({}));
        let shown = app.get(&format!("{}/{id}", webhook.path())).await.expect(200);
        assert_eq!(shown.body["state"], "waiting");
        assert_eq!(shown.body["next_attempt_at"], "2026-09-21T14:13:23.000000+00:00");
        assert_eq!(shown.body["failed_attempts"], 0);
        let now = app.clock.now();
        let due = app.store.due_messages(app.account.id, webhook.id, now, 10).await.unwrap();
        assert!(due.iter().any(|due| id_of(&due.message) == **id), "{id}");
    }
    let first = app.get(&format!("{}/{delivered}", deliveries.path())).await;
    assert_eq!(first.body["last_attempt"]["status"], 200, "what came of it before stays");
    let never = app.get(&format!("{}/{unsent}", others.path())).await;
    assert_eq!((&never.body["last_attempt"], &never.body["history"]), (&json!(null), &json!([])));
}

async fn what_has_failed_is_sent_again(app: TestApp) {
    let deliveries = start(&app).await;
    for _ in 0..3 {
        app.create(json!({})).await;
        deliveries.record(&app, answered(503), 0).await;
        app.clock.advance(Duration::from_secs(1));
    }
    let path = format!("/roster/v1/webhooks/{}/replay", deliveries.id);
    for (body, problem) in [
        (json!({}), "Is required, and must be a string."),
        (json!({"since": 5}), "Must be a string."),
        (json!({"since": "5"}), "Must be a time such as 2026-10-02T09:15:00Z."),
    ] {
        let answer = app.post(&path).json(&body).await;
        answer.expect_error(400, "validation_error");
        assert_eq!(problems(&answer), [format!("body $.since: {problem}")]);
    }
    assert_eq!(deliveries.ids(&app, "?state=failed").await.len(), 3);
    let body = json!({"since": "2026-09-21T14:13:21+00:00"});
    let answer = app.post(&path).json(&body).await.expect(202);
    assert_eq!(answer.body, json!({"count": 2}));
    assert_eq!(deliveries.ids(&app, "?state=failed").await.len(), 1);
    assert_eq!(deliveries.ids(&app, "?state=waiting").await.len(), 2);
    let answer = app.post(&format!("{path}/")).json(&body).await.expect(202);
    assert_eq!(answer.body, json!({"count": 0}), "they do not fail any more");
}

async fn unknown_webhooks_and_messages_are_not_found(app: TestApp) {
    let deliveries = start(&app).await;
    app.create(json!({})).await;
    deliveries.record(&app, answered(200), 0).await;
    let known = deliveries.ids(&app, "").await.remove(0);
    let stranger = format!("msg_66f0c1d2e3a4b5c6d7e8f901{}", &known[28..]);
    let later = format!("{}2", &known[..known.len() - 1]);
    for message in [&*stranger, &later, "msg_", "1", "%ff"] {
        let path = format!("{}/{message}", deliveries.path());
        for answer in [app.get(&path).await, app.post(&format!("{path}/replay")).await] {
            answer.expect_error(404, "not_found");
        }
    }
    let since = json!({"since": "2026-09-21T14:13:20Z"});
    for (id, status, kind) in
        [("ep_66f0c1d2e3a4b5c6d7e8f901", 404, "not_found"), ("x", 400, "validation_error")]
    {
        let base = format!("/roster/v1/webhooks/{id}");
        for (method, path) in [
            ("GET", format!("{base}/deliveries")),
            ("GET", format!("{base}/deliveries/{known}")),
            ("POST", format!("{base}/deliveries/{known}/replay")),
            ("POST", format!("{base}/replay")),
        ] {
            let answer = app.call(method, &path).json(&since).await;
            let message = answer.expect_error(status, kind);
            let unknown = message == "There is no webhook with this id.";
            assert_eq!(unknown, status == 404, "{method} {path}: {message}");
        }
    }
}

/// A sample of the metrics.
async fn sample(app: &TestApp, name: &str) -> String {
    let text = app.anonymous("GET", "/metrics").await.expect(200).text;
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
    line.unwrap().to_owned()
}

async fn metrics_tell_of_the_backlog(app: TestApp) {
    let (backlog, oldest) = ("roster_webhook_backlog", "roster_webhook_oldest_seconds");
    assert_eq!((sample(&app, backlog).await, sample(&app, oldest).await), ("0".into(), "0".into()));
    for _ in 0..2 {
        webhook(&app, json!({"url": "https://a.example"})).await;
    }
    for _ in 0..3 {
        app.create(json!({})).await;
        app.clock.advance(Duration::from_millis(2_500));
    }
    assert_eq!(sample(&app, backlog).await, "6", "three messages for each of two");
    assert_eq!(sample(&app, oldest).await, "7.5");
    for outcome in ["delivered", "refused", "timed_out", "forbidden", "failed"] {
        let name = format!("roster_webhook_attempts_total{{outcome=\"{outcome}\"}}");
        assert_eq!(sample(&app, &name).await, "0");
    }
}
