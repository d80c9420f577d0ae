//! A network interface: an address in a subnet, and the groups that guard it.
//! Whatever has an address has one: tasks, load balancers' nodes, databases,
//! NAT gateways, interface endpoints.

use std::net::Ipv4Addr;

use neargate_ids::Timestamp;
use neargate_store::Record;
use serde::{Deserialize, Serialize};

use super::key;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkInterface {
    pub region: String,
    /// `eni-…`
    pub interface_id: String,
    pub vpc_id: String,
    pub subnet_id: String,
    /// `us-west-2a`
    pub zone: String,
    pub private_ip: Ipv4Addr,
    pub public: Option<PublicIp>,
    /// `06:1f:…`
    pub mac_address: String,
    pub security_group_ids: Vec<String>,
    pub description: String,
    pub interface_type: InterfaceType,
    /// The service that made it (`amazon-elb`) and alone may delete it; `None`:
    /// the account did.
    pub requester_id: Option<String>,
    pub attachment: Option<InterfaceAttachment>,
    pub source_dest_check: bool,
    pub created_at: Timestamp,
    pub client_token: Option<String>,
}

/// A public address in front of a private one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicIp {
    pub ip: Ipv4Addr,
    /// The Elastic IP address that it is; `None`: it was assigned with the
    /// interface and goes with it.
    pub allocation_id: Option<String>,
    pub association_id: Option<String>,
}

/// What an interface serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfaceAttachment {
    /// `eni-attach-…`; `ela-attach-…` for load balancers.
    pub attachment_id: String,
    pub instance_owner_id: String,
    pub device_index: i32,
    pub attached_at: Timestamp,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InterfaceType {
    #[default]
    Interface,
    NatGateway,
    VpcEndpoint,
    NetworkLoadBalancer,
}

impl InterfaceType {
    /// As the API names it.
    pub fn as_str(self) -> &'static str {
        match self {
            InterfaceType::Interface => "interface",
            InterfaceType::NatGateway => "nat_gateway",
            InterfaceType::VpcEndpoint => "vpc_endpoint",
            InterfaceType::NetworkLoadBalancer => "network_load_balancer",
        }
    }
}

impl NetworkInterface {
    /// `in-use`, or `available` for one that nothing is attached to.
    pub fn status(&self) -> &'static str {
        if self.attachment.is_some() { "in-use" } else { "available" }
    }
}

impl Record for NetworkInterface {
    const TABLE: &'static str = "ec2-network-interfaces";

    fn key(&self) -> String {
        key(&self.region, &self.interface_id)
    }
}
