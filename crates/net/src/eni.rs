//! An interface: a namespace with `eth0`, whose other end is in the VPC's
//! router. The address is a /32 and the route is everything by one gateway
//! that does not exist, with its MAC known beforehand: there is no broadcast
//! domain, no ARP, and no way past the router.

use std::net::Ipv4Addr;
use std::path::Path;

use ipnet::Ipv4Net;

use crate::error::NetError;
use crate::id::{eni_link, hash};
use crate::namespace::{Home, Namespace};
use crate::netlink::{Netlink, PeerEnd};
use crate::router::Router;
use crate::spec::{Attachment, EniSpec, Mac};
use crate::sysctl;

const ETH0: &str = "eth0";
/// Never on a wire and never answered: only a name for "out of eth0".
const GATEWAY: Ipv4Addr = Ipv4Addr::new(169, 254, 1, 1);
/// The router's end of every link. Each link has just two ends, so one will do.
const ROUTER_MAC: Mac = Mac([0x02, 0x6e, 0x67, 0x00, 0x00, 0x01]);

/// Makes or adopts the namespace and link of an interface.
pub(crate) async fn ensure(
    spec: &EniSpec,
    router: &Router,
    path: &Path,
    home: &Home,
) -> Result<Attachment, NetError> {
    let (namespace, netlink) = namespace(path, home).await?;
    let link = eni_link(&spec.eni_id);
    let mac = spec.mac.unwrap_or_else(|| derived_mac(&spec.eni_id));
    let (near, eth0) = link_ends(spec, router, &namespace, &netlink, &link, mac).await?;

    router.netlink.up(near).await?;
    router.netlink.set_neighbour(near, spec.ip, mac).await?;
    router.netlink.route_to(spec.ip, near).await?;

    let address = Ipv4Net::new(spec.ip, 32).expect("32 is a prefix length");
    netlink.add_address(eth0, address).await?;
    netlink.up(eth0).await?;
    netlink.set_neighbour(eth0, GATEWAY, ROUTER_MAC).await?;
    netlink.default_route(GATEWAY, eth0).await?;
    Ok(Attachment {
        eni_id: spec.eni_id.clone(),
        vpc_id: spec.vpc_id.clone(),
        ip: spec.ip,
        mac,
        netns_path: path.to_owned(),
        namespace,
    })
}

async fn namespace(path: &Path, home: &Home) -> Result<(Namespace, Netlink), NetError> {
    let namespace = match Namespace::open(path, home)? {
        Some(namespace) => namespace,
        None => Namespace::create(path, home)?,
    };
    namespace.enter(sysctl::set_up_task).map_err(|e| NetError::io("entering a namespace", e))??;
    let netlink = Netlink::inside(&namespace)?;
    let lo = netlink.index("lo").await?.expect("every namespace has lo");
    netlink.up(lo).await?;
    Ok((namespace, netlink))
}

/// Indexes of the router's end and of `eth0`. A pair with another address or
/// MAC than asked for is made anew.
async fn link_ends(
    spec: &EniSpec,
    router: &Router,
    namespace: &Namespace,
    netlink: &Netlink,
    link: &str,
    mac: Mac,
) -> Result<(u32, u32), NetError> {
    if let (Some(near), Some(eth0)) =
        (router.netlink.index(link).await?, netlink.index(ETH0).await?)
    {
        let addresses = netlink.addresses(Some(eth0)).await?;
        let right_address = addresses.is_empty() || addresses == [spec.ip];
        if right_address && netlink.mac(ETH0).await? == Some(mac) {
            return Ok((near, eth0));
        }
    }
    router.netlink.delete_link(link).await?;
    netlink.delete_link(ETH0).await?;
    let peer = PeerEnd { name: ETH0, namespace: namespace.as_raw_fd(), mac: Some(mac) };
    let near = router.netlink.add_pair(link, Some(ROUTER_MAC), peer).await?;
    let eth0 =
        netlink.index(ETH0).await?.ok_or_else(|| NetError::UnknownEni(spec.eni_id.clone()))?;
    Ok((near, eth0))
}

/// Takes the link away from inside, whichever router it leads to.
pub(crate) async fn remove_link(path: &Path, home: &Home) -> Result<(), NetError> {
    let Some(namespace) = Namespace::open(path, home)? else { return Ok(()) };
    Netlink::inside(&namespace)?.delete_link(ETH0).await
}

/// Locally administered, unicast, and the same for the same interface.
fn derived_mac(eni_id: &str) -> Mac {
    let digest = hash(&[eni_id]);
    Mac([0x02, digest[0], digest[1], digest[2], digest[3], digest[4]])
}
