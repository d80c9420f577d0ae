//! The router of a VPC: a namespace that forwards between the links of its
//! interfaces and carries the daemon's own addresses on its `lo`.
//!
//! Links and routes only; which packets pass is `ruleset`'s, and the way out is
//! `host`'s.

use std::path::Path;

use ipnet::Ipv4Net;

use crate::error::NetError;
use crate::namespace::{Home, Namespace};
use crate::netlink::Netlink;
use crate::spec::{DNS_LINK_LOCAL, METADATA, VpcSpec, vpc_resolver};
use crate::sysctl;

/// The router's end of the way out.
pub(crate) const UPLINK: &str = "uplink";

pub(crate) struct Router {
    pub namespace: Namespace,
    pub netlink: Netlink,
    /// Made just now: holds no table yet.
    pub fresh: bool,
}

/// Makes or adopts the router of a VPC.
pub(crate) async fn ensure(spec: &VpcSpec, path: &Path, home: &Home) -> Result<Router, NetError> {
    let (namespace, fresh) = match Namespace::open(path, home)? {
        Some(namespace) => (namespace, false),
        None => (Namespace::create(path, home)?, true),
    };
    namespace.enter(sysctl::set_up_router).map_err(|e| NetError::io("entering a router", e))??;
    let netlink = Netlink::inside(&namespace)?;
    let router = Router { namespace, netlink, fresh };
    router.set_addresses(spec).await?;
    Ok(router)
}

impl Router {
    async fn set_addresses(&self, spec: &VpcSpec) -> Result<(), NetError> {
        let lo = self.netlink.index("lo").await?.expect("every namespace has lo");
        self.netlink.up(lo).await?;
        let mut addresses = vec![METADATA, DNS_LINK_LOCAL];
        addresses.extend(spec.cidrs.first().map(|cidr| vpc_resolver(*cidr)));
        for address in addresses {
            let host = Ipv4Net::new(address, 32).expect("32 is a prefix length");
            self.netlink.add_address(lo, host).await?;
        }
        for cidr in &spec.cidrs {
            self.netlink.blackhole(*cidr).await?;
        }
        Ok(())
    }
}
