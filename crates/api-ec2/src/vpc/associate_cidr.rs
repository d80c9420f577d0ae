//! AssociateVpcCidrBlock: gives a VPC more addresses.

use neargate_api::model::ec2::{CidrAssociation, Vpc, key};
use neargate_api::types::ec2::{AssociateVpcCidrBlockRequest, AssociateVpcCidrBlockResult};
use neargate_api::{AwsError, Ctx};

use crate::error;
use crate::resource::find;

/// Blocks of a VPC. Source: "VPC CIDR blocks" in the VPC quotas.
const LIMIT: usize = 5;

pub async fn call(
    ctx: Ctx,
    input: AssociateVpcCidrBlockRequest,
) -> Result<AssociateVpcCidrBlockResult, AwsError> {
    if input.amazon_provided_ipv6_cidr_block == Some(true) || input.ipv6_cidr_block.is_some() {
        return Err(error::unsupported("Ipv6CidrBlock", "VPCs have IPv4 addresses only."));
    }
    if input.ipv4_ipam_pool_id.is_some() {
        return Err(error::unsupported("Ipv4IpamPoolId", "give the CidrBlock instead."));
    }
    let text = input.cidr_block.ok_or_else(|| error::missing("CidrBlock"))?;
    let cidr = super::block(&text)?;
    let at = ctx.clone();
    ctx.write(move |tx| {
        let vpc = find::<Vpc>(tx, &at.region, &input.vpc_id)?;
        if vpc.cidrs.iter().any(|own| own.cidr.overlaps(cidr)) {
            let message = format!("The CIDR '{cidr}' conflicts with another CIDR of the VPC");
            return Err(error::of("InvalidVpc.Range", message));
        }
        if vpc.cidrs.len() >= LIMIT {
            let message = format!(
                "This network '{}' has met its maximum number of allowed CIDRs: {LIMIT}",
                vpc.vpc_id
            );
            return Err(error::of("CidrLimitExceeded", message));
        }
        let added = CidrAssociation {
            association_id: format!("vpc-cidr-assoc-{}", at.rng().hex(17)),
            cidr,
        };
        let shape = super::association(&added);
        tx.update::<Vpc>(&key(&at.region, &vpc.vpc_id), |vpc| vpc.cidrs.push(added));
        Ok(AssociateVpcCidrBlockResult {
            cidr_block_association: Some(shape),
            vpc_id: Some(input.vpc_id),
            ..AssociateVpcCidrBlockResult::default()
        })
    })
    .await
}
