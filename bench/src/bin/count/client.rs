//! One connection, one request at a time.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, ensure};

use crate::server::Server;

/// How long the server may take to answer. Under callgrind it is slow.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection that is kept alive.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub(crate) fn open(server: &Server) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(server.address())?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, received: Vec::new() })
    }

    /// Sends a request and returns the body of its answer, which must be a good one.
    pub(crate) fn ask(&mut self, request: &[u8]) -> anyhow::Result<&str> {
        self.stream.write_all(request)?;
        self.received.clear();
        let head = loop {
            self.receive()?;
            let end = self.received.windows(4).position(|window| window == b"\r\n\r\n");
            if let Some(end) = end {
                break end + 4;
            }
        };
        let text = str::from_utf8(&self.received[..head])?.to_ascii_lowercase();
        ensure!(text.starts_with("http/1.1 2"), "the answer is no good one: {text}");
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.context("the answer has no length")?.trim().parse()?;
        while self.received.len() < head + length {
            self.receive()?;
        }
        Ok(str::from_utf8(&self.received[head..])?)
    }

    fn receive(&mut self) -> anyhow::Result<()> {
        let mut part = [0; 16 * 1024];
        let length = match self.stream.read(&mut part) {
            // A machine that stood still for a moment interrupts what has a time-out.
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            read => read.context("there is no answer")?,
        };
        ensure!(length > 0, "the server closed the connection");
        self.received.extend_from_slice(&part[..length]);
        Ok(())
    }
}
