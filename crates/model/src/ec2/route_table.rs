//! Where the traffic of a subnet goes.

use neargate_store::{Record, Snapshot};
use serde::{Deserialize, Serialize};

use super::{Cidr, key, prefix};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RouteTable {
    pub region: String,
    /// `rtb-…`
    pub route_table_id: String,
    pub vpc_id: String,
    /// Beside the local routes (of the VPC's own blocks, which cannot be
    /// removed) and those of gateway endpoints, which are derived.
    pub routes: Vec<Route>,
    pub associations: Vec<TableAssociation>,
    pub client_token: Option<String>,
}

/// One route. IPv6 destinations and prefix lists stay as they were given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// `10.0.0.0/16`, `::/0` or `pl-…`.
    pub destination: String,
    pub target: RouteTarget,
    pub origin: RouteOrigin,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RouteTarget {
    Local,
    InternetGateway(String),
    NatGateway(String),
    NetworkInterface(String),
    VpcEndpoint(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RouteOrigin {
    CreateRouteTable,
    CreateRoute,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableAssociation {
    /// `rtbassoc-…`
    pub association_id: String,
    /// `None`: the VPC's main table.
    pub subnet_id: Option<String>,
}

impl RouteTarget {
    /// The target's id, or `local`.
    pub fn id(&self) -> &str {
        match self {
            RouteTarget::Local => "local",
            RouteTarget::InternetGateway(id)
            | RouteTarget::NatGateway(id)
            | RouteTarget::NetworkInterface(id)
            | RouteTarget::VpcEndpoint(id) => id,
        }
    }
}

impl RouteTable {
    /// Whether this is the table of subnets that have none of their own.
    pub fn is_main(&self) -> bool {
        self.associations.iter().any(|a| a.subnet_id.is_none())
    }

    /// The table that applies to a subnet: its own, or else the VPC's main one.
    pub fn of_subnet(
        snapshot: &Snapshot,
        region: &str,
        vpc_id: &str,
        subnet_id: &str,
    ) -> Option<std::sync::Arc<RouteTable>> {
        let tables: Vec<_> =
            snapshot.scan::<RouteTable>(&prefix(region)).filter(|t| t.vpc_id == vpc_id).collect();
        let explicit = |t: &RouteTable| {
            t.associations.iter().any(|a| a.subnet_id.as_deref() == Some(subnet_id))
        };
        let own = tables.iter().find(|t| explicit(t));
        own.or_else(|| tables.iter().find(|t| t.is_main())).cloned()
    }
}

impl Route {
    /// The route's IPv4 destination; `None` for IPv6 and prefix lists.
    pub fn cidr(&self) -> Option<Cidr> {
        self.destination.parse().ok()
    }
}

impl Record for RouteTable {
    const TABLE: &'static str = "ec2-route-tables";

    fn key(&self) -> String {
        key(&self.region, &self.route_table_id)
    }
}
