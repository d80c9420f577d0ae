//! How targets are reached: from the load balancer's interfaces in turn, each
//! in a network namespace of its own, under its security groups.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arc_swap::ArcSwap;
use neargate_api::Snapshot;
use neargate_api::model::elbv2::LoadBalancer;
use neargate_lb::{Connecting, Connector};
use neargate_net::{Net, Place};

/// The interfaces of all load balancers.
pub struct Nodes {
    net: Net,
    /// `app/<name>/<id>` → interface ids.
    interfaces: ArcSwap<HashMap<String, Vec<String>>>,
    turn: AtomicUsize,
}

impl Nodes {
    pub fn new(net: Net) -> Arc<Self> {
        Arc::new(Nodes { net, interfaces: ArcSwap::default(), turn: AtomicUsize::new(0) })
    }

    /// Takes note of the load balancers that there are.
    pub fn follow(&self, snapshot: &Snapshot) {
        let of = |balancer: &LoadBalancer| {
            balancer.nodes.iter().map(|node| node.interface_id.clone()).collect()
        };
        let all = snapshot.all::<LoadBalancer>().map(|b| (b.id().to_owned(), of(&b)));
        self.interfaces.store(Arc::new(all.collect()));
    }

    /// The next interface of the load balancer that is attached.
    fn next(&self, load_balancer: &str) -> io::Result<String> {
        let interfaces = self.interfaces.load();
        let all = interfaces.get(load_balancer).map(Vec::as_slice).unwrap_or_default();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let attached = (0..all.len())
            .map(|step| &all[(turn + step) % all.len()])
            .find(|id| self.net.namespace(Place::Eni(id)).is_ok());
        attached.cloned().ok_or_else(|| {
            io::Error::other(format!("no interface of {load_balancer} is attached yet"))
        })
    }
}

impl Connector for Nodes {
    fn connect<'a>(&'a self, load_balancer: &'a str, target: SocketAddr) -> Connecting<'a> {
        Box::pin(async move {
            let interface = self.next(load_balancer)?;
            self.net.connect_from(&interface, target).await
        })
    }
}
