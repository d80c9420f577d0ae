//! DescribeNetworkAcls.

use neargate_api::model::ec2::NetworkAcl;
use neargate_api::types::ec2::{
    self, DescribeNetworkAclsRequest, DescribeNetworkAclsResult, NetworkAclEntry,
};
use neargate_api::{AwsError, Ctx};

use crate::error::dry_run;
use crate::filter::{Field, each, one, shown};
use crate::listing::{Asked, Listing};
use crate::resource::{Resource, all};

type Acl = ec2::NetworkAcl;

fn entries(acl: &Acl, part: fn(&NetworkAclEntry) -> Option<String>) -> Vec<String> {
    each(&acl.entries, part)
}

const FIELDS: &[Field<Acl>] = &[
    ("association.association-id", |acl| {
        each(&acl.associations, |a| a.network_acl_association_id.clone())
    }),
    ("association.network-acl-id", |acl| each(&acl.associations, |a| a.network_acl_id.clone())),
    ("association.subnet-id", |acl| each(&acl.associations, |a| a.subnet_id.clone())),
    ("default", |acl| shown(acl.is_default)),
    ("entry.cidr", |acl| entries(acl, |e| e.cidr_block.clone())),
    ("entry.icmp.code", |acl| {
        entries(acl, |e| e.icmp_type_code.as_ref()?.code.map(|code| code.to_string()))
    }),
    ("entry.icmp.type", |acl| {
        entries(acl, |e| e.icmp_type_code.as_ref()?.r#type.map(|kind| kind.to_string()))
    }),
    ("entry.ipv6-cidr", |acl| entries(acl, |e| e.ipv6_cidr_block.clone())),
    ("entry.port-range.from", |acl| {
        entries(acl, |e| e.port_range.as_ref()?.from.map(|port| port.to_string()))
    }),
    ("entry.port-range.to", |acl| {
        entries(acl, |e| e.port_range.as_ref()?.to.map(|port| port.to_string()))
    }),
    ("entry.protocol", |acl| entries(acl, |e| e.protocol.clone())),
    ("entry.rule-action", |acl| entries(acl, |e| e.rule_action.clone())),
    ("entry.egress", |acl| entries(acl, |e| e.egress.map(|egress| egress.to_string()))),
    ("entry.rule-number", |acl| entries(acl, |e| e.rule_number.map(|number| number.to_string()))),
    ("network-acl-id", |acl| one(&acl.network_acl_id)),
    ("owner-id", |acl| one(&acl.owner_id)),
    ("vpc-id", |acl| one(&acl.vpc_id)),
];

const LISTING: Listing<Acl> = Listing {
    fields: FIELDS,
    id: |acl| &acl.network_acl_id,
    tags: |acl| &acl.tags,
    not_found: NetworkAcl::not_found,
};

pub async fn call(
    ctx: Ctx,
    input: DescribeNetworkAclsRequest,
) -> Result<DescribeNetworkAclsResult, AwsError> {
    dry_run(input.dry_run)?;
    let snapshot = ctx.snapshot();
    let page = LISTING.page(
        all::<NetworkAcl>(&snapshot, &ctx.region).map(|acl| super::shape(&ctx, &snapshot, &acl)),
        Asked {
            ids: input.network_acl_ids,
            filters: input.filters,
            max_results: input.max_results,
            next_token: input.next_token,
        },
    )?;
    Ok(DescribeNetworkAclsResult { network_acls: Some(page.items), next_token: page.next_token })
}
