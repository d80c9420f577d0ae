//! The client's socket as hyper sees it: with AWS's patience, and with hyper's
//! own error responses held back so that AWS's pages can take their place.
//!
//! While a request is being answered, its bodies have their own patience; here
//! it is counted between requests and while a head arrives in pieces.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Duration, Instant, Sleep, sleep_until};

use super::connection::Connection;
use super::framing::Framing;
use crate::stream::Stream;

/// A head that takes longer is a slow-loris: 408 even if bytes trickle in.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);
/// hyper's own error responses are bare and short; none of ours lacks a date.
const BARE_ERROR_MAX: usize = 160;

/// See the module.
pub struct ClientIo {
    pub stream: Stream,
    connection: Arc<Connection>,
    idle_timeout: Duration,
    /// `None` over HTTP/2.
    framing: Option<Framing>,
    last_activity: Instant,
    /// When the first byte of the head came that is now being read.
    head_begun: Option<Instant>,
    /// `Connection::begun` when `head_begun` was last reset.
    seen: u64,
    sleep: Option<Pin<Box<Sleep>>>,
    /// An error page is owed to the client: leave the socket open.
    pub owes_page: bool,
    /// The client sent nothing for too long while a head was under way.
    pub timed_out_in_head: bool,
}

impl ClientIo {
    /// Wraps a client's stream.
    pub fn new(
        stream: Stream,
        connection: Arc<Connection>,
        idle_timeout: Duration,
        http1: bool,
    ) -> Self {
        ClientIo {
            stream,
            connection,
            idle_timeout,
            framing: http1.then(Framing::new),
            last_activity: Instant::now(),
            head_begun: None,
            seen: 0,
            sleep: None,
            owes_page: false,
            timed_out_in_head: false,
        }
    }

    /// Whether the client has been silent for too long; else wakes up then.
    /// While requests are being answered, it is twice as long: whatever waits
    /// for the target has given up by then, and who is left does not read.
    fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        let patience = if self.connection.is_busy() { 2 } else { 1 };
        loop {
            let idle = self.last_activity + self.idle_timeout * patience;
            let deadline = self.head_begun.map_or(idle, |begun| idle.min(begun + HEAD_TIMEOUT));
            if deadline <= Instant::now() {
                return true;
            }
            let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
            // An alarm that is set too early is set again when it rings: that
            // is rarer than the activity that moves the deadline.
            if sleep.deadline() > deadline {
                sleep.as_mut().reset(deadline);
            }
            if sleep.as_mut().poll(cx).is_pending() {
                return false;
            }
            self.sleep = None;
        }
    }

    fn note_read(&mut self, read: &[u8]) {
        if read.is_empty() {
            return;
        }
        self.last_activity = Instant::now();
        let Some(framing) = &mut self.framing else { return };
        if !self.connection.is_busy() {
            self.head_begun.get_or_insert(self.last_activity);
        }
        let mut follow = !self.connection.is_switched();
        if follow {
            framing.read(read, |found| follow &= self.connection.push_head(found));
        }
        if !follow {
            self.framing = Some(Framing::lost());
        }
    }

    fn note_write(&mut self, polled: &Poll<io::Result<usize>>) {
        if matches!(polled, Poll::Ready(Ok(1..))) {
            self.last_activity = Instant::now();
        }
    }

    /// Whether `bytes` are hyper's own answer to a head that it cannot parse:
    /// only while one is being read, so that no body is taken for it.
    fn is_bare_error(&self, bytes: &[u8]) -> bool {
        let in_head = self.head_begun.is_some() && self.seen == self.connection.begun();
        in_head
            && !self.connection.is_busy()
            && bytes.len() < BARE_ERROR_MAX
            && bytes.starts_with(b"HTTP/1.")
            && bytes.get(8..10) == Some(b" 4")
            && bytes.ends_with(b"\r\n\r\n")
            && !bytes.windows(7).any(|w| w.eq_ignore_ascii_case(b"\r\ndate:"))
    }
}

impl AsyncRead for ClientIo {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let begun = this.connection.begun();
        if begun != this.seen {
            this.seen = begun;
            this.head_begun = None;
        }
        let before = buf.filled().len();
        let polled = Pin::new(&mut this.stream).poll_read(cx, buf);
        this.note_read(&buf.filled()[before..]);
        if polled.is_pending() && this.is_over(cx) {
            this.timed_out_in_head = this.head_begun.is_some() && !this.connection.is_busy();
            this.owes_page = this.timed_out_in_head;
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        polled
    }
}

impl AsyncWrite for ClientIo {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.is_bare_error(buf) {
            this.owes_page = true;
            return Poll::Ready(Ok(buf.len()));
        }
        let polled = Pin::new(&mut this.stream).poll_write(cx, buf);
        this.note_write(&polled);
        if polled.is_pending() && this.is_over(cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        polled
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if let [only] = bufs
            && this.is_bare_error(only)
        {
            this.owes_page = true;
            return Poll::Ready(Ok(only.len()));
        }
        let polled = Pin::new(&mut this.stream).poll_write_vectored(cx, bufs);
        this.note_write(&polled);
        if polled.is_pending() && this.is_over(cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.owes_page {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
