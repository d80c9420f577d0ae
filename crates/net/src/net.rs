//! The handle that others hold: asks the worker, and makes sockets where they
//! are wanted.
//!
//! Every `ensure`, `attach` and `set` may be asked again; a failure may leave a
//! part done, and asking again (or detaching) puts it right.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::PathBuf;
use std::sync::Arc;

use ipnet::Ipv4Net;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};

use crate::error::NetError;
use crate::id::InstanceTag;
use crate::namespace::{Home, Namespace};
use crate::pins::Pins;
use crate::places::Places;
use crate::rules::Rule;
use crate::spec::{Attachment, Egress, EniSpec, Orphans, Place, VpcSpec, World};
use crate::teardown::Teardown;
use crate::worker::{self, Command, Outcome, Request};

#[derive(Clone, Debug)]
pub struct Config {
    /// Sets this instance's links and tables apart from another's.
    pub instance_tag: InstanceTag,
    /// Where namespaces are pinned. Of this instance alone, and best on a file
    /// system that a reboot empties, such as /run.
    pub netns_dir: PathBuf,
    /// Addresses for the links between the host and the routers, two for each
    /// VPC that has a way out. Seen nowhere but on this machine.
    pub uplink_pool: Ipv4Net,
}

impl Config {
    pub fn new(instance_tag: InstanceTag, netns_dir: PathBuf) -> Self {
        // The end of the shared address space of RFC 6598: no home or office
        // network has it, and a VPC rarely.
        let uplink_pool =
            Ipv4Net::new(Ipv4Addr::new(100, 127, 0, 0), 16).expect("16 is a prefix length");
        Self { instance_tag, netns_dir, uplink_pool }
    }
}

#[derive(Clone)]
pub struct Net {
    requests: mpsc::Sender<Request>,
    places: Arc<Places>,
    teardown: Teardown,
    pins: Pins,
}

impl Net {
    /// Starts the hand in the network namespace of the calling thread. Touches
    /// nothing yet but its own directory.
    pub fn new(config: Config) -> Result<Self, NetError> {
        if !nix::unistd::geteuid().is_root() {
            return Err(NetError::NotPermitted { doing: "making network namespaces".into() });
        }
        let pins = Pins::open(&config.netns_dir)?;
        let places = Arc::new(Places::default());
        let teardown = Teardown::start(Home::of_this_thread()?)?;
        let requests = worker::start(config, places.clone(), teardown.clone())?;
        Ok(Self { requests, places, teardown, pins })
    }

    pub async fn ensure_vpc(&self, spec: VpcSpec) -> Result<(), NetError> {
        self.ask(Command::EnsureVpc(spec)).await.map(drop)
    }

    /// Refused while interfaces are attached.
    pub async fn delete_vpc(&self, vpc_id: &str) -> Result<(), NetError> {
        self.ask(Command::DeleteVpc(vpc_id.to_owned())).await.map(drop)
    }

    /// When this returns, the interface is up and its rules are in force.
    pub async fn attach_eni(&self, spec: EniSpec) -> Result<Attachment, NetError> {
        let mut attached = self.ask(Command::Attach(spec)).await?;
        Ok(attached.pop().expect("attaching answers with one attachment"))
    }

    /// When this returns, nothing passes any more and the address is free. The
    /// rest goes in the background: see [`Net::quiesce`].
    pub async fn detach_eni(&self, eni_id: &str) -> Result<(), NetError> {
        self.ask(Command::Detach(eni_id.to_owned())).await.map(drop)
    }

    /// Replaces all rules of a group. Connections that are open stay open, as
    /// tracked connections do on AWS. The rules are in force before this
    /// returns; nft waits for the old ones to be freed, some 10 ms.
    pub async fn set_security_group(&self, id: &str, rules: Vec<Rule>) -> Result<(), NetError> {
        self.ask(Command::SetGroup(id.to_owned(), rules)).await.map(drop)
    }

    pub async fn delete_security_group(&self, id: &str) -> Result<(), NetError> {
        self.ask(Command::DeleteGroup(id.to_owned())).await.map(drop)
    }

    pub async fn set_eni_groups(&self, eni_id: &str, groups: Vec<String>) -> Result<(), NetError> {
        self.ask(Command::SetEniGroups(eni_id.to_owned(), groups)).await.map(drop)
    }

    pub async fn set_eni_egress(&self, eni_id: &str, egress: Egress) -> Result<(), NetError> {
        self.ask(Command::SetEgress(eni_id.to_owned(), egress)).await.map(drop)
    }

    /// For a daemon that starts again: adopts all of it in one step, so that
    /// the rules in force are exchanged once and running tasks notice nothing.
    /// Tries everything and tells the first error; the attachments that worked
    /// are to be had again by `attach_eni`.
    pub async fn restore(&self, world: World) -> Result<Vec<Attachment>, NetError> {
        self.ask(Command::Restore(world)).await
    }

    /// What is pinned on disk beyond the given ids. Remove it with
    /// `detach_eni` and `delete_vpc`.
    pub fn orphans(
        &self,
        known_vpcs: &BTreeSet<String>,
        known_enis: &BTreeSet<String>,
    ) -> Result<Orphans, NetError> {
        let mut orphans = Orphans { vpcs: self.pins.vpcs()?, enis: self.pins.enis()? };
        orphans.vpcs.retain(|id| !known_vpcs.contains(id));
        orphans.enis.retain(|id| !known_enis.contains(id));
        Ok(orphans)
    }

    /// Until all that was detached or deleted is gone.
    pub async fn quiesce(&self) {
        self.teardown.quiesce().await;
    }

    /// Takes away everything that an instance with this tag and directory has
    /// on the machine, known or not. The handle can be used again only by
    /// starting anew.
    pub async fn destroy_all(&self) -> Result<(), NetError> {
        self.ask(Command::DestroyAll).await.map(drop)
    }

    pub fn namespace(&self, place: Place<'_>) -> Result<Namespace, NetError> {
        self.places.find(place).ok_or_else(|| match place {
            Place::Eni(id) => NetError::UnknownEni(id.to_owned()),
            Place::Router(id) => NetError::UnknownVpc(id.to_owned()),
        })
    }

    /// A non-blocking listener; `tokio::net::TcpListener::from_std` takes it.
    pub fn listen_in(&self, place: Place<'_>, at: SocketAddr) -> Result<TcpListener, NetError> {
        self.namespace(place)?
            .listen(at)
            .map_err(|e| NetError::io(format!("listening at {at} in {place:?}"), e))
    }

    pub fn udp_in(&self, place: Place<'_>, at: SocketAddr) -> Result<UdpSocket, NetError> {
        self.namespace(place)?
            .udp(at)
            .map_err(|e| NetError::io(format!("binding UDP {at} in {place:?}"), e))
    }

    /// Connects as an interface: from its address, under its rules. The error
    /// is the connection's own (refused, timed out, unreachable).
    pub async fn connect_from(&self, eni_id: &str, to: SocketAddr) -> io::Result<TcpStream> {
        let namespace = self.namespace(Place::Eni(eni_id)).map_err(io::Error::other)?;
        namespace.connect(to).await
    }

    /// Whether the interface that has this address may reach the internet.
    pub fn egress_of(&self, vpc_id: &str, ip: Ipv4Addr) -> Egress {
        self.places.egress(vpc_id, ip)
    }

    async fn ask(&self, command: Command) -> Outcome {
        let (reply, answer) = oneshot::channel();
        let request = Request { command, reply };
        self.requests.send(request).await.map_err(|_| NetError::Stopped)?;
        answer.await.map_err(|_| NetError::Stopped)?
    }
}
