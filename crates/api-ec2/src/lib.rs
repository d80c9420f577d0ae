//! EC2, as far as a Fargate stack needs it: the network. Instances, images and
//! volumes are not here.
//!
//! A module per subject, a file per call. Every `describe` builds the wire's
//! own shape of each record and filters that ([`filter`]), so that a filter can
//! not disagree with what is shown. What tags, ids and lookups have in common
//! is in [`tag`] and [`resource`].

mod account;
mod address;
mod dhcp_options;
mod endpoint_service;
mod error;
mod filter;
mod flow_log;
mod inert;
mod internet_gateway;
mod ipv6;
mod listing;
mod nat_gateway;
mod network_acl;
mod network_interface;
mod prefix_list;
mod region;
mod resource;
mod route;
mod route_table;
mod security_group;
mod security_group_rule;
mod subnet;
mod tag;
mod vpc;
mod vpc_endpoint;
mod zone;

use neargate_api::types::ec2::{self, SERVICE};
use neargate_api::{Ctx, Service};

/// The ARN of a resource that policies grant on.
fn on(ctx: &Ctx, kind: &str, id: &str) -> String {
    ctx.arn("ec2", format!("{kind}/{id}"))
}

/// The service with its operations.
pub fn service() -> Service {
    let service = Service::new(&SERVICE);
    let service = places(service);
    let service = vpcs(service);
    let service = ways_out(service);
    let service = groups(service);
    let service = interfaces(service);
    let service = edges(service);
    service
        .inert(inert::inert)
        .op::<ec2::CreateTags, _>(tag::create::call)
        .op::<ec2::DeleteTags, _>(tag::delete::call)
        .op::<ec2::DescribeTags, _>(tag::describe::call)
}

fn places(service: Service) -> Service {
    service
        .op::<ec2::DescribeAccountAttributes, _>(account::describe_attributes::call)
        .op::<ec2::DescribeAvailabilityZones, _>(zone::describe::call)
        .op::<ec2::DescribeRegions, _>(region::describe::call)
}

fn vpcs(service: Service) -> Service {
    service
        .op_on::<ec2::CreateVpc, _>(|ctx, _| on(ctx, "vpc", "*"), vpc::create::call)
        .op_on::<ec2::DeleteVpc, _>(|ctx, i| on(ctx, "vpc", &i.vpc_id), vpc::delete::call)
        .op::<ec2::DescribeVpcs, _>(vpc::describe::call)
        .op_on::<ec2::DescribeVpcAttribute, _>(
            |ctx, i| on(ctx, "vpc", &i.vpc_id),
            vpc::describe_attribute::call,
        )
        .op_on::<ec2::ModifyVpcAttribute, _>(
            |ctx, i| on(ctx, "vpc", &i.vpc_id),
            vpc::modify_attribute::call,
        )
        .op_on::<ec2::AssociateVpcCidrBlock, _>(
            |ctx, i| on(ctx, "vpc", &i.vpc_id),
            vpc::associate_cidr::call,
        )
        .op::<ec2::DisassociateVpcCidrBlock, _>(vpc::disassociate_cidr::call)
        .op_on::<ec2::CreateSubnet, _>(|ctx, _| on(ctx, "subnet", "*"), subnet::create::call)
        .op_on::<ec2::DeleteSubnet, _>(
            |ctx, i| on(ctx, "subnet", &i.subnet_id),
            subnet::delete::call,
        )
        .op::<ec2::DescribeSubnets, _>(subnet::describe::call)
        .op_on::<ec2::ModifySubnetAttribute, _>(
            |ctx, i| on(ctx, "subnet", &i.subnet_id),
            subnet::modify_attribute::call,
        )
}

fn ways_out(service: Service) -> Service {
    service
        .op_on::<ec2::CreateInternetGateway, _>(
            |ctx, _| on(ctx, "internet-gateway", "*"),
            internet_gateway::create::call,
        )
        .op_on::<ec2::DeleteInternetGateway, _>(
            |ctx, i| on(ctx, "internet-gateway", &i.internet_gateway_id),
            internet_gateway::delete::call,
        )
        .op_on::<ec2::AttachInternetGateway, _>(
            |ctx, i| on(ctx, "internet-gateway", &i.internet_gateway_id),
            internet_gateway::attach::call,
        )
        .op_on::<ec2::DetachInternetGateway, _>(
            |ctx, i| on(ctx, "internet-gateway", &i.internet_gateway_id),
            internet_gateway::detach::call,
        )
        .op::<ec2::DescribeInternetGateways, _>(internet_gateway::describe::call)
        .op_on::<ec2::AllocateAddress, _>(
            |ctx, _| on(ctx, "elastic-ip", "*"),
            address::allocate::call,
        )
        .op::<ec2::ReleaseAddress, _>(address::release::call)
        .op::<ec2::AssociateAddress, _>(address::associate::call)
        .op::<ec2::DisassociateAddress, _>(address::disassociate::call)
        .op::<ec2::DescribeAddresses, _>(address::describe::call)
        .op::<ec2::DescribeAddressesAttribute, _>(address::describe_attribute::call)
        .op_on::<ec2::CreateNatGateway, _>(
            |ctx, _| on(ctx, "natgateway", "*"),
            nat_gateway::create::call,
        )
        .op_on::<ec2::DeleteNatGateway, _>(
            |ctx, i| on(ctx, "natgateway", &i.nat_gateway_id),
            nat_gateway::delete::call,
        )
        .op::<ec2::DescribeNatGateways, _>(nat_gateway::describe::call)
        .op_on::<ec2::CreateRouteTable, _>(
            |ctx, _| on(ctx, "route-table", "*"),
            route_table::create::call,
        )
        .op_on::<ec2::DeleteRouteTable, _>(
            |ctx, i| on(ctx, "route-table", &i.route_table_id),
            route_table::delete::call,
        )
        .op::<ec2::DescribeRouteTables, _>(route_table::describe::call)
        .op_on::<ec2::AssociateRouteTable, _>(
            |ctx, i| on(ctx, "route-table", &i.route_table_id),
            route_table::associate::call,
        )
        .op::<ec2::DisassociateRouteTable, _>(route_table::disassociate::call)
        .op_on::<ec2::ReplaceRouteTableAssociation, _>(
            |ctx, i| on(ctx, "route-table", &i.route_table_id),
            route_table::replace_association::call,
        )
        .op_on::<ec2::CreateRoute, _>(
            |ctx, i| on(ctx, "route-table", &i.route_table_id),
            route::create::call,
        )
        .op_on::<ec2::ReplaceRoute, _>(
            |ctx, i| on(ctx, "route-table", &i.route_table_id),
            route::replace::call,
        )
        .op_on::<ec2::DeleteRoute, _>(
            |ctx, i| on(ctx, "route-table", &i.route_table_id),
            route::delete::call,
        )
}

fn groups(service: Service) -> Service {
    let id = |id: &Option<String>| id.clone().unwrap_or_else(|| "*".into());
    service
        .op_on::<ec2::CreateSecurityGroup, _>(
            |ctx, _| on(ctx, "security-group", "*"),
            security_group::create::call,
        )
        .op_on::<ec2::DeleteSecurityGroup, _>(
            move |ctx, i| on(ctx, "security-group", &id(&i.group_id)),
            security_group::delete::call,
        )
        .op::<ec2::DescribeSecurityGroups, _>(security_group::describe::call)
        .op::<ec2::DescribeSecurityGroupRules, _>(security_group_rule::describe::call)
        .op_on::<ec2::AuthorizeSecurityGroupIngress, _>(
            move |ctx, i| on(ctx, "security-group", &id(&i.group_id)),
            security_group_rule::authorize::ingress,
        )
        .op_on::<ec2::AuthorizeSecurityGroupEgress, _>(
            |ctx, i| on(ctx, "security-group", &i.group_id),
            security_group_rule::authorize::egress,
        )
        .op_on::<ec2::RevokeSecurityGroupIngress, _>(
            move |ctx, i| on(ctx, "security-group", &id(&i.group_id)),
            security_group_rule::revoke::ingress,
        )
        .op_on::<ec2::RevokeSecurityGroupEgress, _>(
            |ctx, i| on(ctx, "security-group", &i.group_id),
            security_group_rule::revoke::egress,
        )
        .op_on::<ec2::ModifySecurityGroupRules, _>(
            |ctx, i| on(ctx, "security-group", &i.group_id),
            security_group_rule::modify::call,
        )
        .op_on::<ec2::UpdateSecurityGroupRuleDescriptionsIngress, _>(
            move |ctx, i| on(ctx, "security-group", &id(&i.group_id)),
            security_group_rule::update_description::ingress,
        )
        .op_on::<ec2::UpdateSecurityGroupRuleDescriptionsEgress, _>(
            move |ctx, i| on(ctx, "security-group", &id(&i.group_id)),
            security_group_rule::update_description::egress,
        )
}

fn interfaces(service: Service) -> Service {
    service
        .op_on::<ec2::CreateNetworkInterface, _>(
            |ctx, _| on(ctx, "network-interface", "*"),
            network_interface::create::call,
        )
        .op_on::<ec2::DeleteNetworkInterface, _>(
            |ctx, i| on(ctx, "network-interface", &i.network_interface_id),
            network_interface::delete::call,
        )
        .op::<ec2::DescribeNetworkInterfaces, _>(network_interface::describe::call)
        .op_on::<ec2::DescribeNetworkInterfaceAttribute, _>(
            |ctx, i| on(ctx, "network-interface", &i.network_interface_id),
            network_interface::describe_attribute::call,
        )
        .op_on::<ec2::ModifyNetworkInterfaceAttribute, _>(
            |ctx, i| on(ctx, "network-interface", &i.network_interface_id),
            network_interface::modify_attribute::call,
        )
        .op_on::<ec2::CreateVpcEndpoint, _>(
            |ctx, _| on(ctx, "vpc-endpoint", "*"),
            vpc_endpoint::create::call,
        )
        .op::<ec2::DeleteVpcEndpoints, _>(vpc_endpoint::delete::call)
        .op::<ec2::DescribeVpcEndpoints, _>(vpc_endpoint::describe::call)
        .op_on::<ec2::ModifyVpcEndpoint, _>(
            |ctx, i| on(ctx, "vpc-endpoint", &i.vpc_endpoint_id),
            vpc_endpoint::modify::call,
        )
        .op::<ec2::DescribeVpcEndpointServices, _>(endpoint_service::describe::call)
        .op::<ec2::DescribePrefixLists, _>(prefix_list::describe::call)
        .op::<ec2::DescribeManagedPrefixLists, _>(prefix_list::describe_managed::call)
        .op::<ec2::GetManagedPrefixListEntries, _>(prefix_list::entries::call)
}

/// Network ACLs, DHCP options and flow logs.
fn edges(service: Service) -> Service {
    service
        .op::<ec2::DescribeNetworkAcls, _>(network_acl::describe::call)
        .op_on::<ec2::CreateNetworkAcl, _>(
            |ctx, _| on(ctx, "network-acl", "*"),
            network_acl::create::call,
        )
        .op_on::<ec2::DeleteNetworkAcl, _>(
            |ctx, i| on(ctx, "network-acl", &i.network_acl_id),
            network_acl::delete::call,
        )
        .op_on::<ec2::CreateNetworkAclEntry, _>(
            |ctx, i| on(ctx, "network-acl", &i.network_acl_id),
            network_acl::create_entry::call,
        )
        .op_on::<ec2::ReplaceNetworkAclEntry, _>(
            |ctx, i| on(ctx, "network-acl", &i.network_acl_id),
            network_acl::replace_entry::call,
        )
        .op_on::<ec2::DeleteNetworkAclEntry, _>(
            |ctx, i| on(ctx, "network-acl", &i.network_acl_id),
            network_acl::delete_entry::call,
        )
        .op_on::<ec2::ReplaceNetworkAclAssociation, _>(
            |ctx, i| on(ctx, "network-acl", &i.network_acl_id),
            network_acl::replace_association::call,
        )
        .op_on::<ec2::CreateDhcpOptions, _>(
            |ctx, _| on(ctx, "dhcp-options", "*"),
            dhcp_options::create::call,
        )
        .op_on::<ec2::DeleteDhcpOptions, _>(
            |ctx, i| on(ctx, "dhcp-options", &i.dhcp_options_id),
            dhcp_options::delete::call,
        )
        .op::<ec2::DescribeDhcpOptions, _>(dhcp_options::describe::call)
        .op_on::<ec2::AssociateDhcpOptions, _>(
            |ctx, i| on(ctx, "vpc", &i.vpc_id),
            dhcp_options::associate::call,
        )
        .op_on::<ec2::CreateFlowLogs, _>(
            |ctx, _| on(ctx, "vpc-flow-log", "*"),
            flow_log::create::call,
        )
        .op_on::<ec2::DeleteFlowLogs, _>(
            |ctx, _| on(ctx, "vpc-flow-log", "*"),
            flow_log::delete::call,
        )
        .op::<ec2::DescribeFlowLogs, _>(flow_log::describe::call)
}

#[cfg(test)]
mod tests;
