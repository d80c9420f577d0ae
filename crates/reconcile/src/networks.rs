//! The network loop: VPCs, security groups and interfaces of the store become
//! routers, rules and namespaces. Whoever needs an interface waits until it is
//! among the attached.

mod names;
mod wanted;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use neargate_api::{Cloud, Snapshot};
use neargate_net::{EniSpec, METADATA, Net, Place, VpcSpec, dns, vpc_resolver};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

pub use names::NameSource;
use wanted::Wanted;

use crate::progress::Progress;

/// What the network hand has made.
#[derive(Clone, Debug, Default)]
pub struct Attached {
    /// Interface id → its namespace.
    pub interfaces: HashMap<String, PathBuf>,
    /// Interface id → why it could not be attached; tried again.
    pub failed: BTreeMap<String, String>,
}

/// A listener inside of a VPC's router, for whoever serves there.
pub struct RouterListener {
    pub vpc_id: String,
    pub listener: TcpListener,
}

/// The loop.
pub struct Networks {
    cloud: Arc<Cloud>,
    net: Net,
    names: Arc<dyn NameSource>,
    /// Ports at 169.254.170.2 that are listened on in every router.
    ports: Vec<u16>,
    listeners: mpsc::UnboundedSender<RouterListener>,
    attached: watch::Sender<Arc<Attached>>,
    progress: Progress,
    upstreams: Vec<SocketAddr>,
    made: Wanted,
    resolvers: HashMap<String, dns::DnsServer>,
}

/// A turn that left something undone is followed by another after this.
const RETRY: Duration = Duration::from_secs(1);

impl Networks {
    /// The loop, what it has attached, and the listeners that it opens in routers.
    pub fn new(
        cloud: Arc<Cloud>,
        net: Net,
        names: Arc<dyn NameSource>,
        ports: Vec<u16>,
        progress: Progress,
    ) -> (Self, watch::Receiver<Arc<Attached>>, mpsc::UnboundedReceiver<RouterListener>) {
        let (attached, seen) = watch::channel(Arc::default());
        let (listeners, opened) = mpsc::unbounded_channel();
        let networks = Networks {
            cloud,
            net,
            names,
            ports,
            listeners,
            attached,
            progress,
            upstreams: dns::host_resolvers(),
            made: Wanted::default(),
            resolvers: HashMap::new(),
        };
        (networks, seen, opened)
    }

    /// Adopts what an earlier run has left, then follows the store.
    pub(crate) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut changes = self.cloud.store.changes();
        self.adopt().await;
        let mut seen = None;
        loop {
            let snapshot = self.cloud.store.snapshot();
            let versions = wanted::versions(&snapshot);
            let mut undone = Vec::new();
            if seen != Some(versions) {
                undone = self.turn(&snapshot).await;
                seen = Some(versions).filter(|_| undone.is_empty());
            }
            self.progress.note("networks", self.cloud.clock.now(), undone.clone());
            tokio::select! {
                _ = changes.changed() => {}
                () = tokio::time::sleep(RETRY), if !undone.is_empty() => {}
                () = crate::stopped(&mut stop) => return,
            }
        }
    }

    async fn adopt(&mut self) {
        let wanted = Wanted::of(&self.cloud.store.snapshot());
        let vpcs: BTreeSet<String> = wanted.vpcs.keys().cloned().collect();
        let enis: BTreeSet<String> = wanted.interfaces.keys().cloned().collect();
        match self.net.orphans(&vpcs, &enis) {
            Ok(orphans) => {
                for eni in &orphans.enis {
                    self.net
                        .detach_eni(eni)
                        .await
                        .unwrap_or_else(|error| warn("detaching", eni, &error));
                }
                for vpc in &orphans.vpcs {
                    self.net
                        .delete_vpc(vpc)
                        .await
                        .unwrap_or_else(|error| warn("removing", vpc, &error));
                }
            }
            Err(error) => warn("looking for what is left of", "an earlier run", &error),
        }
    }

    /// One turn: what is new is made before what is gone is removed. Gives what is left undone.
    async fn turn(&mut self, snapshot: &Snapshot) -> Vec<String> {
        let wanted = Wanted::of(snapshot);
        let mut undone = Vec::new();
        for (id, spec) in &wanted.vpcs {
            if self.made.vpcs.get(id) != Some(spec) {
                match self.open_vpc(spec).await {
                    Ok(()) => {
                        self.made.vpcs.insert(id.clone(), spec.clone());
                    }
                    Err(error) => undone.push(format!("VPC {id}: {error}")),
                }
            }
        }
        for (id, rules) in &wanted.groups {
            if self.made.groups.get(id) != Some(rules) {
                match self.net.set_security_group(id, rules.clone()).await {
                    Ok(()) => {
                        self.made.groups.insert(id.clone(), rules.clone());
                    }
                    Err(error) => undone.push(format!("security group {id}: {error}")),
                }
            }
        }
        let mut attached = Attached::clone(&self.attached.borrow());
        attached.failed.clear();
        for (id, spec) in &wanted.interfaces {
            if let Err(error) = self.settle(spec, &mut attached).await {
                undone.push(format!("interface {id}: {error}"));
                attached.failed.insert(id.clone(), error.to_string());
            }
        }
        attached.interfaces.retain(|id, _| wanted.interfaces.contains_key(id));
        self.attached.send_replace(Arc::new(attached));
        self.remove_gone(&wanted, &mut undone).await;
        undone
    }

    /// Attaches an interface, or changes what has changed of it.
    async fn settle(
        &mut self,
        spec: &EniSpec,
        attached: &mut Attached,
    ) -> Result<(), neargate_net::NetError> {
        let id = &spec.eni_id;
        match self.made.interfaces.get(id) {
            Some(made) if made == spec => return Ok(()),
            Some(made) if made.ip == spec.ip && made.vpc_id == spec.vpc_id => {
                self.net.set_eni_groups(id, spec.security_groups.clone()).await?;
                self.net.set_eni_egress(id, spec.egress).await?;
            }
            _ => {
                let attachment = self.net.attach_eni(spec.clone()).await?;
                attached.interfaces.insert(id.clone(), attachment.netns_path);
            }
        }
        self.made.interfaces.insert(id.clone(), spec.clone());
        Ok(())
    }

    async fn remove_gone(&mut self, wanted: &Wanted, undone: &mut Vec<String>) {
        for id in gone(&self.made.interfaces, &wanted.interfaces) {
            match self.net.detach_eni(&id).await {
                Ok(()) => {
                    self.made.interfaces.remove(&id);
                }
                Err(error) => undone.push(format!("interface {id}: {error}")),
            }
        }
        for id in gone(&self.made.groups, &wanted.groups) {
            match self.net.delete_security_group(&id).await {
                Ok(()) => {
                    self.made.groups.remove(&id);
                }
                Err(error) => undone.push(format!("security group {id}: {error}")),
            }
        }
        for id in gone(&self.made.vpcs, &wanted.vpcs) {
            self.resolvers.remove(&id);
            match self.net.delete_vpc(&id).await {
                Ok(()) => {
                    self.made.vpcs.remove(&id);
                }
                Err(error) => undone.push(format!("VPC {id}: {error}")),
            }
        }
    }

    /// A VPC's router, with its resolver and the listeners for tasks.
    async fn open_vpc(&mut self, spec: &VpcSpec) -> Result<(), String> {
        let text = |error: neargate_net::NetError| error.to_string();
        self.net.ensure_vpc(spec.clone()).await.map_err(text)?;
        if self.resolvers.contains_key(&spec.id) {
            return Ok(());
        }
        let Some(cidr) = spec.cidrs.first() else { return Ok(()) };
        let names = names::resolver(self.cloud.clone(), self.names.clone());
        let server =
            dns::serve(&self.net, &spec.id, vpc_resolver(*cidr), names, self.upstreams.clone());
        self.resolvers.insert(spec.id.clone(), server.map_err(text)?);
        for port in &self.ports {
            let at = SocketAddr::from((METADATA, *port));
            let listener = self.net.listen_in(Place::Router(&spec.id), at).map_err(text)?;
            let listener = listener
                .set_nonblocking(true)
                .and_then(|()| TcpListener::from_std(listener))
                .map_err(|e| e.to_string())?;
            let opened = RouterListener { vpc_id: spec.id.clone(), listener };
            if self.listeners.send(opened).is_err() {
                return Err("nobody serves the tasks' endpoints".into());
            }
        }
        Ok(())
    }
}

fn gone<T>(made: &BTreeMap<String, T>, wanted: &BTreeMap<String, T>) -> Vec<String> {
    made.keys().filter(|id| !wanted.contains_key(*id)).cloned().collect()
}

fn warn(doing: &str, id: &str, error: &dyn std::fmt::Display) {
    tracing::warn!(%error, "{doing} {id} failed");
}
