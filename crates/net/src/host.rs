//! The host's side: a link to each router that has a way out, and one table
//! that masquerades what comes from it and closes the host itself to it.
//!
//! Two VPCs may have the same CIDR, so the router translates first, to the one
//! address that its end of the link has, and the host translates again.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::error::NetError;
use crate::forward;
use crate::id::{InstanceTag, hash};
use crate::netlink::{Netlink, PeerEnd};
use crate::nft::Nft;
use crate::router::{Router, UPLINK};
use crate::sysctl;

const ROUTER_NAT: &str = "add table ip neargate-nat
add chain ip neargate-nat postrouting { type nat hook postrouting priority srcnat; }
flush chain ip neargate-nat postrouting
add rule ip neargate-nat postrouting oifname \"uplink\" masquerade
";

pub(crate) struct Host {
    netlink: Netlink,
    nft: Nft,
    tag: InstanceTag,
    pool: Ipv4Net,
    /// The router's address, by VPC.
    uplinks: BTreeMap<String, Ipv4Addr>,
    firewall_unseen: bool,
}

impl Host {
    pub fn new(nft: Nft, tag: InstanceTag, pool: Ipv4Net) -> Result<Self, NetError> {
        let uplinks = BTreeMap::new();
        Ok(Self { netlink: Netlink::here()?, nft, tag, pool, uplinks, firewall_unseen: false })
    }

    /// Makes or adopts the way out of a VPC.
    pub async fn ensure_uplink(&mut self, vpc_id: &str, router: &Router) -> Result<(), NetError> {
        if self.uplinks.contains_key(vpc_id) {
            self.firewall_unseen = true;
            return Ok(());
        }
        forward::admit(&self.nft, &self.tag)?;
        sysctl::enable_host_forwarding()?;
        let name = self.tag.uplink(vpc_id);
        let near = self.link_pair(vpc_id, &name, router).await?;
        let far = Ipv4Addr::from_bits(near.to_bits() + 1);
        let entering = |e| NetError::io("entering a router", e);
        router.namespace.enter(|| self.nft.apply(vpc_id, ROUTER_NAT)).map_err(entering)??;
        self.uplinks.insert(vpc_id.to_owned(), far);
        self.apply()
    }

    /// A firewall may have come up, or forgotten us, since the way out was made.
    /// Looked at after each batch that uses it, so that nobody waits for it.
    pub fn look_at_firewall(&mut self) {
        if std::mem::take(&mut self.firewall_unseen)
            && let Err(error) = forward::admit(&self.nft, &self.tag)
        {
            tracing::warn!(%error, "the host's firewall may keep tasks from the internet");
        }
    }

    /// Returns the host's address on the link.
    async fn link_pair(
        &self,
        vpc_id: &str,
        name: &str,
        router: &Router,
    ) -> Result<Ipv4Addr, NetError> {
        let adopted = match (self.netlink.index(name).await?, router.netlink.index(UPLINK).await?) {
            (Some(index), Some(_)) => self.netlink.addresses(Some(index)).await?.first().copied(),
            _ => None,
        };
        let near = match adopted {
            Some(near) => near,
            None => {
                self.netlink.delete_link(name).await?;
                router.netlink.delete_link(UPLINK).await?;
                let near = self.free_pair(vpc_id).await?;
                let namespace = router.namespace.as_raw_fd();
                let peer = PeerEnd { name: UPLINK, namespace, mac: None };
                self.netlink.add_pair(name, None, peer).await?;
                near
            }
        };
        let far = Ipv4Addr::from_bits(near.to_bits() + 1);
        bring_up(&self.netlink, name, near).await?;
        let uplink = bring_up(&router.netlink, UPLINK, far).await?;
        router.netlink.default_route(near, uplink).await?;
        Ok(near)
    }

    /// The first pair of addresses that nobody on the host has, starting at one
    /// that depends on the instance and the VPC.
    async fn free_pair(&self, vpc_id: &str) -> Result<Ipv4Addr, NetError> {
        let taken = self.netlink.addresses(None).await?;
        let pairs = 1u32 << (31 - u32::from(self.pool.prefix_len().min(31)));
        let digest = hash(&[self.tag.as_str(), vpc_id]);
        let start = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]) % pairs;
        let base = self.pool.network().to_bits();
        for step in 0..pairs {
            let near = Ipv4Addr::from_bits(base + 2 * ((start + step) % pairs));
            let far = Ipv4Addr::from_bits(near.to_bits() + 1);
            if !taken.contains(&near) && !taken.contains(&far) {
                return Ok(near);
            }
        }
        Err(NetError::UplinkPoolExhausted { pool: self.pool })
    }

    /// Forgets a VPC; its link is deleted by `teardown`. With the last one goes what
    /// guards them: by then no interface is left that could send anything.
    pub fn drop_uplink(&mut self, vpc_id: &str) -> Result<(), NetError> {
        let had_one = self.uplinks.remove(vpc_id).is_some();
        match self.uplinks.is_empty() {
            true => self.remove_rules(),
            false if had_one => self.apply(),
            false => Ok(()),
        }
    }

    /// Takes away everything of this instance in the host's namespace.
    pub async fn clear(&mut self) -> Result<(), NetError> {
        self.uplinks.clear();
        let prefix = self.tag.link_prefix();
        for name in self.netlink.names().await? {
            if name.starts_with(&prefix) {
                self.netlink.delete_link(&name).await?;
            }
        }
        self.remove_rules()
    }

    fn remove_rules(&self) -> Result<(), NetError> {
        forward::withdraw(&self.nft, &self.tag)?;
        let table = self.tag.host_table();
        self.nft.apply("the host", &format!("add table ip {table}\ndelete table ip {table}\n"))
    }

    fn apply(&self) -> Result<(), NetError> {
        let routers = self.uplinks.values().copied().collect::<Vec<_>>();
        self.nft.apply("the host", &host_table(&self.tag, &routers))
    }
}

async fn bring_up(netlink: &Netlink, name: &str, address: Ipv4Addr) -> Result<u32, NetError> {
    let index = netlink.index(name).await?.ok_or_else(|| {
        NetError::io(format!("looking for link {name}"), std::io::ErrorKind::NotFound.into())
    })?;
    let address = Ipv4Net::new(address, 31).expect("31 is a prefix length");
    netlink.add_address(index, address).await?;
    netlink.up(index).await?;
    Ok(index)
}

/// The host's table. What comes out of a router may go to other machines, and
/// neither to the host itself, nor by its port mappings, nor to another VPC,
/// nor to the metadata service of the cloud that the host may run in.
fn host_table(tag: &InstanceTag, routers: &[Ipv4Addr]) -> String {
    let table = format!("ip {}", tag.host_table());
    let ours = format!("\"{}*\"", tag.link_prefix());
    let mut script = format!(
        "add table {table}
add set {table} routers {{ type ipv4_addr; }}
flush set {table} routers
add chain {table} input {{ type filter hook input priority filter; policy accept; }}
add chain {table} forward {{ type filter hook forward priority filter; policy accept; }}
add chain {table} postrouting {{ type nat hook postrouting priority srcnat; policy accept; }}
flush chain {table} input
flush chain {table} forward
flush chain {table} postrouting
add rule {table} input iifname {ours} drop
add rule {table} forward iifname {ours} oifname \"ng*\" drop
add rule {table} forward iifname {ours} ip daddr 169.254.0.0/16 drop
add rule {table} forward iifname {ours} ct status dnat drop
add rule {table} forward oifname {ours} ct state established,related accept
add rule {table} forward oifname {ours} drop
add rule {table} postrouting ip saddr @routers oifname != \"ng*\" masquerade
"
    );
    if !routers.is_empty() {
        let routers = routers.iter().map(Ipv4Addr::to_string).collect::<Vec<_>>().join(", ");
        script.push_str(&format!("add element {table} routers {{ {routers} }}\n"));
    }
    script
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use expect_test::expect;

    use super::*;

    #[test]
    fn the_hosts_table_masquerades_routers_and_closes_the_host() {
        let tag = InstanceTag::of(Path::new("/var/lib/neargate"));
        let script = host_table(&tag, &[Ipv4Addr::new(100, 127, 0, 1)]);
        expect![[r#"
            add table ip neargate-TAG
            add set ip neargate-TAG routers { type ipv4_addr; }
            flush set ip neargate-TAG routers
            add chain ip neargate-TAG input { type filter hook input priority filter; policy accept; }
            add chain ip neargate-TAG forward { type filter hook forward priority filter; policy accept; }
            add chain ip neargate-TAG postrouting { type nat hook postrouting priority srcnat; policy accept; }
            flush chain ip neargate-TAG input
            flush chain ip neargate-TAG forward
            flush chain ip neargate-TAG postrouting
            add rule ip neargate-TAG input iifname "ngTAG*" drop
            add rule ip neargate-TAG forward iifname "ngTAG*" oifname "ng*" drop
            add rule ip neargate-TAG forward iifname "ngTAG*" ip daddr 169.254.0.0/16 drop
            add rule ip neargate-TAG forward iifname "ngTAG*" ct status dnat drop
            add rule ip neargate-TAG forward oifname "ngTAG*" ct state established,related accept
            add rule ip neargate-TAG forward oifname "ngTAG*" drop
            add rule ip neargate-TAG postrouting ip saddr @routers oifname != "ng*" masquerade
            add element ip neargate-TAG routers { 100.127.0.1 }
        "#]].assert_eq(&script.replace(tag.as_str(), "TAG"));
    }
}
