//! Blocks of IPv4 addresses, `10.0.0.0/16`: parsed once, then compared as numbers.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A block in canonical form: the address has no bits beyond the prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Cidr {
    network: u32,
    prefix: u8,
}

/// Why a text is no block.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a block of IPv4 addresses such as 10.0.0.0/16")]
pub struct CidrError(pub String);

impl Cidr {
    /// Every address: `0.0.0.0/0`.
    pub const ANYWHERE: Cidr = Cidr { network: 0, prefix: 0 };

    /// The block of this prefix length (at most 32) that holds `address`.
    pub fn around(address: Ipv4Addr, prefix: u8) -> Self {
        let prefix = prefix.min(32);
        Cidr { network: u32::from(address) & mask(prefix), prefix }
    }

    /// The first address, which names the network.
    pub fn network(self) -> Ipv4Addr {
        self.network.into()
    }

    pub fn prefix(self) -> u8 {
        self.prefix
    }

    /// How many addresses the block has.
    pub fn size(self) -> u64 {
        1 << (32 - self.prefix)
    }

    /// The address at `index`, counted from the network's own.
    pub fn nth(self, index: u64) -> Option<Ipv4Addr> {
        let index = u32::try_from(index).ok().filter(|_| index < self.size())?;
        Some((self.network + index).into())
    }

    pub fn contains(self, address: Ipv4Addr) -> bool {
        u32::from(address) & mask(self.prefix) == self.network
    }

    /// Whether all of `other` lies in this block.
    pub fn covers(self, other: Cidr) -> bool {
        self.prefix <= other.prefix && self.contains(other.network())
    }

    /// Whether the two have an address in common.
    pub fn overlaps(self, other: Cidr) -> bool {
        self.covers(other) || other.covers(self)
    }
}

fn mask(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)
}

impl FromStr for Cidr {
    type Err = CidrError;

    /// Bits beyond the prefix are cleared, as EC2 does (`100.68.0.18/18` is `100.68.0.0/18`).
    fn from_str(text: &str) -> Result<Self, CidrError> {
        let parse = || {
            let (address, prefix) = text.split_once('/')?;
            let digits = prefix.bytes().all(|b| b.is_ascii_digit()) && prefix.len() <= 2;
            let prefix = prefix.parse().ok().filter(|p| digits && *p <= 32)?;
            Some(Cidr::around(address.parse().ok()?, prefix))
        };
        parse().ok_or_else(|| CidrError(text.to_owned()))
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network(), self.prefix)
    }
}

impl From<Cidr> for String {
    fn from(cidr: Cidr) -> String {
        cidr.to_string()
    }
}

impl TryFrom<String> for Cidr {
    type Error = CidrError;

    fn try_from(text: String) -> Result<Self, CidrError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cidr(text: &str) -> Cidr {
        text.parse().unwrap()
    }

    #[test]
    fn parses_and_normalises() {
        assert_eq!(cidr("100.68.0.18/18").to_string(), "100.68.0.0/18");
        assert_eq!(cidr("0.0.0.0/0"), Cidr::ANYWHERE);
        for bad in ["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/+8", "10.0.0.0/008", "::/0"] {
            assert!(bad.parse::<Cidr>().is_err(), "{bad}");
        }
    }

    #[test]
    fn contains_and_overlaps() {
        assert!(cidr("10.0.0.0/16").covers(cidr("10.0.255.0/24")));
        assert!(!cidr("10.0.0.0/16").covers(cidr("10.1.0.0/24")));
        assert!(cidr("10.0.1.0/24").overlaps(cidr("10.0.0.0/16")));
        assert!(!cidr("10.0.1.0/24").overlaps(cidr("10.0.2.0/24")));
        assert_eq!(cidr("10.0.0.4/32").size(), 1);
        assert_eq!(cidr("10.0.0.0/30").nth(3), Some(Ipv4Addr::new(10, 0, 0, 3)));
        assert_eq!(cidr("10.0.0.0/30").nth(4), None);
    }
}
