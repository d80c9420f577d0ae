//! A listener: a port of a load balancer, and what it does when no rule applies.

use std::sync::Arc;

use neargate_api_types::elbv2;
use neargate_store::{Record, Snapshot};
use neargate_wire::Stored;
use serde::{Deserialize, Serialize};

use super::attributes::{LISTENER_ATTRIBUTES, value_of};
use crate::Tags;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listener {
    /// `arn:…:listener/app/<name>/<load balancer's id>/<16 hexadecimal digits>`
    pub arn: String,
    pub load_balancer_arn: String,
    pub port: u16,
    /// `HTTP` or `HTTPS`
    pub protocol: String,
    /// Of HTTPS: `ELBSecurityPolicy-…`
    pub ssl_policy: Option<String>,
    /// Of HTTPS: the certificate for clients that name no other.
    pub certificate_arn: Option<String>,
    /// Beside the default one, chosen by SNI.
    pub extra_certificate_arns: Vec<String>,
    pub mutual_authentication: Option<Stored<elbv2::MutualAuthenticationAttributes>>,
    /// The default rule's.
    pub actions: Vec<Stored<elbv2::Action>>,
    pub default_rule_arn: String,
    #[serde(default)]
    pub default_rule_tags: Tags,
    /// Those that were set.
    pub attributes: Tags,
    pub tags: Tags,
}

impl Listener {
    /// The beginning of the ARNs of its rules.
    pub fn rule_prefix(arn: &str) -> String {
        format!("{}/", arn.replacen(":listener/", ":listener-rule/", 1))
    }

    /// An attribute's value: as set, or its default.
    pub fn attribute(&self, name: &str) -> &str {
        value_of(LISTENER_ATTRIBUTES, &self.attributes, name)
    }
}

impl Record for Listener {
    const TABLE: &'static str = "elbv2-listeners";

    fn key(&self) -> String {
        self.arn.clone()
    }
}

/// The listeners of a load balancer.
pub fn listeners_of<'a>(
    snapshot: &'a Snapshot,
    load_balancer_arn: &str,
) -> impl Iterator<Item = Arc<Listener>> + use<'a> {
    let prefix = load_balancer_arn.replacen(":loadbalancer/", ":listener/", 1);
    snapshot.scan::<Listener>(&format!("{prefix}/"))
}
