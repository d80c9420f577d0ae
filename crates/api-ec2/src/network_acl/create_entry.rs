//! CreateNetworkAclEntry.

use neargate_api::model::ec2::NetworkAcl;
use neargate_api::types::ec2::{CreateNetworkAclEntryOutput, CreateNetworkAclEntryRequest};
use neargate_api::{AwsError, Ctx, Record};

use super::{Asked, has_entry};
use crate::error::{self, dry_run};
use crate::resource::find;

pub async fn call(
    ctx: Ctx,
    input: CreateNetworkAclEntryRequest,
) -> Result<CreateNetworkAclEntryOutput, AwsError> {
    dry_run(input.dry_run)?;
    let entry = Asked {
        egress: input.egress,
        rule_number: input.rule_number,
        protocol: input.protocol,
        rule_action: input.rule_action,
        cidr_block: input.cidr_block,
        ipv6_cidr_block: input.ipv6_cidr_block,
        port_range: input.port_range,
        icmp_type_code: input.icmp_type_code,
    }
    .checked()?;
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let acl = find::<NetworkAcl>(tx, &region, &input.network_acl_id)?;
        if has_entry(&acl, entry.egress, entry.rule_number) {
            let message = format!(
                "The network acl entry identified by {} already exists.",
                entry.rule_number
            );
            return Err(error::of("NetworkAclEntryAlreadyExists", message));
        }
        tx.update::<NetworkAcl>(&acl.key(), |acl| acl.entries.push(entry));
        Ok(CreateNetworkAclEntryOutput {})
    })
    .await
}
