//! The one owner of the network's state: a thread that takes requests, a batch
//! at a time, does the netlink part of each in turn, and then applies what
//! changed in each VPC as one nft transaction.
//!
//! State here is only what the caller asked for; what the kernel has is read
//! when it is needed. After a failure, asking again repairs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use crate::eni;
use crate::error::NetError;
use crate::host::Host;
use crate::id::check_id;
use crate::namespace::Home;
use crate::net::Config;
use crate::nft::Nft;
use crate::pins::Pins;
use crate::places::Places;
use crate::router::{self, Router};
use crate::rules::{Peer, Rule};
use crate::ruleset::{Member, Model, TABLE, Table};
use crate::spec::{
    Attachment, DNS_LINK_LOCAL, Egress, EniSpec, METADATA, VpcSpec, World, vpc_resolver,
};
use crate::teardown::{Job, Teardown};

/// How many requests at most share one transaction.
const BATCH: usize = 64;

pub(crate) enum Command {
    EnsureVpc(VpcSpec),
    DeleteVpc(String),
    Attach(EniSpec),
    Detach(String),
    SetGroup(String, Vec<Rule>),
    DeleteGroup(String),
    SetEniGroups(String, Vec<String>),
    SetEgress(String, Egress),
    Restore(World),
    DestroyAll,
}

/// Attachments that a request made; empty for all other requests.
pub(crate) type Outcome = Result<Vec<Attachment>, NetError>;

pub(crate) struct Request {
    pub command: Command,
    pub reply: oneshot::Sender<Outcome>,
}

pub(crate) struct Worker {
    home: Home,
    nft: Nft,
    host: Host,
    config: Config,
    pins: Pins,
    places: Arc<Places>,
    teardown: Teardown,
    vpcs: BTreeMap<String, Vpc>,
    enis: BTreeMap<String, EniSpec>,
    groups: BTreeMap<String, Vec<Rule>>,
    /// VPCs whose rules the request at hand may have changed.
    touched: BTreeSet<String>,
}

struct Vpc {
    spec: VpcSpec,
    router: Router,
    /// What the kernel has; unknown after adoption or a failure.
    applied: Option<Table>,
}

impl Worker {
    /// On the worker's own runtime.
    pub fn new(
        config: Config,
        home: Home,
        nft: Nft,
        places: Arc<Places>,
        teardown: Teardown,
    ) -> Result<Self, NetError> {
        let host = Host::new(nft.clone(), config.instance_tag.clone(), config.uplink_pool)?;
        Ok(Self {
            home,
            nft,
            host,
            pins: Pins::open(&config.netns_dir)?,
            config,
            places,
            teardown,
            vpcs: BTreeMap::new(),
            enis: BTreeMap::new(),
            groups: BTreeMap::new(),
            touched: BTreeSet::new(),
        })
    }

    pub async fn run(mut self, mut inbox: mpsc::Receiver<Request>) {
        let mut batch = Vec::with_capacity(BATCH);
        while inbox.recv_many(&mut batch, BATCH).await > 0 {
            let mut outcomes = Vec::with_capacity(batch.len());
            let mut all_touched = BTreeSet::new();
            for Request { command, reply } in batch.drain(..) {
                let outcome = self.act(command).await;
                let touched = std::mem::take(&mut self.touched);
                all_touched.extend(touched.iter().cloned());
                outcomes.push((reply, outcome, touched));
            }
            let failures = self.apply(&all_touched);
            for (reply, outcome, touched) in outcomes {
                let failure = touched.iter().find_map(|vpc| failures.get(vpc));
                let outcome = match failure {
                    Some(failure) => outcome.and(Err(failure.clone())),
                    None => outcome,
                };
                // Who no longer waits does not need the answer.
                let _ = reply.send(outcome);
            }
            self.host.look_at_firewall();
        }
    }

    async fn act(&mut self, command: Command) -> Outcome {
        match command {
            Command::EnsureVpc(spec) => self.ensure_vpc(spec).await.map(|()| vec![]),
            Command::DeleteVpc(id) => self.delete_vpc(&id).map(|()| vec![]),
            Command::Attach(spec) => self.attach(spec).await.map(|attachment| vec![attachment]),
            Command::Detach(id) => self.detach(&id).map(|()| vec![]),
            Command::SetGroup(id, rules) => self.set_group(id, rules).map(|()| vec![]),
            Command::DeleteGroup(id) => self.delete_group(&id).map(|()| vec![]),
            Command::SetEniGroups(eni, groups) => {
                self.set_eni_groups(&eni, groups).map(|()| vec![])
            }
            Command::SetEgress(eni, egress) => self.set_egress(&eni, egress).await.map(|()| vec![]),
            Command::Restore(world) => self.restore(world).await,
            Command::DestroyAll => self.destroy_all().await.map(|()| vec![]),
        }
    }

    async fn ensure_vpc(&mut self, spec: VpcSpec) -> Result<(), NetError> {
        check_id("VPC", &spec.id)?;
        spec.check_cidrs()?;
        self.touched.insert(spec.id.clone());
        if let Some(known) = self.vpcs.get(&spec.id)
            && known.spec == spec
        {
            return Ok(());
        }
        let path = self.pins.vpc(&spec.id);
        self.teardown.gone(&path).await;
        let router = router::ensure(&spec, &path, &self.home).await?;
        self.places.put_router(&spec.id, router.namespace.clone());
        let before = self.vpcs.remove(&spec.id).and_then(|vpc| vpc.applied);
        let applied = before.or_else(|| router.fresh.then(Table::default));
        self.vpcs.insert(spec.id.clone(), Vpc { spec, router, applied });
        Ok(())
    }

    fn delete_vpc(&mut self, id: &str) -> Result<(), NetError> {
        check_id("VPC", id)?;
        if let Some(eni) = self.enis.values().find(|eni| eni.vpc_id == id) {
            return Err(NetError::VpcInUse { vpc: id.to_owned(), eni: eni.eni_id.clone() });
        }
        self.vpcs.remove(id);
        self.places.remove_router(id);
        self.host.drop_uplink(id)?;
        let uplink = self.config.instance_tag.uplink(id);
        self.teardown.push(Job::Vpc { path: self.pins.vpc(id), uplink })
    }

    async fn attach(&mut self, spec: EniSpec) -> Result<Attachment, NetError> {
        self.check_eni(&spec)?;
        let path = self.pins.eni(&spec.eni_id);
        self.teardown.gone(&path).await;
        let vpc = known_vpc(&self.vpcs, &spec.vpc_id)?;
        let attachment = eni::ensure(&spec, &vpc.router, &path, &self.home).await?;
        if spec.egress == Egress::Internet {
            self.host.ensure_uplink(&spec.vpc_id, &vpc.router).await?;
        }
        self.touched.insert(spec.vpc_id.clone());
        self.places.put_eni(&spec, attachment.namespace.clone());
        self.enis.insert(spec.eni_id.clone(), spec);
        Ok(attachment)
    }

    fn check_eni(&self, spec: &EniSpec) -> Result<(), NetError> {
        check_id("network interface", &spec.eni_id)?;
        for group in &spec.security_groups {
            check_id("security group", group)?;
        }
        let vpc = known_vpc(&self.vpcs, &spec.vpc_id)?;
        let (eni, vpc_id, ip) = (spec.eni_id.clone(), spec.vpc_id.clone(), spec.ip);
        if !vpc.spec.cidrs.iter().any(|cidr| cidr.contains(&ip)) {
            return Err(NetError::AddressOutsideVpc { eni, vpc: vpc_id, ip });
        }
        if vpc.spec.cidrs.first().is_some_and(|cidr| vpc_resolver(*cidr) == ip) {
            let owner = "the VPC's resolver".to_owned();
            return Err(NetError::AddressInUse { ip, vpc: vpc_id, owner });
        }
        if self.enis.get(&eni).is_some_and(|known| known.vpc_id != vpc_id) {
            return Err(NetError::EniMoved { eni, vpc: vpc_id });
        }
        let same =
            |other: &&EniSpec| other.ip == ip && other.vpc_id == vpc_id && other.eni_id != eni;
        if let Some(other) = self.enis.values().find(same) {
            let owner = other.eni_id.clone();
            return Err(NetError::AddressInUse { ip, vpc: vpc_id, owner });
        }
        Ok(())
    }

    /// Detaching what is not attached takes away what may be left on disk.
    fn detach(&mut self, eni_id: &str) -> Result<(), NetError> {
        check_id("network interface", eni_id)?;
        if let Some(spec) = self.enis.remove(eni_id) {
            self.touched.insert(spec.vpc_id.clone());
            self.places.remove_eni(&spec);
        }
        self.teardown.push(Job::Eni { path: self.pins.eni(eni_id) })
    }

    fn set_group(&mut self, id: String, rules: Vec<Rule>) -> Result<(), NetError> {
        check_id("security group", &id)?;
        for rule in &rules {
            if let Peer::Group(peer) = &rule.peer {
                check_id("security group", peer)?;
            }
        }
        self.touch_users_of(&id);
        self.groups.insert(id, rules);
        Ok(())
    }

    fn delete_group(&mut self, id: &str) -> Result<(), NetError> {
        self.touch_users_of(id);
        self.groups.remove(id);
        Ok(())
    }

    fn touch_users_of(&mut self, group: &str) {
        let uses = |eni: &&EniSpec| eni.security_groups.iter().any(|used| used == group);
        self.touched.extend(self.enis.values().filter(uses).map(|eni| eni.vpc_id.clone()));
    }

    fn set_eni_groups(&mut self, eni_id: &str, groups: Vec<String>) -> Result<(), NetError> {
        for group in &groups {
            check_id("security group", group)?;
        }
        let eni = known_eni(&mut self.enis, eni_id)?;
        eni.security_groups = groups;
        self.touched.insert(eni.vpc_id.clone());
        Ok(())
    }

    async fn set_egress(&mut self, eni_id: &str, egress: Egress) -> Result<(), NetError> {
        let eni = known_eni(&mut self.enis, eni_id)?;
        let vpc = known_vpc(&self.vpcs, &eni.vpc_id)?;
        if egress == Egress::Internet {
            self.host.ensure_uplink(&eni.vpc_id, &vpc.router).await?;
        }
        eni.egress = egress;
        self.touched.insert(eni.vpc_id.clone());
        self.places.set_egress(eni);
        Ok(())
    }

    /// Everything, as one batch: rules that are in force stay in force until
    /// the new ones replace them. Goes on past a failure and tells the first.
    async fn restore(&mut self, world: World) -> Outcome {
        let mut first_error = None;
        let mut attachments = Vec::new();
        for vpc in world.vpcs {
            self.ensure_vpc(vpc).await.unwrap_or_else(|e| note(&mut first_error, e));
        }
        for (id, rules) in world.security_groups {
            self.set_group(id, rules).unwrap_or_else(|e| note(&mut first_error, e));
        }
        for spec in world.enis {
            match self.attach(spec).await {
                Ok(attachment) => attachments.push(attachment),
                Err(e) => note(&mut first_error, e),
            }
        }
        first_error.map_or(Ok(attachments), Err)
    }

    async fn destroy_all(&mut self) -> Result<(), NetError> {
        for id in self.pins.enis()? {
            self.detach(&id)?;
        }
        self.enis.clear();
        for id in self.pins.vpcs()? {
            self.delete_vpc(&id)?;
        }
        self.groups.clear();
        self.touched.clear();
        self.teardown.quiesce().await;
        self.host.clear().await?;
        self.pins.remove()
    }

    /// One transaction for each VPC; failures by VPC.
    fn apply(&mut self, touched: &BTreeSet<String>) -> BTreeMap<String, NetError> {
        let mut failures = BTreeMap::new();
        for id in touched {
            let Some(vpc) = self.vpcs.get(id) else { continue };
            let wanted = Table::of(&self.model(&vpc.spec));
            let applied = vpc.applied.as_ref();
            let result = vpc.router.namespace.enter(|| {
                let script = match applied {
                    Some(applied) => wanted.changes_from(applied),
                    None => wanted.replacement_of(&self.nft.existing(TABLE)?),
                };
                self.nft.apply(id, &script)
            });
            let result = result.map_err(|e| NetError::io("entering a router", e)).and_then(|r| r);
            let vpc = self.vpcs.get_mut(id).expect("it was there a moment ago");
            vpc.applied = result.is_ok().then_some(wanted);
            if let Err(error) = result {
                failures.insert(id.clone(), error);
            }
        }
        failures
    }

    fn model(&self, vpc: &VpcSpec) -> Model {
        let mut endpoints = BTreeSet::from([METADATA, DNS_LINK_LOCAL]);
        endpoints.extend(vpc.cidrs.first().map(|cidr| vpc_resolver(*cidr)));
        let mut members = BTreeMap::new();
        let mut groups = BTreeMap::new();
        for eni in self.enis.values().filter(|eni| eni.vpc_id == vpc.id) {
            let member = Member {
                groups: eni.security_groups.iter().cloned().collect(),
                internet: eni.egress == Egress::Internet,
            };
            for group in &member.groups {
                if let Some(rules) = self.groups.get(group) {
                    groups.entry(group.clone()).or_insert_with(|| rules.clone());
                }
            }
            members.insert(eni.ip, member);
        }
        Model { endpoints, members, groups }
    }
}

fn note(first: &mut Option<NetError>, error: NetError) {
    tracing::warn!(%error, "part of the network could not be restored");
    first.get_or_insert(error);
}

fn known_vpc<'a>(vpcs: &'a BTreeMap<String, Vpc>, id: &str) -> Result<&'a Vpc, NetError> {
    vpcs.get(id).ok_or_else(|| NetError::UnknownVpc(id.to_owned()))
}

fn known_eni<'a>(
    enis: &'a mut BTreeMap<String, EniSpec>,
    id: &str,
) -> Result<&'a mut EniSpec, NetError> {
    enis.get_mut(id).ok_or_else(|| NetError::UnknownEni(id.to_owned()))
}

/// Starts the worker on its own thread; returns the way to reach it once it is
/// known to work.
pub(crate) fn start(
    config: Config,
    places: Arc<Places>,
    teardown: Teardown,
) -> Result<mpsc::Sender<Request>, NetError> {
    let home = Home::of_this_thread()?;
    let nft = Nft::find()?;
    let (requests, inbox) = mpsc::channel(4 * BATCH);
    let (ready, is_ready) = std::sync::mpsc::sync_channel(1);
    let failed = |e| NetError::io("starting the network thread", e);
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_io().build().map_err(failed)?;
    let body = move || {
        runtime.block_on(async move {
            match Worker::new(config, home, nft, places, teardown) {
                Ok(worker) => {
                    let _ = ready.send(Ok(()));
                    worker.run(inbox).await;
                }
                Err(error) => {
                    let _ = ready.send(Err(error));
                }
            }
        });
    };
    std::thread::Builder::new().name("net".into()).spawn(body).map_err(failed)?;
    is_ready.recv().map_err(|_| NetError::Stopped)??;
    Ok(requests)
}
