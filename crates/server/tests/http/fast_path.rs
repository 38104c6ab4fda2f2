//! What is answered before hyper sees it must be what hyper and the handlers would have answered,
//! in its turn.

use std::time::{Duration, Instant};

use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use roster_directory::{Scope, Scopes};
use roster_server::{Settings, Timeouts};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{TestApp, json};

async fn connect(app: &TestApp) -> TcpStream {
    TcpStream::connect(app.base.strip_prefix("http://").unwrap()).await.unwrap()
}

/// Sends a request of its own head and returns all that comes until the server closes.
async fn exchange(app: &TestApp, requests: &str) -> String {
    let mut stream = connect(app).await;
    stream.write_all(requests.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// An answer without what differs each time.
fn timeless(text: &str) -> String {
    let differs = |line: &&str| !line.starts_with("date: ");
    text.split("\r\n").filter(differs).collect::<Vec<_>>().join("\n")
}

/// A line of the log without what differs each time.
fn logged(app: &TestApp, id: &str) -> String {
    let log = app.logged();
    let line = log.lines().find(|line| line.contains(&format!("\"request_id\":\"{id}\"")));
    let (before, after) = line.unwrap().split_once(",\"duration_us\":").unwrap();
    format!("{before}{}", after.trim_start_matches(|digit: char| digit.is_ascii_digit()))
}

/// The long way is taken where there is a header that speaks of a body.
const LONG_WAY: &str = "Content-Length: 0\r\n";

#[tokio::test]
async fn both_ways_answer_alike() {
    let app = TestApp::on_sqlite().await;
    let profile =
        json!({"first_name": "Grace \"\u{e9}\\", "metadata": {"a": 1, "b": "x", "c": true}});
    let user = app.create(json!({"external_id": "CRM-4711", "profile": profile})).await;
    let long = json!({"profile": {"metadata": {"text": "x".repeat(5000)}}});
    let (id, long) = (user.text_at("/end_user_id"), app.create_id(long).await);
    let (reader, writer) =
        (app.token_with(Scope::EndUsersRead).await, app.token_with(Scope::EndUsersWrite).await);
    let stranger = app.other_account(Scopes::SERVER).await;
    let get = |id: &str| format!("/api/v2/end-users/{id}");
    let find = |id: &str| format!("/api/v2/end-users/?external_id={id}");
    let paths = [
        get(&id),
        get(&format!("{id}/")),
        get(&id.to_uppercase()),
        get(&format!("{id}?x=1")),
        get(&format!("{id}//")),
        get(&long),
        get("0123456789abcdef01234567"),
        get("nonsense"),
        find("crm-4711"),
        find("CRM-4711"),
        find("crm%2D4711"),
        find("+crm-4711"),
        find("crm-4711&limit=1"),
        find(""),
        find("nobody"),
        "/api/v2/end-users?external_id=crm-4711".to_owned(),
        "/api/v2/end-users".to_owned(),
    ];
    let tokens = [&app.token, &reader, &writer, &stranger, &"wrong".to_owned()];
    let headers =
        ["", "Accept-Encoding: gzip\r\n", "authorization: again\r\n", "X-Request-Id: b@d\r\n"];
    for path in &paths {
        for token in tokens {
            for header in headers {
                let ask = |way: &str| {
                    format!(
                        "GET {path} HTTP/1.1\r\nHost: x\r\n{header}X-Request-Id: same\r\n\
                         Authorization: Bearer {token}\r\n{way}\r\n"
                    )
                };
                // The ids that the server makes differ.
                let (fast, slow) =
                    (exchange(&app, &ask("")).await, exchange(&app, &ask(LONG_WAY)).await);
                let same = |text: &str| {
                    let kept =
                        |line: &&str| !(header.contains('@') && line.starts_with("x-request-id"));
                    timeless(text).lines().filter(kept).collect::<Vec<_>>().join("\n")
                };
                assert_eq!(same(&fast), same(&slow), "{}", ask(""));
            }
        }
    }
}

#[tokio::test]
async fn both_ways_are_logged_and_counted_alike() {
    let app = TestApp::on_sqlite().await;
    let id = app.create(json!({"external_id": "crm-1"})).await.text_at("/end_user_id");
    for path in [format!("/api/v2/end-users/{id}"), "/api/v2/end-users/?external_id=crm-1".into()] {
        let ask = async |request_id: &str, way: &str| {
            let request = format!(
                "GET {path} HTTP/1.1\r\nHost: x\r\nX-Request-Id: {request_id}\r\n\
                 Authorization: Bearer {}\r\n{way}\r\n",
                app.token
            );
            let answer = exchange(&app, &request).await;
            assert!(answer.contains(&format!("\r\nx-request-id: {request_id}\r\n")), "{answer}");
            logged(&app, request_id).replace(request_id, "")
        };
        let (fast, long) = (format!("fast-{}", path.len()), format!("long-{}", path.len()));
        assert_eq!(ask(&fast, "").await, ask(&long, LONG_WAY).await);
    }
    let metrics = app.anonymous("GET", "/metrics").await.expect(200).text;
    for route in ["/api/v2/end-users/{end_user_id}", "/api/v2/end-users"] {
        let counted = format!(
            "roster_http_requests_total{{method=\"GET\",route=\"{route}\",status=\"200\"}} 2"
        );
        assert!(metrics.contains(&counted), "{metrics}");
    }
}

/// Requests of many kinds in any order, in pieces of any size, without waiting for an answer.
#[tokio::test]
async fn whoever_does_not_wait_is_answered_in_order() {
    let app = TestApp::on_sqlite().await;
    let id = app.create_id(json!({})).await;
    for seed in 0_u8..40 {
        let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
        let mut below = |limit: u32| random.next_u32() % limit;
        let (mut requests, mut expected) = (String::new(), Vec::new());
        for number in 0..40 {
            let (head, body, status) = match below(if seed % 4 == 0 { 8 } else { 7 }) {
                0..=2 => (format!("GET /api/v2/end-users/{id} HTTP/1.1\r\n"), "", 200),
                3 => (format!("GET /api/v2/end-users/{id} HTTP/1.1\r\n{LONG_WAY}"), "", 200),
                4 => (
                    "POST /api/v2/end-users/ HTTP/1.1\r\nContent-Length: 18\r\n".to_owned(),
                    "{\"profile\":{    }}",
                    201,
                ),
                5 => ("GET /nowhere HTTP/1.1\r\n".to_owned(), "", 404),
                // The body looks like a request, which it must not be taken for.
                6 => (
                    "POST /api/v2/end-users/ HTTP/1.1\r\nContent-Length: 19\r\n".to_owned(),
                    "GET / HTTP/1.1\r\n\r\n\n",
                    400,
                ),
                _ => (
                    "POST /api/v2/end-users/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n".to_owned(),
                    "2\r\n{}\r\n0\r\n\r\n",
                    201,
                ),
            };
            let rest = "Host: x\r\nContent-Type: application/json\r\nAuthorization: Bearer";
            requests.extend([
                format!("{head}X-Request-Id: {seed}-{number}\r\n"),
                format!("{rest} {}\r\n\r\n{body}", app.token),
            ]);
            expected.push((status, format!("{seed}-{number}")));
        }
        let (mut reading, mut writing) = connect(&app).await.into_split();
        let reader = tokio::spawn(async move {
            let mut answers = String::new();
            reading.read_to_string(&mut answers).await.unwrap();
            answers
        });
        let mut rest = requests.as_bytes();
        while !rest.is_empty() {
            let most = if seed % 2 == 0 { 40 } else { 4000 };
            let (piece, later) = rest.split_at(rest.len().min(1 + below(most) as usize));
            writing.write_all(piece).await.unwrap();
            tokio::task::yield_now().await;
            rest = later;
        }
        writing.shutdown().await.unwrap();
        let answers = reader.await.unwrap();
        let got: Vec<_> = answers
            .split("HTTP/1.1 ")
            .skip(1)
            .map(|answer| {
                let (_, id) = answer.split_once("\r\nx-request-id: ").unwrap();
                (answer[..3].parse().unwrap(), id.split_once("\r\n").unwrap().0.to_owned())
            })
            .collect();
        assert_eq!(got, expected, "seed {seed}");
    }
}

#[tokio::test]
async fn a_connection_that_is_used_is_not_idle() {
    let head = Duration::from_millis(300);
    let timeouts = Timeouts { head, ..Timeouts::default() };
    let app = TestApp::with(Settings { timeouts, ..Settings::default() }).await;
    let id = app.create_id(json!({})).await;
    let request = format!(
        "GET /api/v2/end-users/{id} HTTP/1.1\r\nAuthorization: Bearer {}\r\n\r\n",
        app.token
    );
    let (mut stream, start) = (connect(&app).await, Instant::now());
    let mut buffer = [0; 4096];
    while start.elapsed() < head * 3 {
        stream.write_all(request.as_bytes()).await.unwrap();
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(buffer[..read].starts_with(b"HTTP/1.1 200 OK\r\n"));
    }
    // Then it is closed, without a word.
    assert_eq!(stream.read(&mut buffer).await.unwrap(), 0);
}

#[tokio::test]
async fn the_listener_of_the_metrics_answers_no_operation() {
    let app = TestApp::on_sqlite().await;
    let id = app.create_id(json!({})).await;
    let mut stream = TcpStream::connect(app.serve_metrics().await).await.unwrap();
    let request = format!(
        "GET /api/v2/end-users/{id} HTTP/1.1\r\nAuthorization: Bearer {}\r\n\r\n",
        app.token
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 404");
}
