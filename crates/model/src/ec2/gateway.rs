//! The two ways out of a VPC: internet gateways, for interfaces with a public
//! address, and NAT gateways, for those without.
//!
//! ```text
//! NAT gateway:  pending ──▶ available ──▶ deleting ──▶ deleted (shown for an hour)
//!                  └──▶ failed
//! ```
//!
//! Here the work between two states takes no time, so that a NAT gateway is
//! stored as `available` when it is created, and as `deleted` when it is deleted.

use std::net::Ipv4Addr;

use neargate_ids::Timestamp;
use neargate_store::Record;
use serde::{Deserialize, Serialize};

use super::key;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InternetGateway {
    pub region: String,
    /// `igw-…`
    pub gateway_id: String,
    /// The one VPC that it is attached to.
    pub vpc_id: Option<String>,
}

impl Record for InternetGateway {
    const TABLE: &'static str = "ec2-internet-gateways";

    fn key(&self) -> String {
        key(&self.region, &self.gateway_id)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NatState {
    Pending,
    Failed,
    Available,
    Deleting,
    Deleted,
}

impl NatState {
    /// As the API names it.
    pub fn as_str(self) -> &'static str {
        match self {
            NatState::Pending => "pending",
            NatState::Failed => "failed",
            NatState::Available => "available",
            NatState::Deleting => "deleting",
            NatState::Deleted => "deleted",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NatGateway {
    pub region: String,
    /// `nat-…`
    pub nat_gateway_id: String,
    pub vpc_id: String,
    pub subnet_id: String,
    pub state: NatState,
    /// `public`: out to the internet; `private`: to other networks only.
    pub public: bool,
    /// The first is the primary one.
    pub addresses: Vec<NatAddress>,
    pub created_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
    /// Code and message of a failed one.
    pub failure: Option<(String, String)>,
    pub client_token: Option<String>,
}

/// An address of a NAT gateway. It stays here after the gateway is deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatAddress {
    pub interface_id: String,
    pub private_ip: Ipv4Addr,
    pub public_ip: Option<Ipv4Addr>,
    pub allocation_id: Option<String>,
    pub association_id: Option<String>,
}

impl NatGateway {
    /// How long AWS shows a deleted one: "about an hour".
    pub const SHOWN_AFTER_DELETION_MS: i64 = 3_600_000;

    /// Whether it is to be forgotten.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        let shown = Self::SHOWN_AFTER_DELETION_MS;
        self.deleted_at.is_some_and(|deleted| now.millis_since(deleted) > shown)
    }
}

impl Record for NatGateway {
    const TABLE: &'static str = "ec2-nat-gateways";

    fn key(&self) -> String {
        key(&self.region, &self.nat_gateway_id)
    }
}
