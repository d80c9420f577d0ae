//! Bodies in both directions: streamed frame by frame, counted, and given up
//! when nothing moves for the idle timeout. Nothing is gathered in memory.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Duration, Sleep, sleep};

use super::exchange::Exchange;
use crate::target::Lease;
use crate::target::pool::Http1;

/// Why a body ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    #[error("the client sent nothing for the idle timeout")]
    ClientIdle,
    #[error("the client's body broke off: {0}")]
    Client(hyper::Error),
    #[error("the target sent nothing for the idle timeout")]
    TargetIdle,
    #[error("the target's body broke off: {0}")]
    Target(hyper::Error),
}

/// How the request's body fares, for the one who waits for the response.
#[derive(Debug, Default)]
pub struct Upload {
    received: AtomicU64,
    state: AtomicU8,
}

/// The states of an [`Upload`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadState {
    Flowing,
    Complete,
    /// The client stalled: 408.
    Idle,
    /// The client broke off: 400.
    Broken,
}

impl Upload {
    /// Bytes of the body so far.
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Where it stands.
    pub fn state(&self) -> UploadState {
        match self.state.load(Ordering::Acquire) {
            0 => UploadState::Flowing,
            1 => UploadState::Complete,
            2 => UploadState::Idle,
            _ => UploadState::Broken,
        }
    }

    fn set(&self, state: UploadState) {
        self.state.store(state as u8, Ordering::Release);
    }
}

/// Ends a wait in which nothing came.
struct Patience {
    limit: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    fn new(limit: Duration) -> Self {
        Patience { limit, sleep: None }
    }

    /// Something came.
    fn refresh(&mut self) {
        self.sleep = None;
    }

    /// Nothing came: whether that has lasted too long.
    fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        let limit = self.limit;
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep(limit)));
        sleep.as_mut().poll(cx).is_ready()
    }
}

/// The client's body on its way to the target.
pub enum RequestBody {
    Empty,
    Streaming(Box<Streaming>),
}

/// A body with content.
pub struct Streaming {
    incoming: Incoming,
    upload: Arc<Upload>,
    patience: Patience,
}

impl RequestBody {
    /// Wraps the client's body; the upload says how it goes.
    pub fn new(incoming: Incoming, idle_timeout: Duration) -> (Self, Option<Arc<Upload>>) {
        if incoming.is_end_stream() {
            return (RequestBody::Empty, None);
        }
        let upload = Arc::new(Upload::default());
        let patience = Patience::new(idle_timeout);
        let streaming = Streaming { incoming, upload: upload.clone(), patience };
        (RequestBody::Streaming(Box::new(streaming)), Some(upload))
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let RequestBody::Streaming(body) = self.get_mut() else { return Poll::Ready(None) };
        match Pin::new(&mut body.incoming).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                body.patience.refresh();
                if let Some(data) = frame.data_ref() {
                    body.upload.received.fetch_add(data.len() as u64, Ordering::Relaxed);
                }
                if body.incoming.is_end_stream() {
                    body.upload.set(UploadState::Complete);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => {
                body.upload.set(UploadState::Broken);
                Poll::Ready(Some(Err(BodyError::Client(error))))
            }
            Poll::Ready(None) => {
                body.upload.set(UploadState::Complete);
                Poll::Ready(None)
            }
            Poll::Pending if body.patience.is_over(cx) => {
                body.upload.set(UploadState::Idle);
                Poll::Ready(Some(Err(BodyError::ClientIdle)))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            RequestBody::Empty => true,
            RequestBody::Streaming(body) => body.incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            RequestBody::Empty => SizeHint::with_exact(0),
            RequestBody::Streaming(body) => body.incoming.size_hint(),
        }
    }
}

/// A response's body on its way to the client.
pub enum ReplyBody {
    Empty,
    Full { data: Option<Bytes>, _exchange: Option<Box<Exchange>> },
    Relayed(Box<Relayed>),
}

/// A target's body.
pub struct Relayed {
    incoming: Incoming,
    exchange: Box<Exchange>,
    upload: Option<Arc<Upload>>,
    patience: Patience,
    /// HTTP/1: goes back to the pool at the end.
    connection: Option<Http1>,
    lease: Lease,
}

impl ReplyBody {
    /// A body that is here already.
    pub fn full(data: Bytes, exchange: Option<Box<Exchange>>) -> Self {
        let mut exchange = exchange;
        if let Some(exchange) = &mut exchange {
            exchange.record.sent_bytes += data.len() as u64;
        }
        ReplyBody::Full { data: Some(data).filter(|d| !d.is_empty()), _exchange: exchange }
    }

    /// The body of a target's response.
    pub fn relay(
        incoming: Incoming,
        exchange: Box<Exchange>,
        upload: Option<Arc<Upload>>,
        connection: Option<Http1>,
        lease: Lease,
        idle_timeout: Duration,
    ) -> Self {
        let patience = Patience::new(idle_timeout);
        let mut relayed = Relayed { incoming, exchange, upload, patience, connection, lease };
        if relayed.incoming.is_end_stream() {
            relayed.give_back();
        }
        ReplyBody::Relayed(Box::new(relayed))
    }
}

impl Relayed {
    /// The response is over: keeps the connection unless the request is not.
    fn give_back(&mut self) {
        let uploaded = self.upload.as_ref().is_none_or(|u| u.state() == UploadState::Complete);
        if let Some(connection) = self.connection.take()
            && uploaded
        {
            self.lease.target().pool.put(connection);
        }
    }
}

impl Drop for Relayed {
    fn drop(&mut self) {
        if self.incoming.is_end_stream() {
            self.give_back();
        }
        if let Some(upload) = &self.upload {
            self.exchange.record.received_bytes += upload.received();
        }
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let body = match self.get_mut() {
            ReplyBody::Empty => return Poll::Ready(None),
            ReplyBody::Full { data, .. } => {
                return Poll::Ready(data.take().map(|data| Ok(Frame::data(data))));
            }
            ReplyBody::Relayed(body) => body,
        };
        match Pin::new(&mut body.incoming).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                body.patience.refresh();
                if let Some(data) = frame.data_ref() {
                    body.exchange.record.sent_bytes += data.len() as u64;
                }
                if body.incoming.is_end_stream() {
                    body.give_back();
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(BodyError::Target(error)))),
            Poll::Ready(None) => {
                body.give_back();
                Poll::Ready(None)
            }
            Poll::Pending if body.patience.is_over(cx) => {
                Poll::Ready(Some(Err(BodyError::TargetIdle)))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            ReplyBody::Empty => true,
            ReplyBody::Full { data, .. } => data.is_none(),
            ReplyBody::Relayed(body) => body.incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            ReplyBody::Empty => SizeHint::with_exact(0),
            ReplyBody::Full { data, .. } => {
                SizeHint::with_exact(data.as_ref().map_or(0, |d| d.len() as u64))
            }
            ReplyBody::Relayed(body) => body.incoming.size_hint(),
        }
    }
}
