//! DeleteNetworkAcl: takes an ACL away, once no subnet is under it.

use neargate_api::model::ec2::NetworkAcl;
use neargate_api::types::ec2::{DeleteNetworkAclOutput, DeleteNetworkAclRequest};
use neargate_api::{AwsError, Ctx, Record};

use crate::error::{self, dry_run};
use crate::resource::find;
use crate::tag;

pub async fn call(
    ctx: Ctx,
    input: DeleteNetworkAclRequest,
) -> Result<DeleteNetworkAclOutput, AwsError> {
    dry_run(input.dry_run)?;
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let acl = find::<NetworkAcl>(tx, &region, &input.network_acl_id)?;
        let id = &acl.network_acl_id;
        if acl.is_default {
            return Err(error::invalid(format!("cannot delete default network ACL {id}")));
        }
        if !acl.associations.is_empty() {
            return Err(error::has_dependencies("networkAcl", id));
        }
        tx.delete::<NetworkAcl>(&acl.key());
        tag::forget(tx, &region, id);
        Ok(DeleteNetworkAclOutput {})
    })
    .await
}
