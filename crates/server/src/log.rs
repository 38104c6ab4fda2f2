//! Where log lines go: to standard output, by a thread of its own.
//!
//! A request never waits for whoever reads the log. When the reader is too slow, lines are
//! dropped and counted rather than kept without bound.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};
use roster_directory::Clock;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

use crate::clock::SystemClock;
use crate::http::write_timestamp;

/// How much may wait to be written, in bytes.
const BUFFER_LIMIT: usize = 8 * 1024 * 1024;

/// How long the thread rests after it has written, while lines gather. Under load it so writes a
/// hundred times a second and not at every line, which would take a processor from the requests.
const REST: Duration = Duration::from_millis(10);

/// How much may gather before the rest is cut short, in bytes.
const REST_LIMIT: usize = 64 * 1024;

/// How lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line, for machines.
    Json,
    /// For a person at a terminal.
    Human,
}

impl LogFormat {
    /// Human if standard output is a terminal, JSON otherwise.
    #[must_use]
    pub fn for_stdout() -> Self {
        if io::stdout().is_terminal() { Self::Human } else { Self::Json }
    }
}

/// What the thread is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Thread {
    /// It waits for a line.
    #[default]
    Idle,
    /// It writes.
    Writing,
    /// It lets lines gather.
    Resting,
}

#[derive(Default)]
struct Buffer {
    bytes: Vec<u8>,
    thread: Thread,
    /// Whether somebody waits until everything is written.
    flush: bool,
}

impl Buffer {
    /// Whether the thread should write now rather than let more lines gather.
    fn is_due(&self) -> bool {
        !self.bytes.is_empty() && (self.flush || self.bytes.len() >= REST_LIMIT)
    }
}

struct Shared {
    buffer: Mutex<Buffer>,
    filled: Condvar,
    drained: Condvar,
    dropped: AtomicU64,
    format: LogFormat,
}

/// A place to write log lines to. Clones share it.
#[derive(Clone)]
pub struct LogSink(Arc<Shared>);

impl LogSink {
    /// A sink whose lines a thread writes to `output`.
    pub fn new(format: LogFormat, mut output: impl Write + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            buffer: Mutex::default(),
            filled: Condvar::new(),
            drained: Condvar::new(),
            dropped: AtomicU64::new(0),
            format,
        });
        let writer = Arc::clone(&shared);
        thread::Builder::new().name("log".into()).spawn(move || {
            let mut lines = Vec::new();
            loop {
                writer.take(&mut lines);
                // There is nowhere to complain to when the log itself cannot be written.
                let _ = output.write_all(&lines).and_then(|()| output.flush());
                lines.clear();
            }
        })?;
        Ok(Self(shared))
    }

    /// How lines look here.
    #[must_use]
    pub fn format(&self) -> LogFormat {
        self.0.format
    }

    /// Adds whole lines, which end with a line feed.
    pub fn write(&self, lines: &[u8]) {
        let mut buffer = self.0.buffer.lock();
        if buffer.bytes.len() + lines.len() > BUFFER_LIMIT {
            self.0.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let was_due = buffer.is_due();
        buffer.bytes.extend_from_slice(lines);
        let wake = match buffer.thread {
            Thread::Idle => true,
            Thread::Resting => buffer.is_due() && !was_due,
            Thread::Writing => false,
        };
        drop(buffer);
        if wake {
            self.0.filled.notify_one();
        }
    }

    /// How many writes were dropped because nobody read.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.0.dropped.load(Ordering::Relaxed)
    }

    /// Waits until everything so far is written, but no longer than this: whoever should read it
    /// may not.
    pub fn flush(&self, patience: Duration) {
        let end = Instant::now() + patience;
        let mut buffer = self.0.buffer.lock();
        while !buffer.bytes.is_empty() || buffer.thread == Thread::Writing {
            buffer.flush = true;
            self.0.filled.notify_one();
            if self.0.drained.wait_until(&mut buffer, end).timed_out() {
                return;
            }
        }
    }

    /// Sends the messages of [`tracing`] here: `info` and above, or what `RUST_LOG` says.
    pub fn install(&self) {
        let filter = tracing_subscriber::EnvFilter::try_from_default_env()
            .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
        let builder = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_timer(LogTime)
            .with_writer(self.clone());
        let result = match self.format() {
            LogFormat::Json => builder.json().flatten_event(true).with_target(false).try_init(),
            LogFormat::Human => builder.with_target(false).try_init(),
        };
        if let Err(error) = result {
            self.write(format!("{error}\n").as_bytes());
        }
    }
}

impl Shared {
    /// Waits for lines and swaps them into `lines`, which is empty.
    fn take(&self, lines: &mut Vec<u8>) {
        let mut buffer = self.buffer.lock();
        if buffer.thread == Thread::Writing {
            self.rest(&mut buffer);
        }
        buffer.thread = Thread::Idle;
        while buffer.bytes.is_empty() {
            self.filled.wait(&mut buffer);
        }
        std::mem::swap(&mut buffer.bytes, lines);
        buffer.thread = Thread::Writing;
    }

    /// Lets lines gather for a while, after those before them were written.
    fn rest(&self, buffer: &mut MutexGuard<'_, Buffer>) {
        buffer.thread = Thread::Resting;
        if buffer.bytes.is_empty() {
            buffer.flush = false;
        }
        self.drained.notify_all();
        let end = Instant::now() + REST;
        while !buffer.is_due() {
            if self.filled.wait_until(buffer, end).timed_out() {
                return;
            }
        }
    }
}

/// Writes the moment of a message as that of a request is written.
struct LogTime;

impl FormatTime for LogTime {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let mut text = Vec::with_capacity(32);
        write_timestamp(&mut text, SystemClock.now());
        writer.write_str(str::from_utf8(&text).unwrap_or_default())
    }
}

impl Write for LogSink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LogSink::write(self, bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogSink {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// Longer than anything here takes.
    const PATIENCE: Duration = Duration::from_secs(30);

    /// A reader that takes nothing until it is let go, and tells what it has taken.
    struct SlowReader {
        go: Receiver<()>,
        taken: Sender<Vec<u8>>,
    }

    impl Write for SlowReader {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.go.recv().map_err(io::Error::other)?;
            self.taken.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_slow_reader_costs_lines_and_never_blocks() {
        let ((let_go, go), (taken, reading)) = (channel(), channel());
        let sink = LogSink::new(LogFormat::Json, SlowReader { go, taken }).unwrap();
        let line = [b'x'; 1024];
        let lines = 2 * BUFFER_LIMIT / line.len();
        for _ in 0..lines {
            sink.write(&line);
        }
        assert!(sink.dropped() > 0);
        for _ in 0..2 {
            let_go.send(()).unwrap();
        }
        sink.flush(PATIENCE);
        let written: usize = reading.try_iter().map(|bytes| bytes.len()).sum();
        let kept = lines - usize::try_from(sink.dropped()).unwrap();
        assert_eq!(written, kept * line.len());
    }

    #[test]
    fn lines_come_out_in_their_order() {
        let ((let_go, go), (taken, reading)) = (channel(), channel());
        let sink = LogSink::new(LogFormat::Human, SlowReader { go, taken }).unwrap();
        for number in 0..1000 {
            let_go.send(()).unwrap();
            sink.write(format!("{number}\n").as_bytes());
        }
        sink.flush(PATIENCE);
        let written: Vec<u8> = reading.try_iter().flatten().collect();
        let written = String::from_utf8(written).unwrap();
        let numbers: Vec<u32> = written.lines().map(|line| line.parse().unwrap()).collect();
        assert_eq!(numbers, (0..1000).collect::<Vec<_>>());
    }
}
