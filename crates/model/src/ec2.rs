//! The network of the cloud: VPCs, subnets, gateways, routes, security groups
//! and the interfaces that everything with an address has.
//!
//! ```text
//! Vpc ─┬─ Subnet ── NetworkInterface (a task, a load balancer's node, a NAT gateway, …)
//!      ├─ RouteTable ── routes to InternetGateway, NatGateway, VpcEndpoint
//!      ├─ SecurityGroup ── SecurityGroupRule
//!      ├─ NetworkAcl
//!      └─ VpcEndpoint
//! ```
//!
//! The key of each record is `region/id`, except for rules, whose group stands
//! between. Tags of all of them are in one table ([`Tagging`]), as EC2's own
//! tagging calls treat all resources alike. What links two records is kept on
//! one side only; the other side is found by a scan, since there are few.
//!
//! Pure functions over these records stand beside them: [`allocate_interface`]
//! and [`release_interface`], which run inside a store transaction, and
//! [`routing`], which tells what an interface can reach.

use neargate_store::Tables;

mod address;
mod allocate;
mod cidr;
mod dhcp_options;
mod flow_log;
mod gateway;
mod network_acl;
mod network_interface;
pub mod private_name;
mod route_table;
pub mod routing;
mod security_group;
mod subnet;
mod tagging;
mod vpc;
mod vpc_endpoint;
mod zone;

pub use address::{Address, AddressAssociation, PUBLIC_POOL, free_public_ip};
pub use allocate::{AllocateError, InterfaceSpec, allocate_interface, release_interface};
pub use cidr::{Cidr, CidrError};
pub use dhcp_options::{DhcpOptions, default_domain};
pub use flow_log::FlowLog;
pub use gateway::{InternetGateway, NatAddress, NatGateway, NatState};
pub use network_acl::{AclAction, AclAssociation, AclEntry, NetworkAcl};
pub use network_interface::{InterfaceAttachment, InterfaceType, NetworkInterface, PublicIp};
pub use route_table::{Route, RouteOrigin, RouteTable, RouteTarget, TableAssociation};
pub use security_group::{RulePeer, SecurityGroup, SecurityGroupRule, default_group, rules_of};
pub use subnet::{RESERVED_ADDRESSES, Subnet, free_addresses};
pub use tagging::{Tagging, tags_of};
pub use vpc::{CidrAssociation, Vpc};
pub use vpc_endpoint::{
    ENDPOINT_SERVICES, EndpointKind, EndpointService, EndpointState, PrefixList, VpcEndpoint,
    prefix_lists,
};
pub use zone::{REGIONS, Zone, zone_id, zones};

/// The key of a record of this module.
pub fn key(region: &str, id: &str) -> String {
    format!("{region}/{id}")
}

/// The beginning of all keys of a region.
pub fn prefix(region: &str) -> String {
    format!("{region}/")
}

/// Declares this module's tables.
pub(crate) fn tables(tables: Tables) -> Tables {
    tables
        .with::<Vpc>()
        .with::<DhcpOptions>()
        .with::<Subnet>()
        .with::<InternetGateway>()
        .with::<NatGateway>()
        .with::<Address>()
        .with::<RouteTable>()
        .with::<SecurityGroup>()
        .with::<SecurityGroupRule>()
        .with::<NetworkAcl>()
        .with::<NetworkInterface>()
        .with::<VpcEndpoint>()
        .with::<FlowLog>()
        .with::<Tagging>()
}
