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

use futures_util::future::join_all;
use neargate_api::{Cloud, Snapshot};
use neargate_net::{
    Attachment, EniSpec, METADATA, Net, NetError, Place, VpcSpec, World, dns, vpc_resolver,
};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

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
        let mut retry_at = None;
        loop {
            let snapshot = self.cloud.store.snapshot();
            let versions = wanted::versions(&snapshot);
            let is_due = retry_at.is_some_and(|at| at <= Instant::now());
            if seen != Some(versions) || is_due {
                let undone = self.turn(&snapshot).await;
                seen = Some(versions);
                retry_at = (!undone.is_empty()).then(|| Instant::now() + RETRY);
                self.progress.note("networks", self.cloud.clock.now(), undone);
            }
            let retrying = async {
                match retry_at {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = changes.changed() => {}
                () = retrying => {}
                () = crate::stopped(&mut stop) => return,
            }
        }
    }

    /// Everything that an earlier run has left, in one step: rules in force are exchanged
    /// once, and what runs notices nothing. What nobody wants any more is removed.
    async fn adopt(&mut self) {
        let wanted = Wanted::of(&self.cloud.store.snapshot());
        self.remove_orphans(&wanted).await;
        let world = World {
            vpcs: wanted.vpcs.values().cloned().collect(),
            security_groups: wanted.groups.clone().into_iter().collect(),
            enis: wanted.interfaces.values().cloned().collect(),
        };
        match self.net.restore(world).await {
            Ok(attachments) => {
                let at = |a: Attachment| (a.eni_id, a.netns_path);
                let interfaces = attachments.into_iter().map(at).collect();
                self.attached
                    .send_replace(Arc::new(Attached { interfaces, ..Attached::default() }));
                // The VPCs' resolvers and listeners are opened by the first turn.
                self.made = Wanted { vpcs: BTreeMap::new(), ..wanted };
            }
            // The turns put it right part by part.
            Err(error) => warn("restoring", "the network", &error),
        }
    }

    async fn remove_orphans(&self, wanted: &Wanted) {
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
        self.set_groups(&wanted, &mut undone).await;
        self.settle_interfaces(&wanted, &mut undone).await;
        self.remove_gone(&wanted, &mut undone).await;
        undone
    }

    /// All at once, so that the hand makes one transaction of them.
    async fn set_groups(&mut self, wanted: &Wanted, undone: &mut Vec<String>) {
        let changed =
            wanted.groups.iter().filter(|(id, rules)| self.made.groups.get(*id) != Some(*rules));
        let net = &self.net;
        let set = changed.map(|(id, rules)| async move {
            (id, rules, net.set_security_group(id, rules.clone()).await)
        });
        for (id, rules, outcome) in join_all(set).await {
            match outcome {
                Ok(()) => {
                    self.made.groups.insert(id.clone(), rules.clone());
                }
                Err(error) => undone.push(format!("security group {id}: {error}")),
            }
        }
    }

    /// Attaches interfaces and changes what has changed of them, all at once as well.
    async fn settle_interfaces(&mut self, wanted: &Wanted, undone: &mut Vec<String>) {
        let mut attached = Attached::clone(&self.attached.borrow());
        attached.failed.clear();
        let (net, made) = (&self.net, &self.made.interfaces);
        let settling = wanted.interfaces.iter().filter_map(|(id, spec)| {
            let made = made.get(id);
            (made != Some(spec)).then_some(async move { (id, spec, settle(net, made, spec).await) })
        });
        for (id, spec, outcome) in join_all(settling).await {
            match outcome {
                Ok(attachment) => {
                    let path = attachment.map(|a| a.netns_path);
                    attached.interfaces.extend(path.map(|path| (id.clone(), path)));
                    self.made.interfaces.insert(id.clone(), spec.clone());
                }
                Err(error) => {
                    undone.push(format!("interface {id}: {error}"));
                    attached.failed.insert(id.clone(), error.to_string());
                }
            }
        }
        attached.interfaces.retain(|id, _| wanted.interfaces.contains_key(id));
        self.attached.send_replace(Arc::new(attached));
    }

    async fn remove_gone(&mut self, wanted: &Wanted, undone: &mut Vec<String>) {
        let net = &self.net;
        let detaching = gone(&self.made.interfaces, &wanted.interfaces).into_iter();
        let detaching = detaching.map(|id| async move { (net.detach_eni(&id).await, id) });
        for (outcome, id) in join_all(detaching).await {
            match outcome {
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
        let text = |error: NetError| error.to_string();
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

/// An interface as `spec` has it, and its attachment where it had to be made anew.
async fn settle(
    net: &Net,
    made: Option<&EniSpec>,
    spec: &EniSpec,
) -> Result<Option<Attachment>, NetError> {
    let same_place = |made: &&EniSpec| made.ip == spec.ip && made.vpc_id == spec.vpc_id;
    if made.filter(same_place).is_none() {
        return net.attach_eni(spec.clone()).await.map(Some);
    }
    net.set_eni_groups(&spec.eni_id, spec.security_groups.clone()).await?;
    net.set_eni_egress(&spec.eni_id, spec.egress).await?;
    Ok(None)
}

fn gone<T>(made: &BTreeMap<String, T>, wanted: &BTreeMap<String, T>) -> Vec<String> {
    made.keys().filter(|id| !wanted.contains_key(*id)).cloned().collect()
}

fn warn(doing: &str, id: &str, error: &dyn std::fmt::Display) {
    tracing::warn!(%error, "{doing} {id} failed");
}
