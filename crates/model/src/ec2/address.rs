//! Public addresses. They come from the blocks that RFC 5737 sets aside for
//! documentation, so that none of them is ever somebody else's: they are real
//! inside of Neargate, and nowhere else.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use neargate_ids::Rng;
use neargate_store::{Record, Snapshot};
use serde::{Deserialize, Serialize};

use super::{Cidr, NetworkInterface, key};

/// The blocks that public addresses are taken from, in all regions together.
pub const PUBLIC_POOL: [(Ipv4Addr, u8); 3] = [
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
];

/// An Elastic IP address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Address {
    pub region: String,
    /// `eipalloc-…`
    pub allocation_id: String,
    pub public_ip: Ipv4Addr,
    pub association: Option<AddressAssociation>,
}

/// The interface that an address stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressAssociation {
    /// `eipassoc-…`
    pub association_id: String,
    pub interface_id: String,
    pub private_ip: Ipv4Addr,
}

impl Record for Address {
    const TABLE: &'static str = "ec2-addresses";

    fn key(&self) -> String {
        key(&self.region, &self.allocation_id)
    }
}

/// A public address that nobody has; `None` when all are taken. Chosen by
/// chance, so that one just given back is seldom the next.
pub fn free_public_ip(snapshot: &Snapshot, rng: &Rng) -> Option<Ipv4Addr> {
    let mut taken: BTreeSet<Ipv4Addr> = snapshot.all::<Address>().map(|a| a.public_ip).collect();
    let interfaces = snapshot.all::<NetworkInterface>();
    taken.extend(interfaces.filter_map(|i| i.public.as_ref().map(|p| p.ip)));
    PUBLIC_POOL.iter().find_map(|(network, length)| {
        let block = Cidr::around(*network, *length);
        let usable = block.size() - 2;
        let start = rng.below(usable);
        let mut candidates = (0..usable).map(|i| 1 + (start + i) % usable);
        candidates.find_map(|index| block.nth(index).filter(|ip| !taken.contains(ip)))
    })
}
