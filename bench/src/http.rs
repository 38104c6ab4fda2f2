//! The little of an HTTP client that loading a million users takes: one connection, one request
//! at a time, answers with a declared length.

use std::net::SocketAddr;

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection that is kept alive.
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

    async fn send(
        &mut self,
        method: &str,
        path: &str,
        token: &str,
        body: &str,
    ) -> anyhow::Result<Answer> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await?;
        let head_end = self.receive_head().await?;
        let head = str::from_utf8(&self.received[..head_end])?.to_ascii_lowercase();
        let status = head.get(9..12).context("the answer has no status")?.parse()?;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.context("the answer has no length")?.trim().parse()?;
        while self.received.len() < head_end + length {
            self.receive().await?;
        }
        let body = str::from_utf8(&self.received[head_end..head_end + length])?.to_owned();
        self.received.drain(..head_end + length);
        Ok(Answer { status, body })
    }

    async fn receive_head(&mut self) -> anyhow::Result<usize> {
        loop {
            let end = self.received.windows(4).position(|window| window == b"\r\n\r\n");
            if let Some(end) = end {
                return Ok(end + 4);
            }
            self.receive().await?;
        }
    }

    async fn receive(&mut self) -> anyhow::Result<()> {
        if self.stream.read_buf(&mut self.received).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(())
    }
}
