//! The stream between hyper and the socket.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::answer::{Answerer, Operations};
use super::head::Start;
use super::progress::Progress;
use crate::app::App;

/// How much is read from the socket at a time.
const READ: usize = 4 * 1024;

/// How much may be read while hyper is busy with an earlier request.
const READ_AHEAD: usize = 2 * READ;

/// How many answers are gathered before they are written, in bytes.
const WRITE: usize = 64 * 1024;

/// How many requests one connection has answered, at most, before others have their turn.
const TURN: usize = 32;

/// An idle connection keeps no larger buffer than this.
const KEPT: usize = 16 * 1024;

/// Whose the next bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// A request begins.
    Start,
    /// hyper's, so many; then a request begins, once hyper has answered.
    Hyper { left: u64, answered: bool },
    /// hyper's, for as long as the connection lasts: only hyper finds where a request ends.
    HyperForGood,
}

/// Reads and writes for hyper, and answers what can be answered at once.
pub(crate) struct FastPathStream<S> {
    stream: S,
    answerer: Answerer,
    progress: Progress,
    turn: Turn,
    /// What has come and is nobody's yet.
    input: BytesMut,
    /// Answers that were not written yet.
    output: BytesMut,
    /// Who wants to read on when hyper has answered.
    reader: Option<Waker>,
    /// Whether the client has not taken all answers yet.
    is_stalled: bool,
    head_timeout: Duration,
    /// When the present head must have come.
    deadline: Instant,
    /// Rings at the deadline, or at an earlier one. It is set anew only then.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> FastPathStream<S> {
    /// A stream where the head of a request must have come within the time that the settings give,
    /// counted from the answer before.
    pub(crate) fn new(
        stream: S,
        app: Arc<App>,
        operations: Operations,
        progress: Progress,
    ) -> Self {
        let head_timeout = app.settings.timeouts.head;
        Self {
            stream,
            answerer: Answerer::new(app, operations),
            progress,
            turn: Turn::Start,
            input: BytesMut::new(),
            output: BytesMut::new(),
            reader: None,
            is_stalled: false,
            head_timeout,
            deadline: Instant::now() + head_timeout,
            alarm: None,
        }
    }

    /// Reads from the socket. How many bytes came; 0 at the end.
    fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.input.reserve(READ);
        pin!(self.stream.read_buf(&mut self.input)).poll(context)
    }

    /// Writes the answers that wait.
    fn poll_write_answers(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.output.is_empty() {
            let polled = Pin::new(&mut self.stream).poll_write(context, &self.output);
            self.is_stalled |= polled.is_pending();
            let written = ready!(polled)?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.output.advance(written);
        }
        if std::mem::take(&mut self.is_stalled) {
            self.deadline = Instant::now() + self.head_timeout;
        }
        Poll::Ready(Ok(()))
    }

    /// Answers requests until one comes that is hyper's, or the client sends no more.
    fn poll_answer(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Came>> {
        for _ in 0..TURN {
            if self.output.len() >= WRITE {
                ready!(self.poll_write_answers(context))?;
            }
            let start = if self.input.is_empty() {
                Start::Incomplete
            } else {
                self.answerer.take(&self.input, &mut self.output)
            };
            match start {
                Start::Answered(length) => {
                    self.input.advance(length);
                    self.deadline = self.answerer.answered_at() + self.head_timeout;
                }
                Start::Other(length) => {
                    self.turn = Turn::Hyper { left: length, answered: false };
                    return Poll::Ready(Ok(Came::Request));
                }
                Start::Unknown => {
                    self.turn = Turn::HyperForGood;
                    return Poll::Ready(Ok(Came::Request));
                }
                Start::Incomplete => {
                    ready!(self.poll_write_answers(context))?;
                    self.shrink();
                    if ready!(self.poll_fill(context))? == 0 {
                        self.turn = Turn::HyperForGood;
                        return Poll::Ready(Ok(Came::End));
                    }
                }
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// Gives up buffers that have become large, now that no answer waits.
    fn shrink(&mut self) {
        if self.output.capacity() > KEPT {
            self.output = BytesMut::new();
        }
        if self.input.is_empty() && self.input.capacity() > KEPT {
            self.input = BytesMut::new();
        }
        self.answerer.shrink(KEPT);
    }

    /// Hands over what there is for hyper, at most `limit` bytes.
    fn poll_hand_over(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
        limit: u64,
    ) -> Poll<io::Result<()>> {
        if self.input.is_empty() && ready!(self.poll_fill(context))? == 0 {
            return Poll::Ready(Ok(()));
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let count = self.input.len().min(buffer.remaining()).min(limit);
        buffer.put_slice(&self.input[..count]);
        self.input.advance(count);
        if let Turn::Hyper { left, .. } = &mut self.turn {
            *left -= count as u64;
        }
        self.next_turn();
        Poll::Ready(Ok(()))
    }

    /// hyper has all of a request and would read on. It learns when the client leaves; what else
    /// comes waits until the answer is written.
    fn poll_wait(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.reader = Some(context.waker().clone());
        while self.input.len() < READ_AHEAD {
            if ready!(self.poll_fill(context))? == 0 {
                if self.input.is_empty() {
                    return Poll::Ready(Ok(()));
                }
                break;
            }
        }
        Poll::Pending
    }

    /// A request begins once hyper has read and answered the one before.
    fn next_turn(&mut self) {
        if self.turn == (Turn::Hyper { left: 0, answered: true }) {
            self.turn = Turn::Start;
            if let Some(reader) = self.reader.take() {
                reader.wake();
            }
        }
    }

    /// An error when the head that is awaited has not come in time.
    fn poll_deadline(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        // Whoever does not take its answers is the time-out's of writing.
        if !self.progress.is_idle() || !self.output.is_empty() {
            return Poll::Pending;
        }
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(self.deadline)));
        while alarm.as_mut().poll(context).is_ready() {
            if alarm.deadline() >= self.deadline {
                return Poll::Ready(io::ErrorKind::TimedOut.into());
            }
            alarm.as_mut().reset(self.deadline);
        }
        Poll::Pending
    }

    fn poll_turn(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.turn == Turn::Start && ready!(self.poll_answer(context))? == Came::End {
            // A head that has no end is for hyper to judge.
            if self.input.is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
        match self.turn {
            Turn::Hyper { left: 0, .. } => self.poll_wait(context),
            Turn::Hyper { left, .. } => self.poll_hand_over(context, buffer, left),
            Turn::Start | Turn::HyperForGood => self.poll_hand_over(context, buffer, u64::MAX),
        }
    }
}

/// What has come after the requests that were answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Came {
    /// A request that is hyper's.
    Request,
    /// Nothing more.
    End,
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for FastPathStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if let Poll::Ready(read) = this.poll_turn(context, buffer) {
            return Poll::Ready(read);
        }
        this.poll_deadline(context).map(Err)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for FastPathStream<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.poll_write_answers(context))?;
        Pin::new(&mut this.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.poll_write_answers(context))?;
        Pin::new(&mut this.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_write_answers(context))?;
        ready!(Pin::new(&mut this.stream).poll_flush(context))?;
        if this.progress.flushed() {
            this.deadline = Instant::now() + this.head_timeout;
            if let Turn::Hyper { answered, .. } = &mut this.turn {
                *answered = true;
            }
            this.next_turn();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_write_answers(context))?;
        Pin::new(&mut this.stream).poll_shutdown(context)
    }
}
