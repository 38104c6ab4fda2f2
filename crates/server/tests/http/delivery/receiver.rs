//! Somebody who is sent messages, and answers as a test wants.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// How to answer a message.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    /// With a status, further headers and a body.
    Status(u16, &'static str, &'static str),
    /// When the test says so, with 204.
    Held,
    /// Never.
    Never,
    /// With the beginning of an answer only.
    Half,
    /// With 200 and a body that does not end.
    Endless,
    /// With 204, and then it closes the connection without having said so.
    Last,
}

/// A message as it came.
#[derive(Debug, Clone)]
pub(super) struct Received {
    pub(super) head: String,
    pub(super) body: String,
}

impl Received {
    /// A header.
    pub(super) fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value).unwrap()
    }

    /// The message itself.
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// A text within the message.
    pub(super) fn text_at(&self, pointer: &str) -> String {
        self.json().pointer(pointer).and_then(Value::as_str).unwrap().to_owned()
    }
}

/// A receiver on a port of its own.
#[derive(Clone)]
pub(super) struct Receiver {
    pub(super) address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    replies: Arc<Mutex<VecDeque<Reply>>>,
    /// What is answered when no other reply is left.
    usual: Arc<Mutex<Reply>>,
    held: Arc<Semaphore>,
    arrived: Arc<Semaphore>,
    connections: Arc<AtomicUsize>,
}

impl Receiver {
    /// Starts one that takes everything.
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self {
            address: listener.local_addr().unwrap(),
            received: Arc::default(),
            replies: Arc::default(),
            usual: Arc::new(Mutex::new(Reply::Status(204, "", ""))),
            held: Arc::new(Semaphore::new(0)),
            arrived: Arc::new(Semaphore::new(0)),
            connections: Arc::default(),
        };
        let own = receiver.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                own.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(own.clone().serve(stream));
            }
        });
        receiver
    }

    /// Where it is.
    pub(super) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Answers the next messages like this, and those after them as before.
    pub(super) fn reply(&self, replies: impl IntoIterator<Item = Reply>) {
        self.replies.lock().unwrap().extend(replies);
    }

    /// Answers all messages like this from now on.
    pub(super) fn always(&self, reply: Reply) {
        *self.usual.lock().unwrap() = reply;
    }

    /// Lets so many held answers go.
    pub(super) fn release(&self, count: usize) {
        self.held.add_permits(count);
    }

    /// Waits until so many more messages have come.
    pub(super) async fn wait(&self, count: u32) {
        self.arrived.acquire_many(count).await.unwrap().forget();
    }

    /// How many connections were made.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// What has come since this was asked for last.
    pub(super) fn take(&self) -> Vec<Received> {
        std::mem::take(&mut self.received.lock().unwrap())
    }

    async fn serve(self, mut stream: TcpStream) -> Option<()> {
        let mut buffer = Vec::new();
        loop {
            let received = read(&mut stream, &mut buffer).await?;
            self.received.lock().unwrap().push(received);
            self.arrived.add_permits(1);
            let usual = self.usual.lock().unwrap().clone();
            let reply = self.replies.lock().unwrap().pop_front().unwrap_or(usual);
            self.answer(&mut stream, reply).await?;
        }
    }

    async fn answer(&self, stream: &mut TcpStream, reply: Reply) -> Option<()> {
        let text = match reply {
            Reply::Status(status, headers, body) => {
                let length = body.len();
                format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\r\n{body}")
            }
            Reply::Held => {
                self.held.acquire().await.unwrap().forget();
                "HTTP/1.1 204 X\r\ncontent-length: 0\r\n\r\n".to_owned()
            }
            Reply::Last => {
                stream.write_all(b"HTTP/1.1 204 X\r\n\r\n").await.ok()?;
                return None;
            }
            Reply::Never => return std::future::pending().await,
            Reply::Half => {
                stream.write_all(b"HTTP/1.1 20").await.ok()?;
                return None;
            }
            Reply::Endless => {
                stream.write_all(b"HTTP/1.1 200 X\r\n\r\n").await.ok()?;
                loop {
                    stream.write_all(&[b'x'; 8192]).await.ok()?;
                }
            }
        };
        stream.write_all(text.as_bytes()).await.ok()
    }
}

/// Reads one request, whose body has a length.
async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Received> {
    loop {
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8(buffer[..end].to_vec()).unwrap();
            let received = Received { head, body: String::new() };
            let length: usize = received.header("content-length").parse().unwrap();
            let whole = end + 4 + length;
            if buffer.len() >= whole {
                let body = String::from_utf8(buffer[end + 4..whole].to_vec()).unwrap();
                buffer.drain(..whole);
                return Some(Received { body, ..received });
            }
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}
