//! Somebody who takes messages as fast as they come, and counts them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::{Duration, Instant, timeout};

const ANSWER: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

/// How long nothing may come before that is taken for a failure.
const PATIENCE: Duration = Duration::from_secs(60);

/// A receiver on a port of its own.
pub(crate) struct Receiver {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    received: Arc<AtomicU64>,
    arrived: Arc<Notify>,
}

impl Receiver {
    /// Starts it.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let received = Arc::new(AtomicU64::new(0));
        let arrived = Arc::new(Notify::new());
        let (count, notify) = (Arc::clone(&received), Arc::clone(&arrived));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&count), Arc::clone(&notify)));
            }
        });
        Ok(Self { address, received, arrived })
    }

    /// How many messages have come.
    pub(crate) fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Waits until so many messages have come in all, and says when the last of them did.
    pub(crate) async fn wait(&self, count: u64) -> anyhow::Result<Instant> {
        let mut last = self.received();
        while self.received() < count {
            let news = timeout(PATIENCE, self.arrived.notified()).await;
            let now = self.received();
            ensure!(news.is_ok() || now > last, "only {now} of {count} messages came");
            last = now;
        }
        Ok(Instant::now())
    }
}

async fn serve(
    mut stream: TcpStream,
    count: Arc<AtomicU64>,
    notify: Arc<Notify>,
) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(8192);
    loop {
        while let Some(length) = request_length(&buffer)? {
            buffer.drain(..length);
            count.fetch_add(1, Ordering::Relaxed);
            notify.notify_one();
            stream.write_all(ANSWER).await?;
        }
        if stream.read_buf(&mut buffer).await? == 0 {
            return Ok(());
        }
    }
}

/// How long the first request in `buffer` is, if it is there as a whole.
fn request_length(buffer: &[u8]) -> anyhow::Result<Option<usize>> {
    let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = str::from_utf8(&buffer[..end])?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then_some(value)
    });
    let length: usize = length.context("the message has no length")?.trim().parse()?;
    let whole = end + 4 + length;
    Ok((buffer.len() >= whole).then_some(whole))
}
