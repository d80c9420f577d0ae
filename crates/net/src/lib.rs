//! The network hand: a VPC is a router namespace, an ENI is a namespace with
//! one routed /32 link into it, and a security group is nftables in the
//! router's forward hook.
//!
//! ```text
//!   task ns           router ns of the VPC            host ns
//!  ┌────────────┐    ┌──────────────────────────┐    ┌─────────────────────┐
//!  │ eth0       │    │ e<hash>   forward hook:  │    │ ng<tag><vpc>        │
//!  │ 10.0.1.5/32├────┤           groups, egress │    │                     │
//!  └────────────┘    │                   uplink ├────┤ masquerade, if the  │
//!  ┌────────────┐    │ lo: 169.254.170.2        │    │ ENI may go out;     │
//!  │ eth0       ├────┤     169.254.169.253      │    │ the host itself is  │
//!  │ 10.0.2.9/32│    │     10.0.0.2 (DNS)       │    │ closed to it        │
//!  └────────────┘    └──────────────────────────┘    └─────────────────────┘
//! ```
//!
//! Everything that has an address in a VPC (a task, a load balancer's node, a
//! database) is an ENI, so all that they say to each other crosses the same
//! hook. The daemon's own endpoints listen inside the router, where the peer's
//! address tells who asks.
//!
//! This crate decides nothing: whether an ENI may reach the internet, which
//! rules a group has and which address an ENI gets are the caller's to say.
//! Namespaces are pinned as files, so they outlive the daemon; every `ensure`
//! adopts what it finds.

pub mod dns;
mod eni;
mod error;
mod forward;
mod host;
mod id;
mod namespace;
mod net;
mod netlink;
mod nft;
mod pins;
mod places;
mod router;
mod rules;
mod ruleset;
mod spec;
mod sysctl;
mod teardown;
mod worker;

pub use error::NetError;
pub use id::InstanceTag;
pub use ipnet::Ipv4Net;
pub use namespace::Namespace;
pub use net::{Config, Net};
pub use rules::{Direction, Peer, Ports, Protocol, Rule};
pub use ruleset::{Member, Model, Table, ruleset};
pub use spec::{
    Attachment, DNS_LINK_LOCAL, Egress, EniSpec, METADATA, Mac, Orphans, Place, VpcSpec, World,
    vpc_resolver,
};

#[cfg(test)]
mod real;
#[cfg(test)]
mod stage;
