//! VPCs.

pub mod associate_cidr;
pub mod create;
pub mod delete;
pub mod describe;
pub mod describe_attribute;
pub mod disassociate_cidr;
pub mod modify_attribute;

use neargate_api::model::ec2::{Cidr, CidrAssociation, Vpc};
use neargate_api::types::ec2;
use neargate_api::{AwsError, Ctx, Snapshot};

use crate::{error, tag};

/// A VPC as the wire has it.
pub fn shape(ctx: &Ctx, snapshot: &Snapshot, vpc: &Vpc) -> ec2::Vpc {
    ec2::Vpc {
        vpc_id: Some(vpc.vpc_id.clone()),
        cidr_block: Some(vpc.cidr().to_string()),
        cidr_block_association_set: Some(vpc.cidrs.iter().map(association).collect()),
        dhcp_options_id: Some(vpc.dhcp_options_id.clone()),
        instance_tenancy: Some(vpc.instance_tenancy.clone()),
        is_default: Some(vpc.is_default),
        owner_id: Some(ctx.account().into()),
        state: Some("available".into()),
        tags: tag::shown(snapshot, &vpc.region, &vpc.vpc_id),
        ..ec2::Vpc::default()
    }
}

fn association(own: &CidrAssociation) -> ec2::VpcCidrBlockAssociation {
    ec2::VpcCidrBlockAssociation {
        association_id: Some(own.association_id.clone()),
        cidr_block: Some(own.cidr.to_string()),
        cidr_block_state: Some(ec2::VpcCidrBlockState {
            state: Some("associated".into()),
            status_message: None,
        }),
    }
}

/// A block that a VPC can have: between /16 and /28.
fn block(text: &str) -> Result<Cidr, AwsError> {
    let cidr: Cidr = text
        .parse()
        .map_err(|_| error::invalid_value(text, "cidrBlock", "This is not a valid CIDR block."))?;
    if !(16..=28).contains(&cidr.prefix()) {
        return Err(error::of("InvalidVpc.Range", format!("The CIDR '{cidr}' is invalid.")));
    }
    Ok(cidr)
}
