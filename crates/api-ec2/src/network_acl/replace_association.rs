//! ReplaceNetworkAclAssociation: puts a subnet under another ACL.

use neargate_api::model::ec2::{AclAssociation, NetworkAcl};
use neargate_api::types::ec2::{
    ReplaceNetworkAclAssociationRequest, ReplaceNetworkAclAssociationResult,
};
use neargate_api::{AwsError, Ctx, Record};

use crate::error::{self, dry_run};
use crate::resource::{all, find};

pub async fn call(
    ctx: Ctx,
    input: ReplaceNetworkAclAssociationRequest,
) -> Result<ReplaceNetworkAclAssociationResult, AwsError> {
    dry_run(input.dry_run)?;
    let at = ctx.clone();
    ctx.write(move |tx| {
        let old_id = input.association_id.as_str();
        let old = all::<NetworkAcl>(tx, &at.region).find_map(|acl| {
            let found = acl.associations.iter().find(|a| a.association_id == old_id)?;
            Some((acl.clone(), found.subnet_id.clone()))
        });
        let (from, subnet_id) = old.ok_or_else(|| {
            let message = format!("The association ID '{old_id}' does not exist");
            error::of("InvalidAssociationID.NotFound", message)
        })?;
        let to = find::<NetworkAcl>(tx, &at.region, &input.network_acl_id)?;
        if from.vpc_id != to.vpc_id {
            return Err(error::invalid(format!(
                "network ACL {} and subnet {subnet_id} belong to different networks",
                to.network_acl_id
            )));
        }
        let new_id = format!("aclassoc-{}", at.rng().hex(17));
        let new = AclAssociation { association_id: new_id.clone(), subnet_id };
        tx.update::<NetworkAcl>(&from.key(), |acl| {
            acl.associations.retain(|a| a.association_id != old_id);
        });
        tx.update::<NetworkAcl>(&to.key(), |acl| acl.associations.push(new));
        Ok(ReplaceNetworkAclAssociationResult { new_association_id: Some(new_id) })
    })
    .await
}
