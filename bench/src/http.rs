//! The little of an HTTP client that the bench needs: connections that are kept alive, one request
//! at a time, answers with a declared length.

use std::io::{Read, Write};
use std::net::SocketAddr;

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    address: SocketAddr,
    received: Vec<u8>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: String,
}

impl Connection {
    /// Connects to `address`.
    pub(crate) async fn open(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, address, received: Vec::new() })
    }

    /// Asks for `path` with `token`.
    pub(crate) async fn get(&mut self, path: &str, token: &str) -> anyhow::Result<Answer> {
        self.send("GET", path, token, "").await
    }

    /// Posts `body`, which is JSON, to `path` with `token`.
    pub(crate) async fn post(
        &mut self,
        path: &str,
        token: &str,
        body: &str,
    ) -> anyhow::Result<Answer> {
        self.send("POST", path, token, body).await
    }

    /// Sends a request and reads its answer.
    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        token: &str,
        body: &str,
    ) -> anyhow::Result<Answer> {
        let request = request(self.address, method, path, token, body);
        self.stream.write_all(request.as_bytes()).await?;
        let head = loop {
            match Head::read(&self.received)? {
                Some(head) if self.received.len() >= head.end + head.length => break head,
                _ if self.stream.read_buf(&mut self.received).await? == 0 => bail!(CLOSED),
                _ => {}
            }
        };
        let body = str::from_utf8(&self.received[head.end..head.end + head.length])?.to_owned();
        self.received.drain(..head.end + head.length);
        Ok(Answer { status: head.status, body })
    }
}

/// A connection for a thread that waits.
#[derive(Debug)]
pub(crate) struct WaitingConnection {
    stream: std::net::TcpStream,
    received: Vec<u8>,
}

impl WaitingConnection {
    /// Connects to `address`.
    pub(crate) fn open(address: SocketAddr) -> std::io::Result<Self> {
        let stream = std::net::TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: vec![0; 256 * 1024] })
    }

    /// Sends a request, reads the whole answer, and tells its status.
    pub(crate) fn send(&mut self, request: &str) -> anyhow::Result<u16> {
        self.stream.write_all(request.as_bytes())?;
        let mut filled = 0;
        loop {
            let read = self.stream.read(&mut self.received[filled..])?;
            if read == 0 {
                bail!(CLOSED);
            }
            filled += read;
            match Head::read(&self.received[..filled])? {
                Some(head) if filled >= head.end + head.length => return Ok(head.status),
                _ => {}
            }
        }
    }
}

const CLOSED: &str = "the server closed the connection, or its answer is too long";

/// The text of a request.
pub(crate) fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    token: &str,
    body: &str,
) -> String {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

struct Head {
    status: u16,
    /// Where the body begins, and how long it is.
    end: usize,
    length: usize,
}

impl Head {
    /// The head of an answer, if it is there as a whole.
    fn read(received: &[u8]) -> anyhow::Result<Option<Self>> {
        let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") else {
            return Ok(None);
        };
        let head = str::from_utf8(&received[..end])?;
        let status = head.get(9..12).context("the answer has no status")?.parse()?;
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then_some(value)
        });
        let length = length.context("the answer has no length")?.trim().parse()?;
        Ok(Some(Self { status, end: end + 4, length }))
    }
}
