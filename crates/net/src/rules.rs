//! The words of a security group: direction, protocol, ports, peer.
//!
//! A rule only ever allows; what no rule allows is dropped (EC2 user guide,
//! "Security group rules"). Answers to what was allowed pass without a rule.

use ipnet::Ipv4Net;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    Ingress,
    Egress,
}

/// First and last port, both included. EC2's -1 or absence is `ALL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    pub from: u16,
    pub to: u16,
}

impl Ports {
    pub const ALL: Self = Self { from: 0, to: u16::MAX };

    pub fn one(port: u16) -> Self {
        Self { from: port, to: port }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// EC2's "-1".
    All,
    Tcp(Ports),
    Udp(Ports),
    /// Type and code; `None` is EC2's -1.
    Icmp {
        kind: Option<u8>,
        code: Option<u8>,
    },
    /// Any other, by its IANA number.
    Number(u8),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// A CIDR, several, or the entries of a prefix list. None at all matches
    /// nothing.
    Cidrs(Vec<Ipv4Net>),
    /// The members of a security group (possibly the rule's own).
    Group(String),
}

impl Peer {
    pub fn anywhere() -> Self {
        Self::Cidrs(vec![Ipv4Net::default()])
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub direction: Direction,
    pub protocol: Protocol,
    pub peer: Peer,
}

impl Rule {
    /// The rule that EC2 puts into every new group.
    pub fn egress_to_anywhere() -> Self {
        Self { direction: Direction::Egress, protocol: Protocol::All, peer: Peer::anywhere() }
    }

    pub fn ingress(protocol: Protocol, peer: Peer) -> Self {
        Self { direction: Direction::Ingress, protocol, peer }
    }

    pub fn egress(protocol: Protocol, peer: Peer) -> Self {
        Self { direction: Direction::Egress, protocol, peer }
    }
}
