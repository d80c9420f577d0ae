//! Private ways to AWS's services: gateway endpoints, which are routes to S3
//! and DynamoDB, and interface endpoints, which are addresses in subnets.

use neargate_ids::Timestamp;
use neargate_store::Record;
use serde::{Deserialize, Serialize};

use super::{Cidr, key};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndpointKind {
    Gateway,
    Interface,
}

/// ```text
/// pending ──▶ available ──▶ deleting ──▶ (gone)
/// ```
/// An endpoint here is available when it is created, and gone when it is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EndpointState {
    Pending,
    Available,
    Deleting,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VpcEndpoint {
    pub region: String,
    /// `vpce-…`
    pub endpoint_id: String,
    pub kind: EndpointKind,
    pub vpc_id: String,
    /// `com.amazonaws.us-west-2.s3`
    pub service_name: String,
    pub state: EndpointState,
    /// Who may do what through it, as JSON.
    pub policy: Option<String>,
    /// Of a gateway endpoint.
    pub route_table_ids: Vec<String>,
    /// Of an interface endpoint, as is all that follows.
    pub subnet_ids: Vec<String>,
    pub security_group_ids: Vec<String>,
    /// One for each subnet, in their order.
    pub interface_ids: Vec<String>,
    /// Whether the service's own name resolves to this endpoint in the VPC.
    pub private_dns_enabled: bool,
    /// The part of its own names that no other endpoint has.
    pub dns_suffix: String,
    pub created_at: Timestamp,
    pub client_token: Option<String>,
}

impl EndpointKind {
    /// As the API names it.
    pub fn as_str(self) -> &'static str {
        match self {
            EndpointKind::Gateway => "Gateway",
            EndpointKind::Interface => "Interface",
        }
    }
}

impl EndpointState {
    /// As the API names it.
    pub fn as_str(self) -> &'static str {
        match self {
            EndpointState::Pending => "pending",
            EndpointState::Available => "available",
            EndpointState::Deleting => "deleting",
        }
    }
}

impl VpcEndpoint {
    /// The service without its region: `s3`, `ecr.api`.
    pub fn service(&self) -> &str {
        let head = format!("com.amazonaws.{}.", self.region);
        self.service_name.strip_prefix(&head).unwrap_or(&self.service_name)
    }
}

impl Record for VpcEndpoint {
    const TABLE: &'static str = "ec2-vpc-endpoints";

    fn key(&self) -> String {
        key(&self.region, &self.endpoint_id)
    }
}

/// A service that endpoints can be made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointService {
    /// As in `com.amazonaws.<region>.<name>`.
    pub name: &'static str,
    pub gateway: bool,
    pub interface: bool,
    /// The service's own host name, before `.<region>.amazonaws.com`.
    pub host: &'static str,
}

const fn interface(name: &'static str, host: &'static str) -> EndpointService {
    EndpointService { name, gateway: false, interface: true, host }
}

/// The services of each region. Source: "AWS services that integrate with AWS PrivateLink".
pub const ENDPOINT_SERVICES: &[EndpointService] = &[
    interface("acm-pca", "acm-pca"),
    interface("application-autoscaling", "application-autoscaling"),
    interface("cloudtrail", "cloudtrail"),
    interface("codedeploy", "codedeploy"),
    EndpointService { name: "dynamodb", gateway: true, interface: true, host: "dynamodb" },
    interface("ec2", "ec2"),
    interface("ec2messages", "ec2messages"),
    interface("ecr.api", "api.ecr"),
    interface("ecr.dkr", "*.dkr.ecr"),
    interface("ecs", "ecs"),
    interface("ecs-agent", "ecs-a"),
    interface("ecs-telemetry", "ecs-t"),
    interface("elasticloadbalancing", "elasticloadbalancing"),
    interface("events", "events"),
    interface("kms", "kms"),
    interface("lambda", "lambda"),
    interface("logs", "logs"),
    interface("monitoring", "monitoring"),
    interface("rds", "rds"),
    EndpointService { name: "s3", gateway: true, interface: true, host: "s3" },
    interface("secretsmanager", "secretsmanager"),
    interface("servicediscovery", "servicediscovery"),
    interface("sns", "sns"),
    interface("sqs", "sqs"),
    interface("ssm", "ssm"),
    interface("ssmmessages", "ssmmessages"),
    interface("states", "states"),
    interface("sts", "sts"),
    interface("xray", "xray"),
];

impl EndpointService {
    /// The service of a name such as `com.amazonaws.us-west-2.s3`.
    pub fn find(region: &str, service_name: &str) -> Option<&'static EndpointService> {
        let name = service_name.strip_prefix(&format!("com.amazonaws.{region}."))?;
        ENDPOINT_SERVICES.iter().find(|service| service.name == name)
    }

    /// `com.amazonaws.us-west-2.s3`
    pub fn full_name(&self, region: &str) -> String {
        format!("com.amazonaws.{region}.{}", self.name)
    }

    /// The name that private DNS takes over in the VPC: `api.ecr.us-west-2.amazonaws.com`.
    pub fn private_dns_name(&self, region: &str) -> String {
        format!("{}.{region}.amazonaws.com", self.host)
    }
}

/// The addresses of a service that has gateway endpoints, under one id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefixList {
    /// `pl-` and eight hexadecimal digits, the same in every Neargate.
    pub id: String,
    /// `com.amazonaws.us-west-2.s3`
    pub name: String,
    pub cidrs: Vec<Cidr>,
}

/// The prefix lists of a region. Their blocks are of AWS's public ranges, and
/// nothing of Neargate has an address there.
pub fn prefix_lists(region: &str) -> Vec<PrefixList> {
    let blocks = |name| match name {
        "s3" => ["3.5.76.0/22", "18.34.244.0/22", "52.218.128.0/17", "52.92.128.0/17"].as_slice(),
        _ => ["35.71.64.0/22", "52.94.8.0/24"].as_slice(),
    };
    ENDPOINT_SERVICES
        .iter()
        .filter(|service| service.gateway)
        .map(|service| {
            let name = service.full_name(region);
            let cidrs = blocks(service.name).iter().filter_map(|b| b.parse().ok()).collect();
            PrefixList { id: format!("pl-{:08x}", fnv(&name)), name, cidrs }
        })
        .collect()
}

/// FNV-1a over 32 bits: an id out of a name.
fn fnv(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_and_their_names() {
        let ecr = EndpointService::find("us-west-2", "com.amazonaws.us-west-2.ecr.dkr").unwrap();
        assert_eq!(ecr.private_dns_name("us-west-2"), "*.dkr.ecr.us-west-2.amazonaws.com");
        assert_eq!(EndpointService::find("us-west-2", "com.amazonaws.us-east-1.s3"), None);
        let lists = prefix_lists("us-west-2");
        assert_eq!(lists.len(), 2);
        assert!(lists.iter().all(|list| !list.cidrs.is_empty() && list.id.len() == 11));
        assert_ne!(prefix_lists("us-east-1")[0].id, lists[0].id);
    }
}
