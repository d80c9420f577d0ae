//! What all requests of one client connection share.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::Request;
use neargate_ids::Rng;
use tokio::sync::Notify;
use tokio::time::{Duration, Instant};

use super::Slot;
use crate::observe::{Classification, TlsFacts};
use crate::proxy::Core;
use crate::table::Listener;

/// AWS ends an HTTP/2 connection after so many requests.
const REQUESTS_MAX: u64 = 10_000;
/// Heads that may be classified ahead of being answered.
const HEADS_MAX: usize = 1024;

/// See the module.
pub struct Connection {
    pub core: Arc<Core>,
    pub slot: Arc<Slot>,
    pub client: SocketAddr,
    pub local: SocketAddr,
    pub tls: Option<Arc<TlsFacts>>,
    /// The listener that the handshake settled.
    pub secured_by: Option<Arc<str>>,
    /// Its own, so that connections do not contend for the shared one.
    pub rng: Rng,
    opened: Instant,
    busy: AtomicUsize,
    /// Requests begun so far.
    begun: AtomicU64,
    /// Of the heads that were read and are not yet answered, in order.
    heads: Mutex<VecDeque<Option<Classification>>>,
    /// No HTTP is spoken any more.
    switched: AtomicBool,
    full: Notify,
}

/// Held while a request is being answered.
pub struct Busy(Arc<Connection>);

impl Connection {
    /// A plain connection.
    pub fn new(core: Arc<Core>, slot: Arc<Slot>, client: SocketAddr, local: SocketAddr) -> Self {
        let rng = Rng::seeded(core.rng.next_u64());
        Connection {
            core,
            slot,
            client,
            local,
            tls: None,
            secured_by: None,
            rng,
            opened: Instant::now(),
            busy: AtomicUsize::new(0),
            begun: AtomicU64::new(0),
            heads: Mutex::default(),
            switched: AtomicBool::new(false),
            full: Notify::new(),
        }
    }

    /// The listener that answers this request, by the newest configuration.
    pub fn listener_for<B>(&self, request: &Request<B>) -> Option<Arc<Listener>> {
        let listeners = self.slot.listeners.load();
        match &self.secured_by {
            Some(arn) => listeners.iter().find(|l| l.arn == *arn).cloned(),
            None => {
                let host = crate::proxy::host(request);
                Slot::choose(&listeners, false, host)
            }
        }
    }

    /// A listener for what concerns the connection rather than a request.
    pub fn any_listener(&self) -> Option<Arc<Listener>> {
        let listeners = self.slot.listeners.load();
        let mut fitting = listeners.iter().filter(|l| match &self.secured_by {
            Some(arn) => l.arn == *arn,
            None => l.tls.is_none(),
        });
        fitting.next().cloned()
    }

    /// How long ago it was opened.
    pub fn age(&self) -> Duration {
        self.opened.elapsed()
    }

    /// The names that this address answers to.
    pub fn names(&self) -> Vec<String> {
        self.slot.listeners.load().iter().map(|l| l.load_balancer.dns_name.clone()).collect()
    }

    /// Marks a request as being answered.
    pub fn busy(self: &Arc<Self>) -> Busy {
        self.busy.fetch_add(1, Ordering::SeqCst);
        if self.begun.fetch_add(1, Ordering::SeqCst) + 1 == REQUESTS_MAX {
            self.full.notify_one();
        }
        Busy(self.clone())
    }

    /// Resolves when the connection has carried as many requests as it may.
    pub async fn when_full(&self) {
        self.full.notified().await;
    }

    /// Notes how a head was classified. False when too many wait.
    pub fn push_head(&self, classification: Option<Classification>) -> bool {
        let mut heads = self.heads();
        heads.push_back(classification);
        heads.len() <= HEADS_MAX
    }

    /// How the head of the request that is now to be answered was classified.
    pub fn next_head(&self) -> Option<Classification> {
        self.heads().pop_front().flatten()
    }

    fn heads(&self) -> MutexGuard<'_, VecDeque<Option<Classification>>> {
        self.heads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on its bytes are not HTTP.
    pub fn switch(&self) {
        self.switched.store(true, Ordering::SeqCst);
    }

    /// Whether its bytes are not HTTP any more.
    pub fn is_switched(&self) -> bool {
        self.switched.load(Ordering::SeqCst)
    }

    /// Whether a request is being answered.
    pub fn is_busy(&self) -> bool {
        self.busy.load(Ordering::SeqCst) > 0
    }

    /// Requests begun so far.
    pub fn begun(&self) -> u64 {
        self.begun.load(Ordering::SeqCst)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::SeqCst);
    }
}
