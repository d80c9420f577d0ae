//! DisassociateVpcCidrBlock: takes a block from a VPC, once no subnet is in it.

use neargate_api::model::ec2::{Subnet, Vpc, key};
use neargate_api::types::ec2::{DisassociateVpcCidrBlockRequest, DisassociateVpcCidrBlockResult};
use neargate_api::{AwsError, Ctx};

use crate::error;
use crate::resource::all;

pub async fn call(
    ctx: Ctx,
    input: DisassociateVpcCidrBlockRequest,
) -> Result<DisassociateVpcCidrBlockResult, AwsError> {
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let id = input.association_id.as_str();
        let place = |vpc: &Vpc| vpc.cidrs.iter().position(|own| own.association_id == id);
        let found = all::<Vpc>(tx, &region).find_map(|vpc| Some((place(&vpc)?, vpc)));
        let Some((index, vpc)) = found else {
            let message = format!("The vpc CIDR block association ID '{id}' does not exist");
            return Err(error::of("InvalidVpcCidrBlockAssociationID.NotFound", message));
        };
        if index == 0 {
            let message = format!("The vpc CIDR block with association ID {id} may not be disassociated. It is the primary IPv4 CIDR block of the VPC");
            return Err(error::of("OperationNotPermitted", message));
        }
        let block = vpc.cidrs[index].cidr;
        let used =
            all::<Subnet>(tx, &region).any(|s| s.vpc_id == vpc.vpc_id && block.covers(s.cidr));
        if used {
            return Err(error::of(
                "InvalidCidrBlock.InUse",
                format!("The vpc CIDR block with association ID {id} is in use by a subnet"),
            ));
        }
        let mut gone = super::association(&vpc.cidrs[index]);
        if let Some(state) = &mut gone.cidr_block_state {
            state.state = Some("disassociating".into());
        }
        tx.update::<Vpc>(&key(&region, &vpc.vpc_id), |vpc| {
            vpc.cidrs.remove(index);
        });
        Ok(DisassociateVpcCidrBlockResult {
            cidr_block_association: Some(gone),
            vpc_id: Some(vpc.vpc_id.clone()),
            ..DisassociateVpcCidrBlockResult::default()
        })
    })
    .await
}
