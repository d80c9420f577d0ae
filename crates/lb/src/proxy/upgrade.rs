//! A switched connection (WebSockets): bytes both ways until one side ends or
//! nothing has moved for the idle timeout. The record follows at the end, as
//! AWS's does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::Response;
use http::header::{CONNECTION, HeaderValue, UPGRADE};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Duration, Instant, sleep_until};

use super::body::ReplyBody;
use super::exchange::Exchange;
use super::headers;
use super::reply::Reply;
use crate::front::connection::Connection;
use crate::observe::RequestKind;
use crate::target::Lease;

const BUFFER: usize = 16 * 1024;

/// Answers the client with the target's 101, then relays.
pub fn switch(
    connection: &Connection,
    client: OnUpgrade,
    mut response: Response<Incoming>,
    mut exchange: Box<Exchange>,
    lease: Lease,
    idle_timeout: Duration,
) -> Reply {
    connection.switch();
    exchange.responding(101);
    exchange.record.kind = match exchange.record.kind {
        RequestKind::Https => RequestKind::Wss,
        _ => RequestKind::Ws,
    };
    let target = hyper::upgrade::on(&mut response);
    let protocol = response.headers().get(UPGRADE).cloned();
    let headers = response.headers_mut();
    headers::strip_hop_by_hop(headers);
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    if let Some(protocol) = protocol {
        headers.insert(UPGRADE, protocol);
    }
    exchange.record.sent_bytes = headers::response_head_len(&response);
    tokio::spawn(relay(client, target, exchange, lease, idle_timeout));
    response.map(|_| ReplyBody::Empty)
}

async fn relay(
    client: OnUpgrade,
    target: OnUpgrade,
    mut exchange: Box<Exchange>,
    lease: Lease,
    idle_timeout: Duration,
) {
    let cut = lease.target().when_cut();
    if let Ok((client, target)) = tokio::try_join!(client, target) {
        let (client_in, client_out) = tokio::io::split(TokioIo::new(client));
        let (target_in, target_out) = tokio::io::split(TokioIo::new(target));
        let tally = Arc::new(Moved { begun: Instant::now(), last: AtomicU64::new(0) });
        let (up, down) = (AtomicU64::new(0), AtomicU64::new(0));
        tokio::select! {
            _ = async {
                tokio::join!(
                    pump(client_in, target_out, &up, &tally),
                    pump(target_in, client_out, &down, &tally),
                )
            } => {}
            () = tally.stands_still(idle_timeout) => {}
            () = cut => {}
        }
        exchange.record.received_bytes += up.load(Ordering::Relaxed);
        exchange.record.sent_bytes += down.load(Ordering::Relaxed);
    }
    exchange.closed();
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    count: &AtomicU64,
    moved: &Moved,
) {
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = match from.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(read) => read,
        };
        moved.now();
        if to.write_all(&buffer[..read]).await.is_err() || to.flush().await.is_err() {
            break;
        }
        count.fetch_add(read as u64, Ordering::Relaxed);
        moved.now();
    }
    let _ = to.shutdown().await;
}

/// When bytes last moved.
struct Moved {
    begun: Instant,
    last: AtomicU64,
}

impl Moved {
    fn now(&self) {
        self.last.store(self.begun.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    async fn stands_still(&self, limit: Duration) {
        loop {
            let last = Duration::from_millis(self.last.load(Ordering::Relaxed));
            let deadline = self.begun + last + limit;
            if deadline <= Instant::now() {
                return;
            }
            sleep_until(deadline).await;
        }
    }
}
