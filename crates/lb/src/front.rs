//! The addresses that clients connect to.
//!
//! One [`Slot`] for each address; on a shared one several load balancers
//! listen, and the name in SNI or Host decides. A slot binds, reports, retries
//! and accepts by itself: an address that cannot be bound disturbs no other.

mod bind;
mod client_io;
pub mod connection;
mod framing;
mod holder;
pub mod serve;

use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::watch;

use crate::proxy::Core;
use crate::table::Listener;

/// The listeners of one address, exchanged when a configuration is applied.
pub struct Slot {
    pub address: SocketAddr,
    pub listeners: ArcSwap<Vec<Arc<Listener>>>,
    /// Turns true when no listener is here any more.
    closed: watch::Sender<bool>,
}

impl Slot {
    /// Begins to bind and accept.
    pub fn open(address: SocketAddr, listeners: Vec<Arc<Listener>>, core: &Arc<Core>) -> Arc<Self> {
        let listeners = ArcSwap::from_pointee(listeners);
        let slot = Arc::new(Slot { address, listeners, closed: watch::Sender::new(false) });
        core.runtime.spawn(bind::run(slot.clone(), core.clone()));
        slot
    }

    /// For connections that somebody else accepts and hands over.
    pub fn unbound(address: SocketAddr, listeners: Vec<Arc<Listener>>) -> Arc<Self> {
        let listeners = ArcSwap::from_pointee(listeners);
        Arc::new(Slot { address, listeners, closed: watch::Sender::new(false) })
    }

    /// Stops accepting; connections end after the request they are at.
    pub fn close(&self) {
        self.closed.send_replace(true);
    }

    /// Resolves when the slot is closed.
    pub async fn when_closed(&self) {
        let _ = self.closed.subscribe().wait_for(|closed| *closed).await;
    }

    /// The one of the listeners that `name` (a host without port) means:
    /// the load balancer's DNS name, or whatever there is when there is one.
    pub fn choose(
        listeners: &[Arc<Listener>],
        secure: bool,
        name: Option<&str>,
    ) -> Option<Arc<Listener>> {
        let mut of_kind = listeners.iter().filter(|l| l.tls.is_some() == secure);
        let first = of_kind.next()?;
        let Some(second) = of_kind.next() else { return Some(first.clone()) };
        let name = name?;
        let all = || [first, second].into_iter().chain(of_kind.clone());
        all()
            .find(|l| l.load_balancer.dns_name.eq_ignore_ascii_case(name))
            .or_else(|| all().find(|l| l.tls.as_ref().is_some_and(|tls| tls.names(name))))
            .cloned()
    }
}
