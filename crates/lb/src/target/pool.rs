//! The connections to one target: idle HTTP/1 connections, last in first out,
//! and the one HTTP/2 connection that all requests share.
//!
//! The lock is held for a push or a pop, never across an await. A connection
//! comes back when its response has been read to the end.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::time::{Duration, Instant, timeout};

use super::Target;
use crate::connect::Connector;
use crate::observe::{ConnectionEvent, Observer};
use crate::proxy::body::RequestBody;
use crate::stream::{Stream, Tallied, Tally};
use crate::tls;

/// AWS gives up connecting after 10 s, and the same for the TLS handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A response's head may not be larger.
const RESPONSE_HEAD_MAX: usize = 32 * 1024;
/// More idle connections than this are closed rather than kept.
const IDLE_MAX: usize = 1024;

/// A connection on which one request at a time is sent.
pub struct Http1 {
    pub sender: http1::SendRequest<RequestBody>,
    pub tally: Arc<Tally>,
    pub reused: bool,
}

/// A handle on the shared connection.
#[derive(Clone)]
pub struct Http2 {
    pub sender: http2::SendRequest<RequestBody>,
    pub tally: Arc<Tally>,
    pub reused: bool,
}

/// Why no connection could be made.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the target refused the connection: {0}")]
    Refused(io::Error),
    #[error("the target did not accept a connection within 10 s")]
    TimedOut,
    #[error("the TLS handshake with the target failed: {0}")]
    Tls(io::Error),
    #[error("the target does not speak the protocol: {0}")]
    Protocol(hyper::Error),
}

/// See the module.
#[derive(Default)]
pub struct Pool {
    idle: Mutex<Vec<(Http1, Instant)>>,
    shared: Mutex<Option<Http2>>,
}

impl Pool {
    /// A connection that was kept open, ready for a request.
    pub async fn take(&self) -> Option<Http1> {
        loop {
            let (mut connection, _) = lock(&self.idle).pop()?;
            // Its task may still be finishing the last response: a moment.
            if connection.sender.is_ready() || connection.sender.ready().await.is_ok() {
                connection.reused = true;
                return Some(connection);
            }
        }
    }

    /// Keeps a connection whose response has been read to the end.
    pub fn put(&self, connection: Http1) {
        if connection.sender.is_closed() {
            return;
        }
        let mut idle = lock(&self.idle);
        if idle.len() < IDLE_MAX {
            idle.push((connection, Instant::now()));
        }
    }

    /// The shared HTTP/2 connection, while it is open.
    pub fn share(&self) -> Option<Http2> {
        let mut shared = lock(&self.shared);
        match &*shared {
            Some(open) if !open.sender.is_closed() => Some(Http2 { reused: true, ..open.clone() }),
            _ => {
                *shared = None;
                None
            }
        }
    }

    /// Makes `connection` the shared one.
    pub fn set_shared(&self, connection: Http2) {
        *lock(&self.shared) = Some(connection);
    }

    /// Closes what has been idle for longer than `idle_timeout`.
    pub fn sweep(&self, idle_timeout: Duration) {
        lock(&self.idle)
            .retain(|(c, since)| !c.sender.is_closed() && since.elapsed() < idle_timeout);
        let mut shared = lock(&self.shared);
        if shared.as_ref().is_some_and(|s| {
            s.sender.is_closed() || s.tally.last_activity().elapsed() >= idle_timeout
        }) {
            *shared = None;
        }
    }

    /// Forgets all; those in use close when they are done.
    pub fn clear(&self) {
        lock(&self.idle).clear();
        *lock(&self.shared) = None;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What opening a connection needs.
pub struct Opening<'a> {
    pub connector: &'a dyn Connector,
    pub observer: &'a Arc<dyn Observer>,
    pub target: &'a Arc<Target>,
    pub https: bool,
}

impl Opening<'_> {
    /// A new HTTP/1 connection, with its task running.
    pub async fn http1(&self) -> Result<Http1, OpenError> {
        let (io, tally) = Tallied::new(self.stream(false).await?);
        let (sender, connection) = http1::Builder::new()
            .preserve_header_case(true)
            .title_case_headers(true)
            .max_header_size(RESPONSE_HEAD_MAX)
            .handshake(TokioIo::new(io))
            .await
            .map_err(OpenError::Protocol)?;
        self.drive(connection.with_upgrades());
        Ok(Http1 { sender, tally, reused: false })
    }

    /// A new HTTP/2 connection, with its task running.
    pub async fn http2(&self) -> Result<Http2, OpenError> {
        let (io, tally) = Tallied::new(self.stream(true).await?);
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .initial_stream_window_size(1 << 20)
            .initial_connection_window_size(4 << 20)
            .max_header_list_size(RESPONSE_HEAD_MAX as u32)
            .handshake(TokioIo::new(io))
            .await
            .map_err(OpenError::Protocol)?;
        self.drive(connection);
        Ok(Http2 { sender, tally, reused: false })
    }

    async fn stream(&self, http2: bool) -> Result<Stream, OpenError> {
        let opened = self.connect(http2).await;
        let (load_balancer, target_group) = (&*self.target.load_balancer, &*self.target.group);
        self.observer.connection(match &opened {
            Ok(_) => ConnectionEvent::TargetOpened { load_balancer, target_group },
            Err(OpenError::Tls(_)) => {
                ConnectionEvent::TargetTlsFailed { load_balancer, target_group }
            }
            Err(_) => ConnectionEvent::TargetConnectFailed { load_balancer, target_group },
        });
        opened
    }

    async fn connect(&self, http2: bool) -> Result<Stream, OpenError> {
        let connecting = self.connector.connect(&self.target.load_balancer, self.target.address);
        let tcp = match timeout(CONNECT_TIMEOUT, connecting).await {
            Err(_) => return Err(OpenError::TimedOut),
            Ok(Err(e)) if e.kind() == io::ErrorKind::TimedOut => return Err(OpenError::TimedOut),
            Ok(Err(e)) => return Err(OpenError::Refused(e)),
            Ok(Ok(tcp)) => tcp,
        };
        let _ = tcp.set_nodelay(true);
        if !self.https {
            return Ok(Stream::Plain(tcp));
        }
        let securing = tls::to_target(tcp, self.target.address.ip(), http2);
        match timeout(CONNECT_TIMEOUT, securing).await {
            Err(_) => Err(OpenError::Tls(io::ErrorKind::TimedOut.into())),
            Ok(secured) => secured.map_err(OpenError::Tls),
        }
    }

    /// Runs a connection until it ends or the target is cut.
    fn drive(&self, connection: impl Future<Output = Result<(), hyper::Error>> + Send + 'static) {
        let target = self.target.clone();
        let observer = self.observer.clone();
        let cut = target.when_cut();
        tokio::spawn(async move {
            tokio::select! {
                _ = connection => {}
                () = cut => {}
            }
            let (load_balancer, target_group) = (&*target.load_balancer, &*target.group);
            observer.connection(ConnectionEvent::TargetClosed { load_balancer, target_group });
        });
    }
}
