//! WAFv2: web ACLs, IP sets, and which load balancer a web ACL guards.

use neargate_api_types::wafv2::WebACL;
use neargate_store::{Record, Snapshot, Tables};
use neargate_wire::Stored;
use serde::{Deserialize, Serialize};

use crate::Tags;

/// The tables of WAFv2.
pub fn tables(tables: Tables) -> Tables {
    tables.with::<WebAcl>().with::<IpSet>().with::<Association>()
}

/// A web ACL.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WebAcl {
    pub region: String,
    /// `REGIONAL` or `CLOUDFRONT`
    pub scope: String,
    pub arn: String,
    /// Changes with every change: whoever changes it next must have seen this one.
    pub lock_token: String,
    /// What it says, as it is shown.
    pub acl: Stored<WebACL>,
    pub tags: Tags,
}

impl Record for WebAcl {
    const TABLE: &'static str = "wafv2-web-acls";

    fn key(&self) -> String {
        self.arn.clone()
    }
}

/// A set of address blocks that rules refer to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IpSet {
    pub region: String,
    pub scope: String,
    pub name: String,
    pub id: String,
    pub arn: String,
    pub lock_token: String,
    pub description: Option<String>,
    /// `IPV4` or `IPV6`
    pub version: String,
    pub addresses: Vec<String>,
    pub tags: Tags,
}

impl Record for IpSet {
    const TABLE: &'static str = "wafv2-ip-sets";

    fn key(&self) -> String {
        self.arn.clone()
    }
}

/// A resource that a web ACL guards.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Association {
    pub resource_arn: String,
    pub web_acl_arn: String,
}

impl Record for Association {
    const TABLE: &'static str = "wafv2-associations";

    fn key(&self) -> String {
        self.resource_arn.clone()
    }
}

/// The web ACL that guards a resource.
pub fn web_acl_of(snapshot: &Snapshot, resource_arn: &str) -> Option<std::sync::Arc<WebAcl>> {
    let association = snapshot.get::<Association>(resource_arn)?;
    snapshot.get::<WebAcl>(&association.web_acl_arn)
}
