//! What a VPC tells its interfaces of names: domain, name servers, time servers.

use neargate_store::Record;
use serde::{Deserialize, Serialize};

use super::key;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DhcpOptions {
    pub region: String,
    /// `dopt-…`
    pub dhcp_options_id: String,
    /// The set that each new VPC of the region begins with.
    pub is_default: bool,
    /// Option names and their values, in the order they are shown.
    pub configurations: Vec<(String, Vec<String>)>,
}

/// The domain of private host names that a region's default options give.
pub fn default_domain(region: &str) -> String {
    match region {
        "us-east-1" => "ec2.internal".into(),
        region => format!("{region}.compute.internal"),
    }
}

impl DhcpOptions {
    /// A region's default set.
    pub fn default_of(region: &str, dhcp_options_id: String) -> Self {
        DhcpOptions {
            region: region.into(),
            dhcp_options_id,
            is_default: true,
            configurations: vec![
                ("domain-name".into(), vec![default_domain(region)]),
                ("domain-name-servers".into(), vec!["AmazonProvidedDNS".into()]),
            ],
        }
    }
}

impl Record for DhcpOptions {
    const TABLE: &'static str = "ec2-dhcp-options";

    fn key(&self) -> String {
        key(&self.region, &self.dhcp_options_id)
    }
}
