//! ReplaceNetworkAclEntry.

use neargate_api::model::ec2::NetworkAcl;
use neargate_api::types::ec2::{ReplaceNetworkAclEntryOutput, ReplaceNetworkAclEntryRequest};
use neargate_api::{AwsError, Ctx, Record};

use super::{Asked, entry_not_found, has_entry};
use crate::error::dry_run;
use crate::resource::find;

pub async fn call(
    ctx: Ctx,
    input: ReplaceNetworkAclEntryRequest,
) -> Result<ReplaceNetworkAclEntryOutput, AwsError> {
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
        let (egress, number) = (entry.egress, entry.rule_number);
        if !has_entry(&acl, egress, number) {
            return Err(entry_not_found(&acl, number));
        }
        tx.update::<NetworkAcl>(&acl.key(), |acl| {
            acl.entries.retain(|e| e.egress != egress || e.rule_number != number);
            acl.entries.push(entry);
        });
        Ok(ReplaceNetworkAclEntryOutput {})
    })
    .await
}
