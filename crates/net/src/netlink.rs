//! The few things we say to the kernel over rtnetlink, in one namespace.
//!
//! A netlink socket serves the namespace where it was opened, so there is one
//! of these for each; all live on the worker's single-threaded runtime.

use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::RawFd;

use futures_util::TryStreamExt;
use ipnet::Ipv4Net;
use nix::errno::Errno;
use rtnetlink::packet_route::address::AddressAttribute;
use rtnetlink::packet_route::link::{InfoData, InfoKind, InfoVeth, LinkAttribute, LinkMessage};
use rtnetlink::packet_route::route::{RouteMessage, RouteScope, RouteType};
use rtnetlink::{Handle, LinkMessageBuilder, LinkUnspec, LinkVeth, RouteMessageBuilder};

use crate::error::NetError;
use crate::namespace::Namespace;
use crate::spec::Mac;

pub(crate) struct Netlink {
    handle: Handle,
    connection: tokio::task::JoinHandle<()>,
}

/// The other end of a new pair, put straight into its namespace.
pub(crate) struct PeerEnd<'a> {
    pub name: &'a str,
    pub namespace: RawFd,
    pub mac: Option<Mac>,
}

impl Drop for Netlink {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

impl Netlink {
    /// For the namespace that the calling thread is in.
    pub fn here() -> Result<Self, NetError> {
        let (connection, handle, _) =
            rtnetlink::new_connection().map_err(|e| NetError::io("opening a netlink socket", e))?;
        Ok(Self { handle, connection: tokio::spawn(connection) })
    }

    pub fn inside(namespace: &Namespace) -> Result<Self, NetError> {
        namespace.enter(Self::here).map_err(|e| NetError::io("entering a namespace", e))?
    }

    /// Index of a link, if there is one of that name.
    pub async fn index(&self, name: &str) -> Result<Option<u32>, NetError> {
        let link = self.handle.link().get().match_name(name.to_owned()).execute().try_next().await;
        match link {
            Ok(link) => Ok(link.map(|link| link.header.index)),
            Err(e) if is(&e, Errno::ENODEV) => Ok(None),
            Err(e) => Err(failed(format!("looking for link {name}"), e)),
        }
    }

    pub async fn mac(&self, name: &str) -> Result<Option<Mac>, NetError> {
        let link = self.handle.link().get().match_name(name.to_owned()).execute().try_next().await;
        let link = link.map_err(|e| failed(format!("looking at link {name}"), e))?;
        let address = |attribute: &LinkAttribute| match attribute {
            LinkAttribute::Address(bytes) => bytes.as_slice().try_into().ok().map(Mac),
            _ => None,
        };
        Ok(link.and_then(|link| link.attributes.iter().find_map(address)))
    }

    /// The names of all links.
    pub async fn names(&self) -> Result<Vec<String>, NetError> {
        let links = self.handle.link().get().execute().try_collect::<Vec<LinkMessage>>().await;
        let links = links.map_err(|e| failed("listing links", e))?;
        let name_of = |link: LinkMessage| {
            link.attributes.into_iter().find_map(|attribute| match attribute {
                LinkAttribute::IfName(name) => Some(name),
                _ => None,
            })
        };
        Ok(links.into_iter().filter_map(name_of).collect())
    }

    /// A pair of links; the near end stays here. Returns the near end's index.
    pub async fn add_pair(
        &self,
        name: &str,
        mac: Option<Mac>,
        peer: PeerEnd<'_>,
    ) -> Result<u32, NetError> {
        let mut far = LinkUnspec::new_with_name(peer.name)
            .append_extra_attribute(LinkAttribute::NetNsFd(peer.namespace));
        if let Some(mac) = peer.mac {
            far = far.address(mac.0.to_vec());
        }
        let mut near = LinkMessageBuilder::<LinkVeth>::new_with_info_kind(InfoKind::Veth)
            .name(name)
            .set_info_data(InfoData::Veth(InfoVeth::Peer(far.build())));
        if let Some(mac) = mac {
            near = near.address(mac.0.to_vec());
        }
        let added = self.handle.link().add(near.build()).execute().await;
        added.map_err(|e| failed(format!("adding link {name}"), e))?;
        self.index(name).await?.ok_or_else(|| gone(name))
    }

    pub async fn up(&self, index: u32) -> Result<(), NetError> {
        let up = LinkUnspec::new_with_index(index).up().build();
        let done = self.handle.link().change(up).execute().await;
        done.map_err(|e| failed("setting a link up", e))
    }

    pub async fn delete_link(&self, name: &str) -> Result<(), NetError> {
        let Some(index) = self.index(name).await? else { return Ok(()) };
        match self.handle.link().del(index).execute().await {
            Err(e) if !is(&e, Errno::ENODEV) => Err(failed(format!("deleting link {name}"), e)),
            _ => Ok(()),
        }
    }

    pub async fn add_address(&self, index: u32, address: Ipv4Net) -> Result<(), NetError> {
        let request =
            self.handle.address().add(index, IpAddr::V4(address.addr()), address.prefix_len());
        let done = request.replace().execute().await;
        done.map_err(|e| failed(format!("giving a link the address {address}"), e))
    }

    /// Addresses of one link, or of all.
    pub async fn addresses(&self, index: Option<u32>) -> Result<Vec<Ipv4Addr>, NetError> {
        let mut request = self.handle.address().get();
        if let Some(index) = index {
            request = request.set_link_index_filter(index);
        }
        let messages = request.execute().try_collect::<Vec<_>>().await;
        let messages = messages.map_err(|e| failed("listing addresses", e))?;
        let local = |attribute: &AddressAttribute| match attribute {
            AddressAttribute::Local(IpAddr::V4(ip)) => Some(*ip),
            _ => None,
        };
        Ok(messages.iter().filter_map(|m| m.attributes.iter().find_map(local)).collect())
    }

    /// `ip neigh replace … nud permanent`: nobody ever has to ask by ARP.
    pub async fn set_neighbour(&self, index: u32, ip: Ipv4Addr, mac: Mac) -> Result<(), NetError> {
        let request = self.handle.neighbours().add(index, IpAddr::V4(ip));
        let done = request.link_layer_address(&mac.0).replace().execute().await;
        done.map_err(|e| failed(format!("setting the neighbour {ip}"), e))
    }

    /// A route to one address straight out of a link.
    pub async fn route_to(&self, ip: Ipv4Addr, index: u32) -> Result<(), NetError> {
        let route = RouteMessageBuilder::<Ipv4Addr>::new()
            .destination_prefix(ip, 32)
            .output_interface(index)
            .scope(RouteScope::Link)
            .build();
        self.put_route(route, format!("adding a route to {ip}")).await
    }

    /// The default route, by a gateway that need not lie in a known prefix.
    pub async fn default_route(&self, gateway: Ipv4Addr, index: u32) -> Result<(), NetError> {
        let route = RouteMessageBuilder::<Ipv4Addr>::new()
            .gateway(gateway)
            .output_interface(index)
            .onlink()
            .build();
        self.put_route(route, format!("adding a default route by {gateway}")).await
    }

    /// What nobody has vanishes, as in a VPC, and does not take the way out.
    pub async fn blackhole(&self, cidr: Ipv4Net) -> Result<(), NetError> {
        let route = RouteMessageBuilder::<Ipv4Addr>::new()
            .destination_prefix(cidr.network(), cidr.prefix_len())
            .kind(RouteType::BlackHole)
            .build();
        self.put_route(route, format!("closing {cidr}")).await
    }

    async fn put_route(&self, route: RouteMessage, doing: String) -> Result<(), NetError> {
        let done = self.handle.route().add(route).replace().execute().await;
        done.map_err(|e| failed(doing, e))
    }
}

fn is(error: &rtnetlink::Error, errno: Errno) -> bool {
    matches!(error, rtnetlink::Error::NetlinkError(message)
        if message.code.is_some_and(|code| code.get() == -(errno as i32)))
}

fn failed(doing: impl Into<String>, source: rtnetlink::Error) -> NetError {
    let doing = doing.into();
    if is(&source, Errno::EPERM) {
        return NetError::NotPermitted { doing };
    }
    NetError::Netlink { doing, source }
}

fn gone(name: &str) -> NetError {
    NetError::io(
        format!("link {name} vanished while it was set up"),
        std::io::ErrorKind::NotFound.into(),
    )
}
