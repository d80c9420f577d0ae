//! DeleteNetworkAclEntry.

use neargate_api::model::ec2::{AclEntry, NetworkAcl};
use neargate_api::types::ec2::{DeleteNetworkAclEntryOutput, DeleteNetworkAclEntryRequest};
use neargate_api::{AwsError, Ctx, Record};

use super::{entry_not_found, has_entry};
use crate::error::{self, dry_run};
use crate::resource::find;

pub async fn call(
    ctx: Ctx,
    input: DeleteNetworkAclEntryRequest,
) -> Result<DeleteNetworkAclEntryOutput, AwsError> {
    dry_run(input.dry_run)?;
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let acl = find::<NetworkAcl>(tx, &region, &input.network_acl_id)?;
        let (egress, number) = (input.egress, input.rule_number);
        if number == AclEntry::LAST {
            return Err(error::invalid("The last rule of a network ACL cannot be deleted."));
        }
        if !has_entry(&acl, egress, number) {
            return Err(entry_not_found(&acl, number));
        }
        tx.update::<NetworkAcl>(&acl.key(), |acl| {
            acl.entries.retain(|e| e.egress != egress || e.rule_number != number);
        });
        Ok(DeleteNetworkAclEntryOutput {})
    })
    .await
}
