//! What all resources of EC2 have in common: an id with a telling prefix, a
//! type that tags go by, and the error that one which is not there gives.

use std::sync::Arc;

use neargate_api::model::ec2::{
    Address, DhcpOptions, FlowLog, InternetGateway, NatGateway, NetworkAcl, NetworkInterface,
    RouteTable, SecurityGroup, SecurityGroupRule, Subnet, Vpc, VpcEndpoint, key, prefix,
};
use neargate_api::{AwsError, Record, Snapshot};

use crate::error;

/// A resource with an id of its own.
pub trait Resource: Record {
    /// As tags and ARNs name the type.
    const TYPE: &'static str;
    fn not_found(id: &str) -> AwsError;
}

/// The resource of this id, or its own error.
pub fn find<R: Resource>(snapshot: &Snapshot, region: &str, id: &str) -> Result<Arc<R>, AwsError> {
    snapshot.get::<R>(&key(region, id)).ok_or_else(|| R::not_found(id))
}

/// The rule of this id, whatever its group.
pub fn find_rule(
    snapshot: &Snapshot,
    region: &str,
    id: &str,
) -> Result<Arc<SecurityGroupRule>, AwsError> {
    let mut all = snapshot.scan::<SecurityGroupRule>(&prefix(region));
    all.find(|rule| rule.rule_id == id).ok_or_else(|| SecurityGroupRule::not_found(id))
}

/// All resources of a type in a region.
pub fn all<'a, R: Record>(
    snapshot: &'a Snapshot,
    region: &str,
) -> impl Iterator<Item = Arc<R>> + use<'a, R> {
    snapshot.scan::<R>(&prefix(region))
}

/// The type of the resource that has this id, if it is there.
pub fn type_of(snapshot: &Snapshot, region: &str, id: &str) -> Result<&'static str, AwsError> {
    fn known<R: Resource>(s: &Snapshot, region: &str, id: &str) -> Result<&'static str, AwsError> {
        find::<R>(s, region, id).map(|_| R::TYPE)
    }
    let kind = id.rsplit_once('-').map_or("", |(kind, _)| kind);
    match kind {
        "vpc" => known::<Vpc>(snapshot, region, id),
        "subnet" => known::<Subnet>(snapshot, region, id),
        "igw" => known::<InternetGateway>(snapshot, region, id),
        "nat" => known::<NatGateway>(snapshot, region, id),
        "eipalloc" => known::<Address>(snapshot, region, id),
        "rtb" => known::<RouteTable>(snapshot, region, id),
        "sg" => known::<SecurityGroup>(snapshot, region, id),
        "sgr" => find_rule(snapshot, region, id).map(|_| SecurityGroupRule::TYPE),
        "acl" => known::<NetworkAcl>(snapshot, region, id),
        "eni" => known::<NetworkInterface>(snapshot, region, id),
        "vpce" => known::<VpcEndpoint>(snapshot, region, id),
        "fl" => known::<FlowLog>(snapshot, region, id),
        "dopt" => known::<DhcpOptions>(snapshot, region, id),
        _ => Err(error::of("InvalidID", format!("The ID '{id}' is not valid"))),
    }
}

macro_rules! resources {
    ($($record:ty, $type:literal, $code:literal, $message:literal;)*) => {$(
        impl Resource for $record {
            const TYPE: &'static str = $type;

            fn not_found(id: &str) -> AwsError {
                error::of($code, format!($message, id = id))
            }
        }
    )*};
}

resources! {
    Vpc, "vpc", "InvalidVpcID.NotFound", "The vpc ID '{id}' does not exist";
    Subnet, "subnet", "InvalidSubnetID.NotFound", "The subnet ID '{id}' does not exist";
    InternetGateway, "internet-gateway", "InvalidInternetGatewayID.NotFound",
        "The internetGateway ID '{id}' does not exist";
    NatGateway, "natgateway", "NatGatewayNotFound", "NatGateway {id} was not found";
    Address, "elastic-ip", "InvalidAllocationID.NotFound",
        "The allocation ID '{id}' does not exist";
    RouteTable, "route-table", "InvalidRouteTableID.NotFound",
        "The routeTable ID '{id}' does not exist";
    SecurityGroup, "security-group", "InvalidGroup.NotFound",
        "The security group '{id}' does not exist";
    SecurityGroupRule, "security-group-rule", "InvalidSecurityGroupRuleId.NotFound",
        "The security group rule ID '{id}' does not exist";
    NetworkAcl, "network-acl", "InvalidNetworkAclID.NotFound",
        "The networkAcl ID '{id}' does not exist";
    NetworkInterface, "network-interface", "InvalidNetworkInterfaceID.NotFound",
        "The networkInterface ID '{id}' does not exist";
    VpcEndpoint, "vpc-endpoint", "InvalidVpcEndpointId.NotFound",
        "The Vpc Endpoint Id '{id}' does not exist";
    FlowLog, "vpc-flow-log", "InvalidFlowLogId.NotFound",
        "The flow log ID '{id}' does not exist";
    DhcpOptions, "dhcp-options", "InvalidDhcpOptionID.NotFound",
        "The dhcpOption ID '{id}' does not exist";
}
