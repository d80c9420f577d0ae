//! The resources that there are, by their types.

mod cloudwatch_log_group;
mod eip;
mod iam_role;
mod iam_role_policy;
mod iam_role_policy_attachment;
mod internet_gateway;
mod nat_gateway;
mod route;
mod route_table;
mod route_table_association;
mod security_group;
mod security_group_rule;
mod subnet;
mod vpc;
mod vpc_endpoint;

use neargate_api_types::ec2;

use crate::resource::Resource;

/// All of them.
static ALL: &[(&str, &dyn Resource)] = &[
    ("aws_cloudwatch_log_group", &cloudwatch_log_group::LogGroup),
    ("aws_default_security_group", &security_group::SecurityGroup { default: true }),
    ("aws_eip", &eip::Eip),
    ("aws_iam_role", &iam_role::Role),
    ("aws_iam_role_policy", &iam_role_policy::RolePolicy),
    ("aws_iam_role_policy_attachment", &iam_role_policy_attachment::RolePolicyAttachment),
    ("aws_internet_gateway", &internet_gateway::InternetGateway),
    ("aws_nat_gateway", &nat_gateway::NatGateway),
    ("aws_route", &route::Route),
    ("aws_route_table", &route_table::RouteTable),
    ("aws_route_table_association", &route_table_association::RouteTableAssociation),
    ("aws_security_group", &security_group::SecurityGroup { default: false }),
    ("aws_subnet", &subnet::Subnet),
    ("aws_vpc", &vpc::Vpc),
    ("aws_vpc_endpoint", &vpc_endpoint::VpcEndpoint),
    (
        "aws_vpc_security_group_egress_rule",
        &security_group_rule::SecurityGroupRule { egress: true },
    ),
    (
        "aws_vpc_security_group_ingress_rule",
        &security_group_rule::SecurityGroupRule { egress: false },
    ),
];

/// The resource of this type.
pub fn find(of_type: &str) -> Option<&'static dyn Resource> {
    ALL.iter().find(|(name, _)| *name == of_type).map(|(_, resource)| *resource)
}

/// Their types.
pub fn types() -> Vec<String> {
    ALL.iter().map(|(name, _)| (*name).to_owned()).collect()
}

/// Filters of EC2's descriptions.
fn filters<const N: usize>(pairs: [(&str, &str); N]) -> Option<Vec<ec2::Filter>> {
    let filter = |(name, value): (&str, &str)| ec2::Filter {
        name: Some(name.to_owned()),
        values: Some(vec![value.to_owned()]),
    };
    Some(pairs.into_iter().map(filter).collect())
}
