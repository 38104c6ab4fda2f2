//! Connections: clients that are slow, many, or gone.

use std::time::Duration;

use roster_server::{Settings, Timeouts};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{TestApp, json};

const SHORT: Duration = Duration::from_millis(200);

async fn impatient(change: impl FnOnce(&mut Timeouts)) -> TestApp {
    let mut timeouts = Timeouts::default();
    change(&mut timeouts);
    TestApp::with(Settings { timeouts, ..Settings::default() }).await
}

async fn connect(app: &TestApp) -> TcpStream {
    TcpStream::connect(app.base.strip_prefix("http://").unwrap()).await.unwrap()
}

/// Everything until the server closes. A reset counts as that.
async fn read_all(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn a_slow_head_is_cut_off() {
    let app = impatient(|timeouts| timeouts.head = SHORT).await;
    for start in ["", "GET /healthz HTT", "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "] {
        let mut stream = connect(&app).await;
        stream.write_all(start.as_bytes()).await.unwrap();
        let answer = read_all(&mut stream).await;
        assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
    }
    app.anonymous("GET", "/healthz").await.expect(200);
}

#[tokio::test]
async fn a_slow_body_is_answered_and_cut_off() {
    let app = impatient(|timeouts| timeouts.body = SHORT).await;
    let mut stream = connect(&app).await;
    let head = format!(
        "POST /api/v2/end-users/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: 20\r\n\r\n{{",
        app.token
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer = read_all(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("\"type\":\"request_timeout\""), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_read_is_cut_off() {
    let app = impatient(|timeouts| timeouts.write = SHORT).await;
    for _ in 0..20 {
        let metadata = json!({"large": "x".repeat(10_000)});
        app.create(json!({"profile": {"metadata": metadata}})).await;
    }
    // Each count is made on a connection of its own, which is closed before the next.
    let connections = async || {
        let mut stream = connect(&app).await;
        let request = b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let metrics = read_all(&mut stream).await;
        let line = metrics.lines().find(|line| line.starts_with("roster_http_connections "));
        line.unwrap().rsplit(' ').next().unwrap().parse::<u32>().unwrap()
    };
    let before = connections().await;
    let mut stream = connect(&app).await;
    let request = format!(
        "GET /api/v2/end-users/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n",
        app.token
    );
    // The answers are far more than the buffers of both sides hold.
    stream.write_all(request.repeat(500).as_bytes()).await.unwrap();
    let opened_and_cut_off = async {
        while connections().await <= before {}
        while connections().await > before {}
    };
    tokio::time::timeout(Duration::from_secs(30), opened_and_cut_off).await.unwrap();
}

#[tokio::test]
async fn one_connection_too_many_waits_its_turn() {
    let settings = Settings { max_connections: 2, ..Settings::default() };
    let app = TestApp::with(settings).await;
    let request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut open = Vec::new();
    for _ in 0..2 {
        let mut stream = connect(&app).await;
        stream.write_all(request).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        open.push(stream);
    }
    let mut third = connect(&app).await;
    third.write_all(request).await.unwrap();
    let mut answer = [0; 12];
    let early = tokio::time::timeout(SHORT, third.read_exact(&mut answer)).await;
    assert!(early.is_err(), "there are two already");
    open.pop();
    third.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_their_order() {
    let app = TestApp::on_memory().await;
    let mut stream = connect(&app).await;
    let requests = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n\
                    GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n\
                    GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(requests.as_bytes()).await.unwrap();
    let answers = read_all(&mut stream).await;
    let statuses: Vec<_> = answers
        .split("HTTP/1.1 ")
        .skip(1)
        .map(|answer| answer.split(' ').next().unwrap())
        .collect();
    assert_eq!(statuses, ["200", "404", "200"]);
}

#[tokio::test]
async fn a_client_that_closes_its_side_is_answered() {
    let app = TestApp::on_memory().await;
    let mut stream = connect(&app).await;
    let request = format!(
        "POST /api/v2/end-users/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Length: 2\r\n\r\n{{}}",
        app.token
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let answer = read_all(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
}

#[tokio::test]
async fn a_client_that_waits_to_be_asked_is_refused_without_being_asked() {
    let app = TestApp::on_memory().await;
    for (token, length, status) in [("wrong", 100, 401), (app.token.as_str(), 99_000_000, 413)] {
        let mut stream = connect(&app).await;
        let head = format!(
            "POST /api/v2/end-users/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
             Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let answer = read_all(&mut stream).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    }
}

#[tokio::test]
async fn a_client_that_leaves_is_written_down() {
    let app = impatient(|timeouts| timeouts.body = Duration::from_secs(600)).await;
    let mut stream = connect(&app).await;
    let head = format!(
        "POST /api/v2/end-users/ HTTP/1.1\r\nHost: x\r\nX-Request-Id: left\r\n\
         Authorization: Bearer {}\r\nContent-Length: 100\r\n\r\n{{",
        app.token
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    drop(stream);
    let written = async {
        while !app.logged().contains("\"request_id\":\"left\"") {
            app.anonymous("GET", "/healthz").await.expect(200);
        }
    };
    tokio::time::timeout(Duration::from_secs(30), written).await.unwrap();
}
