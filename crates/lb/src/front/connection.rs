//! What all requests of one client connection share.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use http::Request;
use neargate_ids::Rng;

use super::Slot;
use crate::observe::TlsFacts;
use crate::proxy::Core;
use crate::table::Listener;

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
    busy: AtomicUsize,
    /// Requests begun so far.
    begun: AtomicU64,
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
            busy: AtomicUsize::new(0),
            begun: AtomicU64::new(0),
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

    /// The names that this address answers to.
    pub fn names(&self) -> Vec<String> {
        self.slot.listeners.load().iter().map(|l| l.load_balancer.dns_name.clone()).collect()
    }

    /// Marks a request as being answered.
    pub fn busy(self: &Arc<Self>) -> Busy {
        self.busy.fetch_add(1, Ordering::SeqCst);
        self.begun.fetch_add(1, Ordering::SeqCst);
        Busy(self.clone())
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
