//! DescribeSecurityGroups.

use neargate_api::model::ec2::SecurityGroup;
use neargate_api::types::ec2::{
    self, DescribeSecurityGroupsRequest, DescribeSecurityGroupsResult, IpPermission,
};
use neargate_api::{AwsError, Ctx};

use crate::error::dry_run;
use crate::filter::{Field, one};
use crate::listing::{Asked, Listing};
use crate::resource::{Resource, all};

type Group = ec2::SecurityGroup;

/// What `part` gives of all of a group's ingress or egress rules.
fn rules(
    permissions: &Option<Vec<IpPermission>>,
    part: fn(&IpPermission) -> Vec<String>,
) -> Vec<String> {
    permissions.iter().flatten().flat_map(part).collect()
}

fn cidrs(p: &IpPermission) -> Vec<String> {
    p.ip_ranges.iter().flatten().filter_map(|range| range.cidr_ip.clone()).collect()
}

fn ipv6_cidrs(p: &IpPermission) -> Vec<String> {
    p.ipv6_ranges.iter().flatten().filter_map(|range| range.cidr_ipv6.clone()).collect()
}

fn from_port(p: &IpPermission) -> Vec<String> {
    p.from_port.iter().map(ToString::to_string).collect()
}

fn to_port(p: &IpPermission) -> Vec<String> {
    p.to_port.iter().map(ToString::to_string).collect()
}

fn group_ids(p: &IpPermission) -> Vec<String> {
    p.user_id_group_pairs.iter().flatten().filter_map(|pair| pair.group_id.clone()).collect()
}

fn user_ids(p: &IpPermission) -> Vec<String> {
    p.user_id_group_pairs.iter().flatten().filter_map(|pair| pair.user_id.clone()).collect()
}

fn prefix_lists(p: &IpPermission) -> Vec<String> {
    p.prefix_list_ids.iter().flatten().filter_map(|list| list.prefix_list_id.clone()).collect()
}

fn protocol(p: &IpPermission) -> Vec<String> {
    p.ip_protocol.iter().cloned().collect()
}

const FIELDS: &[Field<Group>] = &[
    ("description", |g| one(&g.description)),
    ("egress.ip-permission.cidr", |g| rules(&g.ip_permissions_egress, cidrs)),
    ("egress.ip-permission.from-port", |g| rules(&g.ip_permissions_egress, from_port)),
    ("egress.ip-permission.group-id", |g| rules(&g.ip_permissions_egress, group_ids)),
    ("egress.ip-permission.ipv6-cidr", |g| rules(&g.ip_permissions_egress, ipv6_cidrs)),
    ("egress.ip-permission.prefix-list-id", |g| rules(&g.ip_permissions_egress, prefix_lists)),
    ("egress.ip-permission.protocol", |g| rules(&g.ip_permissions_egress, protocol)),
    ("egress.ip-permission.to-port", |g| rules(&g.ip_permissions_egress, to_port)),
    ("egress.ip-permission.user-id", |g| rules(&g.ip_permissions_egress, user_ids)),
    ("group-id", |g| one(&g.group_id)),
    ("group-name", |g| one(&g.group_name)),
    ("ip-permission.cidr", |g| rules(&g.ip_permissions, cidrs)),
    ("ip-permission.from-port", |g| rules(&g.ip_permissions, from_port)),
    ("ip-permission.group-id", |g| rules(&g.ip_permissions, group_ids)),
    ("ip-permission.ipv6-cidr", |g| rules(&g.ip_permissions, ipv6_cidrs)),
    ("ip-permission.prefix-list-id", |g| rules(&g.ip_permissions, prefix_lists)),
    ("ip-permission.protocol", |g| rules(&g.ip_permissions, protocol)),
    ("ip-permission.to-port", |g| rules(&g.ip_permissions, to_port)),
    ("ip-permission.user-id", |g| rules(&g.ip_permissions, user_ids)),
    ("owner-id", |g| one(&g.owner_id)),
    ("vpc-id", |g| one(&g.vpc_id)),
];

const LISTING: Listing<Group> = Listing {
    fields: FIELDS,
    id: |g| &g.group_id,
    tags: |g| &g.tags,
    not_found: SecurityGroup::not_found,
};

pub async fn call(
    ctx: Ctx,
    input: DescribeSecurityGroupsRequest,
) -> Result<DescribeSecurityGroupsResult, AwsError> {
    dry_run(input.dry_run)?;
    let snapshot = ctx.snapshot();
    let mut ids = input.group_ids.unwrap_or_default();
    for id in &ids {
        super::chosen(&snapshot, &ctx.region, Some(id), None)?;
    }
    for name in input.group_names.unwrap_or_default() {
        ids.push(super::chosen(&snapshot, &ctx.region, None, Some(&name))?.group_id.clone());
    }
    let page = LISTING.page(
        all::<SecurityGroup>(&snapshot, &ctx.region).map(|g| super::shape(&ctx, &snapshot, &g)),
        Asked {
            ids: Some(ids),
            filters: input.filters,
            max_results: input.max_results,
            next_token: input.next_token,
        },
    )?;
    Ok(DescribeSecurityGroupsResult {
        security_groups: Some(page.items),
        next_token: page.next_token,
    })
}
