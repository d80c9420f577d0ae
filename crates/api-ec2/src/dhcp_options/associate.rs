//! AssociateDhcpOptions: gives a VPC another set of options, or none (`default`).

use neargate_api::model::ec2::{DhcpOptions, Vpc};
use neargate_api::types::ec2::{AssociateDhcpOptionsOutput, AssociateDhcpOptionsRequest};
use neargate_api::{AwsError, Ctx, Record};

use crate::error::dry_run;
use crate::resource::find;

pub async fn call(
    ctx: Ctx,
    input: AssociateDhcpOptionsRequest,
) -> Result<AssociateDhcpOptionsOutput, AwsError> {
    dry_run(input.dry_run)?;
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let id = input.dhcp_options_id;
        if id != super::NONE {
            find::<DhcpOptions>(tx, &region, &id)?;
        }
        let vpc = find::<Vpc>(tx, &region, &input.vpc_id)?;
        tx.update::<Vpc>(&vpc.key(), |vpc| vpc.dhcp_options_id = id);
        Ok(AssociateDhcpOptionsOutput {})
    })
    .await
}
